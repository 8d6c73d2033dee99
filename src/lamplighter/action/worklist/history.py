"""What became of earlier lines."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Max

from lamplighter.action.worklist.doors import Attempt
from lamplighter.action.worklist.models import Outcome

MET = ["DONE", "PROMISED", "REFUSED", "NOT_NEEDED"]


def attempts(
    *, account_ids: Sequence[int], after: date, before: date, zone: ZoneInfo
) -> dict[int, tuple[Attempt, ...]]:
    """Return the recorded lines of accounts on days in between, oldest first, by account."""
    rows = Outcome.objects.filter(
        superseded_at__isnull=True,
        item__account_id__in=account_ids,
        item__plan__day__gt=after,
        item__plan__day__lt=before,
    ).select_related("item__plan")
    found: dict[int, list[Attempt]] = {}
    for row in rows.order_by("item__plan__day", "recorded_at", "id"):
        attempt = Attempt(
            account_id=row.item.account_id,
            day=row.item.plan.day,
            hour=row.recorded_at.astimezone(zone).hour,
            remedy=row.item.remedy,
            is_visit=row.item.is_visit,
            outcome=row.outcome,
            promised_date=row.promised_date,
        )
        found.setdefault(row.item.account_id, []).append(attempt)
    return {account_id: tuple(rows) for account_id, rows in found.items()}


def last_visits(*, account_ids: Sequence[int], before: date) -> dict[int, date]:
    """Return the last day on which somebody was met at each account's door. One query."""
    met = Outcome.objects.filter(
        superseded_at__isnull=True,
        outcome__in=MET,
        item__is_visit=True,
        item__account_id__in=account_ids,
        item__plan__day__lt=before,
    )
    days = met.order_by().values_list("item__account_id").annotate(last=Max("item__plan__day"))
    return dict(days)


def contacted_days(
    *,
    customer_ids: Sequence[int],
    since: datetime,
    before: datetime,
    counted_outcomes: Sequence[str],
    zone: ZoneInfo,
) -> list[tuple[int, date]]:
    """Return (customer id, local day) of each recorded contact in a span, oldest first."""
    rows = Outcome.objects.filter(
        superseded_at__isnull=True,
        outcome__in=counted_outcomes,
        recorded_at__gte=since,
        recorded_at__lt=before,
    ).select_related("item__account", "item__contact_account")
    wanted = set(customer_ids)
    found = []
    for row in rows.order_by("recorded_at", "id"):
        who = row.item.contact_account or row.item.account
        if who.customer_id in wanted:
            found.append((who.customer_id, row.recorded_at.astimezone(zone).date()))
    return found
