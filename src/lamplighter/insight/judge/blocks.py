"""The weeks before a day, case by case, and the day that parts them best."""

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Integers, Singles

CASES_AT_ONCE = 16  # a cache line of single precision
OLD_WEEKS, NEW_DAYS = 9, 21  # what is usual, and where another habit may have begun
LEAST_DAYS = 3  # of another habit


def weeks(values: Singles, *, day: Integers, point: Integers, n_weeks: int) -> Singles:
    """Return the weeks that end with each case's day, the oldest first.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity. [any]
    day, point : (n_cases,) int64
        Column and row of each case's last day.
    n_weeks : int
        How many. [week]

    Returns
    -------
    (n_weeks, 7, n_cases) float32
        Weeks; NaN before the first day. [any]

    Raises
    ------
    IndexError
        A case lies outside the array.

    Examples
    --------
    >>> values = np.arange(8, dtype=np.float32)[None]
    >>> weeks(values, day=np.array([7]), point=np.array([0]), n_weeks=2)[:, :, 0]
    array([[nan, nan, nan, nan, nan, nan,  0.],
           [ 1.,  2.,  3.,  4.,  5.,  6.,  7.]], dtype=float32)
    """
    _check(values, day, point)
    return np.asarray(_weeks(values, day, point, 7 * n_weeks)).reshape(n_weeks, 7, len(day))


def since(values: Singles, *, day: Integers, point: Integers) -> Integers:
    """Return the day that best parts the last three weeks into the old habit and another.

    From the best day on, days are likelier with the mean square distance of the last five days
    from the usual week than with that of the nine weeks before: the largest sum of log
    likelihood ratios of normal noise.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Each point's own movement. [log] No NaN.
    day, point : (n_cases,) int64
        Column and row of each case's last day, with twelve weeks up to it.

    Returns
    -------
    (n_cases,) int64
        First day of another habit, three days before the last at the latest. [column]

    Raises
    ------
    IndexError
        A case lies outside the array or has fewer than twelve weeks.

    Examples
    --------
    >>> values = np.random.default_rng(1).normal(0.0, 0.1, (1, 90)).astype(np.float32)
    >>> values[0, 80:] += 1.0
    >>> since(values, day=np.array([89]), point=np.array([0]))
    array([80])
    """
    _check(values, day, point)
    if len(day) and day.min() < 7 * OLD_WEEKS + NEW_DAYS - 1:
        raise IndexError(f"{day.min() + 1} days up to a case")
    return np.asarray(_since(values, day, point))


def _check(values: Singles, day: Integers, point: Integers) -> None:
    for place, size in ((point, values.shape[0]), (day, values.shape[1])):
        if len(place) and not 0 <= place.min() <= place.max() < size:
            raise IndexError(f"cases from {place.min()} to {place.max()} of {size}")
    if len(point) != len(day):
        raise IndexError(f"{len(point)} points of cases on {len(day)} days")


@njit(cache=True, nogil=True, error_model="numpy")
def _weeks(values: Singles, day: Integers, point: Integers, n_days: int) -> Singles:
    n_cases = day.shape[0]
    out = np.empty((n_days, n_cases), dtype=np.float32)
    some = np.empty((n_days, CASES_AT_ONCE), dtype=np.float32)
    for begin in range(0, n_cases, CASES_AT_ONCE):
        width = min(CASES_AT_ONCE, n_cases - begin)
        for case in range(width):
            last = day[begin + case] + 1
            early = max(n_days - last, 0)  # so many lie before all
            row, to = values[point[begin + case], last - n_days + early : last], some[early:, case]
            for at in range(early):
                some[at, case] = np.nan
            for at in range(row.shape[0]):
                to[at] = row[at]
        for at in range(n_days):  # whole lines of the cache at once
            line, whole = out[at, begin : begin + width], some[at]
            for case in range(width):
                line[case] = whole[case]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _since(values: Singles, day: Integers, point: Integers) -> Integers:
    best = np.empty(day.shape[0], dtype=np.int64)
    usual = np.empty(7, dtype=np.float32)
    away = np.empty(NEW_DAYS, dtype=np.float32)
    one, half = np.float32(1.0), np.float32(0.5)
    for case in range(day.shape[0]):
        first = day[case] - 7 * OLD_WEEKS - NEW_DAYS + 1
        row = values[point[case], first : day[case] + 1]
        for weekday in range(7):
            total = np.float32(0.0)
            for week in range(OLD_WEEKS):
                total += row[7 * week + weekday]
            usual[weekday] = total / np.float32(OLD_WEEKS)
        old = np.float32(0.0)
        for at in range(7 * OLD_WEEKS):
            old += (row[at] - usual[at % 7]) ** 2
        old = old / np.float32(7 * OLD_WEEKS) + np.float32(1e-4)
        for at in range(NEW_DAYS):
            away[at] = (row[7 * OLD_WEEKS + at] - usual[at % 7]) ** 2
        new = np.float32(0.0)
        for at in range(NEW_DAYS - 5, NEW_DAYS):
            new += away[at]
        new = max(new / np.float32(5.0), np.float32(1.5) * old)
        by, less = one / old - one / new, np.log(new / old)
        gain, most, at_most = np.float32(0.0), np.float32(-np.inf), 0
        for at in range(NEW_DAYS - 1, -1, -1):
            gain += half * (away[at] * by - less)
            if at <= NEW_DAYS - LEAST_DAYS and gain >= most:  # of equals the earliest
                most, at_most = gain, at
        best[case] = day[case] - NEW_DAYS + 1 + at_most
    return best
