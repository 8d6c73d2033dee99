"""What lies ahead of a station area: its growth, and what will stay unpaid this month."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum

from lamplighter.facts.billing import past_windows
from lamplighter.facts.billing.windows import BurnDown
from lamplighter.facts.network import queries as network
from lamplighter.findings import area_outlooks
from lamplighter.findings.contests import rulings
from lamplighter.findings.models import AccountFinding, Learning
from lamplighter.insight.forecast import recovery
from lamplighter.kernel.spans import month_span
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader


@dataclass(frozen=True, slots=True, kw_only=True)
class BandShare:
    """What the accounts of one value band were billed in the last year."""

    band: str
    n_accounts: int
    yearly_cny: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What will be unpaid at the end of each day from today to the month's end."""

    first_day: date
    low_cny: tuple[Decimal, ...]
    mid_cny: tuple[Decimal, ...]
    high_cny: tuple[Decimal, ...]


def value_by_band(*, viewer: Viewer, on: date, area_id: int) -> list[BandShare]:
    """Return what was billed in a year by value band, highest first. One query."""
    seen = AccountFinding.objects.filter(
        area__in=network.areas_seen_by(viewer=viewer, on=on).filter(pk=area_id)
    ).exclude(value_band="")
    shown = seen.annotate(shown_value=rulings.shown(about="VALUE", on=on))
    rows = shown.values("shown_value").annotate(n=Count("pk"), sum_cny=Sum("value_yearly_cny"))
    of = {row["shown_value"]: row for row in rows}
    return [
        BandShare(band=band, n_accounts=of[band]["n"], yearly_cny=of[band]["sum_cny"] or Decimal(0))
        for band in ("HIGH", "MEDIUM", "LOW")
        if band in of
    ]


def outlook(
    *, viewer: Viewer, on: date, area_id: int, as_of: date
) -> area_outlooks.AreaOutlook | None:
    """Return what was learnt of an area for the month of a night; None: nothing. Two queries."""
    if not network.areas_seen_by(viewer=viewer, on=on).filter(pk=area_id).exists():
        return None
    kept = (
        Learning.objects.filter(month_day=as_of.replace(day=1))
        .order_by("-known_at", "-id")
        .values_list(f"content__areas__{area_id}", flat=True)
        .first()
    )
    return area_outlooks.read(content=kept) if kept else None


def unpaid_ahead(
    *, viewer: Viewer, on: date, area_id: int, now: BurnDown, as_of: date, zone: ZoneInfo
) -> Ahead | None:
    """Carry this month's burn-down on to the month's end, as past months went on.

    None before the bills are out, once all is paid, or where too few months are known. Three
    queries.
    """
    unpaid = now.unpaid_cny[-1] if now.unpaid_cny else None
    if now.issued_day is None or unpaid is None or not now.billed_cny:
        return None
    policy = loader.numbers_for(
        policy=loader.load(name="forecast", on=on), shape=recovery.RecoveryPolicy
    )
    past = past_windows.unpaid_shares(
        viewer=viewer,
        on=on,
        area_id=area_id,
        before=as_of,
        n_months=policy.recovery_windows,
        zone=zone,
    )
    last_day = month_span(day=as_of).end_day - timedelta(1)
    found = recovery.band(
        past=past,
        now=float(unpaid / now.billed_cny),
        day=(as_of - now.issued_day).days,
        n_days=(last_day - now.issued_day).days + 1,
        policy=policy,
    )
    if found is None:
        return None
    low, mid, high = (
        tuple((now.billed_cny * Decimal(str(share))).quantize(Decimal("0.01")) for share in shares)
        for shares in (found.low.tolist(), found.mid.tolist(), found.high.tolist())
    )
    return Ahead(first_day=as_of, low_cny=low, mid_cny=mid, high_cny=high)
