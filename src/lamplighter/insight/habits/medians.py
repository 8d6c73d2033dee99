"""Medians of points by days, by numpy's selection.

numpy selects with the processor's widest registers, but knows no missing values: compiled loops
make a missing one infinitely large and infinitely small by turns, which leaves the middle where it
is. Import this late: pages and commands that foresee nothing must not wait for numba.
"""

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles

DAYS_AT_ONCE = 16  # a cache line of single precision


@njit(cache=True, nogil=True)
def _halved(values: Singles, columns: Integers, least: float) -> tuple[Singles, Integers]:
    """Return some columns, what is missing or not above *least* put half above, half below all.

    And how many are left in each row.
    """
    n_rows, n_columns = len(values), len(columns)
    out, count = np.empty((n_rows, n_columns), np.float32), np.empty(n_rows, np.int64)
    for row in range(n_rows):
        filler = np.float32(np.inf)
        gone = 0
        for number in range(n_columns):
            value = values[row, columns[number]]
            is_there = value > least
            out[row, number] = value if is_there else filler
            filler = filler if is_there else -filler
            gone += not is_there
        count[row] = n_columns - gone
    return out, count


@njit(cache=True, nogil=True)
def _halved_days(log_ratio: Singles, points: Integers) -> tuple[Singles, Integers]:
    """Return the same of some points, turned to days by points."""
    n_days = log_ratio.shape[1]
    out, count = np.empty((n_days, len(points)), np.float32), np.empty(n_days, np.int64)
    filler = np.empty(DAYS_AT_ONCE, np.float32)
    gone = np.empty(DAYS_AT_ONCE, np.int64)
    for begin in range(0, n_days, DAYS_AT_ONCE):
        width = min(DAYS_AT_ONCE, n_days - begin)
        filler[:] = np.inf
        gone[:] = 0
        for number in range(len(points)):
            row = log_ratio[points[number]]
            for place in range(width):
                value = row[begin + place]
                is_there = value == value
                out[begin + place, number] = value if is_there else filler[place]
                filler[place] = filler[place] if is_there else -filler[place]
                gone[place] += not is_there
        for place in range(width):
            count[begin + place] = len(points) - gone[place]
    return out, count


@njit(cache=True, nogil=True)
def _halved_rest(
    log_ratio: Singles, log_factor: Singles, of_group: Integers
) -> tuple[Singles, Integers]:
    """Return the same of what a point's days are beyond its group's."""
    n_points, n_days = log_ratio.shape
    out, count = np.empty(log_ratio.shape, np.float32), np.empty(n_points, np.int64)
    for point in range(n_points):
        shared = log_factor[of_group[point]]
        filler = np.float32(np.inf)
        gone = 0
        for day in range(n_days):
            value = log_ratio[point, day] - shared[day]
            is_there = value == value
            out[point, day] = value if is_there else filler
            filler = filler if is_there else -filler
            gone += not is_there
        count[point] = n_days - gone
    return out, count


@njit(cache=True, nogil=True)
def _halved_away(values: Singles, columns: Integers, middle: Singles) -> tuple[Singles, Integers]:
    """Return the same of how far values lie from their row's middle."""
    n_rows, n_columns = len(values), len(columns)
    out, count = np.empty((n_rows, n_columns), np.float32), np.empty(n_rows, np.int64)
    for row in range(n_rows):
        filler = np.float32(np.inf)
        gone = 0
        for number in range(n_columns):
            value = abs(values[row, columns[number]] - middle[row])
            is_there = value == value
            out[row, number] = value if is_there else filler
            filler = filler if is_there else -filler
            gone += not is_there
        count[row] = n_columns - gone
    return out, count


