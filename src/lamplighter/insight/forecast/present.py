"""The present level of each point, as it was known at many origins, compiled.

Import this late: pages and commands that foresee nothing must not wait for numba.
"""

import numpy as np
from numba import njit

from lamplighter.insight.forecast.compiled import running_of_some
from lamplighter.insight.habits.arrays import Floats, Integers, Singles


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
    total, count_of = np.empty((4, n_days + 1)), np.empty((4, n_days + 1), np.int64)
    means = np.empty((n_origins, 2))
    for point in range(n_points):
        if point % 4 == 0:
            running_of_some(adjusted_kwh, point, total, count_of)
        row, sums, counts = adjusted_kwh[point], total[point % 4], count_of[point % 4]
        _weighted(row, counts, origins, slow_weight, fast_weight, days_min, means)
        for number in range(n_origins):
            moved = 1.0  # without days to compare there is no old habit to hold on to
            apart = _shift(sums, counts, origins[number], recent_days, before_days)
            if not np.isnan(apart):
                moved = min(max((apart - shift_from) / reach, 0.0), 1.0)
            slow, fast = means[number, 0], means[number, 1]
            level[point, number] = slow + (fast - slow) * moved
            shift[point, number] = apart
    return level, shift


@njit(cache=True, nogil=True)
def _weighted(
    row: Singles,
    count: Integers,
    origins: Integers,
    slow_weight: Floats,
    fast_weight: Floats,
    days_min: int,
    means: Floats,
) -> None:
    """Fill in both weighted means of the days before each origin; NaN: too few are measured.

    Origins without a gap four at a time: each sum waits for the day before.
    """
    n_days, done = len(slow_weight), 0
    slow_whole, fast_whole = 0.0, 0.0
    for age in range(n_days):
        slow_whole += slow_weight[age]
        fast_whole += fast_weight[age]
    while done < len(origins):
        is_whole = done + 4 <= len(origins) and n_days >= max(days_min, 1)
        for number in range(done, min(done + 4, len(origins))):
            before = origins[number] - n_days
            is_whole &= before >= 0 and count[origins[number]] - count[max(before, 0)] == n_days
        if is_whole:
            a, b, c, d = origins[done], origins[done + 1], origins[done + 2], origins[done + 3]
            slow_a, slow_b, slow_c, slow_d = 0.0, 0.0, 0.0, 0.0
            fast_a, fast_b, fast_c, fast_d = 0.0, 0.0, 0.0, 0.0
            for age in range(n_days):
                slow, fast = slow_weight[age], fast_weight[age]
                slow_a += row[a - 1 - age] * slow
                slow_b += row[b - 1 - age] * slow
                slow_c += row[c - 1 - age] * slow
                slow_d += row[d - 1 - age] * slow
                fast_a += row[a - 1 - age] * fast
                fast_b += row[b - 1 - age] * fast
                fast_c += row[c - 1 - age] * fast
                fast_d += row[d - 1 - age] * fast
            means[done, 0], means[done, 1] = slow_a / slow_whole, fast_a / fast_whole
            means[done + 1, 0], means[done + 1, 1] = slow_b / slow_whole, fast_b / fast_whole
            means[done + 2, 0], means[done + 2, 1] = slow_c / slow_whole, fast_c / fast_whole
            means[done + 3, 0], means[done + 3, 1] = slow_d / slow_whole, fast_d / fast_whole
            done += 4
        else:
            _weighted_there(row, origins[done], slow_weight, fast_weight, days_min, means[done])
            done += 1


@njit(cache=True, nogil=True)
def _weighted_there(
    row: Singles,
    origin: int,
    slow_weight: Floats,
    fast_weight: Floats,
    days_min: int,
    mean: Floats,
) -> None:
    """Fill in both weighted means of the days before one origin, over those that are there."""
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
    is_enough = count >= max(days_min, 1)
    mean[0] = slow / slow_whole if is_enough else np.nan
    mean[1] = fast / fast_whole if is_enough else np.nan
