"""Days to come as past years show them, of many points from many origins at once, compiled.

Sums of past spans come from running sums over a point's days, so that an origin costs a few
look-ups. Import this late: pages and commands that foresee nothing must not wait for numba.
"""

import numpy as np
from numba import njit

from lamplighter.insight.forecast import compiled
from lamplighter.insight.habits.arrays import Floats, Integers, Singles

OWN_SEASON_MOST = 2.0  # a point's own past season moves its level by at most this factor


@njit(cache=True, nogil=True)
def commons(
    log_factor: Floats,
    origins: Integers,
    compared: Integers,
    n_ahead: int,
    years: int,
    anchor_days: int,
    fading: Floats,
) -> Floats:
    """Return the common part of days to come: past years' shape, tied to each origin's present.

    Parameters
    ----------
    log_factor : (n_groups, n_days) float64
        Common part of each group; days from an origin on are not looked at. [log]
    origins : (n_origins,) int64
        Days known at each. [day]
    compared : (n_years, n_columns) int64
        Columns that days are compared with; below 0: none. [column]
    n_ahead : int
        Days to come. [day]
    years : int
        Most years that give the shape. [years]
    anchor_days : int
        Days that tie a past year to the present. [day]
    fading : (n_ahead,) float64
        How far this tie still holds. [share]

    Returns
    -------
    (n_origins, n_groups, n_ahead) float64
        Where no past year reaches, the mean of the last days. [log]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> year = np.arange(6.0)[None] % 3
    >>> before = np.arange(9)[None] - 3
    >>> commons(year, np.array([6]), before, 3, 1, 3, np.ones(3))
    array([[[0., 1., 2.]]])
    """
    n_groups = len(log_factor)
    found = np.zeros((len(origins), n_groups, n_ahead))
    count = np.empty(n_ahead)
    for number in range(len(origins)):
        origin = origins[number]
        begin = max(0, origin - anchor_days)
        count[:] = 0.0
        for year in range(min(years, len(compared))):
            past = compared[year]
            if past[begin : origin + n_ahead].min() < 0:
                break
            for group in range(n_groups):
                offset = 0.0
                for day in range(begin, origin):
                    offset += log_factor[group, day] - log_factor[group, past[day]]
                offset /= origin - begin
                for ahead in range(n_ahead):
                    then = past[origin + ahead]
                    if then < origin:
                        found[number, group, ahead] += (
                            log_factor[group, then] + offset * fading[ahead]
                        )
            for ahead in range(n_ahead):
                count[ahead] += past[origin + ahead] < origin
        for group in range(n_groups):
            last = log_factor[group, begin:origin].mean()
            for ahead in range(n_ahead):
                if count[ahead]:
                    found[number, group, ahead] /= count[ahead]
                else:
                    found[number, group, ahead] = last
    return found


@njit(cache=True, nogil=True)
def _spans(
    origins: Integers, compared: Integers, n_ahead: int, years: int, level_days: int
) -> tuple[Integers, Integers]:
    """Return which days show a point's own season: of each origin, past year, and of the days to
    come and those before it, the columns as spans; and how many spans each has.
    """
    spans = np.zeros((len(origins), years, 2, max(n_ahead, level_days), 2), np.int64)
    number_of = np.zeros((len(origins), years, 2), np.int64)
    for number in range(len(origins)):
        origin = origins[number]
        start = max(0, origin - level_days)
        for year in range(min(years, len(compared))):
            past = compared[year, start : origin + n_ahead]
            if past.min() < 0 or past[origin - start :].max() >= origin:
                break
            for part in range(2):
                first, end = (origin, origin + n_ahead) if part == 0 else (start, origin)
                last = -1
                for day in range(first, end):
                    column = compared[year, day]
                    if day == first or column != compared[year, day - 1] + 1:
                        last += 1
                        spans[number, year, part, last, 0] = column
                    spans[number, year, part, last, 1] = column + 1
                number_of[number, year, part] = last + 1
    return spans, number_of


@njit(cache=True, nogil=True)
def _mean_of(total: Floats, count: Integers, spans: Integers, n_spans: int) -> float:
    whole, there = 0.0, 0
    for span in range(n_spans):
        begin, end = spans[span, 0], spans[span, 1]
        whole += total[end] - total[begin]
        there += count[end] - count[begin]
    return float(whole / there) if there else np.nan


@njit(cache=True, nogil=True)
def sums(
    adjusted_kwh: Singles,
    level: Floats,
    weekday_ratio: Floats,
    factor_ahead: Singles,
    first_weekday: Integers,
    origins: Integers,
    compared: Integers,
    years: int,
    level_days: int,
    weight: float,
) -> Floats:
    """Return each point's expected sum of the days after each origin.

    Parameters
    ----------
    adjusted_kwh : (n_points, n_days) float32
        Days on a common day. [kWh] NaN: missing.
    level : (n_points, n_origins) float64
        Level at each origin. [kWh] NaN: none.
    weekday_ratio : (n_points, 7) float64
        Weekdays over the mean day. [share]
    factor_ahead : (n_origins, n_points, n_ahead) float32
        What the common part makes of each point's days to come. [share]
    first_weekday : (n_origins,) int64
        Weekday of the first of them. [Monday 0]
    origins : (n_origins,) int64
        Days known at each. [day]
    compared : (n_years, n_columns) int64
        Columns that days are compared with; below 0: none. [column]
    years : int
        Most past years that show a point's own season. [years]
    level_days : int
        Days before an origin that the own season is measured against. [day]
    weight : float
        How far the own season counts. [share]

    Returns
    -------
    (n_points, n_origins) float64
        Energy; NaN without a level. [kWh]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> never = np.full((1, 12), -1)
    >>> sums(
    ...     np.ones((1, 9), np.float32), np.array([[2.0]]), np.ones((1, 7)),
    ...     np.ones((1, 1, 3), np.float32), np.array([0]), np.array([9]), never, 1, 7, 0.3,
    ... )
    array([[6.]])
    """
    n_points, n_days = adjusted_kwh.shape
    n_origins, _n_points, n_ahead = factor_ahead.shape
    spans, number_of = _spans(origins, compared, n_ahead, years, level_days)
    totals, counts = np.empty((4, n_days + 1)), np.empty((4, n_days + 1), np.int64)
    found = np.empty((n_points, n_origins))
    for point in range(n_points):
        if point % 4 == 0:
            compiled.running_of_some(adjusted_kwh, point, totals, counts)
        total, count = totals[point % 4], counts[point % 4]
        for number in range(n_origins):
            if np.isnan(level[point, number]):
                found[point, number] = np.nan
                continue
            energy = 0.0
            factor = factor_ahead[number, point]
            weekday = first_weekday[number]
            for day in range(n_ahead):
                energy += factor[day] * weekday_ratio[point, weekday]
                weekday = weekday + 1 if weekday < 6 else 0
            moved, seen = 0.0, 0
            for year in range(years):
                of_year, n_of = spans[number, year], number_of[number, year]
                ahead = _mean_of(total, count, of_year[0], n_of[0])
                behind = _mean_of(total, count, of_year[1], n_of[1])
                if ahead > 0.0 and behind > 0.0:
                    ratio = min(max(ahead / behind, 1.0 / OWN_SEASON_MOST), OWN_SEASON_MOST)
                    moved += np.log(ratio)
                    seen += 1
            season = np.exp(weight * moved / max(seen, 1))
            found[point, number] = energy * level[point, number] * season
    return found
