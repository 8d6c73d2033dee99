"""The highest shift of each day: on the grid of splits, and on every day near a high one."""

import math

import numpy as np
from numba import njit

from lamplighter.insight.change import sums
from lamplighter.insight.change.windows import Pairs, Usual
from lamplighter.insight.habits.arrays import Integers, Singles

NEAR = 0.6  # of the threshold, on the grid, for a closer look at the days around

compiled = njit(cache=True, nogil=True, error_model="numpy")


def keep_levels(
    best: Singles,
    values: Singles,
    *,
    pairs: Pairs,
    shifts: Singles,
    usual: Usual,
    threshold: float,
) -> None:
    """Keep of each day, in place, the shift of level that is farthest from zero.

    Parameters
    ----------
    best : (n_points, n_days) float32
        Standardised shifts over the threshold; changed in place. [threshold] NaN: none.
    values : (n_points, n_days) float32
        The quantity. [any] NaN: missing.
    pairs : Pairs
        Windows and splits; days near a high shift are looked at as well.
    shifts : (n_pairs, n_points, n_splits) float32
        The shifts at the splits. [any]
    usual : Usual
        How they usually are.
    threshold : float
        What makes a change. [standard deviations]

    Returns
    -------
    None

    Raises
    ------
    numba.TypingError
        An array has another number of dimensions.

    Examples
    --------
    >>> from lamplighter.insight.change import windows
    >>> values = np.repeat(np.float32([[0.0, 1.0]]), 9, axis=1)
    >>> pairs = windows.Pairs(
    ...     after_days=np.array([4]), before_days=np.array([4]), measured_share=1.0,
    ...     first=2, every=3,
    ... )
    >>> shifts = windows.level_shifts(values, pairs=pairs)
    >>> one = np.ones((1, shifts.shape[2]), dtype=np.float32)
    >>> usual = windows.Usual(factor=one[:, :1], off=0 * one[:, :1], middle=0 * one, spread=one)
    >>> best = np.full(values.shape, np.nan, dtype=np.float32)
    >>> keep_levels(best, values, pairs=pairs, shifts=shifts, usual=usual, threshold=1.0)
    >>> int(np.nanargmax(best))
    9
    """
    by = (usual.factor, usual.off, usual.middle, usual.spread, np.float32(threshold))
    _keep_levels(best, values, shifts, *by, *_told(pairs))


def keep_habits(
    best: Singles,
    values: Singles,
    steps: Singles,
    *,
    pairs: Pairs,
    rhythm: tuple[Singles, Usual],
    rough: tuple[Singles, Usual],
    shaped: Singles,
    threshold: float,
) -> None:
    """Keep of each day, in place, the largest shift of rhythm, steps and shape together.

    Parameters
    ----------
    best : (n_points, n_days) float32
        Standardised shifts over the threshold; changed in place. [threshold] NaN: none.
    values, steps : (n_points, n_days) float32
        The quantity, and the size of its steps. [any] NaN: missing.
    pairs : Pairs
        Windows and splits; days near a high shift are looked at as well.
    rhythm, rough : (n_pairs, n_points, n_splits) float32 and Usual
        Shifts of rhythm and of the steps at the splits, and how they usually are.
    shaped : (n_pairs, n_points, n_days) float32
        Standardised shifts of the day's shape; no points: there are none. NaN: none.
    threshold : float
        What makes a change. [standard deviations]

    Returns
    -------
    None

    Raises
    ------
    numba.TypingError
        An array has another number of dimensions.

    Examples
    --------
    >>> from lamplighter.insight.change import windows
    >>> values = np.tile(np.float32([[1.0] + [0.0] * 6]), 4)
    >>> values[0, 14:] = np.roll(values[0, 14:], 3)  # another weekday from here on
    >>> pairs = windows.Pairs(
    ...     after_days=np.array([7]), before_days=np.array([7]), measured_share=1.0,
    ...     first=2, every=3,
    ... )
    >>> shifts = windows.rhythm_shifts(values, pairs=pairs)
    >>> one = np.ones((1, shifts.shape[2]), dtype=np.float32)
    >>> usual = windows.Usual(factor=one[:, :1], off=0 * one[:, :1], middle=0 * one, spread=one)
    >>> best = np.full(values.shape, np.nan, dtype=np.float32)
    >>> keep_habits(
    ...     best, values, 0 * values, pairs=pairs, rhythm=(shifts, usual),
    ...     rough=(0 * shifts, usual), shaped=np.zeros((1, 0, 1), dtype=np.float32),
    ...     threshold=1.0,
    ... )
    >>> round(float(np.nanmax(best)), 3)
    1.414
    """
    _keep_habits(
        best, values, steps, rhythm[0], *_by(rhythm[1]), rough[0], *_by(rough[1]), shaped,
        np.float32(threshold), pairs.after_days, pairs.before_days, pairs.measured_share,
        pairs.first, pairs.every,
    )  # fmt: skip


def _by(usual: Usual) -> tuple[Singles, Singles, Singles, Singles]:
    return usual.factor, usual.off, usual.middle, usual.spread


def _told(pairs: Pairs) -> tuple[Integers, Integers, float, int, int]:
    return pairs.after_days, pairs.before_days, pairs.measured_share, pairs.first, pairs.every


@compiled
def _keep(best: Singles, day: int, score: np.float32) -> None:
    known = best[day]
    if known != known or abs(score) > abs(known):
        best[day] = score


@compiled
def _is_near(scores: Singles, number: int) -> bool:
    """Say whether a split or the next one scores highly."""
    if number >= 0 and abs(scores[number]) >= NEAR:
        return True
    return bool(number + 1 < scores.shape[0] and abs(scores[number + 1]) >= NEAR)


