"""How much of what was billed has come in, by station area and day.

Money received settles the oldest bill first, so the bills of a window are reached only by what
is paid beyond the debt from before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Count, F, Q, Sum

from lamplighter.facts.billing.models import Payment, Reminder
from lamplighter.facts.intake.columns import fetch_columns
from lamplighter.kernel.spans import DaySpan, start_of_day

NOW = Q(superseded_at__isnull=True)
NONE = Decimal(0)
EPOCH = date(1970, 1, 1)
Integers = npt.NDArray[np.int64]


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

    Areas without such bills are absent. Four queries, however many accounts; one, when nothing was
    recorded since the same was asked last.
    """
    return list(
        _recovery(
            area_ids=tuple(sorted(area_ids)),
            issued=issued,
            counted=counted,
            zone=zone,
            newest=_newest_rows(),
        )
    )


@lru_cache(maxsize=256)
def _recovery(
    *,
    area_ids: tuple[int, ...],
    issued: DaySpan,
    counted: DaySpan,
    zone: ZoneInfo,
    newest: tuple[int, int, int],  # noqa: ARG001 # what is remembered holds for these rows alone
) -> tuple[AreaRecovery, ...]:
    billed = _billed(area_ids=area_ids, issued=issued)
    account, area, amount = billed["account_id"], billed["area_id"], billed["amount"]
    start = start_of_day(day=counted.first_day, zone=zone)
    end = start_of_day(day=counted.end_day, zone=zone)
    paid = np.zeros((len(account), counted.n_days), np.int64)
    for rows, column in (
        (_paid(area_ids=area_ids, until=start, zone=zone), None),
        (_paid(area_ids=area_ids, since=start, until=end, zone=zone), "day"),
    ):
        place = np.minimum(np.searchsorted(account, rows["account_id"]), max(len(account) - 1, 0))
        known = account[place] == rows["account_id"] if len(account) else np.zeros(0, np.bool_)
        day = rows["day"] - (counted.first_day - EPOCH).days if column else 0 * rows["day"]
        if len(account):
            np.add.at(paid, (place[known], day[known]), rows["fen"][known])
    reached = np.cumsum(paid, axis=1) - billed["earlier"][:, None]
    covered = np.clip(reached, 0, amount[:, None])
    order = np.argsort(area, kind="stable")
    areas, first, n_billed = np.unique(area[order], return_index=True, return_counts=True)
    sums = (
        np.add.reduceat(part[order], first, axis=0) if len(first) else part
        for part in (amount, covered)
    )
    return tuple(
        AreaRecovery(
            area_id=area_id,
            n_billed=n,
            billed_cny=_cny(billed_fen),
            received_cny=tuple(zip(counted, map(_cny, received_fen), strict=True)),
        )
        for area_id, n, billed_fen, received_fen in zip(
            areas.tolist(), n_billed.tolist(), *(part.tolist() for part in sums), strict=True
        )
    )


def _newest_rows() -> tuple[int, int, int]:
    """Return the newest row of bills, payments and premises: every change of any adds one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM billing_bill),"
            " (SELECT coalesce(max(id), 0) FROM billing_payment),"
            " (SELECT coalesce(max(id), 0) FROM customers_premise)"
        )
        bill, payment, premise = cursor.fetchone()
    return bill, payment, premise


def _cny(fen: int) -> Decimal:
    return Decimal(int(fen)) / 100


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


def _billed(*, area_ids: Sequence[int], issued: DaySpan) -> dict[str, Integers]:
    """Return account (ascending), area, billed before the span, billed in it where above zero.

    Amounts in fen.
    """
    return fetch_columns(
        query="""
            SELECT account_id, area_id, earlier, amount FROM (
                SELECT b.account_id, p.area_id,
                       coalesce(sum((b.amount_cny * 100)::bigint)
                                FILTER (WHERE b.issued_date < %(first)s), 0) AS earlier,
                       coalesce(sum((b.amount_cny * 100)::bigint)
                                FILTER (WHERE b.issued_date >= %(first)s), 0) AS amount
                FROM billing_bill b
                JOIN customers_premise p ON p.account_id = b.account_id
                     AND p.superseded_at IS NULL AND p.area_id = ANY(%(areas)s)
                WHERE b.superseded_at IS NULL AND b.issued_date < %(end)s
                GROUP BY b.account_id, p.area_id
            ) AS sums WHERE amount > 0 ORDER BY account_id
        """,
        parameters={
            "areas": list(area_ids),
            "first": issued.first_day,
            "end": issued.end_day,
        },
        columns=dict.fromkeys(("account_id", "area_id", "earlier", "amount"), "int8"),
    )


def _paid(
    *, area_ids: Sequence[int], until: datetime, zone: ZoneInfo, since: datetime | None = None
) -> dict[str, Integers]:
    """Return account, day (since 1970; 0 where no beginning is named) and money received [fen]."""
    return fetch_columns(
        query="""
            SELECT y.account_id,
                   CASE WHEN %(since)s::timestamptz IS NULL THEN 0
                        ELSE (y.paid_at AT TIME ZONE %(zone)s)::date - DATE '1970-01-01' END AS day,
                   sum((y.amount_cny * 100)::bigint)
            FROM billing_payment y
            JOIN customers_premise p ON p.account_id = y.account_id
                 AND p.superseded_at IS NULL AND p.area_id = ANY(%(areas)s)
            WHERE y.superseded_at IS NULL AND y.paid_at < %(until)s
              AND (%(since)s::timestamptz IS NULL OR y.paid_at >= %(since)s)
            GROUP BY 1, 2
        """,
        parameters={
            "areas": list(area_ids),
            "since": since,
            "until": until,
            "zone": zone.key,
        },
        columns=dict.fromkeys(("account_id", "day", "fen"), "int8"),
    )
