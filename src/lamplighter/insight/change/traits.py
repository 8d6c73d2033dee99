"""What a learnt judge is told of one point on one day: the last two weeks against ten before."""

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.habits.arrays import Integers, Singles

WEEKS = 12  # two new, eight that they are compared with, two older
MEMORY_WEEKS = 28  # the last week is looked for in all of these
E5, E4, E3 = np.float32(1e-5), np.float32(1e-4), np.float32(1e-3)
ZERO, TENTH, TWO, SEVEN = np.float32(0.0), np.float32(0.1), np.float32(2.0), np.float32(7.0)
INFINITE = np.float32(np.inf)
Rows = npt.NDArray[np.floating]  # (n_rows, n_cases), cases side by side
Figures = tuple[Rows, ...]

compiled = njit(cache=True, nogil=True, error_model="numpy")


def of_days(
    *, memory: Singles, common: Singles, weekday: npt.NDArray[np.integer]
) -> dict[str, Singles]:
    """Return the traits that daily totals show.

    Parameters
    ----------
    memory : (MEMORY_WEEKS, 7, n_cases) float32
        Each point's own movement, weeks that end with the case's day. [log] NaN: before all.
    common : (WEEKS, 7, n_cases) float32
        The common movement of the last of these weeks. [log]
    weekday : (n_cases,) int64
        Weekday of the last day, Monday 0.

    Returns
    -------
    dict of (n_cases,) float32
        Traits by name. [log ratios, ratios, correlations]

    Raises
    ------
    ValueError
        The weeks are not as many as stated.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> calm = rng.normal(size=(28, 7, 1)).astype(np.float32)
    >>> calm[-1] += 9.0  # the last week stands far above
    >>> found = of_days(memory=calm, common=0.0 * calm[-12:], weekday=np.array([6]))
    >>> bool(found["level_1"][0] > 5.0)
    True
    """
    if len(memory) != MEMORY_WEEKS or len(common) != WEEKS:
        raise ValueError(f"{len(memory)} and {len(common)} weeks")
    weeks = memory[-WEEKS:]
    usual, new, late, past, older = _parts(weeks)
    found: dict[str, Singles] = {}
    for names, figures in (
        (LEVELS, _levels(new, late, past, older)),
        (PATTERNS, _patterns(new, late, past)),
        (WEEK, _shape_of_week(weeks, usual, np.asarray(weekday, dtype=np.int64), new, past)),
        (STEPS, _steps(weeks, new, late, past)),
        (NEAREST, _nearest(memory, past)),
        (RESPONSE, _response(weeks, common)),
    ):
        found |= zip(names, (np.asarray(one, dtype=np.float32) for one in figures), strict=True)
    return found


def _ratio(now: Rows, then: Rows, least: np.float32) -> Rows:
    return np.asarray(np.log((now + least) / (then + least)))


@compiled
def _mean(rows: Rows) -> Rows:
    """Return the mean over the first axis."""
    out = np.zeros(rows.shape[1], dtype=np.float32)
    for row in rows:
        for case in range(len(out)):
            out[case] += row[case]
    return out / np.float32(len(rows))


@compiled
def _squares(rows: Rows) -> Rows:
    """Return the mean square over the first axis."""
    out = np.zeros(rows.shape[1], dtype=np.float32)
    for row in rows:
        for case in range(len(out)):
            out[case] += row[case] * row[case]
    return out / np.float32(len(rows))


@compiled
def _products(one: Rows, two: Rows) -> Rows:
    """Return the mean product over the first axis."""
    out = np.zeros(one.shape[1], dtype=np.float32)
    for place in range(len(one)):
        for case in range(len(out)):
            out[case] += one[place, case] * two[place, case]
    return out / np.float32(len(one))


@compiled
def _most(rows: Rows) -> Rows:
    out: Rows = rows[0].copy()
    for row in rows[1:]:
        for case in range(len(out)):
            out[case] = max(out[case], row[case])
    return out


