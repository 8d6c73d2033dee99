"""Windows against a hand loop."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.change import peaks, windows

Singles = npt.NDArray[np.float32]


def gappy(seed: int, n_days: int, *, gaps: bool = True) -> Singles:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, n_days)).astype(np.float32)
    if not gaps:
        return values
    values[1, n_days // 5 : n_days // 2] = np.nan
    values[2, rng.random(n_days) < 0.2] = np.nan
    return values


def level_by_hand(values: Singles, after: int, before: int, share: float) -> Singles:
    out = np.full(values.shape, np.nan)
    for row, line in enumerate(values):
        for day in range(len(line)):
            ahead = [x for x in line[day : day + after] if not np.isnan(x)]
            behind = [x for x in line[max(0, day - before) : day] if not np.isnan(x)]
            if len(ahead) >= share * after and len(behind) >= share * before:
                out[row, day] = np.mean(ahead) - np.mean(behind)
    return out


def rhythm_by_hand(values: Singles, after: int, before: int, share: float) -> Singles:
    out = np.full(values.shape, np.nan)
    n_days = values.shape[1]
    for row, line in enumerate(values):
        for day in range(before, n_days - 6):
            ahead, behind = line[day : day + after], line[day - before : day]
            if np.count_nonzero(~np.isnan(ahead)) < share * after:
                continue
            if np.count_nonzero(~np.isnan(behind)) < share * before:
                continue
            moved = []
            for weekday in range(7):
                now = [x for x in ahead[weekday::7] if not np.isnan(x)]
                then = [x for x in behind[weekday::7] if not np.isnan(x)]
                moved.append(np.mean(now) - np.mean(then) if now and then else 0.0)
            out[row, day] = np.sqrt(np.sum((np.array(moved) - np.mean(moved)) ** 2))
    return out


@pytest.mark.parametrize("n_days", [60, 101])
@pytest.mark.parametrize(("after", "before"), [(7, 28), (14, 28), (28, 56), (56, 56)])
@pytest.mark.parametrize("share", [0.7, 1.0])
@pytest.mark.parametrize("gaps", [True, False])
class TestAgainstAHandLoop:
    def test_level(self, n_days, after, before, share, gaps):
        values = gappy(4, n_days, gaps=gaps)

        found = windows.level_shift(
            windows.sums(values), after_days=after, before_days=before, measured_share=share
        )

        expected = level_by_hand(values, after, before, share)
        np.testing.assert_allclose(found, expected, atol=1e-5)

    def test_rhythm(self, n_days, after, before, share, gaps):
        values = gappy(5, n_days, gaps=gaps)

        found = windows.rhythm_shift(
            windows.sums(values), after_days=after, before_days=before, measured_share=share
        )

        expected = rhythm_by_hand(values, after, before, share)
        np.testing.assert_allclose(found, expected, atol=1e-5)


@given(
    values=st.lists(st.integers(-5, 5), min_size=1, max_size=60),
    spacing=st.integers(1, 9),
    most=st.integers(1, 4),
)
@settings(max_examples=150, deadline=None)
def test_peaks_stand_apart_and_are_the_highest_around(values, spacing, most):
    score = np.array([values], dtype=np.float32)

    point, day = peaks.peaks(score, threshold=1.0, spacing_days=spacing, most=most)

    assert np.all(point == 0)
    assert len(day) <= most
    assert np.all(np.diff(day) > spacing)
    for place in day:
        around = values[max(0, place - spacing) : place + spacing + 1]
        assert values[place] == max(around)
        assert values[place] >= 1.0
    if max(values) >= 1:
        assert max(values) in [values[place] for place in day]


@pytest.mark.parametrize(("after", "before"), [(0, 7), (7, 0)])
def test_refuses_an_empty_window(after, before):
    with pytest.raises(windows.NoWindow):
        windows.level_shift(gappy(1, 30), after_days=after, before_days=before, measured_share=0.5)


def test_refuses_a_rhythm_of_broken_weeks():
    with pytest.raises(windows.NoWindow, match="whole weeks"):
        windows.rhythm_shift(
            windows.sums(gappy(1, 30)), after_days=10, before_days=7, measured_share=0.5
        )
