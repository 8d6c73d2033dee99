"""Reading the lake into matrices."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.facts.metering import lake, matrices
from lamplighter.facts.metering.lake import LakeView, Series
from lamplighter.kernel.spans import DaySpan

WATTHOURS = 1000.0  # in a kilowatt-hour


class PointsNotSorted(ValueError):
    """The points asked for are not in rising order, or one is there twice."""


class SlotsNotOfADay(ValueError):
    """A day does not divide into so many slots of whole minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyMatrix:
    """Energy per usage point and local day."""

    point_ids: npt.NDArray[np.int64]  # (n_points,), rising
    days: DaySpan
    energy_kwh: npt.NDArray[np.float64]  # (n_points, n_days), NaN: nothing known
    is_estimated: npt.NDArray[np.bool_]  # (n_points, n_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalDays:
    """Energy per usage point, local day and slot of the day."""

    point_ids: npt.NDArray[np.int64]  # (n_points,), rising
    days: DaySpan
    energy_kwh: npt.NDArray[np.float32]  # (n_points, n_days, n_slots), NaN: nothing known


def daily_matrix(
    *,
    view: LakeView,
    shards: Iterable[int],
    point_ids: npt.NDArray[np.int64],
    days: DaySpan,
) -> DailyMatrix:
    """Return the energy of each point and day as it was known at the view's moment.

    Raises
    ------
    PointsNotSorted
        The points are not in rising order without repeats.
    """
    _check_points(point_ids)
    energy, quality = matrices.daily(
        files=lake.files(view=view, series=Series.DAILY, shards=shards),
        point_ids=point_ids,
        days=days,
        known_us=lake.micros_of(view.known_at),
    )
    kwh = energy / WATTHOURS
    kwh[energy == matrices.MISSING] = np.nan
    return DailyMatrix(
        point_ids=point_ids, days=days, energy_kwh=kwh, is_estimated=quality.astype(bool)
    )


def interval_days(
    *,
    view: LakeView,
    shards: Iterable[int],
    point_ids: npt.NDArray[np.int64],
    days: DaySpan,
    n_slots: int,
) -> IntervalDays:
    """Return the energy of each slot of each day as it was known at the view's moment.

    Of those points only, mostly few, that have such readings. Finer ones are added up where all
    parts of a slot are known; coarser ones are not divided. Where readings of several lengths are
    known, the finest that fills the slot counts.

    Raises
    ------
    PointsNotSorted
        The points are not in rising order without repeats.
    SlotsNotOfADay
        *n_slots* does not divide the minutes of a day.
    """
    _check_points(point_ids)
    if n_slots < 1 or matrices.MINUTES_OF_A_DAY % n_slots:
        raise SlotsNotOfADay(f"{n_slots}")
    some, known = matrices.interval_of_some(
        files=lake.files(view=view, series=Series.INTERVAL, shards=shards),
        point_ids=point_ids,
        days=days,
        known_us=lake.micros_of(view.known_at),
    )
    found = np.full((len(some), days.n_days, n_slots), np.nan, dtype=np.float32)
    for length in sorted(known, reverse=True):
        has, rest = divmod(known[length].shape[2], n_slots)
        if has == 0 or rest:
            continue
        whole = np.ones(found.shape, np.bool_)
        total = np.zeros(found.shape, np.int64)
        for part in range(has):  # few: numpy is slow along so short an axis
            values = known[length][:, :, part::has]
            whole &= values != matrices.MISSING
            total += values
        found[whole] = total[whole] / WATTHOURS
    has_any = ~np.isnan(found).all(axis=(1, 2))
    return IntervalDays(point_ids=some[has_any], days=days, energy_kwh=found[has_any])


def _check_points(point_ids: npt.NDArray[np.int64]) -> None:
    if point_ids.ndim != 1 or np.any(np.diff(point_ids) <= 0):
        raise PointsNotSorted(f"{point_ids.shape}")