def _middle(halved: Singles, count: Integers) -> Floats:
    """Return the median of each row; the array is reordered."""
    n_rows, n_columns = len(halved), int(halved.shape[1])
    if n_columns == 0 or n_rows == 0:
        return np.full(n_rows, np.nan)
    above = n_columns // 2
    halved.partition(above, axis=1)
    high = halved[:, above].astype(np.float64)
    low = halved[:, :above].max(axis=1).astype(np.float64) if above else high
    # As many are infinitely small as infinitely large, or one fewer: of an odd number left in an
    # even row the middle is the lower of the two, in an odd row always the upper.
    only = low if n_columns % 2 == 0 else high
    is_odd = count % 2 == 1
    low, high = np.where(is_odd, only, low), np.where(is_odd, only, high)
    known = count > 0
    return np.where(known, (np.where(known, low, 0.0) + np.where(known, high, 0.0)) / 2.0, np.nan)


def row_medians(
    *, values: Singles, columns: Integers | None = None, least: float = -np.inf
) -> tuple[Floats, Integers]:
    """Return the median of each row over what is there and above *least*, and of how many.

    Parameters
    ----------
    values : (n_rows, n_columns) float32
        Any quantity. [any] NaN: missing.
    columns : (n_chosen,) int64
        The columns to look at, if not all. [column]
    least : float
        Only what is above counts. [any]

    Returns
    -------
    median : (n_rows,) float64
        NaN where nothing of a row counts. [any]
    count : (n_rows,) int64
        How many count. [value]

    Raises
    ------
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> values = np.array([[3.0, np.nan, 1.0, 2.0], [np.nan] * 4], np.float32)
    >>> row_medians(values=values, least=1.5)
    (array([2.5, nan]), array([2, 0]))
    """
    chosen = np.arange(values.shape[1]) if columns is None else columns
    halved, count = _halved(values, chosen, least)
    return _middle(halved, count), count


def row_spreads(*, values: Singles, middle: Floats, columns: Integers) -> Floats:
    """Return the median distance of each row's values from its middle.

    Parameters
    ----------
    values : (n_rows, n_columns) float32
        Any quantity. [any] NaN: missing.
    middle : (n_rows,) float64
        What distances are from. [any]
    columns : (n_chosen,) int64
        The columns to look at. [column]

    Returns
    -------
    (n_rows,) float64
        NaN where nothing of a row is there. [any]

    Raises
    ------
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> values = np.array([[3.0, np.nan, 1.0, 4.0]], np.float32)
    >>> row_spreads(values=values, middle=np.array([3.0]), columns=np.arange(4))
    array([1.])
    """
    return _middle(*_halved_away(values, columns, middle.astype(np.float32)))


def day_medians(*, values: Singles, rows: Integers) -> tuple[Floats, Integers]:
    """Return the median of each column over some rows, and over how many that are there.

    Parameters
    ----------
    values : (n_rows, n_columns) float32
        Any quantity. [any] NaN: missing.
    rows : (n_chosen,) int64
        The rows to look at. [row]

    Returns
    -------
    median : (n_columns,) float64
        NaN where nothing is there. [any]
    count : (n_columns,) int64
        How many are there. [value]

    Raises
    ------
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> values = np.array([[3.0, np.nan], [1.0, np.nan], [9.0, 9.0]], np.float32)
    >>> day_medians(values=values, rows=np.array([0, 1]))
    (array([ 2., nan]), array([2, 0]))
    """
    halved, count = _halved_days(values, rows)
    return _middle(halved, count), count


def rest_medians(*, log_ratio: Singles, log_factor: Floats, of_group: Integers) -> Floats:
    """Return the median of what each point's days are beyond its group's.

    Parameters
    ----------
    log_ratio : (n_points, n_days) float32
        Each day over the point's typical one. [log] NaN: missing.
    log_factor : (n_groups, n_days) float64
        Common part. [log]
    of_group : (n_points,) int64
        Index into the groups. [index]

    Returns
    -------
    (n_points,) float64
        NaN where no day is there. [log]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> rest_medians(
    ...     log_ratio=np.array([[1.0, 2.0, 4.0]], np.float32),
    ...     log_factor=np.array([[1.0, 1.0, 1.0]]), of_group=np.array([0]),
    ... )
    array([1.])
    """
    return _middle(*_halved_rest(log_ratio, log_factor.astype(np.float32), of_group))
