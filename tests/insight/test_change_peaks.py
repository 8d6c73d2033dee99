"""The highest scores that stand apart, however the scores are kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.change import evidence, peaks
from lamplighter.insight.change.scores import Scores, of_all_days

N_POINTS, N_DAYS, BEGIN = 5, 90, 60
ASKED = {"threshold": 1.0, "spacing_days": 6, "most": 4, "reach": 3}


@given(
    values=st.lists(st.integers(-5, 5), min_size=1, max_size=60),
    spacing=st.integers(1, 9),
    most=st.integers(1, 4),
)
@settings(max_examples=150, deadline=None)
def test_peaks_stand_apart_and_are_the_highest_around(values, spacing, most):
    habit = np.array([values], dtype=np.float32)
    scores = of_all_days(np.full_like(habit, np.nan), habit)

    point, day, _level, by_habit = peaks.peaks(
        scores, threshold=1.0, spacing_days=spacing, most=most, reach=2
    )

    assert np.all(point == 0)
    assert len(day) <= most
    assert np.all(np.diff(day) > spacing)
    for place in day:
        around = values[max(0, place - spacing) : place + spacing + 1]
        assert values[place] == max(around)
        assert values[place] >= 1.0
    assert by_habit.tolist() == [values[place] for place in day]
    if max(values) >= 1:
        assert max(values) in [values[place] for place in day]


def rough(seed):
    """Return scores of level and habit, mostly below the threshold, and what was judged."""
    dice = np.random.default_rng(seed)
    level, habit = dice.normal(0.0, 0.6, (2, N_POINTS, N_DAYS)).astype(np.float32)
    level[dice.random(level.shape) < 0.2] = np.nan
    habit[dice.random(habit.shape) < 0.3] = np.nan
    habit[-1], level[-1] = np.nan, np.nan
    n_said = 25
    judged = evidence.Judged(
        point=dice.integers(0, N_POINTS, n_said),
        day=dice.integers(0, N_DAYS, n_said),
        score=dice.gamma(2.0, 0.8, n_said).astype(np.float32),
    )
    return level, habit, judged


@pytest.mark.parametrize("seed", range(12))
def test_settled_scores_and_what_was_judged_give_what_all_scores_give(seed):
    level, habit, judged = rough(seed)
    early_level, early_habit = level[:, :BEGIN], habit[:, :BEGIN]
    point, day = np.nonzero((np.abs(early_level) >= 1.0) | (early_habit >= 1.0))
    kept = Scores(
        begin=BEGIN, level=level[:, BEGIN:].copy(), habit=habit[:, BEGIN:].copy(), point=point,
        day=day, high_level=early_level[point, day], high_habit=early_habit[point, day],
    )  # fmt: skip
    raised = habit.copy()
    np.fmax.at(raised, (judged.point, judged.day), judged.score)

    found = peaks.peaks(kept, judged=judged, **ASKED)
    expected = peaks.peaks(of_all_days(level, raised), **ASKED)

    assert len(found[0]) > N_POINTS
    for mine, theirs in zip(found[:3], expected[:3], strict=True):
        np.testing.assert_array_equal(mine, theirs)
    high = found[3] >= 1.0
    np.testing.assert_array_equal(found[3][high], expected[3][high])
    for row, at, by_level, by_habit in zip(*expected, strict=True):
        around = level[row, max(at - 3, 0) : at + 4]
        around = np.where(np.abs(around) >= 1.0, around, 0.0)
        assert by_level == around[np.argmax(np.abs(around))]
        assert by_habit == np.nan_to_num(raised[row, at])


@pytest.mark.parametrize("place", [{"point": [N_POINTS]}, {"day": [N_DAYS]}, {"day": [-1]}])
def test_refuses_what_was_judged_of_nobody_or_of_no_day(place):
    level, habit, _judged = rough(1)
    said = {"point": [0], "day": [0]} | place
    judged = evidence.Judged(
        **{name: np.array(values) for name, values in said.items()}, score=np.ones(1, np.float32)
    )

    with pytest.raises(IndexError):
        peaks.peaks(of_all_days(level, habit), judged=judged, **ASKED)


def test_scores_of_all_points_and_days_are_those_that_are_kept():
    level, habit, _judged = rough(3)
    both = of_all_days(level, habit).whole()

    np.testing.assert_array_equal(both[0], level)
    np.testing.assert_array_equal(both[1], habit)
