"""Which readings two moments know differently.

For the replay only: nothing here is scoped to a viewer, and no page may call it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from lamplighter.facts.intake.recorded import Recorded
from lamplighter.facts.metering import lake, members, queries, reading
from lamplighter.facts.metering.models import LakeCommit
from lamplighter.kernel.spans import DaySpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One delivery of readings that touches a shard."""

    delivery_id: int
    file_name: str
    recorded_by: str
    recorded_at: datetime


def between(
    *,
    shard: int,
    account_ids: Sequence[int],
    days: DaySpan,
    after: datetime,
    until: datetime,
    lake_folder: Path,
) -> list[Recorded]:
    """Return the accounts of a shard whose daily energy two moments know differently.

    Told are the first and the last such day, how many there are, and their energy as known at
    either moment. Where no delivery came in between, nothing is read.
    """
    commits = _commits(shard=shard, days=days, after=after, until=until)
    if not commits or not account_ids:
        return []
    of = members.members_of_shard(shard=shard, known_at=until)
    mine = np.isin(of.account_of_point, np.array(account_ids, np.int64))
    points, owners = of.point_ids[mine], of.account_of_point[mine]
    shards = np.unique(of.shard_of_point[mine]).tolist()
    was, now = (
        reading.daily_matrix(
            view=queries.lake_view(lake_folder=lake_folder, known_at=moment),
            shards=shards,
            point_ids=points,
            days=days,
        ).energy_kwh
        for moment in (after, until)
    )
    unlike = ~((was == now) | (np.isnan(was) & np.isnan(now)))
    found = []
    for account_id in np.unique(owners[unlike.any(axis=1)]).tolist():
        rows = owners == account_id
        where = np.flatnonzero(unlike[rows].any(axis=0))
        first, last = (days.first_day + timedelta(int(n)) for n in (where[0], where[-1]))
        told = {"first_day": first.isoformat(), "last_day": last.isoformat()}
        told["n_days"] = str(len(where))
        newest = commits[-1]
        found.append(
            Recorded(
                account_id=account_id,
                subject="READING",
                key=first.isoformat(),
                was=told | {"energy_kwh": _total(was[rows][:, where])},
                now=told | {"energy_kwh": _total(now[rows][:, where])},
                recorded_at=newest.recorded_at,
                recorded_by=newest.recorded_by,
                delivery_id=newest.delivery_id,
                file_name=newest.file_name,
            )
        )
    return found


def _total(energy_kwh: np.ndarray) -> str:
    """Return a sum as text; empty where nothing is known."""
    return "" if np.isnan(energy_kwh).all() else f"{float(np.nansum(energy_kwh)):.3f}"


def _commits(*, shard: int, days: DaySpan, after: datetime, until: datetime) -> list[Commit]:
    rows = LakeCommit.objects.filter(
        shards__contains=[shard],
        series=lake.Series.DAILY.value,
        recorded_at__gt=after,
        recorded_at__lte=until,
        days__overlap=(days.first_day, days.end_day),
    ).order_by("recorded_at", "id")
    return [
        Commit(
            delivery_id=row["delivery_id"],
            file_name=row["delivery__file_name"],
            recorded_by=row["delivery__received_by"],
            recorded_at=row["recorded_at"],
        )
        for row in rows.values(
            "delivery_id", "delivery__file_name", "delivery__received_by", "recorded_at"
        )
    ]
