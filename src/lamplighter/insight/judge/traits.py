"""What a learnt judge is told of one point on one day: the last two weeks against ten before."""

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.habits.arrays import Integers, Singles
from lamplighter.insight.judge import places, weekly
from lamplighter.insight.judge.places import LATE, NEW, PAST

CASES_AT_ONCE = 16384  # so many that a call's own cost hardly counts, and memory neither
E5, E4, E3 = np.float32(1e-5), np.float32(1e-4), np.float32(1e-3)
ZERO, TENTH, TWO = np.float32(0.0), np.float32(0.1), np.float32(2.0)
Rows = npt.NDArray[np.floating]  # (n_rows, n_cases), cases side by side
Figures = tuple[Rows, ...]

compiled = njit(cache=True, nogil=True, error_model="numpy")


def of_days(
    *, own: Singles, common: Singles, day: Integers, point: Integers, weekday: Integers
) -> dict[str, Singles]:
    """Return the traits that daily totals show.

    Parameters
    ----------
    own : (n_points, n_days) float32
        Each point's own movement. [log] No NaN.
    common : (n_days,) float32
        The common movement. [log]
    day, point : (n_cases,) int64
        Column and row of each case's last day, with twelve weeks up to it.
    weekday : (n_days,) int64
        Weekday of each day, Monday 0.

    Returns
    -------
    dict of (n_cases,) float32
        Traits by name. [log ratios, ratios, correlations]

    Raises
    ------
    IndexError
        A case lies outside the array or has fewer than twelve weeks.

    Examples
    --------
    >>> own = np.random.default_rng(1).normal(size=(1, 196)).astype(np.float32)
    >>> own[0, -7:] += 9.0  # the last week stands far above
    >>> found = of_days(
    ...     own=own, common=0.0 * own[0], day=np.array([195]), point=np.array([0]),
    ...     weekday=np.arange(196) % 7,
    ... )
    >>> bool(found["level_1"][0] > 5.0)
    True
    """
    told = np.empty((len(NAMES), len(day)), dtype=np.float32)
    for begin in range(0, len(day), CASES_AT_ONCE):
        part = slice(begin, begin + CASES_AT_ONCE)
        of = weekly.weekly(own, common, day=day[part], point=point[part])
        figures = (
            *_levels(of), *_patterns(of), *_shape_of_week(of, weekday[day[part]]), *_steps(of),
            *_nearest(of), *_response(of),
        )  # fmt: skip
        for row, figure in zip(told, figures, strict=True):
            row[part] = figure
    return dict(zip(NAMES, told, strict=True))


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
def _most(rows: Rows) -> Rows:
    out: Rows = rows[0].copy()
    for row in rows[1:]:
        for case in range(len(out)):
            out[case] = max(out[case], row[case])
    return out


@compiled
def _by_week(weeks: Rows) -> Rows:
    """Return each week's mean."""
    out = np.empty((weeks.shape[0], weeks.shape[2]), dtype=np.float32)
    for week in range(len(out)):
        out[week] = _mean(weeks[week])
    return out


LEVELS = (
    "level_1", "level_2", "level_1_log", "level_2_log", "level_signed", "level_3_days",
    "level_past_most", "drift",
)  # fmt: skip


def _levels(of: weekly.Weekly) -> Figures:
    one, two, level = of.level[NEW], of.level[LATE], of.level[PAST:LATE]
    both = (one + two) / TWO
    usual = np.sqrt(_squares(level) + E5)
    pairs = (level[1:] + level[:-1]) / TWO
    of_ten = _squares(level) * np.float32(0.8) + _squares(of.level[:PAST]) * np.float32(0.2)
    return (
        np.abs(one) / usual,
        np.abs(both) / np.sqrt(_squares(pairs) + E5),
        np.abs(one),
        np.abs(both),
        one / np.sqrt(of_ten + E5),
        np.abs(of.newest[0]) / usual,
        np.log(_most(np.abs(level)) + np.float32(0.005)),
        np.abs(_mean(level[-4:]) - _mean(level[:4])) / usual,
    )


PATTERNS = (
    "spread_1", "spread_2", "spread_1_most", "spread_noise", "spread_about_level", "pattern_1",
    "pattern_least", "pattern_1_most", "pattern_2_most", "pattern_pair", "pattern_pair_most",
    "pattern_pair_log", "distance_1", "distance_2", "distance_pair", "distance_least", "agreement",
)  # fmt: skip


