"""Levels on both sides of a split, and the size of the change in kWh per day."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

from lamplighter.insight.habits import neighbours
from lamplighter.insight.habits.arrays import Floats, Integers, Singles


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
    for column in (begin, day, end - 1):
        adjusted.adjusted_kwh[point, column]  # a split outside the array is refused here
    n_days = adjusted.adjusted_kwh.shape[1]
    last = np.maximum(n_days - last_days, day)
    group = adjusted.of_group[point]
    before, after, late = (
        _Side(
            *_sums(
                adjusted.adjusted_kwh,
                adjusted.energy_kwh,
                adjusted.log_factor,
                adjusted.response[point],
                point,
                group,
                first,
                until,
            )
        )
        for first, until in ((begin, day), (day, end), (last, np.full(len(day), n_days)))
    )
    usual_factor = _ratio(after.felt, after.days)
    level_before, level_after = _ratio(before.level, before.days), _ratio(after.level, after.days)
    var_before = np.maximum(_ratio(before.square, before.days) - level_before**2, 0.0)
    var_after = np.maximum(_ratio(after.square, after.days) - level_after**2, 0.0)
    error = inflation * np.sqrt(_ratio(var_before, before.days) + _ratio(var_after, after.days))
    last_error = inflation * np.sqrt(
        _ratio(np.maximum(var_before, var_after), np.minimum(late.days, before.days))
    )
    return Sides(
        before_kwh=level_before,
        after_kwh=level_after,
        size_kwh=_ratio(after.energy, after.days) - level_before * usual_factor,
        error_kwh=error * usual_factor,
        last_kwh=_ratio(late.level, late.days),
        last_error_kwh=last_error,
        neighbours_ratio=_ratio(after.shared, (end - day).astype(np.float64))
        / _ratio(before.shared, (day - begin).astype(np.float64)),
        days_before=before.days.astype(np.int64),
        days_after=after.days.astype(np.int64),
    )


class _Side(NamedTuple):
    """Sums over the days of one side of each split."""

    days: Floats  # (n_splits,) measured days
    level: Floats  # (n_splits,) on a common day
    square: Floats  # (n_splits,) its square
    energy: Floats  # (n_splits,) as measured
    felt: Floats  # (n_splits,) neighbours' factor on measured days
    shared: Floats  # (n_splits,) neighbours' factor on all days


@njit(cache=True, nogil=True, error_model="numpy")
def _sums(
    common: Singles,
    energy: Singles,
    log_factor: Floats,
    response: Floats,
    point: Integers,
    group: Integers,
    first: Integers,
    until: Integers,
) -> Floats:
    out = np.zeros((6, len(point)))
    for split in range(len(point)):
        for day in range(first[split], until[split]):
            factor = np.exp(log_factor[group[split], day] * response[split])
            out[5, split] += factor
            level = np.float64(common[point[split], day])
            if level == level:
                out[0, split] += 1.0
                out[1, split] += level
                out[2, split] += level * level
                out[3, split] += energy[point[split], day]
                out[4, split] += factor
    return out


def _ratio(total: Floats, count: Floats) -> Floats:
    return np.where(count > 0.0, total / np.maximum(count, 1e-12), np.nan)
