"""From scores of every day to a few dated splits a point."""

import numpy as np

from lamplighter.insight.change import windows
from lamplighter.insight.habits.arrays import Booleans, Floats, Integers, Singles


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
    n_days = score.shape[1]
    over = np.flatnonzero(np.nanmax(score, axis=1, initial=-np.inf) >= threshold)
    if over.size == 0 or n_days == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    known = np.where(np.isnan(score[over]), np.float32(-np.inf), score[over])
    highest = np.full((len(over), n_days + 2 * spacing_days), -np.inf, dtype=np.float32)
    highest[:, spacing_days : spacing_days + n_days] = known
    reach = _running_max(highest, 2 * spacing_days + 1)
    row, day = np.nonzero((known >= reach) & (known >= threshold))
    height = known[row, day]
    order = np.lexsort((day, -height, row))  # by point, the highest first, ties by the earlier day
    row, day = row[order], day[order]
    kept = _apart(row, day, spacing_days=spacing_days, most=most)
    row, day = row[kept], day[kept]
    order = np.lexsort((day, row))
    return over[row[order]].astype(np.int64), day[order].astype(np.int64)


def _running_max(values: Singles, width: int) -> Singles:
    """Return the maximum of each *width* consecutive columns, by doubling."""
    out, done = values, 1
    while done < width:
        step = min(done, width - done)
        out = np.maximum(out[:, : out.shape[1] - step], out[:, step:])
        done += step
    return out


def _apart(row: Integers, day: Integers, *, spacing_days: int, most: int) -> Booleans:
    """Keep each point's highest splits that stand apart; the input is ordered highest first."""
    kept = np.zeros(len(row), dtype=bool)
    taken: list[int] = []
    current = -1
    for place in range(len(row)):  # each choice depends on those before it; few per point
        if row[place] != current:
            current, taken = int(row[place]), []
        if len(taken) < most and all(abs(int(day[place]) - d) > spacing_days for d in taken):
            taken.append(int(day[place]))
            kept[place] = True
    return kept


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
    used, of_split = np.unique(point, return_inverse=True)
    rows = softened[used]
    missing = np.isnan(rows)
    totals = windows.running(np.where(missing, np.float32(0.0), rows)).astype(np.float64)
    counts = windows.running((~missing).astype(np.float32)).astype(np.float64)
    offsets = np.arange(-search_days, search_days + 1)
    tries = day[:, None] + offsets[None, :]
    allowed = (tries > begin[:, None]) & (tries < end[:, None])
    tries = np.where(allowed, tries, day[:, None])
    line = of_split[:, None]
    first, last = begin[:, None], end[:, None]
    n_before = counts[line, tries] - counts[line, first]
    n_after = counts[line, last] - counts[line, tries]
    before = (totals[line, tries] - totals[line, first]) / np.maximum(n_before, 1.0)
    after = (totals[line, last] - totals[line, tries]) / np.maximum(n_after, 1.0)
    weight = n_before * n_after / np.maximum(n_before + n_after, 1.0)
    gain: Floats = np.where(allowed, weight * (after - before) ** 2, -1.0)
    rows_of = np.arange(len(day))
    return np.where(
        gain.max(axis=1, initial=-1.0) >= 0.0,
        tries[rows_of, np.argmax(gain, axis=1)],
        day,
    ).astype(np.int64)