def _patterns(of: weekly.Weekly) -> Figures:
    spread, shape = of.spread[PAST:LATE], of.shape[PAST:LATE]
    usual, most = _mean(spread), _most(spread)
    one, two = of.spread[NEW], of.spread[LATE]
    both = (one + two) / TWO
    middle = (of.level[NEW] + of.level[LATE]) / TWO
    of_1, of_2 = of.shape[NEW], of.shape[LATE]
    usual_shape, most_shape = _mean(shape), _most(shape)
    pairs, of_pair = of.pair[:-2], of.pair[-1]
    new, late, pair, least, product = of.apart
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
        np.log(new + np.float32(0.05)),
        np.log(late + np.float32(0.05)),
        np.log(pair + np.float32(0.02)),
        np.sqrt(least),
        product / np.sqrt(of_1 * of_2 + E5 * E3),
    )


WEEK = (
    "week_correlation_1", "week_slope_1", "week_size_1", "week_correlation_2", "week_slope_2",
    "week_size_2", "week_size_log", "weekend_now", "weekend_then", "weekend_moved",
    "sunday_moved", "friday_moved", "highest", "lowest", "past_highest", "past_lowest",
)  # fmt: skip


def _on(values: Rows, weekday: Integers, day: int) -> Rows:
    """Return the value of one weekday, where the last row is the weekday told."""
    return np.asarray(values[(day - weekday - 1) % 7, np.arange(values.shape[1])])


def _shape_of_week(of: weekly.Weekly, weekday: Integers) -> Figures:
    size, both_1, own_1, both_2, own_2 = of.of_week
    square, _, most, least, _ = of.flat
    noise = np.sqrt(square + E4)
    now_end = (_on(of.now, weekday, 5) + _on(of.now, weekday, 6)) / TWO
    then_end = (_on(of.usual, weekday, 5) + _on(of.usual, weekday, 6)) / TWO
    moved = of.now - of.usual
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
        of.newest[1] / noise,
        of.newest[2] / noise,
        most / noise,
        least / noise,
    )


STEPS = (
    "step_1", "step_2", "step_score", "week_step_1", "week_step_2", "week_step_most",
    "two_week_step", "memory_now", "memory_then",
)  # fmt: skip


def _steps(of: weekly.Weekly) -> Figures:
    usual, seven, fourteen = of.step
    logs = np.log(of.logs)
    by_week = _by_week(logs[:-14].reshape(8, 7, len(usual)))
    middle = _mean(by_week)
    before, late, new = of.week_step[:-2], of.week_step[-2], of.week_step[-1]
    square, product = of.flat[:2]
    return (
        _ratio(seven, usual, E3),
        _ratio(fourteen, usual, E3),
        (_mean(logs[-14:]) - middle) / (np.sqrt(_squares(by_week - middle)) + TENTH),
        _ratio(new, _mean(before), E3),
        _ratio(late, _mean(before), E3),
        _ratio(np.maximum(new, late), _most(before), E3),
        _ratio(of.over_two[1], of.over_two[0], E3),
        of.fresh[0] / (of.fresh[1] + E5),
        product / (square + E5),
    )


NEAREST = (
    "nearest_1", "nearest_2", "nearest_shape_1", "nearest_shape_2", "nearest_shape_most",
    "nearest_shape_log", "nearest_shape_noise",
)  # fmt: skip


def _nearest(of: weekly.Weekly) -> Figures:
    """How far the last weeks are from any earlier week, against weeks of the past."""
    near = of.near.reshape(len(places.NEAREST_TO), 2, -1)
    (level_1, shape_1), (level_2, shape_2), then = near[0], near[1], near[2:]
    level, shape = np.exp(np.log(then + E5).mean(axis=0))
    return (
        _ratio(level_1, level, E5),
        _ratio(np.minimum(level_1, level_2), level, E5),
        _ratio(shape_1, shape, E5),
        _ratio(np.minimum(shape_1, shape_2), shape, E5),
        _ratio(shape_1, then[:, 1].max(axis=0), E5),
        np.log(np.maximum(shape_1, ZERO) + E5),
        _ratio(np.maximum(shape_1, ZERO), of.flat[4], E5),
    )


RESPONSE = (
    "response", "unexplained_1", "unexplained_2", "common_step_log", "response_moved",
    "whole_level_1", "whole_level_2", "common_level",
)  # fmt: skip


def _response(of: weekly.Weekly) -> Figures:
    """How the point moved with everybody, from week to week."""
    slope, noise, left_7, left_14, now, product, one, two, common = of.together
    return (
        slope,
        _ratio(left_7, noise, E5),
        _ratio(left_14, noise, E5),
        np.log(now + E5),
        product / np.sqrt(now * noise + np.float32(1e-6)),
        np.abs(one),
        np.abs(one + two) / TWO,
        np.abs(common),
    )


NAMES = (*LEVELS, *PATTERNS, *WEEK, *STEPS, *NEAREST, *RESPONSE)
