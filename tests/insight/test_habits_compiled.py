"""Compiled medians against sorting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from lamplighter.insight.habits import arrays, compiled

VALUES = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, 1.0, np.inf, -np.inf])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
class TestMedians:
    @settings(deadline=None, max_examples=60)
    @given(data=st.data())
    def test_rows_and_columns_are_those_of_sorting(self, data, dtype):
        shape = data.draw(st.tuples(st.integers(0, 5), st.integers(0, 60)))
        values = data.draw(arrays_of.arrays(dtype, shape, elements=VALUES | st.just(float("nan"))))
        kept = values.copy()

        by_row, by_column = compiled.row_median(values), compiled.column_median(values.T.copy())

        expected = [_sorted_median(row) for row in values]
        assert np.array_equal(by_row, expected, equal_nan=True)
        assert np.array_equal(by_column, expected, equal_nan=True)
        assert np.array_equal(values, kept, equal_nan=True)

    def test_long_rows_with_many_alike_are_those_of_numpy(self, dtype):
        rng = np.random.default_rng(3)
        values = rng.normal(size=(50, 1035)).round(1).astype(dtype)
        values[:10] = np.sort(values[:10], axis=1)
        values[10:20] = -np.sort(-values[10:20], axis=1)
        values[20] = 1.0
        values[rng.random(values.shape) < 0.2] = np.nan

        assert np.array_equal(compiled.row_median(values), arrays.row_median(values))

    def test_the_mean_of_the_middle_two_is_taken_in_double_precision(self, dtype):
        values = np.array([[1.0, 2.0**-40]], dtype=dtype)

        assert compiled.row_median(values)[0] == 0.5 + 2.0**-41

    def test_a_selected_place_parts_what_is_smaller_from_what_is_larger(self, dtype):
        rng = np.random.default_rng(4)
        for count in (1, 2, 17, 40, 333):
            values = rng.integers(0, 50, 400).astype(dtype)
            whole = np.sort(values[:count])
            for place in (0, count // 3, count - 1):
                assert compiled.select(values, count, place) == whole[place]
                assert np.all(values[:place] <= whole[place])
                assert np.all(values[place:count] >= whole[place])


def _sorted_median(row: np.ndarray) -> float:
    there = sorted(float(value) for value in row if not np.isnan(value))
    if not there:
        return np.nan
    with np.errstate(invalid="ignore"):
        return float(np.float64(there[(len(there) - 1) // 2]) + there[len(there) // 2]) / 2.0
