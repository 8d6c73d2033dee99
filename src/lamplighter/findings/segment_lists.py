"""Segments for the people who may see their customers: how many, what they are worth, who moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, FloatField, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast

from lamplighter.facts.customers import requests
from lamplighter.facts.network import queries as network
from lamplighter.findings.contests import rulings
from lamplighter.findings.models import AccountFinding, SegmentChange
from lamplighter.insight.segments.terms import SEGMENTS
from lamplighter.kernel.viewer import Viewer

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLine:
    """One segment in numbers."""

    segment: str
    n_accounts: int
    yearly_cny: Decimal  # billed in the last year
    due_cny: Decimal
    overdue_cny: Decimal
    n_owing: int
    growth_ratio: float | None  # a year, weighted by what was billed
    n_high_value: int
    n_came: int  # since the day asked for
    n_left: int


def segment_of(*, account: OuterRef) -> QuerySet[AccountFinding, str]:
    """Return the segment of an account, to annotate rows of other tables with."""
    return AccountFinding.objects.filter(account_id=account).values_list("segment", flat=True)


def accounts_in(*, segment: str) -> QuerySet[AccountFinding, int]:
    """Return the ids of the accounts of a segment, to filter other tables by."""
    return AccountFinding.objects.filter(segment=segment).values_list("account_id", flat=True)


def lines(
    *, viewer: Viewer, on: date, since: date, area_id: int | None = None
) -> list[SegmentLine]:
    """Return every segment, in the order of the rules, also those nobody is in. Two queries."""
    seen = _seen(viewer=viewer, on=on, area_id=area_id)
    weight = Cast("value_yearly_cny", FloatField())
    shown = seen.alias(shown_value=rulings.shown(about="VALUE", on=on))
    rows = shown.values("segment").annotate(
        n=Count("pk"),
        yearly_cny=Sum("value_yearly_cny", default=NOTHING),
        due_cny=Sum("balance_due_cny", filter=Q(balance_due_cny__gt=0), default=NOTHING),
        overdue_cny=Sum("overdue_cny", default=NOTHING),
        n_owing=Count("pk", filter=Q(balance_due_cny__gt=0)),
        n_high=Count("pk", filter=Q(shown_value="HIGH")),
        grown=Sum(weight * F("value_growth_ratio")),
        weighed=Sum(weight, filter=Q(value_growth_ratio__isnull=False)),
    )
    of = {row["segment"]: row for row in rows}
    came, left = _moves(seen, since=since)
    return [_line(name, of.get(name), came, left) for name in SEGMENTS]


def _line(
    name: str, row: Mapping[str, object] | None, came: Mapping[str, int], left: Mapping[str, int]
) -> SegmentLine:
    of: Mapping[str, object] = row or {}
    weighed, grown = of.get("weighed"), of.get("grown")
    growth = None
    if isinstance(weighed, float) and isinstance(grown, float) and weighed > 0.0:
        growth = grown / weighed
    return SegmentLine(
        segment=name,
        n_accounts=_count(of, "n"),
        yearly_cny=_money(of, "yearly_cny"),
        due_cny=_money(of, "due_cny"),
        overdue_cny=_money(of, "overdue_cny"),
        n_owing=_count(of, "n_owing"),
        growth_ratio=growth,
        n_high_value=_count(of, "n_high"),
        n_came=came.get(name, 0),
        n_left=left.get(name, 0),
    )


def _count(of: Mapping[str, object], name: str) -> int:
    value = of.get(name, 0)
    return value if isinstance(value, int) else 0


def _money(of: Mapping[str, object], name: str) -> Decimal:
    value = of.get(name, NOTHING)
    return value if isinstance(value, Decimal) else NOTHING


def _moves(seen: QuerySet[AccountFinding], *, since: date) -> tuple[dict[str, int], dict[str, int]]:
    """Return who came into and who left each segment after a day."""
    rows = (
        SegmentChange.objects.filter(account_id__in=seen.values("pk"), as_of_day__gt=since)
        .values("segment_before", "segment")
        .annotate(n=Count("pk"))
    )
    came: dict[str, int] = {}
    left: dict[str, int] = {}
    for row in rows:
        came[row["segment"]] = came.get(row["segment"], 0) + row["n"]
        left[row["segment_before"]] = left.get(row["segment_before"], 0) + row["n"]
    return came, left


def asked(
    *, viewer: Viewer, on: date, since: date, area_id: int | None = None
) -> dict[str, dict[str, int]]:
    """Return how often each segment asked for what since a day, by segment and kind of request.

    Complaints are left out: what somebody complained of says nothing about what they are worth.
    Two queries.
    """
    told = requests.kinds_since(viewer=viewer, on=on, since=since)
    rows = _seen(viewer=viewer, on=on, area_id=area_id).filter(
        pk__in={account_id for account_id, _kind, _n in told}
    )
    segment = dict(rows.values_list("pk", "segment"))
    counts: dict[str, dict[str, int]] = {}
    for account_id, kind, n in told:
        if kind != "COMPLAINT" and account_id in segment:
            of = counts.setdefault(segment[account_id], {})
            of[kind] = of.get(kind, 0) + n
    return counts


def _seen(*, viewer: Viewer, on: date, area_id: int | None) -> QuerySet[AccountFinding]:
    seen = AccountFinding.objects.filter(area__in=network.areas_seen_by(viewer=viewer, on=on))
    return seen if area_id is None else seen.filter(area_id=area_id)