def _flat(weeks: Rows) -> Rows:
    """Return the days of all weeks below each other."""
    return weeks.reshape(weeks.shape[0] * 7, weeks.shape[2])


def _week_of(weeks: Rows) -> Rows:
    """Return the mean week."""
    n_cases = weeks.shape[2]
    return _mean(weeks.reshape(weeks.shape[0], 7 * n_cases)).reshape(7, n_cases)


@compiled
def _by_week(weeks: Rows) -> Rows:
    """Return each week's mean."""
    out = np.empty((weeks.shape[0], weeks.shape[2]), dtype=np.float32)
    for week in range(len(out)):
        out[week] = _mean(weeks[week])
    return out


@compiled
def _squares_by_week(weeks: Rows) -> Rows:
    """Return each week's mean square."""
    out = np.empty((weeks.shape[0], weeks.shape[2]), dtype=np.float32)
    for week in range(len(out)):
        out[week] = _squares(weeks[week])
    return out


def _parts(weeks: Rows) -> tuple[Rows, Rows, Rows, Rows, Rows]:
    """Return the usual week; the last two less it, eight before, the two oldest less it."""
    usual = _week_of(weeks[2:-2])
    away = weeks - usual
    past = away[2:-2] * np.float32(8.0 / 7.0)  # each against the other seven
    return usual, away[-1], away[-2], past, away[:2]


LEVELS = (
    "level_1", "level_2", "level_1_log", "level_2_log", "level_signed", "level_3_days",
    "level_past_most", "drift",
)  # fmt: skip


def _levels(new: Rows, late: Rows, past: Rows, older: Rows) -> Figures:
    one, two = _mean(new), _mean(late)
    both = (one + two) / TWO
    level = _by_week(past)
    usual = np.sqrt(_squares(level) + E5)
    pairs = (level[1:] + level[:-1]) / TWO
    of_ten = _squares(level) * np.float32(0.8) + _squares(_by_week(older)) * np.float32(0.2)
    return (
        np.abs(one) / usual,
        np.abs(both) / np.sqrt(_squares(pairs) + E5),
        np.abs(one),
        np.abs(both),
        one / np.sqrt(of_ten + E5),
        np.abs(_mean(new[-3:])) / usual,
        np.log(_most(np.abs(level)) + np.float32(0.005)),
        np.abs(_mean(level[-4:]) - _mean(level[:4])) / usual,
    )


PATTERNS = (
    "spread_1", "spread_2", "spread_1_most", "spread_noise", "spread_about_level", "pattern_1",
    "pattern_least", "pattern_1_most", "pattern_2_most", "pattern_pair", "pattern_pair_most",
    "pattern_pair_log", "distance_1", "distance_2", "distance_pair", "distance_least", "agreement",
)  # fmt: skip


def _patterns(new: Rows, late: Rows, past: Rows) -> Figures:
    spread = _squares_by_week(past)
    usual, most = _mean(spread), _most(spread)
    one, two = _squares(new), _squares(late)
    both = (one + two) / TWO
    middle = (_mean(new) + _mean(late)) / TWO
    shape_1, shape_2 = (new - _mean(new)), (late - _mean(late))
    shape = past - _by_week(past)[:, None]
    of_1, of_2, of_past = _squares(shape_1), _squares(shape_2), _squares_by_week(shape)
    usual_shape, most_shape = _mean(of_past), _most(of_past)
    pair = (shape_1 + shape_2) / TWO
    pairs = _squares_by_week((shape[1:] + shape[:-1]) / TWO)
    of_pair = _squares(pair)
    n_cases = past.shape[2]
    noise = _squares(past.reshape(len(past), 7 * n_cases)).reshape(7, n_cases) + np.float32(4e-4)
    away = new * new / noise
    return (
        _ratio(one, usual, E5),
        _ratio(both, usual, E5),
        _ratio(one, most, E5),
        np.log(usual + E5),
        _ratio(np.maximum(both - middle * middle, ZERO), usual, E5),
        _ratio(of_1, usual_shape, E5),
        _ratio(np.minimum(of_1, of_2), usual_shape, E5),
        _ratio(of_1, most_shape, E5),
        _ratio((of_1 + of_2) / TWO, most_shape, E5),
        _ratio(of_pair, _mean(pairs), E5),
        _ratio(of_pair, _most(pairs), E5),
        np.log(of_pair + E5),
        np.log(_mean(away) + np.float32(0.05)),
        np.log(_mean(late * late / noise) + np.float32(0.05)),
        np.log(_mean(pair * pair / noise) + np.float32(0.02)),
        np.sqrt(-_most(-away[-5:])),
        _products(shape_1, shape_2) / np.sqrt(of_1 * of_2 + E5 * E3),
    )


