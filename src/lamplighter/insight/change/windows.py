"""Pairs of windows side by side, on a grid of splits."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from lamplighter.insight.change import sums, tiles
from lamplighter.insight.change.tiles import L
from lamplighter.insight.habits.arrays import Days, Integers, Singles

EVERY_DAYS = 3  # the grid, the same days of the calendar whatever day a span begins with

compiled = njit(cache=True, nogil=True, error_model="numpy")


class NoWindow(ValueError):
    """A window has no days, or is not of whole weeks where weekdays are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Windows to compare, and the splits to compare them at."""

    after_days: Integers  # (n_pairs,)
    before_days: Integers  # (n_pairs,)
    measured_share: float  # least share of each window that must be there
    first: int  # column of the first split
    every: int  # days from one split to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How shifts usually are: ``(shift * factor - off - middle) / spread`` is standardised."""

    factor: Singles  # (n_pairs, n_points) one over the point's own size
    off: Singles  # (n_pairs, n_points)
    middle: Singles  # (n_pairs, n_splits) peers' median
    spread: Singles  # (n_pairs, n_splits) peers' spread, at least 1


def on_grid(
    *, days: Days, after_days: tuple[int, ...], before_days: tuple[int, ...], measured_share: float
) -> Pairs:
    """Return pairs of windows that are split on every third day of the calendar.

    Parameters
    ----------
    days : (n_days,) datetime64
        Consecutive local days. [day]
    after_days, before_days : tuple of int
        Lengths of the windows on both sides, one of each a pair. [day]
    measured_share : float
        Least share of each window that must be there. [share]

    Returns
    -------
    Pairs
        The windows and their splits.

    Raises
    ------
    NoWindow
        A window has no days.

    Examples
    --------
    >>> days = np.datetime64("2026-11-01") + np.arange(8)
    >>> on_grid(days=days, after_days=(7,), before_days=(28,), measured_share=0.7).first
    2
    """
    if min((*after_days, *before_days), default=0) < 1 or len(after_days) != len(before_days):
        raise NoWindow(f"{after_days} after, {before_days} before")
    begin = int(days[0].astype("datetime64[D]").astype(np.int64)) if len(days) else 0
    return Pairs(
        after_days=np.array(after_days),
        before_days=np.array(before_days),
        measured_share=measured_share,
        first=-begin % EVERY_DAYS,
        every=EVERY_DAYS,
    )


def level_shifts(laid: tiles.Tiles, *, pairs: Pairs) -> Singles:
    """Return mean after minus mean before, at each split.

    ``shift = mean(values[t : t + after_days]) - mean(values[t - before_days : t])``

    Parameters
    ----------
    laid : tiles.Tiles
        Any quantity. [any] NaN: missing.
    pairs : Pairs
        Windows and splits.

    Returns
    -------
    (n_pairs, n_tiles, n_splits, L) float32
        The shift, points as in the tiles; NaN where a window has too little. [any]

    Raises
    ------
    numba.TypingError
        These are not laid.

    Examples
    --------
    >>> pairs = Pairs(
    ...     after_days=np.array([2]), before_days=np.array([2]), measured_share=1.0,
    ...     first=0, every=1,
    ... )
    >>> laid = tiles.lay(np.array([[1.0, 1.0, 4.0, 4.0]], dtype=np.float32))
    >>> level_shifts(laid, pairs=pairs)[0, 0, :, 0]
    array([nan, nan,  3., nan], dtype=float32)
    """
    return np.asarray(_level_shifts(laid, *_told(pairs)))


def rhythm_shifts(laid: tiles.Tiles, *, pairs: Pairs) -> Singles:
    """Return how far the seven weekdays' means moved against each other, at each split.

    Root of the sum over weekdays of ``(shift of the weekday's mean - mean shift) ** 2``. A
    common shift of all weekdays counts nothing.

    Parameters
    ----------
    laid : tiles.Tiles
        Any quantity. [any] NaN: missing.
    pairs : Pairs
        Windows, of whole weeks, and splits.

    Returns
    -------
    (n_pairs, n_tiles, n_splits, L) float32
        The shift of rhythm, points as in the tiles, never negative; NaN where a window has too
        little, and where the window before would start before the first day. [any]

    Raises
    ------
    NoWindow
        A window is not of whole weeks.

    Examples
    --------
    From here on Mondays differ by 7 and all else stays.

    >>> week = np.zeros((1, 14), dtype=np.float32)
    >>> week[0, 7] = 7.0
    >>> pairs = Pairs(
    ...     after_days=np.array([7]), before_days=np.array([7]), measured_share=1.0,
    ...     first=7, every=7,
    ... )
    >>> found = rhythm_shifts(tiles.lay(week), pairs=pairs)
    >>> bool(np.isclose(found[0, 0, 0, 0], np.sqrt(6.0**2 + 6 * 1.0)))
    True
    """
    if np.any(pairs.after_days % 7) or np.any(pairs.before_days % 7):
        raise NoWindow(f"{pairs.after_days} after, {pairs.before_days} before: not whole weeks")
    return np.asarray(_rhythm_shifts(laid, *_told(pairs)))


def _told(pairs: Pairs) -> tuple[Integers, Integers, float, int, int]:
    return pairs.after_days, pairs.before_days, pairs.measured_share, pairs.first, pairs.every


@compiled
def _n_splits(n_days: int, first: int, every: int) -> int:
    return max((n_days - first + every - 1) // every, 0)


@compiled
def _level_shifts(
    laid: tiles.Tiles, after: Integers, before: Integers, share: float, first: int, every: int
) -> Singles:
    n_tiles, n_days, _ = laid.lanes.shape
    n_splits = _n_splits(n_days, first, every)
    out = np.empty((after.shape[0], n_tiles, n_splits, L), dtype=np.float32)
    totals, counts = np.empty((n_days + 1, L)), np.empty((n_days + 1, L), dtype=np.float32)
    for tile in range(n_tiles):
        sums.running(laid.lanes[tile], 1, totals, counts)
        is_even = laid.is_even[tile]
        for pair in range(after.shape[0]):
            a, b = after[pair], before[pair]
            for number in range(n_splits):
                split = first + number * every
                row = out[pair, tile, number]
                sums.levels(totals, counts, is_even, split, a, b, share, row)
    return out


@compiled
def _rhythm_shifts(
    laid: tiles.Tiles, after: Integers, before: Integers, share: float, first: int, every: int
) -> Singles:
    n_tiles, n_days, _ = laid.lanes.shape
    n_splits = _n_splits(n_days, first, every)
    out = np.empty((after.shape[0], n_tiles, n_splits, L), dtype=np.float32)
    sevenths, weeks = np.empty((n_days + 7, L)), np.empty((n_days + 7, L), dtype=np.float32)
    counts = np.empty((n_days + 1, L), dtype=np.float32)
    moved, squared = np.empty((n_days + 1, L)), np.empty((n_days + 1, L))
    for tile in range(n_tiles):
        sums.count(laid.lanes[tile], 1, counts)
        sums.running(laid.lanes[tile], 7, sevenths, weeks)
        for pair in range(after.shape[0]):
            a, b = after[pair], before[pair]
            sums.weekday_moves(sevenths, weeks, laid.is_even[tile], a, b, moved, squared)
            for number in range(n_splits):
                split = first + number * every
                row = out[pair, tile, number]
                sums.rhythms(counts, moved, squared, split, a, b, share, row)
    return out
