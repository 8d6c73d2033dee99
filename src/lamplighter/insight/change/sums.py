"""One point's days added up: what windows are read from."""

import math

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles

compiled = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def running(row: Singles, apart: int, totals: Floats, counts: Integers) -> None:
    """Write sums of every so many days before each day, and how many of them are there.

    Parameters
    ----------
    row : (n_days,) float32
        Any quantity of one point. [any] NaN: missing.
    apart : int
        1: of all days; 7: of the same weekdays. [day]
    totals : (n_days + apart,) float64
        Written: the sum before each day; as many leading zeros as *apart*. [any]
    counts : (n_days + apart,) int64
        Written: days that are there. [day]

    Returns
    -------
    None

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> totals, counts = np.zeros(4), np.zeros(4, dtype=np.int64)
    >>> running(np.array([2.0, np.nan, 5.0], dtype=np.float32), 1, totals, counts)
    >>> totals, counts
    (array([0., 2., 2., 7.]), array([0, 1, 1, 2]))
    """
    for day in range(apart):
        totals[day], counts[day] = 0.0, 0
    for day in range(row.shape[0]):
        value = row[day]
        there = value == value
        totals[day + apart] = totals[day] + (value if there else 0.0)
        counts[day + apart] = counts[day] + there


@compiled
def parts(most: int) -> Floats:
    """Return one over each count, 0 over none: a look-up is quicker than a division.

    Parameters
    ----------
    most : int
        The largest count.

    Returns
    -------
    (most + 1,) float64
        Parts of one.

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> parts(2)
    array([0. , 1. , 0.5])
    """
    parts = np.zeros(most + 1)
    for count in range(1, most + 1):
        parts[count] = 1.0 / count
    return parts


@compiled
def level_at(
    totals: Floats, counts: Integers, part: Floats, split: int, after: int, before: int,
    share: float,
) -> np.float32:  # fmt: skip
    """Return mean after less mean before one split.

    Parameters
    ----------
    totals, counts : (n_days + 1,) float64 and int64
        Running sums of all days.
    part : (n,) float64
        One over each count, up to the longer window's.
    split : int
        First day after. [column]
    after, before : int
        Lengths of the windows, cut off at the ends of the span. [day]
    share : float
        Least share of each window that must be there. [share]

    Returns
    -------
    float32
        The shift; NaN where a window has too little. [any]

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> totals, counts = np.array([0.0, 1.0, 2.0, 6.0, 10.0]), np.arange(5)
    >>> float(level_at(totals, counts, parts(2), 2, 2, 2, 1.0))
    3.0
    """
    n_days = totals.shape[0] - 1
    end, begin = min(split + after, n_days), max(split - before, 0)
    n_after, n_before = counts[end] - counts[split], counts[split] - counts[begin]
    if n_after < share * after or n_before < share * before:
        return np.float32(np.nan)
    now = (totals[end] - totals[split]) * part[n_after]
    return np.float32(now - (totals[split] - totals[begin]) * part[n_before])


@compiled
def weekday_moves(
    sevenths: Floats, weeks: Integers, after: int, before: int, moved: Floats, squared: Floats
) -> None:
    """Write running sums of how far each day's weekday moved there, and of its square.

    Parameters
    ----------
    sevenths, weeks : (n_days + 7,) float64 and int64
        Running sums of the same weekdays.
    after, before : int
        Lengths of the windows, whole weeks. [day]
    moved, squared : (n_days + 1,) float64
        Written. [any, squared]

    Returns
    -------
    None

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> sevenths, weeks = np.zeros(21), np.zeros(21, dtype=np.int64)
    >>> running(np.repeat(np.float32([0.0, 3.0]), 7), 7, sevenths, weeks)
    >>> moved, squared = np.zeros(15), np.zeros(15)
    >>> weekday_moves(sevenths, weeks, 7, 7, moved, squared)
    >>> float(moved[-1]), float(squared[-1])
    (21.0, 63.0)
    """
    n_days = moved.shape[0] - 1
    part = parts(max(after, before) // 7)
    moves = moved[1:]
    begin, end = n_days, n_days  # from … to here all weeks lie inside, and all are there
    if weeks[n_days:].sum() == n_days and n_days + 7 > after + before:
        begin, end = before, n_days + 7 - after
        now, here, then = sevenths[before + after :], sevenths[before:], sevenths
        to, n_after, n_before = moves[before:], part[after // 7], part[before // 7]
        for day in range(end - begin):
            move = (now[day] - here[day]) * n_after
            to[day] = move - (here[day] - then[day]) * n_before
    for day in range(begin):
        moves[day] = _move(sevenths, weeks, part, day, after, before)
    for day in range(end, n_days):
        moves[day] = _move(sevenths, weeks, part, day, after, before)
    total = square = moved[0] = squared[0] = 0.0
    for day in range(n_days):
        move = moves[day]
        total += move
        square += move * move
        moves[day], squared[day + 1] = total, square


@compiled
def _move(
    sevenths: Floats, weeks: Integers, part: Floats, day: int, after: int, before: int
) -> float:
    """Return how far one day's weekday moved there."""
    if day < before:
        return 0.0
    n_days, end = sevenths.shape[0] - 7, day + after
    if end > n_days + 6:  # as many weeks on as the span has
        end -= (end - n_days) // 7 * 7
    n_now, n_then = weeks[end] - weeks[day], weeks[day] - weeks[day - before]
    if n_now == 0 or n_then == 0:  # a weekday nobody measured says nothing
        return 0.0
    now = (sevenths[end] - sevenths[day]) * part[n_now]
    move: float = now - (sevenths[day] - sevenths[day - before]) * part[n_then]
    return move


@compiled
def rhythm_at(
    counts: Integers, moved: Floats, squared: Floats, split: int, after: int, before: int,
    share: float,
) -> np.float32:  # fmt: skip
    """Return how far the weekdays moved against each other at one split.

    Parameters
    ----------
    counts : (n_days + 1,) int64
        Running count of all days. [day]
    moved, squared : (n_days + 1,) float64
        What ``weekday_moves`` wrote.
    split : int
        First day after. [column]
    after, before : int
        Lengths of the windows, whole weeks. [day]
    share : float
        Least share of each window that must be there. [share]

    Returns
    -------
    float32
        The shift; NaN where a window has too little or would begin before the span. [any]

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> moved, squared = 3.0 * np.arange(15), 9.0 * np.arange(15)
    >>> float(rhythm_at(np.arange(15), moved, squared, 7, 7, 7, 1.0))
    0.0
    """
    n_days = counts.shape[0] - 1
    if split < before or split > n_days - 7:
        return np.float32(np.nan)
    n_after = counts[min(split + after, n_days)] - counts[split]
    n_before = counts[split] - counts[split - before]
    if n_after < share * after or n_before < share * before:
        return np.float32(np.nan)
    total, square = moved[split + 7] - moved[split], squared[split + 7] - squared[split]
    return np.float32(math.sqrt(max(square - total * total / 7.0, 0.0)))
