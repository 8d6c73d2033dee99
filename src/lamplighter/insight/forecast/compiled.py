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
def _shift(
    total: Floats, count: Integers, origin: int, recent_days: int, before_days: int
) -> float:
    split = max(0, origin - recent_days)
    begin = max(0, split - before_days)
    n_recent, n_before = count[origin] - count[split], count[split] - count[begin]
    recent, before = total[origin] - total[split], total[split] - total[begin]
    if n_recent and n_before and recent > 0.0 and before > 0.0:
        return float(abs(np.log((recent / n_recent) / (before / n_before))))
    return np.nan


@njit(cache=True, nogil=True)
def levels(
    adjusted_kwh: Singles,
    origins: Integers,
    slow_weight: Floats,
    fast_weight: Floats,
    days_min: int,
    recent_days: int,
    before_days: int,
    shift_from: float,
    shift_full: float,
) -> tuple[Floats, Floats]:
    """Return the present level and the shift of each point at each origin.

    Parameters
    ----------
    adjusted_kwh : (n_points, n_days) float32
        Days on a common day. [kWh] NaN: missing.
    origins : (n_origins,) int64
        Days known at each. [day]
    slow_weight, fast_weight : (n_level_days,) float64
        Weights of the days before an origin, the newest first. [weight]
    days_min : int
        Fewest measured days of them for a level. [day]
    recent_days, before_days : int
        The last days, and those before them, that show a shift. [day]
    shift_from, shift_full : float
        Where a shift begins to count, and where it counts wholly. [log]

    Returns
    -------
    level, shift : (n_points, n_origins) float64
        Level [kWh] and absolute log ratio of the last days' mean [log]; NaN: not known.

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> use = np.concatenate([np.full(84, 5.0), np.full(14, 10.0)]).astype(np.float32)[None]
    >>> last_week = np.repeat([1.0, 0.0], [7, 21])
    >>> level, shift = levels(
    ...     use, np.array([98]), np.ones(28), last_week, 3, 14, 84, 0.3, 0.8
    ... )
    >>> level.round(3), shift.round(3)
    (array([[9.466]]), array([[0.693]]))
    """
    n_points, n_origins = len(adjusted_kwh), len(origins)
    level = np.full((n_points, n_origins), np.nan)
    shift = np.full((n_points, n_origins), np.nan)
    reach = max(shift_full - shift_from, 1e-9)
    n_days = adjusted_kwh.shape[1]
    total, count_of = np.empty(n_days + 1), np.empty(n_days + 1, np.int64)
    for point in range(n_points):
        row = adjusted_kwh[point]
        running(row, total, count_of)
        for number in range(n_origins):
            origin = origins[number]
            shift[point, number] = _shift(total, count_of, origin, recent_days, before_days)
            slow = fast = slow_whole = fast_whole = 0.0
            count = 0
            for age in range(min(len(slow_weight), origin)):
                kwh = row[origin - 1 - age]
                if not np.isnan(kwh):
                    slow += kwh * slow_weight[age]
                    slow_whole += slow_weight[age]
                    fast += kwh * fast_weight[age]
                    fast_whole += fast_weight[age]
                    count += 1
            if count >= max(days_min, 1):
                slow, fast = slow / slow_whole, fast / fast_whole
                moved = 1.0  # without days to compare there is no old habit to hold on to
                if not np.isnan(shift[point, number]):
                    moved = min(max((shift[point, number] - shift_from) / reach, 0.0), 1.0)
                level[point, number] = slow + (fast - slow) * moved
    return level, shift


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
