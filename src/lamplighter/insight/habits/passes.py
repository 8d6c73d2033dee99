"""Counts, sums and logarithms of points by days, each in a single pass, compiled.

Import this late: pages and commands that foresee nothing must not wait for numba.
"""

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles


@njit(cache=True, nogil=True)
def survey(energy_kwh: Singles) -> tuple[Integers, Integers, Integers]:
    """Return of each point how many days are measured, negative and positive.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float32
        Energy of each day. [kWh] NaN: missing.

    Returns
    -------
    measured, negative, positive : (n_points,) int64
        Numbers of days. [day]

    Raises
    ------
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> survey(np.array([[3.0, np.nan, -1.0]], np.float32))
    (array([2]), array([1]), array([1]))
    """
    n_points, n_days = energy_kwh.shape
    measured, negative = np.zeros(n_points, np.int64), np.zeros(n_points, np.int64)
    positive = np.zeros(n_points, np.int64)
    for point in range(n_points):
        there, below, above = np.int32(0), np.int32(0), np.int32(0)
        for day in range(n_days):
            kwh = energy_kwh[point, day]
            there += np.int32(kwh == kwh)  # NaN alone differs from itself
            below += np.int32(kwh < 0.0)
            above += np.int32(kwh > 0.0)
        measured[point], negative[point], positive[point] = there, below, above
    return measured, negative, positive


@njit(cache=True, nogil=True)
def month_sums(
    energy_kwh: Singles, begin: int, month: Integers
) -> tuple[Floats, Integers, Integers]:
    """Return the energy of each month of the year, from a column on.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float32
        Energy of each day. [kWh] NaN: missing.
    begin : int
        First column that counts. [column]
    month : (n_days,) int64
        Month of each day. [January 1]

    Returns
    -------
    total_kwh : (n_points, 12) float64
        Sum of the measured days. [kWh]
    measured : (n_points, 12) int64
        How many they are. [day]
    zeros : (n_points,) int64
        Days of exactly zero. [day]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> total_kwh, measured, zeros = month_sums(
    ...     np.array([[3.0, np.nan, 0.0]], np.float32), 0, np.array([1, 1, 2])
    ... )
    >>> total_kwh[0, :2], measured[0, :2], zeros
    (array([3., 0.]), array([1, 1]), array([1]))
    """
    n_points = len(energy_kwh)
    total, measured = np.zeros((n_points, 12)), np.zeros((n_points, 12), np.int64)
    zeros = np.zeros(n_points, np.int64)
    ends = _ends_of_runs(month, begin)
    for point in range(n_points):
        row, day, empty = energy_kwh[point], begin, 0
        for run in range(len(ends)):
            of_run = month[day] - 1
            whole, there = total[point, of_run], 0  # a year ends in the month it began in
            while day < ends[run]:
                kwh = row[day]
                if kwh == kwh:
                    whole += kwh
                    there += 1
                    empty += kwh == 0.0
                day += 1
            total[point, of_run] = whole
            measured[point, of_run] += there
        zeros[point] = empty
    return total, measured, zeros


@njit(cache=True, nogil=True)
def _ends_of_runs(month: Integers, begin: int) -> Integers:
    """Return the columns after days of one month, from a column on."""
    ends = np.empty(max(len(month) - begin, 0), np.int64)
    n_runs = 0
    for day in range(begin, len(month)):
        if day + 1 == len(month) or month[day + 1] != month[day]:
            ends[n_runs] = day + 1
            n_runs += 1
    return ends[:n_runs]


@njit(cache=True, nogil=True)
def _ratios(energy_kwh: Singles, typical_kwh: Singles, low_share: float) -> Singles:
    """Return each day over the point's typical day; NaN on days far below it and without one."""
    n_points, n_days = energy_kwh.shape
    out = np.empty((n_points, n_days), np.float32)
    share = np.float32(low_share)
    for point in range(n_points):
        typical = typical_kwh[point]
        least = share * typical
        for day in range(n_days):
            kwh = energy_kwh[point, day]
            is_used = (kwh > np.float32(0.0)) & (kwh >= least)
            out[point, day] = kwh / typical if is_used else np.float32(np.nan)
    return out


@njit(cache=True, nogil=True)
def _products(
    log_ratio: Singles, log_factor: Singles, of_group: Integers, most: float
) -> tuple[Floats, Floats]:
    """Return of each point the sums behind a least-squares slope on its group, means taken out."""
    n_points, n_days = log_ratio.shape
    product, square = np.empty(n_points), np.empty(n_points)
    for point in range(n_points):
        shared = log_factor[of_group[point]]
        count = 0
        own_sum = shared_sum = both = squares = 0.0
        for day in range(n_days):
            own = log_ratio[point, day]
            if own == own:
                value = min(max(np.float64(own), -most), most)
                other = np.float64(shared[day])
                own_sum += value
                shared_sum += other
                both += value * other
                squares += other * other
                count += 1
        count = max(count, 1)
        product[point] = both - own_sum * shared_sum / count
        square[point] = squares - shared_sum * shared_sum / count
    return product, square


def log_ratios(*, energy_kwh: Singles, typical_kwh: Floats, low_share: float) -> Singles:
    """Return the log of each day over the point's typical day.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float32
        Energy of each day. [kWh] NaN: missing.
    typical_kwh : (n_points,) float64
        Typical day; NaN: the point is not compared. [kWh]
    low_share : float
        Days below this share of the typical one are idle. [share]

    Returns
    -------
    (n_points, n_days) float32
        NaN on missing and idle days. [log]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> log_ratios(
    ...     energy_kwh=np.array([[2.0, 0.0, np.nan]], np.float32),
    ...     typical_kwh=np.array([2.0]), low_share=0.05,
    ... )
    array([[ 0., nan, nan]], dtype=float32)
    """
    ratio = _ratios(energy_kwh, typical_kwh.astype(np.float32), low_share)
    return np.asarray(np.log(ratio, out=ratio))  # numpy takes many logarithms at once


def slopes_parts(
    *, log_ratio: Singles, log_factor: Floats, of_group: Integers, most: float
) -> tuple[Floats, Floats]:
    """Return of each point the sum of products with its group's days, and of their squares.

    Parameters
    ----------
    log_ratio : (n_points, n_days) float32
        Each day over the point's typical one, taken as at most *most* from 0. [log] NaN: missing.
    log_factor : (n_groups, n_days) float64
        Common part. [log]
    of_group : (n_points,) int64
        Index into the groups. [index]
    most : float
        Where a point's own days are cut off. [log]

    Returns
    -------
    product, square : (n_points,) float64
        Over days that are there, both means taken out. [log²]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> days = np.array([[1.0, -1.0, 0.0]])
    >>> slopes_parts(
    ...     log_ratio=days.astype(np.float32), log_factor=days, of_group=np.array([0]), most=1.5
    ... )
    (array([2.]), array([2.]))
    """
    return _products(log_ratio, log_factor.astype(np.float32), of_group, most)
