"""How the bills of one month come in, for a station area a person may see."""

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
class BurnDown:
    """What is unpaid of a month's bills at the end of each of its days."""

    month_day: date  # the first
    issued_day: date | None  # first day on which bills were issued; None: none yet
    billed_cny: Decimal
    unpaid_cny: tuple[Decimal | None, ...]  # None before the bills are out


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
