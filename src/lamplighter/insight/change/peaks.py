"""From scores of every day to a few dated splits a point."""

import numpy as np
from numba import njit

from lamplighter.insight.change.evidence import Judged
from lamplighter.insight.change.scores import Scores
from lamplighter.insight.habits.arrays import Floats, Integers, Singles


def peaks(
    scores: Scores,
    *,
    judged: Judged | None = None,
    threshold: float,
    spacing_days: int,
    most: int,
    reach: int,
) -> tuple[Integers, Integers, Floats, Floats]:
    """Return the splits whose score is the highest within *spacing_days* on either side.

    A split's score is that of its level or of its rhythm, whichever is higher.

    Parameters
    ----------
    scores : Scores
        Of every split.
    judged : Judged
        Of rhythms, where they are higher.
    threshold : float
        Least score. [threshold]
    spacing_days : int
        Least distance between two splits of a point. [day]
    most : int
        Most splits of a point, highest first. [split]
    reach : int
        Within so many days the largest shift of level is looked for. [day]

    Returns
    -------
    point : (n_splits,) int64
        Row of each split. [row]
    day : (n_splits,) int64
        Column of each split; splits are ordered by point and day. [column]
    level : (n_splits,) float64
        The largest shift of level within reach, with its sign; 0: none is at 1. A judge dates by
        itself. [threshold]
    habit : (n_splits,) float64
        The split's own score of rhythm; 0: none. [threshold]

    Raises
    ------
    ValueError
        The spacing is not positive.
    IndexError
        A score, or what was judged, lies outside the points and days.

    Examples
    --------
    >>> from lamplighter.insight.change.scores import of_all_days
    >>> level = np.array([[0.0, 2.0, -3.0, 0.0, 0.0, 0.0, 0.5]], dtype=np.float32)
    >>> habit = np.array([[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.5]], dtype=np.float32)
    >>> point, day, by_level, by_habit = peaks(
    ...     of_all_days(level, habit), threshold=1.0, spacing_days=2, most=5, reach=1
    ... )
    >>> day, by_level, by_habit
    (array([2, 6]), array([-3.,  0.]), array([0. , 1.5]))
    """
    if spacing_days < 1:
        raise ValueError(f"spacing of {spacing_days} days")
    nobody, nothing = np.zeros(0, np.int64), np.zeros(0, np.float32)
    said = (nobody, nobody, nothing) if judged is None else (judged.point, judged.day, judged.score)
    n_points, n_days = len(scores.level), scores.n_days
    for point, day in ((scores.point, scores.day), said[:2]):
        if len(point) and not (0 <= point.min() <= point.max() < n_points):
            raise IndexError(f"rows {point.min()} to {point.max()} of {n_points}")
        if len(point) and not (0 <= day.min() <= day.max() < n_days):
            raise IndexError(f"columns {day.min()} to {day.max()} of {n_days}")
    high = (scores.point, scores.day, scores.high_level, scores.high_habit)
    by_point = _by_point(said[0], n_points)
    return _peaks(
        scores.level, scores.habit, scores.begin, high, said[1], said[2].astype(np.float32),
        by_point, threshold, spacing_days, most, reach,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _by_point(point: Integers, n_points: int) -> tuple[Integers, Integers]:
    """Return the order of rows by their points, and where each point begins in it."""
    begin, order = np.zeros(n_points + 2, np.int64), np.empty(len(point), np.int64)
    for number in range(len(point)):
        begin[point[number] + 2] += 1
    for place in range(2, n_points + 2):
        begin[place] += begin[place - 1]
    for number in range(len(point)):
        order[begin[point[number] + 1]] = number
        begin[point[number] + 1] += 1
    return order, begin[: n_points + 1]


@njit(cache=True, nogil=True, error_model="numpy")
def _peaks(
    late_level: Singles,
    late_habit: Singles,
    begin: int,
    high: tuple[Integers, Integers, Singles, Singles],
    said_day: Integers,
    said_score: Singles,
    by_point: tuple[Integers, Integers],
    threshold: float,
    spacing: int,
    most: int,
    reach: int,
) -> tuple[Integers, Integers, Floats, Floats]:
    n_points, n_days = len(late_level), begin + late_level.shape[1]
    most = min(most, n_days)
    points, days = np.empty(n_points * most, np.int64), np.empty(n_points * most, np.int64)
    levels, habits = np.empty(n_points * most), np.empty(n_points * most)
    tops, kept = np.empty(n_days + 1, np.int64), np.empty(most + 1, np.int64)
    scratch = np.empty((3, n_days), np.float32)
    level, habit, row = scratch[0], scratch[1], scratch[2]
    high_point, high_day, high_level, high_habit = high
    order, begins = by_point
    total = place = 0
    for point in range(n_points):
        level[:begin], habit[:begin] = np.nan, np.nan
        level[begin:], habit[begin:] = late_level[point], late_habit[point]
        while place < len(high_point) and high_point[place] == point:
            level[high_day[place]], habit[high_day[place]] = high_level[place], high_habit[place]
            place += 1
        for number in range(begins[point], begins[point + 1]):
            day, score = said_day[order[number]], said_score[order[number]]
            if habit[day] != habit[day] or score > habit[day]:
                habit[day] = score
        for day in range(n_days):
            of_level, of_habit = abs(level[day]), habit[day]
            row[day] = of_level if of_level >= of_habit or of_habit != of_habit else of_habit
        n_kept = _highest(row, threshold, spacing, most, tops, kept)
        for number in range(n_kept):
            day = kept[number]
            points[total], days[total] = point, day
            levels[total] = _nearby(level, day, reach)
            habits[total] = habit[day] if habit[day] == habit[day] else 0.0
            total += 1
    return points[:total].copy(), days[:total].copy(), levels[:total].copy(), habits[:total].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def _nearby(level: Singles, day: int, reach: int) -> float:
    """Return the largest shift of level within reach; 0: none is a change. Ties: the earlier."""
    most = np.float32(0.0)
    for other in range(max(day - reach, 0), min(day + reach + 1, len(level))):
        if abs(level[other]) >= 1.0 and abs(level[other]) > abs(most):
            most = level[other]
    return np.float64(most)


@njit(cache=True, nogil=True, error_model="numpy")
def _highest(
    row: Singles, threshold: float, spacing: int, most: int, tops: Integers, kept: Integers
) -> int:
    """Write the days of the highest scores that stand apart, in order; return how many."""
    n_days = len(row)
    n_tops, n_kept = _tops(row, threshold, spacing, tops), 0
    while n_kept < most:  # the highest that stands apart from those taken; ties: the earlier
        best = -1
        for place in range(n_tops):
            if tops[place] >= 0 and (best < 0 or row[tops[place]] > row[tops[best]]):
                best = place
        if best < 0:
            break
        day = tops[best]
        kept[n_kept] = day
        n_kept += 1
        for place in range(n_tops):
            if abs(tops[place] - day) <= spacing:
                tops[place] = -n_days - 1
    kept[:n_kept].sort()
    return n_kept


@njit(cache=True, nogil=True, error_model="numpy")
def _tops(row: Singles, threshold: float, spacing: int, tops: Integers) -> int:
    """Write the days on which a score reaches the threshold and all around it; NaN never does."""
    n_days, n_tops, day = row.shape[0], 0, 0
    while day < n_days:
        step = 1
        if row[day] >= threshold:
            highest = True
            for other in range(max(day - spacing, 0), min(day + spacing + 1, n_days)):
                if row[other] > row[day]:
                    highest = False
                    step = max(1, other - day)  # nothing between here and there is higher
                    break
            if highest:
                tops[n_tops] = day
                n_tops += 1
        day += step
    return n_tops


def neighbours_in_time(point: Integers, day: Integers, *, n_days: int) -> tuple[Integers, Integers]:
    """Return for each split where the one before and the one after it stand.

    Parameters
    ----------
    point, day : (n_splits,) int64
        Splits, ordered by point and day. [row, column]
    n_days : int
        Days in all. [day]

    Returns
    -------
    begin, end : (n_splits,) int64
        Day of the split before, or 0; day of the split after, or *n_days*. [column]

    Raises
    ------
    IndexError
        The arrays differ in length.

    Examples
    --------
    >>> neighbours_in_time(np.array([0, 0, 3]), np.array([5, 9, 4]), n_days=12)
    (array([0, 5, 0]), array([ 9, 12, 12]))
    """
    begin = np.zeros(len(day), dtype=np.int64)
    end = np.full(len(day), n_days, dtype=np.int64)
    same = point[1:] == point[:-1]
    begin[1:][same] = day[:-1][same]
    end[:-1][same] = day[1:][same]
    return begin, end


def best_split(
    softened: Singles,
    *,
    point: Integers,
    day: Integers,
    begin: Integers,
    end: Integers,
    search_days: int,
) -> Integers:
    """Return the day near each split that parts its surroundings into two levels best.

    The best day leaves the least sum of squares about the two means, that is, has the largest
    ``n1 * n2 / (n1 + n2) * (mean2 - mean1) ** 2``.

    Parameters
    ----------
    softened : (n_points, n_days) float32
        Softened logs. [log] NaN: missing.
    point, day : (n_splits,) int64
        Splits. [row, column]
    begin, end : (n_splits,) int64
        The surroundings of each split, half open. [column]
    search_days : int
        How far from the split to search. [day]

    Returns
    -------
    (n_splits,) int64
        The best day of each split. [column]

    Raises
    ------
    IndexError
        A split lies outside the array.

    Examples
    --------
    >>> best_split(
    ...     np.array([[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]], dtype=np.float32),
    ...     point=np.array([0]), day=np.array([3]), begin=np.array([0]), end=np.array([7]),
    ...     search_days=2,
    ... )
    array([4])
    """
    for row, column in ((point, begin), (point, day), (point, end - 1)):
        softened[row, column]  # a split outside the array is refused here
    return np.asarray(_best_split(softened, point, day, begin, end, search_days))


@njit(cache=True, nogil=True, error_model="numpy")
def _best_split(
    softened: Singles,
    point: Integers,
    day: Integers,
    begin: Integers,
    end: Integers,
    search: int,
) -> Integers:
    best = day.copy()
    for number in range(day.shape[0]):
        row, first, last = softened[point[number]], begin[number], end[number]
        total, count = 0.0, 0
        for at in range(first, last):
            if row[at] == row[at]:
                total += row[at]
                count += 1
        before, n_before, most = 0.0, 0, -1.0
        for split in range(first + 1, min(last, day[number] + search + 1)):
            if row[split - 1] == row[split - 1]:
                before += row[split - 1]
                n_before += 1
            if split < day[number] - search:
                continue
            n_after = count - n_before
            apart = (total - before) / max(n_after, 1) - before / max(n_before, 1)
            gain = n_before * n_after / max(count, 1) * apart * apart
            if gain > most:
                most = gain
                best[number] = split
    return best
