"""Days of some points added up, points side by side: what windows are read from."""

import math

import numpy as np
from numba import njit

from lamplighter.insight.change.tiles import L
from lamplighter.insight.habits.arrays import Floats, Singles

ZERO, ONE = np.float32(0.0), np.float32(1.0)

compiled = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def running(lanes: Singles, apart: int, totals: Floats, counts: Singles) -> None:
    """Write sums of every so many days before each day, and how many of them are there.

    Parameters
    ----------
    lanes : (n_days, L) float32
        Any quantity of a tile's points. [any] NaN: missing.
    apart : int
        1: of all days; 7: of the same weekdays. [day]
    totals : (n_days + apart, L) float64
        Written: the sum before each day; as many leading zeros as *apart*. [any]
    counts : (n_days + apart, L) float32
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
    >>> totals, counts = np.zeros((4, L)), np.zeros((4, L), dtype=np.float32)
    >>> lanes = np.repeat(np.float32([[2.0], [np.nan], [5.0]]), L, axis=1)
    >>> running(lanes, 1, totals, counts)
    >>> totals[:, 0], counts[:, 0]
    (array([0., 2., 2., 7.]), array([0., 1., 1., 2.], dtype=float32))
    """
    totals[:apart] = 0.0
    for day in range(lanes.shape[0]):
        values, total, to = lanes[day], totals[day], totals[day + apart]
        for lane in range(L):
            value = values[lane]
            to[lane] = total[lane] + (value if value == value else ZERO)
    count(lanes, apart, counts)


@compiled
def count(lanes: Singles, apart: int, counts: Singles) -> None:
    """Write how many of every so many days before each day are there.

    Parameters
    ----------
    lanes : (n_days, L) float32
        Any quantity of a tile's points. [any] NaN: missing.
    apart : int
        1: of all days; 7: of the same weekdays. [day]
    counts : (n_days + apart, L) float32
        Written; as many leading zeros as *apart*. [day]

    Returns
    -------
    None

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> counts = np.zeros((4, L), dtype=np.float32)
    >>> count(np.repeat(np.float32([[2.0], [np.nan], [5.0]]), L, axis=1), 1, counts)
    >>> counts[:, 0]
    array([0., 1., 1., 2.], dtype=float32)
    """
    counts[:apart] = ZERO
    for day in range(lanes.shape[0]):
        values, known, to = lanes[day], counts[day], counts[day + apart]
        for lane in range(L):
            value = values[lane]
            to[lane] = known[lane] + (ONE if value == value else ZERO)


@compiled
def levels(
    totals: Floats, counts: Singles, is_even: bool, split: int, after: int, before: int,
    share: float, out: Singles,
) -> None:  # fmt: skip
    """Write mean after less mean before one split.

    Parameters
    ----------
    totals, counts : (n_days + 1, L) float64 and float32
        Running sums of all days.
    is_even : bool
        All points have the same days.
    split : int
        First day after. [column]
    after, before : int
        Lengths of the windows, cut off at the ends of the span. [day]
    share : float
        Least share of each window that must be there. [share]
    out : (L,) float32
        Written: the shifts; NaN where a window has too little. [any]

    Returns
    -------
    None

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> totals, counts = np.zeros((5, L)), np.zeros((5, L), dtype=np.float32)
    >>> totals[:, 0], counts[:, 0] = [0.0, 1.0, 2.0, 6.0, 10.0], np.arange(5)
    >>> out = np.zeros(L, dtype=np.float32)
    >>> levels(totals, counts, False, 2, 2, 2, 1.0, out)
    >>> float(out[0])
    3.0
    """
    end, begin = min(split + after, totals.shape[0] - 1), max(split - before, 0)
    now, here, then = totals[end], totals[split], totals[begin]
    n_now, n_here, n_then = counts[end], counts[split], counts[begin]
    least_after, least_before = share * after, share * before
    if is_even:  # the same of all lanes
        n_after, n_before = n_now[0] - n_here[0], n_here[0] - n_then[0]
        by_after, by_before = 1.0 / max(n_after, ONE), 1.0 / max(n_before, ONE)
        if not (n_after >= least_after and n_before >= least_before):
            by_after = np.nan
        for lane in range(L):
            shift = (now[lane] - here[lane]) * by_after - (here[lane] - then[lane]) * by_before
            out[lane] = np.float32(shift)
        return
    for lane in range(L):
        out[lane] = _level(
            now[lane] - here[lane], here[lane] - then[lane], n_now[lane] - n_here[lane],
            n_here[lane] - n_then[lane], least_after, least_before,
        )  # fmt: skip


