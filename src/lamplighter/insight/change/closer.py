"""The highest shift of each day: on the grid of splits, and on every day near a high one."""

import math

import numpy as np
from numba import njit

from lamplighter.insight.change import sums, tiles
from lamplighter.insight.change.sums import ONE, ZERO
from lamplighter.insight.change.tiles import L
from lamplighter.insight.change.windows import Pairs, Usual
from lamplighter.insight.habits.arrays import Floats, Integers, Singles

NEAR = 0.6  # of the threshold, on the grid, for a closer look at the days around
By = tuple[Singles, Singles, Singles, Singles]  # the fields of Usual

compiled = njit(cache=True, nogil=True, error_model="numpy")


def highest_levels(
    laid: tiles.Tiles, *, pairs: Pairs, shifts: Singles, usual: Usual, threshold: float
) -> Singles:
    """Return of each day the shift of level that is farthest from zero.

    Parameters
    ----------
    laid : tiles.Tiles
        The quantity. [any] NaN: missing.
    pairs : Pairs
        Windows and splits; days near a high shift are looked at as well.
    shifts : (n_pairs, n_tiles, n_splits, L) float32
        The shifts at the splits, points as in the tiles. [any]
    usual : Usual
        How they usually are.
    threshold : float
        What makes a change. [standard deviations]

    Returns
    -------
    (n_points, n_days) float32
        Standardised shifts over the threshold. [threshold] NaN: none.

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
    >>> laid = tiles.lay(values)
    >>> shifts = windows.level_shifts(laid, pairs=pairs)
    >>> one = np.ones((1, shifts.shape[2]), dtype=np.float32)
    >>> usual = windows.Usual(factor=one[:, :1], off=0 * one[:, :1], middle=0 * one, spread=one)
    >>> highest = highest_levels(laid, pairs=pairs, shifts=shifts, usual=usual, threshold=1.0)
    >>> int(np.nanargmax(highest))
    9
    """
    return np.asarray(
        _highest_levels(laid, shifts, _by(usual), np.float32(threshold), *_told(pairs))
    )


def highest_habits(
    laid: tiles.Tiles,
    steps: tiles.Tiles,
    *,
    pairs: Pairs,
    rhythm: tuple[Singles, Usual],
    rough: tuple[Singles, Usual],
    shaped: Singles,
    threshold: float,
) -> Singles:
    """Return of each day the largest shift of rhythm, steps and shape together.

    Parameters
    ----------
    laid, steps : tiles.Tiles
        The quantity, and the size of its steps, in the same order. [any] NaN: missing.
    pairs : Pairs
        Windows and splits; days near a high shift are looked at as well.
    rhythm, rough : (n_pairs, n_tiles, n_splits, L) float32 and Usual
        Shifts of rhythm and of the steps at the splits, and how they usually are, points as in
        the tiles.
    shaped : (n_pairs, n_points, n_days) float32
        Standardised shifts of the day's shape; no points: there are none. NaN: none.
    threshold : float
        What makes a change. [standard deviations]

    Returns
    -------
    (n_points, n_days) float32
        Standardised shifts over the threshold. [threshold] NaN: none.

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
    >>> laid, steps = tiles.lay(values), tiles.lay(0 * values)
    >>> shifts = windows.rhythm_shifts(laid, pairs=pairs)
    >>> one = np.ones((1, shifts.shape[2]), dtype=np.float32)
    >>> usual = windows.Usual(factor=one[:, :1], off=0 * one[:, :1], middle=0 * one, spread=one)
    >>> highest = highest_habits(
    ...     laid, steps, pairs=pairs, rhythm=(shifts, usual), rough=(0 * shifts, usual),
    ...     shaped=np.zeros((1, 0, 1), dtype=np.float32), threshold=1.0,
    ... )
    >>> round(float(np.nanmax(highest)), 3)
    1.414
    """
    highest = _highest_habits(
        laid, steps, rhythm[0], _by(rhythm[1]), rough[0], _by(rough[1]), shaped,
        np.float32(threshold), *_told(pairs),
    )  # fmt: skip
    return np.asarray(highest)


def _by(usual: Usual) -> By:
    return usual.factor, usual.off, usual.middle, usual.spread


def _told(pairs: Pairs) -> tuple[Integers, Integers, float, int, int]:
    return pairs.after_days, pairs.before_days, pairs.measured_share, pairs.first, pairs.every


@compiled
def _standard(
    shift: np.float32, by: np.float32, less: np.float32, middle: np.float32, spread: np.float32
) -> np.float32:
    return (shift * by - less - middle) / spread


