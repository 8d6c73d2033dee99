"""The loops of the forecast over points and origins, compiled.

Each point's days lie side by side, so a point is followed through all its origins while they are
in the cache. Import this late: pages and commands that foresee nothing must not wait for numba.
"""

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles

OWN_SEASON_MOST = 2.0  # a point's own past season moves its level by at most this factor


@njit(cache=True, nogil=True)
def _mean(row: Singles, begin: int, end: int) -> float:
    """Return the mean of a row's days that are there; NaN: none is."""
    total, count = 0.0, 0
    for day in range(begin, end):
        if not np.isnan(row[day]):
            total += row[day]
            count += 1
    return float(total / count) if count else np.nan


@njit(cache=True, nogil=True)
def _shift(row: Singles, origin: int, recent_days: int, before_days: int) -> float:
    split = max(0, origin - recent_days)
    recent = _mean(row, split, origin)
    before = _mean(row, max(0, split - before_days), split)
    if recent > 0.0 and before > 0.0:
        return float(abs(np.log(recent / before)))
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
    >>> level, shift = levels(
    ...     use, np.array([98]), np.ones(28), np.ones(7), 3, 14, 84, 0.3, 0.8
    ... )
    >>> level.round(3), shift.round(3)
    (array([[9.466]]), array([[0.693]]))
    """
    n_points, n_origins = len(adjusted_kwh), len(origins)
    level = np.full((n_points, n_origins), np.nan)
    shift = np.full((n_points, n_origins), np.nan)
    reach = max(shift_full - shift_from, 1e-9)
    for point in range(n_points):
        row = adjusted_kwh[point]
        for number in range(n_origins):
            origin = origins[number]
            shift[point, number] = _shift(row, origin, recent_days, before_days)
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
def _running(row: Singles, total: Floats, count: Integers) -> None:
    """Fill in the sum and the number of a row's days before each column."""
    whole, there = 0.0, 0
    for day in range(len(row)):
        total[day], count[day] = whole, there
        if not np.isnan(row[day]):
            whole += row[day]
            there += 1
    total[len(row)], count[len(row)] = whole, there


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
    of_group: Integers,
    response: Floats,
    level: Floats,
    weekday_ratio: Floats,
    log_ahead: Floats,
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
    of_group : (n_points,) int64
        Index into the groups. [index]
    response : (n_points,) float64
        How strongly a point follows its group. [share]
    level : (n_points, n_origins) float64
        Level at each origin. [kWh] NaN: none.
    weekday_ratio : (n_points, 7) float64
        Weekdays over the mean day. [share]
    log_ahead : (n_origins, n_groups, n_ahead) float64
        Common part of the days to come. [log]
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
    ...     np.ones((1, 9), np.float32), np.array([0]), np.ones(1), np.array([[2.0]]),
    ...     np.ones((1, 7)), np.zeros((1, 1, 3)), np.array([0]), np.array([9]), never, 1, 7, 0.3,
    ... )
    array([[6.]])
    """
    n_points, n_days = adjusted_kwh.shape
    n_origins, _n_groups, n_ahead = log_ahead.shape
    spans, number_of = _spans(origins, compared, n_ahead, years, level_days)
    total, count = np.empty(n_days + 1), np.empty(n_days + 1, np.int64)
    found = np.empty((n_points, n_origins))
    for point in range(n_points):
        _running(adjusted_kwh[point], total, count)
        for number in range(n_origins):
            if np.isnan(level[point, number]):
                found[point, number] = np.nan
                continue
            energy = 0.0
            log = log_ahead[number, of_group[point]]
            weekday = first_weekday[number]
            for day in range(n_ahead):
                energy += np.exp(log[day] * response[point]) * weekday_ratio[point, weekday]
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
