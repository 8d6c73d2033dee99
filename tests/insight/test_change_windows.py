"""Windows against a hand loop."""

import numpy as np
import numpy.typing as npt
import pytest

from lamplighter.insight.change import evidence, peaks, tiles, unusual, windows
from tests.insight import numbers, streets

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


def lanes(values: Singles) -> Singles:
    return tiles.lay_in_order(values, np.arange(len(values))).lanes


def in_order(shifts: Singles, laid: tiles.Tiles) -> Singles:
    """The one pair's shifts, points by splits."""
    of_points = tiles.by_point(shifts[0], len(laid.rows), 1)
    return of_points[np.argsort(laid.rows)]


def pairs(after: int, before: int, *, share: float = 0.7, every: int = 1) -> windows.Pairs:
    return windows.Pairs(
        after_days=np.array([after]), before_days=np.array([before]), measured_share=share,
        first=0, every=every,
    )  # fmt: skip


@pytest.mark.parametrize("n_days", [60, 101])
@pytest.mark.parametrize(("after", "before"), [(7, 28), (14, 28), (28, 56), (56, 56)])
@pytest.mark.parametrize("share", [0.7, 1.0])
@pytest.mark.parametrize("gaps", [True, False])
class TestAgainstAHandLoop:
    def test_level(self, n_days, after, before, share, gaps):
        values = gappy(4, n_days, gaps=gaps)

        laid = tiles.lay(values)
        found = windows.level_shifts(laid, pairs=pairs(after, before, share=share))
        third = windows.level_shifts(laid, pairs=pairs(after, before, share=share, every=3))

        expected = level_by_hand(values, after, before, share)
        np.testing.assert_allclose(in_order(found, laid), expected, atol=1e-5)
        assert np.array_equal(third[0], found[0, :, ::3], equal_nan=True)

    def test_rhythm(self, n_days, after, before, share, gaps):
        values = gappy(5, n_days, gaps=gaps)

        laid = tiles.lay(values)
        found = windows.rhythm_shifts(laid, pairs=pairs(after, before, share=share))
        third = windows.rhythm_shifts(laid, pairs=pairs(after, before, share=share, every=3))

        expected = rhythm_by_hand(values, after, before, share)
        np.testing.assert_allclose(in_order(found, laid), expected, atol=1e-5)
        assert np.array_equal(third[0], found[0, :, ::3], equal_nan=True)


@pytest.mark.parametrize(("after", "before"), [((0,), (7,)), ((7,), (0,)), ((7, 7), (7,))])
def test_refuses_an_empty_window(after, before):
    with pytest.raises(windows.NoWindow):
        windows.on_grid(
            days=np.datetime64("2026-01-01") + np.arange(9), after_days=after,
            before_days=before, measured_share=0.5,
        )  # fmt: skip


def test_refuses_a_rhythm_of_broken_weeks():
    with pytest.raises(windows.NoWindow, match="whole weeks"):
        windows.rhythm_shifts(tiles.lay(gappy(1, 30)), pairs=pairs(10, 7))


def test_peers_are_told_by_the_median_and_its_deviation():
    rng = np.random.default_rng(8)
    shift = rng.normal(3.0, 2.0, (201, 40)).astype(np.float32)
    shift[rng.random(shift.shape) < 0.1] = np.nan
    shift[4:, 7] = np.nan  # four are too few
    shift[:, 8] = 3.0

    factor = rng.uniform(0.5, 2.0, 201).astype(np.float32)
    off = rng.normal(size=201).astype(np.float32)

    middle, spread = unusual.of_peers(
        lanes(shift), factor=factor, off=off, peers=unusual.evenly(201), peers_min=5
    )

    own = shift * factor[:, None] - off[:, None]
    expected = np.nanmedian(own, axis=0)
    wide = 1.4826 * np.nanmedian(np.abs(own - expected), axis=0)
    expected[7], wide[7] = 0.0, 1.0
    wide = np.maximum(wide, 1.0)  # nobody moves: no reason to be narrower
    np.testing.assert_allclose(middle, expected, rtol=1e-6)
    np.testing.assert_allclose(spread, wide, rtol=1e-5)


def test_own_scale_is_the_median_of_absolute_shifts_drawn_to_peers():
    rng = np.random.default_rng(9)
    shifts = (rng.normal(size=(30, 300)) * rng.uniform(0.5, 2.0, (30, 1))).astype(np.float32)
    shifts[3] = np.nan
    white = np.full(30, 0.5)

    found = unusual.own_scale(
        lanes(shifts), white=white, n_windows=1e9, stride=1, prior_windows=4.0
    )

    seen = np.sort(np.abs(np.delete(shifts, 3, axis=0)), axis=1)[:, 149]
    np.testing.assert_allclose(np.delete(found, 3), 1.4826 * seen, rtol=1e-5)
    assert np.isnan(found[3])


@pytest.mark.parametrize("begin", ["2026-01-01", "2026-01-02", "2026-01-03"])
def test_every_day_near_a_high_split_is_looked_at(begin):
    street = streets.quiet(n_points=30, n_days=300, seed=2)
    street.days[:] = np.datetime64(begin) + np.arange(300)
    street.energy_kwh[4, 200:] *= 4.0

    weighed = evidence.weigh(adjusted=numbers.adjusted(street), policy=numbers.CHANGE)

    level, _habit = weighed.scores.whole()
    assert np.all(np.isfinite(level[4, 190:210]))
    assert int(np.nanargmax(np.abs(level[4]))) in range(185, 215)
    assert np.mean(np.isnan(level)) > 0.4  # elsewhere every third day will do


def test_best_split_is_that_of_least_squares():
    rng = np.random.default_rng(12)
    values = rng.normal(size=(20, 120)).astype(np.float32)
    values[np.arange(20), rng.integers(0, 120, 20)] = np.nan
    day = rng.integers(40, 80, 20)
    begin, end = day - rng.integers(5, 40, 20), day + rng.integers(5, 40, 20)

    found = peaks.best_split(
        values, point=np.arange(20), day=day, begin=begin, end=end, search_days=10
    )

    for row in range(20):
        tries = range(max(begin[row] + 1, day[row] - 10), min(end[row], day[row] + 11))
        left = [
            sum(
                np.nansum((side - np.nanmean(side)) ** 2) if np.isfinite(side).any() else 0.0
                for side in (values[row, begin[row] : at], values[row, at : end[row]])
            )
            for at in tries
        ]
        assert left[found[row] - tries[0]] == pytest.approx(min(left), rel=1e-5)
