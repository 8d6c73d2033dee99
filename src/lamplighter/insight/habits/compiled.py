"""Medians that know missing days, compiled: for loops that cannot wait for numpy's."""

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.habits.arrays import Floats

FEW = 16  # so few are sorted by insertion
COLUMNS_AT_ONCE = 16  # a cache line of single precision


@njit(cache=True, nogil=True, error_model="numpy")
def select(values: npt.NDArray[np.floating], count: int, place: int) -> float:
    """Return what stands at *place* were the first *count* values sorted.

    Hoare's selection [1]_ by the middle of three. Reorders the values: none before *place* is
    larger afterwards, none after it smaller.

    Parameters
    ----------
    values : (at least count,) float32 or float64
        Any quantity, reordered. [any] No NaN.
    count : int
        How many of them. [value]
    place : int
        From 0 to below *count*. [value]

    Returns
    -------
    float
        The value at that place. [any]

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    References
    ----------
    .. [1] C. A. R. Hoare, "Algorithm 65: Find," Comm. ACM, vol. 4, no. 7, pp. 321-322, 1961,
       doi:10.1145/366622.366647.

    Examples
    --------
    >>> select(np.array([5.0, 1.0, 3.0]), 3, 1)
    3.0
    """
    low, high = 0, count
    while high - low > FEW:
        quarter = (high - low) // 4
        a, b, c = values[low + quarter], values[low + 2 * quarter], values[low + 3 * quarter]
        pivot = max(min(a, b), min(max(a, b), c))
        below = low
        for at in range(low, high):  # without a branch: each value is written either way
            value = values[at]
            values[at] = values[below]
            values[below] = value
            below += value < pivot
        if place < below:
            high = below
        elif below > low:
            low = below
        else:  # the pivot is the least: leave out all that equal it
            equal = low
            for at in range(low, high):
                value = values[at]
                values[at] = values[equal]
                values[equal] = value
                equal += value <= pivot
            if place < equal:
                return np.float64(pivot)
            low = equal
    for at in range(low + 1, high):
        value = values[at]
        to = at
        while to > low and values[to - 1] > value:
            values[to] = values[to - 1]
            to -= 1
        values[to] = value
    return np.float64(values[place])


@njit(cache=True, nogil=True, error_model="numpy")
def median(values: npt.NDArray[np.floating], count: int) -> float:
    """Return the median of the first *count* values, the mean of the middle two if even.

    Parameters
    ----------
    values : (at least count,) float32 or float64
        Any quantity, reordered. [any] No NaN.
    count : int
        How many of them. [value]

    Returns
    -------
    float
        The median; NaN of none. [any]

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> median(np.array([5.0, 1.0, 3.0, 2.0]), 4)
    2.5
    """
    if count < 1:
        return np.nan
    high = select(values, count, count // 2)
    if count % 2:
        return high
    low = values[0]
    for at in range(1, count // 2):
        low = max(low, values[at])
    return (np.float64(low) + high) / 2.0


@njit(cache=True, nogil=True, error_model="numpy")
def row_median(values: npt.NDArray[np.floating]) -> Floats:
    """Return the median of each row over what is there, as ``arrays.row_median`` does.

    Parameters
    ----------
    values : (n_rows, n_columns) float32 or float64
        Any quantity. [any] NaN: missing.

    Returns
    -------
    (n_rows,) float64
        Median of each row; NaN where the whole row is missing. [any]

    Raises
    ------
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> row_median(np.array([[3.0, np.nan, 1.0], [np.nan, np.nan, np.nan]]))
    array([ 2., nan])
    """
    n_rows, n_columns = values.shape
    out = np.empty(n_rows)
    there = np.empty(n_columns + 1, dtype=values.dtype)
    for row in range(n_rows):
        count = 0
        for column in range(n_columns):
            value = values[row, column]
            there[count] = value
            count += value == value  # NaN alone differs from itself
        out[row] = median(there, count)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def column_median(values: npt.NDArray[np.floating]) -> Floats:
    """Return the median of each column over what is there.

    Parameters
    ----------
    values : (n_rows, n_columns) float32 or float64
        Any quantity. [any] NaN: missing.

    Returns
    -------
    (n_columns,) float64
        Median of each column; NaN where the whole column is missing. [any]

    Raises
    ------
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> column_median(np.array([[3.0, np.nan], [1.0, np.nan]]))
    array([ 2., nan])
    """
    n_rows, n_columns = values.shape
    out = np.empty(n_columns)
    there = np.empty((COLUMNS_AT_ONCE, n_rows + 1), dtype=values.dtype)
    count = np.zeros(COLUMNS_AT_ONCE, dtype=np.int64)
    for begin in range(0, n_columns, COLUMNS_AT_ONCE):
        width = min(COLUMNS_AT_ONCE, n_columns - begin)
        count[:] = 0
        for row in range(n_rows):
            for place in range(width):
                value = values[row, begin + place]
                there[place, count[place]] = value
                count[place] += value == value
        for place in range(width):
            out[begin + place] = median(there[place], count[place])
    return out
