"""Compiled passes over points by days against numpy, one point after the other."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from lamplighter.insight.habits import medians, passes

NUMBERS = st.floats(-50.0, 50.0, width=32) | st.just(float("nan")) | st.just(0.0)
SHAPES = arrays_of.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40)
TABLES = SHAPES.flatmap(lambda shape: arrays_of.arrays(np.float32, shape, elements=NUMBERS))


def middle_of(values):
    kept = values[~np.isnan(values)].astype(np.float64)
    return np.median(kept) if len(kept) else np.nan


@given(table=TABLES, least=st.sampled_from([-np.inf, 0.0, 3.0]), seed=st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_medians_of_rows_and_of_distances(table, least, seed):
    columns = np.random.default_rng(seed).permutation(table.shape[1])[: 1 + table.shape[1] // 2]
    chosen = table[:, columns]

    found, count = medians.row_medians(values=table, columns=columns, least=least)
    middle = np.nan_to_num(found)
    away = medians.row_spreads(values=table, middle=middle, columns=columns)

    expected = [middle_of(row[row > least]) for row in chosen]
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(count, np.count_nonzero(chosen > least, axis=1))
    distance = np.abs(chosen - middle.astype(np.float32)[:, None])
    np.testing.assert_array_equal(away, [middle_of(row) for row in distance])


@given(table=TABLES, seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_medians_of_days(table, seed):
    rows = np.random.default_rng(seed).permutation(len(table))[: 1 + len(table) // 2]

    found, count = medians.day_medians(values=table, rows=rows)

    np.testing.assert_array_equal(found, [middle_of(day) for day in table[rows].T])
    np.testing.assert_array_equal(count, np.count_nonzero(~np.isnan(table[rows]), axis=0))


def test_medians_of_nothing_are_not_known():
    nobody, never = np.empty((0, 5), np.float32), np.empty((3, 0), np.float32)

    assert medians.row_medians(values=nobody)[0].shape == (0,)
    assert np.isnan(medians.row_medians(values=never)[0]).all()
    assert np.isnan(medians.day_medians(values=nobody, rows=np.arange(0))[0]).all()


@given(table=TABLES, seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_what_a_point_is_beyond_its_group_and_how_it_follows_it(table, seed):
    dice = np.random.default_rng(seed)
    of_group = dice.integers(0, 3, len(table))
    shared = dice.normal(0.0, 1.0, (3, table.shape[1])).astype(np.float32)

    rest = medians.rest_medians(log_ratio=table, log_factor=shared, of_group=of_group)
    product, square = passes.slopes_parts(
        log_ratio=table, log_factor=shared, of_group=of_group, most=1.5
    )

    for point, row in enumerate(table):
        np.testing.assert_array_equal(rest[point], middle_of(row - shared[of_group[point]]))
        there = ~np.isnan(row)
        own = np.clip(row[there].astype(np.float64), -1.5, 1.5)
        group = shared[of_group[point]][there].astype(np.float64)
        own -= own.mean() if len(own) else 0.0
        group -= group.mean() if len(group) else 0.0
        np.testing.assert_allclose([product[point], square[point]],
                                   [own @ group, group @ group], atol=1e-9)  # fmt: skip


@given(table=TABLES, begin=st.integers(0, 39), days_of_month=st.sampled_from([1, 3, 30]))
@settings(max_examples=60, deadline=None)
def test_counts_sums_and_ratios(table, begin, days_of_month):
    month = np.arange(table.shape[1]) // days_of_month % 12 + 1
    typical = np.abs(np.nan_to_num(table[:, 0])).astype(np.float64)
    typical[typical == 0.0] = np.nan

    measured, negative, positive = passes.survey(table)
    total, days, zeros = passes.month_sums(table, begin, month)
    ratio = passes.log_ratios(energy_kwh=table, typical_kwh=typical, low_share=0.05)

    there = ~np.isnan(table)
    np.testing.assert_array_equal(measured, there.sum(axis=1))
    np.testing.assert_array_equal(negative, (table < 0).sum(axis=1))
    np.testing.assert_array_equal(positive, (table > 0).sum(axis=1))
    np.testing.assert_array_equal(zeros, (table[:, begin:] == 0).sum(axis=1))
    for number in range(12):
        of_month = np.flatnonzero((month == number + 1) & (np.arange(table.shape[1]) >= begin))
        chosen = table[:, of_month].astype(np.float64)
        np.testing.assert_allclose(total[:, number], np.nansum(chosen, axis=1))
        np.testing.assert_array_equal(days[:, number], (~np.isnan(chosen)).sum(axis=1))
    by = typical.astype(np.float32)[:, None]
    used = (table > 0) & (table >= np.float32(0.05) * by)
    expected = np.log(np.where(used, table, np.float32(np.nan)) / by)
    np.testing.assert_array_equal(ratio, expected)
