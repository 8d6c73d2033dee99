"""The readings of one shard: days of each usage point, and the shapes of its last days."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from lamplighter.facts.metering import dense, reading
from lamplighter.facts.metering.lake import LakeView
from lamplighter.findings.shard.facts import Integers, Points
from lamplighter.kernel.spans import DaySpan

SHAPE_DAYS = 112  # at least: they too begin on a day that stays
SHAPE_SLOTS = 24
ANCHOR_DAYS = 28  # a history begins on the same day for so long, that what was said of it holds


def days_looked_at(*, as_of: date, history_days: int) -> DaySpan:
    """Return the days up to one, at least *history_days*, from a day that stays for four weeks.

    >>> [days_looked_at(as_of=date(2026, 11, day), history_days=365).n_days for day in (1, 2, 3)]
    [386, 387, 388]
    """
    first = (as_of - timedelta(history_days - 1)).toordinal()
    return DaySpan(
        first_day=date.fromordinal(first - first % ANCHOR_DAYS), end_day=as_of + timedelta(1)
    )


def settled_days(*, history_days: int) -> int:
    """Return how many of the days looked at stay the same for four weeks; all, if there are few.

    >>> settled_days(history_days=365), settled_days(history_days=20)
    (364, 20)
    """
    return history_days - history_days % ANCHOR_DAYS or history_days


def points(
    *,
    view: LakeView,
    shard: int,
    point_ids: Integers,
    account_of_point: Integers,
    shard_of_point: Integers,
    as_of: date,
    history_days: int,
) -> Points:
    """Return the readings of usage points (ids rising) up to a day, as a view of the lake knows."""
    days = days_looked_at(as_of=as_of, history_days=history_days)
    where: dict[str, Any] = {
        "view": view,
        "shards": np.unique(shard_of_point).tolist(),
        "point_ids": point_ids,
    }
    recent = days_looked_at(as_of=as_of, history_days=min(SHAPE_DAYS, history_days))
    slots = reading.interval_days(**where, days=recent, n_slots=SHAPE_SLOTS)
    n_settled = settled_days(history_days=history_days)
    daily = dense.daily_kwh(**where, name=f"{shard:07d}", days=days, settled_days=n_settled)
    found = Points(
        point_id=point_ids,
        account_id=account_of_point,
        energy_kwh=daily.energy_kwh,
        days=_calendar(days),
        n_settled=n_settled,
        shaped=np.searchsorted(point_ids, slots.point_ids).astype(np.int64),
        shapes=slots.energy_kwh,
    )
    return found.named(settled_sha256=daily.settled_sha256)


def nothing(*, as_of: date, history_days: int) -> Points:
    """Return the readings of nobody."""
    days = days_looked_at(as_of=as_of, history_days=history_days)
    nobody = np.empty(0, np.int64)
    return Points(
        point_id=nobody,
        account_id=nobody,
        energy_kwh=np.empty((0, days.n_days), np.float32),
        days=_calendar(days),
        n_settled=settled_days(history_days=history_days),
        shaped=nobody,
        shapes=np.empty((0, 0, SHAPE_SLOTS), np.float32),
    )


def _calendar(days: DaySpan) -> np.ndarray:
    return np.arange(np.datetime64(days.first_day), np.datetime64(days.end_day))
