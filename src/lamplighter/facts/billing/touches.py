"""How often customers were reminded, and how their debits fared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q

from lamplighter.facts.billing.models import DebitAttempt, Payment, Reminder

NOW = Q(superseded_at__isnull=True)
FAILED = ["INSUFFICIENT", "NO_MANDATE", "ACCOUNT_CLOSED", "OTHER"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitsFailed:
    """Debits of an account that failed, and how many were paid otherwise soon after."""

    n_failed: int
    n_paid_after: int


def reminded_days(
    *,
    customer_ids: Sequence[int],
    since: datetime,
    before: datetime,
    channels: Sequence[str],
    zone: ZoneInfo,
) -> list[tuple[int, date]]:
    """Return (customer id, local day) of each reminder sent in a span, oldest first."""
    rows = Reminder.objects.filter(
        NOW,
        account__customer_id__in=customer_ids,
        sent_at__gte=since,
        sent_at__lt=before,
        channel__in=channels,
    ).order_by("sent_at", "id")
    found = rows.values_list("account__customer_id", "sent_at")
    return [(customer, sent_at.astimezone(zone).date()) for customer, sent_at in found]


def debits_failed(
    *, account_ids: Sequence[int], since: datetime, before: datetime, paid_within_days: int
) -> dict[int, DebitsFailed]:
    """Return the failed debits of accounts in a span; accounts without any are absent."""
    paid_by_hand = Payment.objects.filter(
        NOW,
        account_id=OuterRef("account_id"),
        amount_cny__gt=0,
        paid_at__gt=OuterRef("attempted_at"),
        paid_at__lte=OuterRef("attempted_at") + timedelta(paid_within_days),
    ).exclude(method="BANK_DEBIT")
    rows = (
        DebitAttempt.objects.filter(
            NOW,
            account_id__in=account_ids,
            attempted_at__gte=since,
            attempted_at__lt=before,
            outcome__in=FAILED,
        )
        .annotate(is_paid=Exists(paid_by_hand))
        .values("account_id")
        .annotate(n=Count("pk"), n_paid=Count("pk", filter=Q(is_paid=True)))
        .order_by(F("account_id"))
    )
    return {
        row["account_id"]: DebitsFailed(n_failed=row["n"], n_paid_after=row["n_paid"])
        for row in rows
    }
