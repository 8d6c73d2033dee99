"""Points side by side, so many in a tile: what loops over days take by lanes."""

from typing import NamedTuple

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Booleans, Integers, Singles

L = 32  # lanes: all sums of so many points stay beside the processor

compiled = njit(cache=True, nogil=True, error_model="numpy")


class Tiles(NamedTuple):
    """Points side by side: days of L points together."""

    lanes: Singles  # (n_tiles, n_days, L) NaN: missing
    is_even: Booleans  # (n_tiles,) all points of a tile have the same days
    rows: Integers  # (n_points,) whose days a lane holds, tile after tile; spare ones the last's


def lay(values: Singles) -> Tiles:
    """Return points side by side, those without gaps first.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity. [any] NaN: missing.

    Returns
    -------
    Tiles
        The same numbers.

    Raises
    ------
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> laid = lay(np.array([[1.0, np.nan], [3.0, 4.0]], dtype=np.float32))
    >>> laid.lanes[0, 0, :3], laid.rows
    (array([3., 1., 1.], dtype=float32), array([1, 0]))
    """
    return lay_in_order(values, np.argsort(np.isnan(values).sum(axis=1), kind="stable"))


@compiled
def lay_in_order(values: Singles, rows: Integers) -> Tiles:
    """Return points side by side in an order.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity. [any] NaN: missing.
    rows : (n_points,) int64
        The order. [row]

    Returns
    -------
    Tiles
        The same numbers.

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> laid = lay_in_order(np.array([[1.0], [3.0]], dtype=np.float32), np.array([1, 0]))
    >>> laid.lanes[0, 0, :3], laid.is_even
    (array([3., 1., 1.], dtype=float32), array([ True]))
    """
    n_points, n_days = values.shape
    n_tiles = -(-n_points // L)
    lanes, flat = np.empty((n_tiles, n_days, L), dtype=np.float32), values.ravel()
    is_even, begin = np.ones(n_tiles, dtype=np.bool_), np.empty(L, dtype=np.int64)
    for tile in range(n_tiles):
        for lane in range(L):
            begin[lane] = rows[min(tile * L + lane, n_points - 1)] * n_days
        for day in range(n_days):
            to, there = lanes[tile, day], np.int32(0)
            for lane in range(L):
                to[lane] = flat[begin[lane] + day]
            for lane in range(L):
                there += np.int32(to[lane] == to[lane])
            is_even[tile] &= (there == 0) | (there == L)
    return Tiles(lanes, is_even, rows)


@compiled
def by_point(lanes: Singles, n_points: int, every: int) -> Singles:
    """Return every so many rows of points side by side, point by point.

    Parameters
    ----------
    lanes : (n_tiles, n_rows, L) float32
        Any quantity. [any]
    n_points : int
        How many points there are. [point]
    every : int
        Rows that are wanted. [row]

    Returns
    -------
    (n_points, ceil(n_rows / every)) float32
        The same numbers, in the order of the lanes.

    Raises
    ------
    ZeroDivisionError
        Never: the caller asks for a positive number.

    Examples
    --------
    >>> lanes = np.arange(4 * L, dtype=np.float32).reshape(1, 4, L)
    >>> by_point(lanes, 2, 3)
    array([[ 0., 96.],
           [ 1., 97.]], dtype=float32)
    """
    n_rows = -(-lanes.shape[1] // every)
    out = np.empty((n_points, n_rows), dtype=np.float32)
    flat = out.ravel()
    for tile in range(lanes.shape[0]):
        begin = tile * L
        for row in range(n_rows):
            of = lanes[tile, row * every]
            for lane in range(min(L, n_points - begin)):
                flat[(begin + lane) * n_rows + row] = of[lane]
    return out
