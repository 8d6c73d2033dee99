"""Levels on both sides of a split, and the size of the change in kWh per day."""

from dataclasses import dataclass

import numpy as np

from lamplighter.insight.habits import neighbours
from lamplighter.insight.habits.arrays import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two sides of each split."""

    before_kwh: Floats  # (n_splits,) mean on a common day
    after_kwh: Floats  # (n_splits,) mean on a common day
    size_kwh: Floats  # (n_splits,) mean above what the level before would have been
    error_kwh: Floats  # (n_splits,) standard error of the size
    last_kwh: Floats  # (n_splits,) mean of the last days of all, on a common day
    last_error_kwh: Floats  # (n_splits,) standard error of the last mean against one side
    neighbours_ratio: Floats  # (n_splits,) neighbours after over before, as felt by the point
    days_before: Integers  # (n_splits,)
    days_after: Integers  # (n_splits,)


def measure(
    *,
    adjusted: neighbours.Adjusted,
    point: Integers,
    day: Integers,
    begin: Integers,
    end: Integers,
    inflation: float,
    last_days: int,
) -> Sides:
    """Measure the level on both sides of each split.

    The size is what the days after hold above ``level before * neighbours' factor of those
    days``: kilowatt-hours as they were counted, not of a common day. Standard errors count a
    window of remembering noise as fewer days, by the peers' inflation squared.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    point, day : (n_splits,) int64
        Splits. [row, column]
    begin, end : (n_splits,) int64
        Outer ends of the two sides, half open. [column]
    inflation : float
        Noise of a window's mean over that of independent days. [share]
    last_days : int
        How many days the last mean is over. [day]

    Returns
    -------
    Sides
        Means, sizes and errors; NaN where a side has no measured day.

    Raises
    ------
    IndexError
        A split lies outside the array.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> sides = measure(
    ...     adjusted=examples.doubling_home(), point=np.array([0]), day=np.array([100]),
    ...     begin=np.array([44]), end=np.array([156]), inflation=1.0, last_days=28,
    ... )
    >>> bool(4.5 < sides.size_kwh[0] < 5.5 and sides.error_kwh[0] < 0.3)
    True
    """
    used, line = np.unique(point, return_inverse=True)
    common = adjusted.adjusted_kwh[used].astype(np.float64)
    there = ~np.isnan(common)
    count = _sums(there.astype(np.float64))
    level = _sums(np.where(there, common, 0.0))
    square = _sums(np.where(there, common**2, 0.0))
    energy = _sums(np.where(there, adjusted.energy_kwh[used].astype(np.float64), 0.0))
    log = adjusted.log_factor[adjusted.of_group[used]] * adjusted.response[used][:, None]
    factor = np.exp(log)
    felt = _sums(np.where(there, factor, 0.0))
    shared = _sums(factor)

    def over(sums: Floats, first: Integers, last: Integers) -> Floats:
        return np.asarray(sums[line, last] - sums[line, first])

    n_days = common.shape[1]
    n_before, n_after = over(count, begin, day), over(count, day, end)
    before = _ratio(over(level, begin, day), n_before)
    after = _ratio(over(level, day, end), n_after)
    usual_factor = _ratio(over(felt, day, end), n_after)
    size = _ratio(over(energy, day, end), n_after) - before * usual_factor
    var_before = np.maximum(_ratio(over(square, begin, day), n_before) - before**2, 0.0)
    var_after = np.maximum(_ratio(over(square, day, end), n_after) - after**2, 0.0)
    error = inflation * np.sqrt(_ratio(var_before, n_before) + _ratio(var_after, n_after))
    start_last = np.maximum(n_days - last_days, day)
    whole = np.full(len(day), n_days)
    n_last = over(count, start_last, whole)
    last = _ratio(over(level, start_last, whole), n_last)
    last_error = inflation * np.sqrt(
        _ratio(np.maximum(var_before, var_after), np.minimum(n_last, n_before))
    )
    return Sides(
        before_kwh=before,
        after_kwh=after,
        size_kwh=size,
        error_kwh=error * usual_factor,
        last_kwh=last,
        last_error_kwh=last_error,
        neighbours_ratio=_ratio(over(shared, day, end), (end - day).astype(np.float64))
        / _ratio(over(shared, begin, day), (day - begin).astype(np.float64)),
        days_before=n_before.astype(np.int64),
        days_after=n_after.astype(np.int64),
    )


def _sums(values: Floats) -> Floats:
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _ratio(total: Floats, count: Floats) -> Floats:
    return np.where(count > 0.0, total / np.maximum(count, 1e-12), np.nan)
