"""The loops of the forecast over points and origins, compiled.

Each point's days lie side by side, so a point is followed through all its origins while they are
in the cache. Import this late: pages and commands that foresee nothing must not wait for numba.
"""

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles


@njit(cache=True, nogil=True)
def running(row: Singles, total: Floats, count: Integers) -> None:
    """Fill in the sum and the number of a row's days before each column.

    Parameters
    ----------
    row : (n_days,) float32
        Any quantity. [any] NaN: missing.
    total : (n_days + 1,) float64
        Sum of the days that are there. [any]
    count : (n_days + 1,) int64
        How many they are. [day]

    Returns
    -------
    None

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> total, count = np.empty(4), np.empty(4, np.int64)
    >>> running(np.array([2.0, np.nan, 3.0], np.float32), total, count)
    >>> total, count
    (array([0., 2., 2., 5.]), array([0, 1, 1, 2]))
    """
    whole, there = 0.0, 0
    for day in range(len(row)):
        total[day], count[day] = whole, there
        if not np.isnan(row[day]):
            whole += row[day]
            there += 1
    total[len(row)], count[len(row)] = whole, there


@njit(cache=True, nogil=True)
def running_of_some(rows: Singles, begin: int, total: Floats, count: Integers) -> None:
    """Fill in what :func:`running` says of the next four rows, or of as many as are left.

    Side by side: each sum waits for the one of the day before, and four wait no longer than one.

    Parameters
    ----------
    rows : (n_rows, n_days) float32
        Any quantity. [any] NaN: missing.
    begin : int
        The first of them. [row]
    total : (4, n_days + 1) float64
        Sum of the days that are there. [any]
    count : (4, n_days + 1) int64
        How many they are. [day]

    Returns
    -------
    None

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> total, count = np.empty((4, 4)), np.empty((4, 4), np.int64)
    >>> running_of_some(np.array([[2.0, np.nan, 3.0]], np.float32), 0, total, count)
    >>> total[0], count[0]
    (array([0., 2., 2., 5.]), array([0, 1, 1, 2]))
    """
    n_rows, n_days = rows.shape
    if begin + 4 > n_rows:
        for lane in range(n_rows - begin):
            running(rows[begin + lane], total[lane], count[lane])
        return
    first, second, third, fourth = rows[begin], rows[begin + 1], rows[begin + 2], rows[begin + 3]
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    n_one, n_two, n_three, n_four = 0, 0, 0, 0
    for day in range(n_days):
        total[0, day], total[1, day], total[2, day], total[3, day] = one, two, three, four
        count[0, day], count[1, day] = n_one, n_two
        count[2, day], count[3, day] = n_three, n_four
        a, b, c, d = first[day], second[day], third[day], fourth[day]
        one += np.float64(a) if a == a else 0.0
        two += np.float64(b) if b == b else 0.0
        three += np.float64(c) if c == c else 0.0
        four += np.float64(d) if d == d else 0.0
        n_one += a == a
        n_two += b == b
        n_three += c == c
        n_four += d == d
    total[0, n_days], total[1, n_days], total[2, n_days], total[3, n_days] = one, two, three, four
    count[0, n_days], count[1, n_days] = n_one, n_two
    count[2, n_days], count[3, n_days] = n_three, n_four


