"""How the bills of one month come in, for the station areas a person may see."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Sum

from lamplighter.facts.billing import recovery
from lamplighter.facts.billing.models import Bill
from lamplighter.facts.network import queries as network
from lamplighter.kernel.spans import DaySpan, month_span
from lamplighter.kernel.viewer import Viewer

NONE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What was billed in a month's window and what came in for it."""

    billed_cny: Decimal
    received_cny: Decimal

    @property
    def ratio(self) -> float | None:
        return float(self.received_cny / self.billed_cny) if self.billed_cny else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnDown:
    """What is unpaid of a month's bills at the end of each of its days."""

    month_day: date  # the first
    issued_day: date | None  # first day on which bills were issued; None: none yet
    billed_cny: Decimal
    unpaid_cny: tuple[Decimal | None, ...]  # None before the bills are out


def recovered(*, viewer: Viewer, on: date, as_of: date, zone: ZoneInfo) -> dict[int, Recovered]:
    """Return what came in by the end of a day for the bills of its month, by area seen.

    Areas without such bills are absent. Four queries.
    """
    seen = list(network.areas_seen_by(viewer=viewer, on=on))
    day = DaySpan(first_day=as_of, end_day=as_of + timedelta(1))
    month = DaySpan(first_day=month_span(day=as_of).first_day, end_day=day.end_day)
    rows = recovery.recovery(area_ids=seen, issued=month, counted=day, zone=zone)
    return {
        row.area_id: Recovered(billed_cny=row.billed_cny, received_cny=row.received_cny[-1][1])
        for row in rows
    }


def burn_down(*, viewer: Viewer, on: date, area_id: int, up_to: date, zone: ZoneInfo) -> BurnDown:
    """Return the burn-down of one area's bills, of the month of a day and up to that day.

    Empty where the viewer may not see the area. Five queries.
    """
    first_day = month_span(day=up_to).first_day
    span = DaySpan(first_day=first_day, end_day=up_to + timedelta(1))
    seen = list(network.areas_seen_by(viewer=viewer, on=on).filter(pk=area_id))
    rows = recovery.recovery(area_ids=seen, issued=span, counted=span, zone=zone)
    issued = _issued(area_ids=seen, span=span)
    received = dict(rows[0].received_cny) if rows else {}
    unpaid: list[Decimal | None] = []
    running = NONE
    for day in span:
        running += issued.get(day, NONE)
        is_out = bool(issued) and day >= min(issued)
        unpaid.append(max(running - received.get(day, NONE), NONE) if is_out else None)
    return BurnDown(
        month_day=first_day,
        issued_day=min(issued, default=None),
        billed_cny=sum(issued.values(), NONE),
        unpaid_cny=tuple(unpaid),
    )


def _issued(*, area_ids: list[int], span: DaySpan) -> dict[date, Decimal]:
    bills = Bill.objects.filter(
        superseded_at__isnull=True,
        issued_date__gte=span.first_day,
        issued_date__lt=span.end_day,
        account__premises__area__in=area_ids,
        account__premises__superseded_at__isnull=True,
    )
    sums = bills.values("issued_date").annotate(sum_cny=Sum("amount_cny"))
    return {row["issued_date"]: row["sum_cny"] for row in sums}
