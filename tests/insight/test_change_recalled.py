"""Weeks and days that a point had before: against loops written out, and for a case alone."""

import numpy as np
import pytest

from lamplighter.insight.judge import following, hours, recalled

N_DAYS = 420
DAY = np.array([150, 300, 419, 419])
POINT = np.array([2, 0, 0, 1])


@pytest.fixture(scope="module")
def shaped() -> hours.DayShapes:
    rng = np.random.default_rng(21)
    made = rng.uniform(0.2, 2.0, (4, 1, 24)) * rng.uniform(0.7, 1.4, (4, N_DAYS, 24))
    made[0, 280:] = np.roll(made[0, 280:], 7, axis=1)
    return hours.day_shapes(shapes=made, n_days=N_DAYS)


@pytest.fixture(scope="module")
def told(shaped):
    return recalled.of_shapes(shapes=shaped, day=DAY, point=POINT)


def week_of(shaped: hours.DayShapes, *, day: int, point: int, back: int) -> np.ndarray:
    end = day + 1 - 7 * back
    return 5.0 * shaped.root[end - 7 : end, :, point].astype(float).mean(axis=0)


def test_finds_the_nearest_week_as_a_walk_through_all_of_them_does(shaped, told):
    for case, (day, point) in enumerate(zip(DAY, POINT, strict=True)):
        n_weeks = min(recalled.MEMORY_WEEKS, (day + 1) // 7)
        weeks = [week_of(shaped, day=day, point=point, back=back) for back in range(n_weeks)]

        def nearest(place, weeks=weeks):
            return min(np.mean((weeks[place] - old) ** 2) for old in weeks[place + 2 :])

        then = [np.log(nearest(back) + 1e-3) for back in (3, 5, 7)]
        one = np.log(nearest(0) + 1e-3)
        assert told["root_recalled_log"][case] == pytest.approx(one, abs=1e-3)
        assert told["root_recalled_1"][case] == pytest.approx(one - np.mean(then), abs=1e-3)
        assert told["root_recalled_most"][case] == pytest.approx(one - max(then), abs=1e-3)


def test_finds_the_nearest_day_as_a_walk_through_all_of_them_does(shaped, told):
    for case, (day, point) in enumerate(zip(DAY, POINT, strict=True)):
        days = 5.0 * shaped.root[:, :, point].astype(float)

        def nearest(of, last, days=days):
            before = days[max(0, last - 13 - recalled.MEMORY_DAYS) : last - 13]
            return np.log(np.square(before - days[of]).sum(axis=1).min() + 0.02)

        now = [nearest(day - back, day) for back in range(7)]
        then = [nearest(day - 7 * w - back, day - 7 * w) for w in (3, 5, 7) for back in range(7)]
        assert told["recalled_days_log"][case] == pytest.approx(np.mean(now), abs=1e-3)
        found = told["recalled_days_1"][case]
        assert found == pytest.approx(np.mean(now) - np.mean(then), abs=1e-3)


def test_an_old_rhythm_is_not_another_household():
    rng = np.random.default_rng(22)
    evenly = rng.uniform(0.9, 1.1, (2, 200, 24))
    evenly[:, 190:, 20] += 4.0
    evenly[1, 60:74, 20] += 4.0  # as in its last holidays
    shaped = hours.day_shapes(shapes=evenly, n_days=200)

    found = recalled.of_shapes(shapes=shaped, day=np.array([199, 199]), point=np.array([0, 1]))

    for name in ("root_recalled_1", "log_recalled_1", "recalled_days_1"):
        new, again = found[name]
        assert new > again + 1.0, name


def test_says_the_same_whoever_else_is_asked_about(shaped, told):
    of_day = hours.of_hours(shapes=shaped, day=DAY, point=POINT)
    apart = np.arange(4)[:, None]
    beside = {"shapes": shaped, "peers": np.arange(4), "apart": apart}
    followed = following.of_hours(day=DAY, point=POINT, **beside)
    for case in range(len(DAY)):
        one = {"day": DAY[case : case + 1], "point": POINT[case : case + 1]}
        alone = recalled.of_shapes(shapes=shaped, **one)
        alone |= hours.of_hours(shapes=shaped, **one) | following.of_hours(**one, **beside)
        for name, values in (told | of_day | followed).items():
            assert alone[name][0] == values[case], name
    nobody = recalled.of_shapes(shapes=shaped, day=DAY[:0], point=POINT[:0])
    assert all(len(values) == 0 for values in nobody.values())


def test_refuses_less_than_twelve_weeks(shaped):
    with pytest.raises(hours.NoSuchShape, match="80 days"):
        recalled.of_shapes(shapes=shaped, day=np.array([79]), point=np.array([0]))