@compiled
def _keep_levels(
    best: Singles, values: Singles, shifts: Singles, factor: Singles, off: Singles,
    middle: Singles, spread: Singles, threshold: np.float32, after: Integers, before: Integers,
    share: float, first: int, every: int,
) -> None:  # fmt: skip
    n_points, n_days = values.shape
    n_splits = shifts.shape[2]
    scores = np.empty(n_splits, dtype=np.float32)
    totals, counts = np.empty(n_days + 1), np.empty(n_days + 1, dtype=np.int64)
    parts = sums.parts(max(after.max(), before.max()))
    for point in range(n_points):
        is_summed, row = False, best[point]
        for pair in range(after.shape[0]):
            a, b = after[pair], before[pair]
            by, less = factor[pair, point], off[pair, point]
            _standardise(shifts[pair, point], by, less, middle[pair], spread[pair], scores)
            for number in range(n_splits):
                scores[number] /= threshold
            for number in range(n_splits):
                _keep(row, first + number * every, scores[number])
            for number in range(-1, n_splits):
                if not _is_near(scores, number):
                    continue
                if not is_summed:
                    sums.running(values[point], 1, totals, counts)
                    is_summed = True
                of = max(number, 0)
                split = first + number * every
                for day in range(max(split + 1, 0), min(split + every, n_days)):
                    shift = sums.level_at(totals, counts, parts, day, a, b, share)
                    score = (shift * by - less - middle[pair, of]) / spread[pair, of]
                    _keep(row, day, score / threshold)


@compiled
def _standardise(
    shifts: Singles, by: np.float32, less: np.float32, middle: Singles, spread: Singles,
    out: Singles,
) -> None:  # fmt: skip
    for number in range(out.shape[0]):
        out[number] = (shifts[number] * by - less - middle[number]) / spread[number]


@compiled
def _together(
    rhythm: np.float32, rough: np.float32, shaped: Singles, day: int, threshold: np.float32
) -> np.float32:
    """Return the root of the squares of what there is; only a rhythm that moved counts."""
    if rhythm < 0.0:
        rhythm = np.float32(0.0)
    square = rhythm * rhythm + rough * rough
    if shaped.shape[0]:  # it may be missing where the others are not, and they where it is not
        if square != square:
            square = np.float32(0.0)
        if shaped[day] > 0.0:
            square += shaped[day] * shaped[day]
    return np.float32(math.sqrt(square)) / threshold


@compiled
def _keep_habits(
    best: Singles, values: Singles, steps: Singles,
    rhythm: Singles, factor: Singles, off: Singles, middle: Singles, spread: Singles,
    rough: Singles, factor_2: Singles, off_2: Singles, middle_2: Singles, spread_2: Singles,
    shaped: Singles, threshold: np.float32, after: Integers, before: Integers, share: float,
    first: int, every: int,
) -> None:  # fmt: skip
    n_points, n_days = values.shape
    n_splits = rhythm.shape[2]
    scores, others = np.empty(n_splits, dtype=np.float32), np.empty(n_splits, dtype=np.float32)
    sevenths, weeks = np.empty(n_days + 7), np.empty(n_days + 7, dtype=np.int64)
    totals, counts = np.empty(n_days + 1), np.empty(n_days + 1, dtype=np.int64)
    moved, squared, of_steps = np.empty(n_days + 1), np.empty(n_days + 1), np.empty_like(counts)
    parts = sums.parts(max(after.max(), before.max()))
    for point in range(n_points):
        is_summed, row = False, best[point]
        for pair in range(after.shape[0]):
            a, b = after[pair], before[pair]
            by, less = factor[pair, point], off[pair, point]
            by_2, less_2 = factor_2[pair, point], off_2[pair, point]
            shape = shaped[pair, point] if shaped.shape[1] else shaped[pair, :, 0]
            _standardise(rhythm[pair, point], by, less, middle[pair], spread[pair], scores)
            _standardise(rough[pair, point], by_2, less_2, middle_2[pair], spread_2[pair], others)
            if shape.shape[0]:
                for number in range(n_splits):
                    day = first + number * every
                    scores[number] = _together(
                        scores[number], others[number], shape, day, threshold
                    )
            else:
                for number in range(n_splits):
                    habit = max(scores[number], np.float32(0.0))
                    square = habit * habit + others[number] * others[number]
                    scores[number] = math.sqrt(square) / threshold
            highest = np.float32(0.0)
            for number in range(n_splits):
                highest = max(highest, scores[number])
                _keep(row, first + number * every, scores[number])
            if highest < NEAR:
                continue
            if not is_summed:
                sums.running(values[point], 7, sevenths, weeks)
                sums.running(values[point], 1, totals, counts)
                sums.running(steps[point], 1, totals, of_steps)
                is_summed = True
            sums.weekday_moves(sevenths, weeks, a, b, moved, squared)
            for number in range(-1, n_splits):
                if not _is_near(scores, number):
                    continue
                at, split = max(number, 0), first + number * every
                for day in range(max(split + 1, 0), min(split + every, n_days)):
                    one = sums.rhythm_at(counts, moved, squared, day, a, b, share)
                    two = sums.level_at(totals, of_steps, parts, day, a, b, share)
                    one = (one * by - less - middle[pair, at]) / spread[pair, at]
                    two = (two * by_2 - less_2 - middle_2[pair, at]) / spread_2[pair, at]
                    _keep(row, day, _together(one, two, shape, day, threshold))
