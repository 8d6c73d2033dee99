"""How much of what was billed has come in, by station area and day.

Money received settles the oldest bill first, so the bills of a window are reached only by what
is paid beyond the debt from before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from lamplighter.facts.billing.models import Bill, Payment, Reminder
from lamplighter.kernel.spans import DaySpan, start_of_day

NOW = Q(superseded_at__isnull=True)
NONE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRecovery:
    """The bills of one area that were issued in a window, and what came in for them."""

    area_id: int
    n_billed: int  # accounts
    billed_cny: Decimal
    received_cny: tuple[tuple[date, Decimal], ...]  # in all by the end of each day of the span


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaActivity:
    """What was sent and what came in over a span, by area."""

    area_id: int
    n_reminders: int
    received_cny: Decimal


def recovery(
    *, area_ids: Sequence[int], issued: DaySpan, counted: DaySpan, zone: ZoneInfo
) -> list[AreaRecovery]:
    """Return how the bills issued in one span were paid over the days of another, by area id.

    Areas without such bills are absent. Three queries, however many accounts.
    """
    billed = _billed(area_ids=area_ids, issued=issued)
    start = start_of_day(day=counted.first_day, zone=zone)
    end = start_of_day(day=counted.end_day, zone=zone)
    before = _paid_before(area_ids=area_ids, moment=start)
    by_day: dict[int, dict[date, Decimal]] = {}
    days = Payment.objects.filter(_in_areas(area_ids), NOW, paid_at__gte=start, paid_at__lt=end)
    sums = days.values("account_id", day=TruncDate("paid_at", tzinfo=zone))
    for row in sums.annotate(sum_cny=Sum("amount_cny")):
        by_day.setdefault(row["account_id"], {})[row["day"]] = row["sum_cny"]
    areas: dict[int, list[tuple[Decimal, list[Decimal]]]] = {}
    for account_id, (area_id, earlier, amount) in billed.items():
        running = before.get(account_id, NONE) - earlier
        covered = []
        for day in counted:
            running += by_day.get(account_id, {}).get(day, NONE)
            covered.append(min(max(running, NONE), amount))
        areas.setdefault(area_id, []).append((amount, covered))
    return [
        AreaRecovery(
            area_id=area_id,
            n_billed=len(accounts),
            billed_cny=sum((amount for amount, _ in accounts), NONE),
            received_cny=tuple(
                (day, sum((covered[n] for _, covered in accounts), NONE))
                for n, day in enumerate(counted)
            ),
        )
        for area_id, accounts in sorted(areas.items())
    ]


def activity(*, area_ids: Sequence[int], span: DaySpan, zone: ZoneInfo) -> list[AreaActivity]:
    """Return reminders sent and money received over a span, by area id. Two queries."""
    start = start_of_day(day=span.first_day, zone=zone)
    end = start_of_day(day=span.end_day, zone=zone)
    area = F("account__premises__area_id")
    sent = Reminder.objects.filter(_in_areas(area_ids), NOW, sent_at__gte=start, sent_at__lt=end)
    paid = Payment.objects.filter(_in_areas(area_ids), NOW, paid_at__gte=start, paid_at__lt=end)
    n_sent = {r["area_id"]: r["n"] for r in sent.values(area_id=area).annotate(n=Count("pk"))}
    received = {
        row["area_id"]: row["sum_cny"]
        for row in paid.values(area_id=area).annotate(sum_cny=Sum("amount_cny"))
    }
    return [
        AreaActivity(
            area_id=area_id,
            n_reminders=n_sent.get(area_id, 0),
            received_cny=received.get(area_id, NONE),
        )
        for area_id in sorted(area_ids)
    ]


def paid_within(*, contacts: Sequence[tuple[int, datetime]], days: int) -> list[bool]:
    """Tell for each (account id, moment) whether money came in within some days of it."""
    if not contacts:
        return []
    moments = [moment for _, moment in contacts]
    rows = Payment.objects.filter(
        NOW,
        account_id__in={account_id for account_id, _ in contacts},
        amount_cny__gt=0,
        paid_at__gt=min(moments),
        paid_at__lte=max(moments) + timedelta(days),
    )
    paid: dict[int, list[datetime]] = {}
    for account_id, paid_at in rows.values_list("account_id", "paid_at"):
        paid.setdefault(account_id, []).append(paid_at)
    return [
        any(moment < at <= moment + timedelta(days) for at in paid.get(account_id, ()))
        for account_id, moment in contacts
    ]


def _in_areas(area_ids: Sequence[int]) -> Q:
    """Return the condition for accounts whose premise lies in some areas now.

    Both parts stand in one condition, so that they speak of the same premise.
    """
    return Q(account__premises__area__in=area_ids, account__premises__superseded_at__isnull=True)


def _billed(*, area_ids: Sequence[int], issued: DaySpan) -> dict[int, tuple[int, Decimal, Decimal]]:
    """Return by account: area, billed before the span, billed in it (where that is above zero)."""
    in_span = Q(issued_date__gte=issued.first_day)
    bills = Bill.objects.filter(_in_areas(area_ids), NOW, issued_date__lt=issued.end_day)
    sums = bills.values("account_id", area_id=F("account__premises__area_id")).annotate(
        earlier=Sum("amount_cny", filter=~in_span, default=NONE),
        amount=Sum("amount_cny", filter=in_span, default=NONE),
    )
    return {
        row["account_id"]: (row["area_id"], row["earlier"], row["amount"])
        for row in sums
        if row["amount"] > 0
    }


def _paid_before(*, area_ids: Sequence[int], moment: datetime) -> dict[int, Decimal]:
    paid = Payment.objects.filter(_in_areas(area_ids), NOW, paid_at__lt=moment)
    sums = paid.values("account_id").annotate(sum_cny=Sum("amount_cny"))
    return {row["account_id"]: row["sum_cny"] for row in sums}