@compiled
def level_at(
    totals: Floats, counts: Singles, lane: int, split: int, after: int, before: int, share: float
) -> np.float32:
    """Return what ``levels`` writes, of one point.

    Parameters
    ----------
    totals, counts : (n_days + 1, L) float64 and float32
        Running sums of all days.
    lane : int
        The point.
    split, after, before, share : int, int, int, float
        As of ``levels``.

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
    >>> totals, counts = np.zeros((5, L)), np.zeros((5, L), dtype=np.float32)
    >>> totals[:, 0], counts[:, 0] = [0.0, 1.0, 2.0, 6.0, 10.0], np.arange(5)
    >>> float(level_at(totals, counts, 0, 2, 2, 2, 1.0))
    3.0
    """
    end, begin = min(split + after, totals.shape[0] - 1), max(split - before, 0)
    n_here, here = counts[split, lane], totals[split, lane]
    shift: np.float32 = _level(
        totals[end, lane] - here, here - totals[begin, lane], counts[end, lane] - n_here,
        n_here - counts[begin, lane], share * after, share * before,
    )  # fmt: skip
    return shift


@compiled
def _level(
    now: float, then: float, n_after: np.float32, n_before: np.float32, least_after: float,
    least_before: float,
) -> np.float32:  # fmt: skip
    after, before = np.float64(max(n_after, ONE)), np.float64(max(n_before, ONE))
    shift = np.float32(now * (1.0 / after) - then * (1.0 / before))
    is_told = (n_after >= least_after) & (n_before >= least_before)
    return shift if is_told else np.float32(np.nan)


@compiled
def weekday_moves(
    sevenths: Floats, weeks: Singles, is_even: bool, after: int, before: int, moved: Floats,
    squared: Floats,
) -> None:  # fmt: skip
    """Write running sums of how far each day's weekday moved there, and of its square.

    Parameters
    ----------
    sevenths, weeks : (n_days + 7, L) float64 and float32
        Running sums of the same weekdays.
    is_even : bool
        All points have the same days.
    after, before : int
        Lengths of the windows, whole weeks. [day]
    moved, squared : (n_days + 1, L) float64
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
    >>> sevenths, weeks = np.zeros((21, L)), np.zeros((21, L), dtype=np.float32)
    >>> running(np.float32([[0.0] * L] * 7 + [[3.0] * L] * 7), 7, sevenths, weeks)
    >>> moved, squared = np.zeros((15, L)), np.zeros((15, L))
    >>> weekday_moves(sevenths, weeks, True, 7, 7, moved, squared)
    >>> float(moved[-1, 0]), float(squared[-1, 0])
    (21.0, 63.0)
    """
    n_days = moved.shape[0] - 1
    move = np.empty(L)
    moved[: before + 1] = 0.0
    squared[: before + 1] = 0.0
    for day in range(before, n_days):
        end = day + after
        if end > n_days + 6:  # as many weeks on as the span has
            end -= (end - n_days) // 7 * 7
        if is_even:  # the same of all lanes
            n_now, n_then = weeks[end, 0] - weeks[day, 0], weeks[day, 0] - weeks[day - before, 0]
            by_now, by_then = 1.0 / max(n_now, ONE), 1.0 / max(n_then, ONE)
            if not (n_now > ZERO and n_then > ZERO):
                by_now = by_then = 0.0
            for lane in range(L):
                now = (sevenths[end, lane] - sevenths[day, lane]) * by_now
                move[lane] = now - (sevenths[day, lane] - sevenths[day - before, lane]) * by_then
        else:
            _uneven_moves(sevenths, weeks, end, day, before, move)
        for lane in range(L):
            moved[day + 1, lane] = moved[day, lane] + move[lane]
        for lane in range(L):
            squared[day + 1, lane] = squared[day, lane] + move[lane] * move[lane]


