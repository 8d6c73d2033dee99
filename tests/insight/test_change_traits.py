"""What the judge is told of a day, against a slow way in double precision."""

import numpy as np
import pytest

from lamplighter.insight.judge import traits

CASES = 9
E5, E3 = 1e-5, 1e-3


@pytest.fixture(scope="module")
def given() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(17)
    weekly = rng.normal(size=(CASES, 28, 7)) + rng.normal(size=(CASES, 28, 1))
    weekly[3, -1] += 4.0
    weekly[4, -2:] = weekly[4, -14:-12]
    weekly[5] = 0.25  # nothing moves
    own = weekly.reshape(CASES, 196).astype(np.float32)
    day = np.full(CASES, 195)
    day[2] = 97  # as many weeks as a case needs, no more
    return {
        "own": own,
        "common": rng.normal(size=196).astype(np.float32),
        "day": day,
        "point": np.arange(CASES),
        "weekday": np.arange(196) % 7,
    }


def weeks_of(given: dict[str, np.ndarray], case: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a case's weeks, NaN before all, and the common ones."""
    last = given["day"][case] + 1
    memory = np.full(196, np.nan)
    memory[196 - last :] = given["own"][case, :last]
    common = given["common"][last - 84 : last].astype(np.float64)
    return memory.reshape(28, 7), common.reshape(12, 7)


def slow(memory: np.ndarray, common: np.ndarray) -> dict[str, float]:
    """Return some traits of one case, each as its words say."""
    weeks = memory[-12:].astype(np.float64)
    usual = weeks[2:10].mean(axis=0)
    new, late = weeks[-1] - usual, weeks[-2] - usual
    past = (weeks[2:10] - usual) * 8 / 7
    level = past.mean(axis=1)
    shape = past - level[:, None]
    noise = (past**2).mean(axis=0) + 4e-4
    steps = np.abs(np.diff(weeks.ravel()))
    logs = np.log(steps[13:] + 0.1 * steps[13:-14].mean() + E3)
    by_week = logs[:-14].reshape(8, 7).mean(axis=1)
    whole = weeks + common
    shared, moved = np.diff(common, axis=0), np.diff(whole, axis=0)
    slope = ((shared[:-2] * moved[:-2]).mean() + 0.002) / ((shared[:-2] ** 2).mean() + 0.002)
    left = moved - slope * shared

    def nearest(place: int) -> tuple[float, float]:
        apart = [week - memory[place] for week in memory[: 28 + place - 1].astype(np.float64)]
        known = [one for one in apart if not np.isnan(one).any()]
        return min((one**2).mean() for one in known), min(one.var() for one in known)

    then = [nearest(-4), nearest(-6), nearest(-8)]
    then_level, then_shape = np.exp(np.log(np.array(then) + E5).mean(axis=0))
    return {
        "level_1": abs(new.mean()) / np.sqrt((level**2).mean() + E5),
        "level_signed": new.mean()
        / np.sqrt(((level**2).sum() + ((weeks[:2] - usual).mean(axis=1) ** 2).sum()) / 10 + E5),
        "spread_1": np.log(((new**2).mean() + E5) / ((past**2).mean() + E5)),
        "spread_1_most": np.log(((new**2).mean() + E5) / ((past**2).mean(axis=1).max() + E5)),
        "pattern_1": np.log((new.var() + E5) / (shape.var(axis=1).mean() + E5)),
        "pattern_pair_most": np.log(
            (((new + late) / 2).var() + E5)
            / ((((shape[1:] + shape[:-1]) / 2) ** 2).mean(axis=1).max() + E5)
        ),
        "distance_least": np.sqrt((new[-5:] ** 2 / noise[-5:]).min()),
        "agreement": ((new - new.mean()) * (late - late.mean())).mean()
        / np.sqrt(new.var() * late.var() + E5 * E3),
        "highest": new.max() / np.sqrt((past**2).mean() + 1e-4),
        "past_lowest": past.min() / np.sqrt((past**2).mean() + 1e-4),
        "step_1": np.log((steps[-7:].mean() + E3) / (steps[13:-14].mean() + E3)),
        "step_score": (logs[-14:].mean() - by_week.mean()) / (by_week.std() + 0.1),
        "week_step_most": np.log(
            (max(np.abs(np.diff(weeks, axis=0)).mean(axis=1)[-2:]) + E3)
            / (np.abs(np.diff(weeks, axis=0)).mean(axis=1)[1:-2].max() + E3)
        ),
        "memory_then": (past.ravel()[1:] * past.ravel()[:-1]).mean() / ((past**2).mean() + E5),
        "nearest_1": np.log((nearest(-1)[0] + E5) / (then_level + E5)),
        "nearest_shape_2": np.log((min(nearest(-1)[1], nearest(-2)[1]) + E5) / (then_shape + E5)),
        "response": slope,
        "unexplained_1": np.log(((left[-1] ** 2).mean() + E5) / ((left[:-2] ** 2).mean() + E5)),
        "whole_level_1": abs((whole[-1] - whole[2:10].mean(axis=0)).mean()),
    }


def test_traits_are_what_their_words_say(given):
    found = traits.of_days(**given)

    for case in range(CASES):
        expected = slow(*weeks_of(given, case))
        for name, value in expected.items():
            assert found[name][case] == pytest.approx(value, rel=2e-3, abs=2e-3), (name, case)


def test_a_case_does_not_depend_on_those_beside_it(given):
    together = traits.of_days(**given)

    for case in range(CASES):
        one = {name: given[name][case : case + 1] for name in ("day", "point")}
        alone = traits.of_days(**given | one)
        for name, value in alone.items():
            assert np.isfinite(value[0]), name
            assert together[name][case] == value[0], name


@pytest.mark.parametrize(("day", "point"), [(82, 0), (196, 0), (195, -1), (195, CASES)])
def test_refuses_a_case_outside_the_days(given, day, point):
    outside = {"day": np.array([day]), "point": np.array([point])}
    with pytest.raises(IndexError, match="cases from"):
        traits.of_days(**given | outside)