@compiled
def _standardise(
    shifts: Singles, usual: By, pair: int, begin: int, end: int, threshold: np.float32, out: Singles
) -> None:
    """Write some points' shifts in their usual sizes over the threshold."""
    by, less = usual[0][pair, begin:end], usual[1][pair, begin:end]
    middle, spread = usual[2][pair], usual[3][pair]
    for number in range(out.shape[0]):
        now, to = shifts[number], out[number]
        centre, wide = middle[number], spread[number]
        for lane in range(by.shape[0]):
            to[lane] = _standard(now[lane], by[lane], less[lane], centre, wide) / threshold


@compiled
def _keep(scores: Singles, first: int, every: int, highest: Singles) -> None:
    """Keep of each point and day the score that is farther from zero."""
    for number in range(scores.shape[0]):
        now, then = scores[number], highest[first + number * every]
        for lane in range(now.shape[0]):
            score, known = now[lane], then[lane]
            is_higher = (known != known) | (abs(score) > abs(known))
            then[lane] = score if is_higher else known


@compiled
def _keep_one(highest: Singles, day: int, lane: int, score: np.float32) -> None:
    known = highest[day, lane]
    if known != known or abs(score) > abs(known):
        highest[day, lane] = score


@compiled
def _turn(highest: Singles, rows: Integers, out: Singles) -> None:
    """Write some points' days from days of points side by side."""
    n_days, flat = out.shape[1], out.ravel()
    for day in range(n_days):
        of = highest[day]
        for lane in range(rows.shape[0]):
            flat[rows[lane] * n_days + day] = of[lane]


@compiled
def _count_near(scores: Singles, near: Integers) -> None:
    """Write how many points' scores are high at each split."""
    for number in range(scores.shape[0]):
        row, count = scores[number], np.int32(0)
        for lane in range(L):
            count += np.int32(abs(row[lane]) >= NEAR)
        near[number] = count


@compiled
def _is_near(scores: Singles, number: int, lane: int) -> bool:
    """Say whether a split or the next one scores highly."""
    return bool(abs(scores[number, lane]) >= NEAR or abs(scores[number + 1, lane]) >= NEAR)


@compiled
def _highest_levels(
    laid: tiles.Tiles, shifts: Singles, usual: By, threshold: np.float32, after: Integers,
    before: Integers, share: float, first: int, every: int,
) -> Singles:  # fmt: skip
    n_points, n_days = len(laid.rows), laid.lanes.shape[1]
    n_splits = shifts.shape[2]
    out, highest = np.empty((n_points, n_days), np.float32), np.empty((n_days, L), np.float32)
    totals, counts = np.empty((n_days + 1, L)), np.empty((n_days + 1, L), dtype=np.float32)
    scores = np.full((n_splits + 2, L), np.nan, dtype=np.float32)  # none before and after all
    now, near = scores[1:-1], np.empty(n_splits + 2, dtype=np.int64)
    for tile in range(len(laid.lanes)):
        begin, end = tile * L, min(tile * L + L, n_points)
        sums.running(laid.lanes[tile], 1, totals, counts)
        highest[:] = np.nan
        for pair in range(after.shape[0]):
            _standardise(shifts[pair, tile], usual, pair, begin, end, threshold, now)
            _keep(now, first, every, highest)
            _count_near(scores, near)
            for number in range(-1, n_splits):
                if near[number + 1] + near[number + 2] == 0:
                    continue
                day = max(first + number * every + 1, 0)
                days = highest[day : min(first + (number + 1) * every, n_days)]
                for lane in range(end - begin):
                    if _is_near(scores, number + 1, lane):
                        _keep_levels(
                            days, totals, counts, day, lane, pair, max(number, 0), begin, usual,
                            threshold, after[pair], before[pair], share,
                        )  # fmt: skip
        _turn(highest, laid.rows[begin:end], out)
    return out


@compiled
def _keep_levels(
    days: Singles, totals: Floats, counts: Singles, first: int, lane: int, pair: int, number: int,
    begin: int, usual: By, threshold: np.float32, after: int, before: int, share: float,
) -> None:  # fmt: skip
    """Keep shifts of level on the days from a first one on, one point's."""
    by, less = usual[0][pair, begin + lane], usual[1][pair, begin + lane]
    middle, spread = usual[2][pair, number], usual[3][pair, number]
    for day in range(days.shape[0]):
        shift = sums.level_at(totals, counts, lane, first + day, after, before, share)
        _keep_one(days, day, lane, _standard(shift, by, less, middle, spread) / threshold)


@compiled
def _of_both(rhythm: np.float32, rough: np.float32) -> np.float32:
    """Return the square of both together; only a rhythm that moved counts."""
    habit = max(rhythm, ZERO)
    return habit * habit + rough * rough


