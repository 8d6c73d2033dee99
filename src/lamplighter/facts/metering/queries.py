"""What is known about usage points and their readings."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from lamplighter.facts.metering import reading, terms
from lamplighter.facts.metering.lake import LakeView, Series
from lamplighter.facts.metering.models import LakeCommit, Meter, UsagePoint
from lamplighter.facts.network import queries as network
from lamplighter.kernel.spans import DaySpan
from lamplighter.kernel.viewer import Viewer

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A usage point of an account and the meter that counts there."""

    point_id: int
    number: str
    shard: int
    meter_number: str  # empty where none is known


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySeries:
    """An account's energy per day, and between what most of its neighbours' use lay."""

    days: DaySpan
    energy_kwh: Floats  # (n_days,): all points of the account; NaN where one is missing
    is_estimated: npt.NDArray[np.bool_]  # (n_days,)
    band_low_kwh: Floats  # (n_days,), NaN where too few neighbours are known
    band_high_kwh: Floats  # (n_days,)
    n_neighbours: int


def lake_view(*, lake_folder: Path, known_at: datetime) -> LakeView:
    """Return what a reader may see of the lake: finished imports, as known at one moment."""
    tokens = _commits(known_at).values_list("token", flat=True)
    return LakeView(folder=lake_folder, known_at=known_at, tokens=frozenset(tokens))


def last_day_known(*, known_at: datetime, series: Series = Series.DAILY) -> date | None:
    """Return the newest day any point had a reading of, or None."""
    ends = _commits(known_at).filter(series=series.value).values_list("days", flat=True)
    last = max((days.upper for days in ends), default=None)
    return None if last is None else last - timedelta(1)


def newest_known_at(*, shard: int, known_at: datetime) -> datetime | None:
    """Return when the newest readings of a shard became known, up to a moment; None: never."""
    newest: datetime | None = (
        _commits(known_at)
        .filter(shards__contains=[shard])
        .order_by("-recorded_at")
        .values_list("recorded_at", flat=True)
        .first()
    )
    return newest


def inputs_sha256(*, view: LakeView, shard: int) -> str:
    """Return a digest of all deliveries of readings to a shard that the view knows.

    It names contents, not files: compaction does not change it, the same deliveries in another
    database give the same digest, and any further delivery to the shard changes it.
    """
    rows = (
        _commits(view.known_at)
        .filter(shards__contains=[shard])
        .order_by("recorded_at", "series", "content_sha256")
        .values_list("series", "content_sha256", "n_rows")
    )
    text = "".join(f"{series} {content} {n_rows}\n" for series, content, n_rows in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def points_of_account(*, viewer: Viewer, account_id: int, on: date) -> list[Point]:
    """Return an account's usage points by number; none where the viewer may not see its area."""
    points = list(_seen_by(viewer, on).filter(account_id=account_id).order_by("number"))
    standing = Meter.objects.filter(usage_point__in=points, days__contains=on)
    meters = dict(standing.values_list("usage_point_id", "number"))
    return [
        Point(
            point_id=point.pk,
            number=point.number,
            shard=point.shard,
            meter_number=meters.get(point.pk, ""),
        )
        for point in points
    ]


def daily_series(
    *, viewer: Viewer, account_id: int, on: date, days: DaySpan, view: LakeView
) -> DailySeries | None:
    """Return an account's days beside its neighbours', or None where the viewer sees no point.

    Neighbours are the usage points of other accounts in the same station area today.
    """
    areas = _seen_by(viewer, on).filter(account_id=account_id).values("account__premises__area_id")
    around = UsagePoint.objects.filter(
        account__premises__superseded_at__isnull=True, account__premises__area__in=areas
    ).values_list("id", "shard", "account_id")
    shard_of, own = {}, []
    for point_id, shard, owner in around:
        shard_of[point_id] = shard
        if owner == account_id:
            own.append(point_id)
    if not own:
        return None
    found = reading.daily_matrix(
        view=view,
        shards=set(shard_of.values()),
        point_ids=np.array(sorted(shard_of), dtype=np.int64),
        days=days,
    )
    mine = np.isin(found.point_ids, own)
    low, high = band(energy_kwh=found.energy_kwh[~mine], rules=terms.terms_on(day=on))
    return DailySeries(
        days=days,
        energy_kwh=found.energy_kwh[mine].sum(axis=0),
        is_estimated=np.any(found.is_estimated[mine], axis=0),
        band_low_kwh=low,
        band_high_kwh=high,
        n_neighbours=int(np.count_nonzero(~mine)),
    )


def band(*, energy_kwh: Floats, rules: terms.MeteringTerms) -> tuple[Floats, Floats]:
    """Return between which values most points lay on each day, (n_days,) each.

    Quantiles are interpolated between neighbouring values, as numpy's are; NaN where fewer points
    are known than the policy asks for.
    """
    if not len(energy_kwh):
        nothing = np.full(energy_kwh.shape[1], np.nan)
        return nothing, nothing.copy()
    ordered = np.sort(energy_kwh, axis=0)  # NaN last
    n_known = np.count_nonzero(~np.isnan(energy_kwh), axis=0)
    edges = []
    for share in (rules.band_low_share, rules.band_high_share):
        place = share * np.maximum(n_known - 1, 0)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(n_known - 1, 0))
        column = np.arange(energy_kwh.shape[1])
        low, high = ordered[below, column], ordered[above, column]
        edge = low + (high - low) * (place - below)
        edges.append(np.where(n_known >= rules.band_fewest_neighbours, edge, np.nan))
    return edges[0], edges[1]


def _seen_by(viewer: Viewer, on: date) -> QuerySet[UsagePoint]:
    return UsagePoint.objects.filter(
        account__premises__superseded_at__isnull=True,
        account__premises__area__in=network.areas_seen_by(viewer=viewer, on=on),
    )


def _commits(known_at: datetime) -> QuerySet[LakeCommit]:
    return LakeCommit.objects.filter(recorded_at__lte=known_at)
