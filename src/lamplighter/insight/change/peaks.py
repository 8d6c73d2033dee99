"""From scores of every day to a few dated splits a point."""

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Integers, Singles


def peaks(
    score: Singles, *, threshold: float, spacing_days: int, most: int
) -> tuple[Integers, Integers]:
    """Return the splits whose score is the highest within *spacing_days* on either side.

    Parameters
    ----------
    score : (n_points, n_days) float32
        Scores of every split. [threshold] NaN: none.
    threshold : float
        Least score. [threshold]
    spacing_days : int
        Least distance between two splits of a point. [day]
    most : int
        Most splits of a point, highest first. [split]

    Returns
    -------
    point : (n_splits,) int64
        Row of each split. [row]
    day : (n_splits,) int64
        Column of each split; splits are ordered by point and day. [column]

    Raises
    ------
    ValueError
        The spacing is not positive.

    Examples
    --------
    >>> point, day = peaks(
    ...     np.array([[0.0, 2.0, 3.0, 0.0, 0.0, 0.0, 1.5]], dtype=np.float32),
    ...     threshold=1.0, spacing_days=2, most=5,
    ... )
    >>> day
    array([2, 6])
    """
    if spacing_days < 1:
        raise ValueError(f"spacing of {spacing_days} days")
    point, day = _peaks(score, threshold, spacing_days, most)
    return np.asarray(point), np.asarray(day)


@njit(cache=True, nogil=True, error_model="numpy")
def _peaks(score: Singles, threshold: float, spacing: int, most: int) -> tuple[Integers, Integers]:
    n_points, n_days = score.shape
    most = min(most, n_days)
    points, days = np.empty(n_points * most, np.int64), np.empty(n_points * most, np.int64)
    tops, kept = np.empty(n_days + 1, np.int64), np.empty(most + 1, np.int64)
    total = 0
    for point in range(n_points):
        row = score[point]
        n_tops = _tops(row, threshold, spacing, tops)
        n_kept = 0
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
        points[total : total + n_kept] = point
        days[total : total + n_kept] = np.sort(kept[:n_kept])
        total += n_kept
    return points[:total].copy(), days[:total].copy()


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