WEEK = (
    "week_correlation_1", "week_slope_1", "week_size_1", "week_correlation_2", "week_slope_2",
    "week_size_2", "week_size_log", "weekend_now", "weekend_then", "weekend_moved",
    "sunday_moved", "friday_moved", "highest", "lowest", "past_highest", "past_lowest",
)  # fmt: skip


def _on(values: Rows, weekday: Integers, day: int) -> Rows:
    """Return the value of one weekday, where the last row is the weekday told."""
    return np.asarray(values[(day - weekday - 1) % 7, np.arange(values.shape[1])])


def _shape_of_week(weeks: Rows, usual: Rows, weekday: Integers, new: Rows, past: Rows) -> Figures:
    centred = usual - _mean(usual)
    size = _squares(centred)
    last = weeks[-1] - _mean(weeks[-1])
    pair = (weeks[-1] + weeks[-2]) / TWO
    now = pair - _mean(pair)
    both_1, own_1 = _products(last, centred), _squares(last)
    both_2, own_2 = _products(now, centred), _squares(now)
    days = _flat(past)
    noise = np.sqrt(_squares(days) + E4)
    now_end = (_on(now, weekday, 5) + _on(now, weekday, 6)) / TWO
    then_end = (_on(centred, weekday, 5) + _on(centred, weekday, 6)) / TWO
    moved = now - centred
    return (
        both_1 / np.sqrt(size * own_1 + np.float32(1e-7)),
        both_1 / (size + E4),
        _ratio(own_1, size, E4),
        both_2 / np.sqrt(size * own_2 + np.float32(1e-7)),
        both_2 / (size + E4),
        _ratio(own_2, size, E4),
        np.log(size + E5),
        now_end,
        then_end,
        (now_end - then_end) / noise,
        (_on(moved, weekday, 6) - _on(moved, weekday, 5)) / noise,
        _on(moved, weekday, 4) / noise,
        _most(new) / noise,
        -_most(-new) / noise,
        _most(days) / noise,
        -_most(-days) / noise,
    )


STEPS = (
    "step_1", "step_2", "step_score", "week_step_1", "week_step_2", "week_step_most",
    "two_week_step", "memory_now", "memory_then",
)  # fmt: skip


def _steps(weeks: Rows, new: Rows, late: Rows, past: Rows) -> Figures:
    days = _flat(weeks)
    step = np.abs(days[1:] - days[:-1])
    usual = _mean(step[13:-14])
    logs = np.log(step[13:] + (TENTH * usual + E3))
    by_week = _by_week(logs[:-14].reshape(8, 7, len(usual)))
    middle = _mean(by_week)
    weekly = _by_week(np.abs(weeks[1:] - weeks[:-1]))
    before = weekly[1:-2]
    over_two = _mean(_flat(np.abs(weeks[4:-2] - weeks[2:-4])))
    fresh = np.concatenate((late, new))
    fresh = fresh - _mean(fresh)
    flat = _flat(past)
    return (
        _ratio(_mean(step[-7:]), usual, E3),
        _ratio(_mean(step[-14:]), usual, E3),
        (_mean(logs[-14:]) - middle) / (np.sqrt(_squares(by_week - middle)) + TENTH),
        _ratio(weekly[-1], _mean(before), E3),
        _ratio(weekly[-2], _mean(before), E3),
        _ratio(np.maximum(weekly[-1], weekly[-2]), _most(before), E3),
        _ratio(_mean(np.abs(weeks[-1] - weeks[-3])), over_two, E3),
        _products(fresh[1:], fresh[:-1]) / (_squares(fresh) + E5),
        _products(flat[1:], flat[:-1]) / (_squares(flat) + E5),
    )