@njit(cache=True, nogil=True)
def weekdays(adjusted_kwh: Singles, begin: int, first_weekday: int) -> Floats:
    """Return each weekday's mean from a column on over the mean weekday.

    Parameters
    ----------
    adjusted_kwh : (n_points, n_days) float32
        Days on a common day. [kWh] NaN: missing.
    begin : int
        First column that counts. [column]
    first_weekday : int
        Its weekday. [Monday 0]

    Returns
    -------
    (n_points, 7) float64
        Ratios; 1 where a weekday was never measured. [share]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> weekdays(np.array([[2.0, 4.0]], np.float32), 0, 5).round(3)
    array([[1.   , 1.   , 1.   , 1.   , 1.   , 0.667, 1.333]])
    """
    n_points, n_days = adjusted_kwh.shape
    ratio = np.ones((n_points, 7))
    total, count = np.empty(7), np.empty(7, np.int64)
    for point in range(n_points):
        row = adjusted_kwh[point]
        total[:] = 0.0
        count[:] = 0
        weekday = first_weekday
        for day in range(begin, n_days):
            if not np.isnan(row[day]):
                total[weekday] += row[day]
                count[weekday] += 1
            weekday = weekday + 1 if weekday < 6 else 0
        whole, known = 0.0, 0
        for weekday in range(7):
            if count[weekday]:
                whole += total[weekday] / count[weekday]
                known += 1
        if known and whole > 0.0:
            for weekday in range(7):
                if count[weekday]:
                    ratio[point, weekday] = total[weekday] / count[weekday] / (whole / known)
    return ratio


@njit(cache=True, nogil=True)
def filled(
    energy_kwh: Singles,
    begin: int,
    of_group: Integers,
    response: Floats,
    level: Floats,
    weekday_ratio: Floats,
    log_factor: Floats,
    first_weekday: int,
) -> tuple[Floats, Floats, Integers]:
    """Return what the days from a column on hold, and what is expected of missing ones.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float32
        Energy of each day. [kWh] NaN: missing.
    begin : int
        First column that counts. [column]
    of_group : (n_points,) int64
        Index into the groups. [index]
    response, level : (n_points,) float64
        How strongly a point follows its group [share], and its present level [kWh].
    weekday_ratio : (n_points, 7) float64
        Weekdays over the mean day. [share]
    log_factor : (n_groups, n_days) float64
        Common part. [log]
    first_weekday : int
        Weekday of the first column that counts. [Monday 0]

    Returns
    -------
    measured, expected : (n_points,) float64
        Energy of the measured days, and expected of the missing ones. [kWh]
    missing : (n_points,) int64
        How many are missing. [day]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> filled(
    ...     np.array([[9.0, 3.0, np.nan]], np.float32), 1, np.array([0]), np.ones(1),
    ...     np.array([2.0]), np.ones((1, 7)), np.zeros((1, 3)), 0,
    ... )
    (array([3.]), array([2.]), array([1]))
    """
    n_points, n_days = energy_kwh.shape
    measured, expected = np.zeros(n_points), np.zeros(n_points)
    missing = np.zeros(n_points, np.int64)
    for point in range(n_points):
        for day in range(begin, n_days):
            kwh = energy_kwh[point, day]
            if np.isnan(kwh):
                factor = np.exp(log_factor[of_group[point], day] * response[point])
                weekday = (first_weekday + day - begin) % 7
                expected[point] += factor * weekday_ratio[point, weekday] * level[point]
                missing[point] += 1
            else:
                measured[point] += kwh
    return measured, expected, missing


@njit(cache=True, nogil=True)
def truths(energy_kwh: Singles, begins: Integers, ends: Integers, least: float) -> Floats:
    """Return the energy of past spans, a missing day counted as its mean day.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float32
        Energy of each day. [kWh] NaN: missing.
    begins, ends : (n_spans,) int64
        The spans, half open. [column]
    least : float
        Fewest measured days. [day]

    Returns
    -------
    (n_points, n_spans) float64
        Energy; NaN: too few days are measured. [kWh]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> truths(np.array([[1.0, np.nan, 3.0]], np.float32), np.array([0]), np.array([3]), 2.0)
    array([[6.]])
    """
    found = np.full((len(energy_kwh), len(begins)), np.nan)
    for point in range(len(energy_kwh)):
        for number in range(len(begins)):
            total, count = 0.0, 0
            for day in range(begins[number], ends[number]):
                if not np.isnan(energy_kwh[point, day]):
                    total += energy_kwh[point, day]
                    count += 1
            if count and count >= least:
                found[point, number] = total / count * (ends[number] - begins[number])
    return found