@compiled
def _uneven_moves(
    sevenths: Floats, weeks: Singles, end: int, day: int, before: int, move: Floats
) -> None:
    for lane in range(L):
        n_now = np.float64(weeks[end, lane] - weeks[day, lane])
        n_then = np.float64(weeks[day, lane] - weeks[day - before, lane])
        now = (sevenths[end, lane] - sevenths[day, lane]) * (1.0 / max(n_now, 1.0))
        then = (sevenths[day, lane] - sevenths[day - before, lane]) * (1.0 / max(n_then, 1.0))
        is_told = (n_now > 0.0) & (n_then > 0.0)  # a weekday nobody measured says nothing
        move[lane] = now - then if is_told else 0.0


@compiled
def rhythms(
    counts: Singles, moved: Floats, squared: Floats, split: int, after: int, before: int,
    share: float, out: Singles,
) -> None:  # fmt: skip
    """Write how far the weekdays moved against each other at one split.

    Parameters
    ----------
    counts : (n_days + 1, L) float32
        Running count of all days. [day]
    moved, squared : (n_days + 1, L) float64
        What ``weekday_moves`` wrote.
    split : int
        First day after. [column]
    after, before : int
        Lengths of the windows, whole weeks. [day]
    share : float
        Least share of each window that must be there. [share]
    out : (L,) float32
        Written: the shifts; NaN where a window has too little or would begin before the span, or
        less than a week follows. [any]

    Returns
    -------
    None

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> moved, squared = np.zeros((15, L)), np.zeros((15, L))
    >>> moved[:, 0], squared[:, 0] = 3.0 * np.arange(15), 9.0 * np.arange(15)
    >>> counts = np.repeat(np.arange(15, dtype=np.float32), L).reshape(15, L)
    >>> out = np.ones(L, dtype=np.float32)
    >>> rhythms(counts, moved, squared, 7, 7, 7, 1.0, out)
    >>> float(out[0])
    0.0
    """
    n_days = counts.shape[0] - 1
    if not before <= split <= n_days - 7:
        out[:] = np.nan
        return
    end, begin = min(split + after, n_days), split - before
    n_now, n_here, n_then = counts[end], counts[split], counts[begin]
    least_after, least_before = share * after, share * before
    then, then_squared = moved[split], squared[split]
    week, week_squared = moved[split + 7], squared[split + 7]
    for lane in range(L):
        out[lane] = _rhythm(week[lane] - then[lane], week_squared[lane] - then_squared[lane])
    for lane in range(L):
        n_after, n_before = n_now[lane] - n_here[lane], n_here[lane] - n_then[lane]
        is_told = (n_after >= least_after) & (n_before >= least_before)
        out[lane] = out[lane] if is_told else np.float32(np.nan)


@compiled
def rhythm_at(
    counts: Singles, moved: Floats, squared: Floats, lane: int, split: int, after: int,
    before: int, share: float,
) -> np.float32:  # fmt: skip
    """Return what ``rhythms`` writes, of one point.

    Parameters
    ----------
    counts : (n_days + 1, L) float32
        Running count of all days. [day]
    moved, squared : (n_days + 1, L) float64
        What ``weekday_moves`` wrote.
    lane : int
        The point.
    split, after, before, share : int, int, int, float
        As of ``rhythms``.

    Returns
    -------
    float32
        The shift; NaN where a window has too little or would begin before the span, or less than
        a week follows. [any]

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> moved, squared = np.zeros((15, L)), np.zeros((15, L))
    >>> moved[:, 0], squared[:, 0] = 3.0 * np.arange(15), 9.0 * np.arange(15)
    >>> counts = np.repeat(np.arange(15, dtype=np.float32), L).reshape(15, L)
    >>> float(rhythm_at(counts, moved, squared, 0, 7, 7, 7, 1.0))
    0.0
    """
    n_days = counts.shape[0] - 1
    if not before <= split <= n_days - 7:
        return np.float32(np.nan)
    here = counts[split, lane]
    n_after = counts[min(split + after, n_days), lane] - here
    n_before = here - counts[split - before, lane]
    if n_after < share * after or n_before < share * before:
        return np.float32(np.nan)
    total, square = moved[split + 7, lane] - moved[split, lane], squared[split + 7, lane]
    far: np.float32 = _rhythm(total, square - squared[split, lane])
    return far


@compiled
def _rhythm(total: float, square: float) -> np.float32:
    return np.float32(math.sqrt(max(square - total * total / 7.0, 0.0)))