NEAREST = (
    "nearest_1", "nearest_2", "nearest_shape_1", "nearest_shape_2", "nearest_shape_most",
    "nearest_shape_log", "nearest_shape_noise",
)  # fmt: skip


@compiled
def _nearest_week(memory: Rows, place: int) -> tuple[Rows, Rows]:
    """Return how far a week is from the nearest earlier one, as it is and about its mean."""
    n_cases = memory.shape[2]
    square, about = np.full(n_cases, INFINITE), np.full(n_cases, INFINITE)
    far, total = np.empty(n_cases, dtype=np.float32), np.empty(n_cases, dtype=np.float32)
    for week in range(place - 1):  # a week between
        far[:], total[:] = ZERO, ZERO
        for day in range(7):
            earlier, last = memory[week, day], memory[place, day]
            for case in range(n_cases):
                apart = earlier[case] - last[case]
                total[case] += apart
                far[case] += apart * apart
        for case in range(n_cases):  # NaN, before all, is never less
            mean = total[case] / SEVEN
            apart = far[case] / SEVEN
            if apart < square[case]:
                square[case] = apart
            apart -= mean * mean
            if apart < about[case]:
                about[case] = apart
    return square, about


def _nearest(memory: Rows, past: Rows) -> Figures:
    """How far the last weeks are from any earlier week, against weeks of the past."""
    level_1, shape_1 = _nearest_week(memory, MEMORY_WEEKS - 1)
    level_2, shape_2 = _nearest_week(memory, MEMORY_WEEKS - 2)
    then = np.array([_nearest_week(memory, MEMORY_WEEKS - back) for back in (4, 6, 8)])
    level, shape = np.exp(np.log(then + E5).mean(axis=0))
    noise = _squares(_flat(past - _by_week(past)[:, None]))
    return (
        _ratio(level_1, level, E5),
        _ratio(np.minimum(level_1, level_2), level, E5),
        _ratio(shape_1, shape, E5),
        _ratio(np.minimum(shape_1, shape_2), shape, E5),
        _ratio(shape_1, then[:, 1].max(axis=0), E5),
        np.log(np.maximum(shape_1, ZERO) + E5),
        _ratio(np.maximum(shape_1, ZERO), noise, E5),
    )


RESPONSE = (
    "response", "unexplained_1", "unexplained_2", "common_step_log", "response_moved",
    "whole_level_1", "whole_level_2", "common_level",
)  # fmt: skip


def _response(weeks: Rows, common: Rows) -> Figures:
    """How the point moved with everybody, from week to week."""
    whole = weeks + common
    shared, moved = _flat(common[1:] - common[:-1]), _flat(whole[1:] - whole[:-1])
    least = np.float32(0.002)
    slope = (_products(shared[:-14], moved[:-14]) + least) / (_squares(shared[:-14]) + least)
    left = moved - slope * shared
    noise, now = _squares(left[:-14]), _squares(shared[-14:])
    usual_week = _week_of(whole[2:-2])
    one, two = _mean(whole[-1] - usual_week), _mean(whole[-2] - usual_week)
    return (
        slope,
        _ratio(_squares(left[-7:]), noise, E5),
        _ratio(_squares(left[-14:]), noise, E5),
        np.log(now + E5),
        _products(shared[-14:], left[-14:]) / np.sqrt(now * noise + np.float32(1e-6)),
        np.abs(one),
        np.abs(one + two) / TWO,
        np.abs(_mean(common[-1] - _week_of(common[2:-2]))),
    )