@compiled
def _of_all(square: np.float32, shape: np.float32) -> np.float32:
    """Return the square with that of the shape, which may be there where the others are not."""
    if square != square:
        square = ZERO
    return square + shape * shape if shape > ZERO else square


@compiled
def _add_squares(
    scores: Singles, other: Singles, shapes: Singles, threshold: np.float32, first: int, every: int
) -> None:
    """Write the roots of the squares of what there is over the threshold."""
    for number in range(scores.shape[0]):
        now, rough = scores[number], other[number]
        for lane in range(now.shape[0]):
            now[lane] = _of_both(now[lane], rough[lane])
        for lane in range(shapes.shape[0]):
            now[lane] = _of_all(now[lane], shapes[lane, first + number * every])
        for lane in range(now.shape[0]):
            now[lane] = math.sqrt(now[lane]) / threshold


@compiled
def _highest_habits(
    laid: tiles.Tiles, steps: tiles.Tiles, rhythm: Singles, usual: By, rough: Singles,
    usual_2: By, shaped: Singles, threshold: np.float32, after: Integers, before: Integers,
    share: float, first: int, every: int,
) -> Singles:  # fmt: skip
    n_points, n_days = len(laid.rows), laid.lanes.shape[1]
    n_splits = rhythm.shape[2]
    out, highest = np.empty((n_points, n_days), np.float32), np.empty((n_days, L), np.float32)
    sevenths, weeks = np.empty((n_days + 7, L)), np.empty((n_days + 7, L), dtype=np.float32)
    totals, counts = np.empty((n_days + 1, L)), np.empty((n_days + 1, L), dtype=np.float32)
    moved, squared, of_steps = np.empty_like(totals), np.empty_like(totals), np.empty_like(counts)
    scores = np.full((n_splits + 2, L), np.nan, dtype=np.float32)  # none before and after all
    now, near = scores[1:-1], np.empty(n_splits + 2, dtype=np.int64)
    other = np.full((n_splits, L), np.nan, dtype=np.float32)
    for tile in range(len(laid.lanes)):
        begin, end, is_even = tile * L, min(tile * L + L, n_points), laid.is_even[tile]
        sums.count(laid.lanes[tile], 1, counts)
        sums.running(laid.lanes[tile], 7, sevenths, weeks)
        sums.running(steps.lanes[tile], 1, totals, of_steps)
        highest[:] = np.nan
        for pair in range(after.shape[0]):
            a, b, shapes = after[pair], before[pair], shaped[pair, begin:end]
            _standardise(rhythm[pair, tile], usual, pair, begin, end, ONE, now)
            _standardise(rough[pair, tile], usual_2, pair, begin, end, ONE, other)
            _add_squares(now, other, shapes, threshold, first, every)
            _keep(now, first, every, highest)
            _count_near(scores, near)
            sums.weekday_moves(sevenths, weeks, is_even, a, b, moved, squared)
            for number in range(-1, n_splits):
                if near[number + 1] + near[number + 2] == 0:
                    continue
                day = max(first + number * every + 1, 0)
                days = highest[day : min(first + (number + 1) * every, n_days)]
                for lane in range(end - begin):
                    if _is_near(scores, number + 1, lane):
                        _keep_habits(
                            days, totals, of_steps, counts, moved, squared, shapes, day, lane, pair,
                            max(number, 0), begin, usual, usual_2, threshold, a, b, share,
                        )  # fmt: skip
        _turn(highest, laid.rows[begin:end], out)
    return out


@compiled
def _keep_habits(
    days: Singles, totals: Floats, of_steps: Singles, counts: Singles, moved: Floats,
    squared: Floats, shapes: Singles, first: int, lane: int, pair: int, number: int, begin: int,
    usual: By, usual_2: By, threshold: np.float32, after: int, before: int, share: float,
) -> None:  # fmt: skip
    """Keep habits' shifts on the days from a first one on, one point's."""
    by, less = usual[0][pair, begin + lane], usual[1][pair, begin + lane]
    middle, spread = usual[2][pair, number], usual[3][pair, number]
    by_2, less_2 = usual_2[0][pair, begin + lane], usual_2[1][pair, begin + lane]
    middle_2, spread_2 = usual_2[2][pair, number], usual_2[3][pair, number]
    for place in range(days.shape[0]):
        day = first + place
        one = sums.rhythm_at(counts, moved, squared, lane, day, after, before, share)
        two = sums.level_at(totals, of_steps, lane, day, after, before, share)
        one = _standard(one, by, less, middle, spread)
        two = _standard(two, by_2, less_2, middle_2, spread_2)
        square = _of_both(one, two)
        if shapes.shape[0]:
            square = _of_all(square, shapes[lane, day])
        _keep_one(days, place, lane, np.float32(math.sqrt(square)) / threshold)
