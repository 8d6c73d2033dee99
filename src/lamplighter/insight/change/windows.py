"""Two windows side by side at splits of points."""

import math

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles


class NoWindow(ValueError):
    """A window has no days, or is not of whole weeks where weekdays are compared."""


def level_shift(
    values: Singles,
    *,
    point: Integers,
    day: Integers,
    after_days: int,
    before_days: int,
    measured_share: float,
) -> Singles:
    """Return mean after minus mean before, for splits before days.

    ``shift = mean(values[t : t + after_days]) - mean(values[t - before_days : t])``

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity. [any] NaN: missing.
    point, day : (n_splits,) int64
        The splits, quickest if ordered by point. [row, column]
    after_days, before_days : int
        Lengths of the two windows. [day]
    measured_share : float
        Least share of each window that must be there. [share]

    Returns
    -------
    (n_splits,) float32
        The shift; NaN where a window has too little. [any]

    Raises
    ------
    NoWindow
        A window has no days.
    IndexError
        A split lies outside the array.

    Examples
    --------
    >>> level_shift(
    ...     np.array([[1.0, 1.0, 4.0, 4.0]], dtype=np.float32), point=np.zeros(4, dtype=int),
    ...     day=np.arange(4), after_days=2, before_days=2, measured_share=1.0,
    ... )
    array([nan, nan,  3., nan], dtype=float32)
    """
    if after_days < 1 or before_days < 1:
        raise NoWindow(f"{after_days} after, {before_days} before")
    _check(values, point, day)
    return np.asarray(_level_shift(values, point, day, after_days, before_days, measured_share))


def rhythm_shift(
    values: Singles,
    *,
    point: Integers,
    day: Integers,
    after_days: int,
    before_days: int,
    measured_share: float,
) -> Singles:
    """Return how far the seven weekdays' means moved against each other, for splits before days.

    Root of the sum over weekdays of ``(shift of the weekday's mean - mean shift) ** 2``. A
    common shift of all weekdays counts nothing.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity. [any] NaN: missing.
    point, day : (n_splits,) int64
        The splits, quickest if ordered by point. [row, column]
    after_days, before_days : int
        Lengths of the two windows, whole weeks. [day]
    measured_share : float
        Least share of each window that must be there. [share]

    Returns
    -------
    (n_splits,) float32
        The shift of rhythm, never negative; NaN where a window has too little, and where the
        window before would start before the first day. [any]

    Raises
    ------
    NoWindow
        A window is not of whole weeks.
    IndexError
        A split lies outside the array.

    Examples
    --------
    From here on Mondays differ by 7 and all else stays.

    >>> week = np.zeros((1, 14), dtype=np.float32)
    >>> week[0, 7] = 7.0
    >>> shift = rhythm_shift(
    ...     week, point=np.array([0]), day=np.array([7]), after_days=7, before_days=7,
    ...     measured_share=1.0,
    ... )
    >>> bool(np.isclose(shift[0], np.sqrt(6.0**2 + 6 * 1.0)))
    True
    """
    if min(after_days, before_days) < 1 or after_days % 7 or before_days % 7:
        raise NoWindow(f"{after_days} after, {before_days} before: not whole weeks")
    _check(values, point, day)
    return np.asarray(_rhythm_shift(values, point, day, after_days, before_days, measured_share))


def _check(values: Singles, point: Integers, day: Integers) -> None:
    for place, size in ((point, values.shape[0]), (day, values.shape[1])):
        if len(place) and not 0 <= place.min() <= place.max() < size:
            raise IndexError(f"splits from {place.min()} to {place.max()} of {size}")
    if len(point) != len(day):
        raise IndexError(f"{len(point)} points of splits on {len(day)} days")


@njit(cache=True, nogil=True, error_model="numpy")
def _running(row: Singles, apart: int, totals: Floats, counts: Integers) -> None:
    """Write sums of every *apart*-th day before each day; both have as many leading zeros."""
    totals[:apart] = 0.0
    counts[:apart] = 0
    for day in range(row.shape[0]):
        value = row[day]
        there = value == value
        totals[day + apart] = totals[day] + (value if there else 0.0)
        counts[day + apart] = counts[day] + there


@njit(cache=True, nogil=True, error_model="numpy")
def _parts(most: int) -> Floats:
    """Return one over each count, 0 over none."""
    parts = np.zeros(most + 1)
    for count in range(1, most + 1):
        parts[count] = 1.0 / count
    return parts


@njit(cache=True, nogil=True, error_model="numpy")
def _level_shift(
    values: Singles, point: Integers, day: Integers, after: int, before: int, share: float
) -> Singles:
    n_days = values.shape[1]
    out = np.empty(day.shape[0], dtype=np.float32)
    totals, counts = np.empty(n_days + 1), np.empty(n_days + 1, dtype=np.int64)
    parts, of = _parts(max(after, before)), -1
    for number in range(day.shape[0]):
        if point[number] != of:
            of = point[number]
            _running(values[of], 1, totals, counts)
        split = day[number]
        end, begin = min(split + after, n_days), max(split - before, 0)
        n_after, n_before = counts[end] - counts[split], counts[split] - counts[begin]
        if n_after < share * after or n_before < share * before:
            out[number] = np.nan
        else:
            now = (totals[end] - totals[split]) * parts[n_after]
            out[number] = now - (totals[split] - totals[begin]) * parts[n_before]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _rhythm_shift(
    values: Singles, point: Integers, day: Integers, after: int, before: int, share: float
) -> Singles:
    n_days = values.shape[1]
    out = np.empty(day.shape[0], dtype=np.float32)
    totals, counts = np.empty(n_days + 1), np.empty(n_days + 1, dtype=np.int64)
    sevenths, weeks = np.empty(n_days + 7), np.empty(n_days + 7, dtype=np.int64)
    moved, squared, of = np.empty(n_days + 1), np.empty(n_days + 1), -1
    for number in range(day.shape[0]):
        if point[number] != of:
            of = point[number]
            _running(values[of], 1, totals, counts)
            _running(values[of], 7, sevenths, weeks)
            _weekday_moves(sevenths, weeks, after, before, moved, squared)
        split = day[number]
        out[number] = np.nan
        if split < before or split > n_days - 7:
            continue
        n_after = counts[min(split + after, n_days)] - counts[split]
        n_before = counts[split] - counts[split - before]
        if n_after >= share * after and n_before >= share * before:
            total = moved[split + 7] - moved[split]
            square = squared[split + 7] - squared[split]
            out[number] = math.sqrt(max(square - total * total / 7.0, 0.0))
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _weekday_moves(
    sevenths: Floats, weeks: Integers, after: int, before: int, moved: Floats, squared: Floats
) -> None:
    """Write running sums of how far each day's weekday moved there, and of its square."""
    n_days = moved.shape[0] - 1
    parts = _parts(max(after, before) // 7)
    moved[0] = squared[0] = 0.0
    for day in range(n_days):
        move = 0.0
        if day >= before:
            end = day + after
            if end > n_days + 6:  # as many weeks on as the span has
                end -= (end - n_days) // 7 * 7
            n_now, n_then = weeks[end] - weeks[day], weeks[day] - weeks[day - before]
            if n_now > 0 and n_then > 0:  # a weekday nobody measured says nothing
                now = (sevenths[end] - sevenths[day]) * parts[n_now]
                move = now - (sevenths[day] - sevenths[day - before]) * parts[n_then]
        moved[day + 1] = moved[day] + move
        squared[day + 1] = squared[day] + move * move
