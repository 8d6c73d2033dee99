"""What became known of bills, payments, debits and reminders between two moments.

For the replay only: nothing here is scoped to a viewer, and no page may call it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lamplighter.facts.billing.models import Bill, DebitAttempt, Payment, Reminder
from lamplighter.facts.intake import recorded
from lamplighter.facts.intake.recorded import Recorded
from lamplighter.kernel.spans import start_of_day


def between(
    *,
    account_ids: Sequence[int],
    up_to: date,
    after: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> list[Recorded]:
    """Return what was recorded of days up to one, after a moment and until another. 4 queries."""
    here: dict[str, Any] = {"account_id__in": list(account_ids)}
    end = start_of_day(day=up_to + timedelta(1), zone=zone)
    when: dict[str, Any] = {"key": ("number",), "after": after, "until": until}
    return [
        *recorded.between(
            subject="BILL",
            versions=Bill.objects.filter(**here, issued_date__lte=up_to),
            shown=("amount_cny", "energy_kwh", "issued_date", "due_date"),
            **when,
        ),
        *recorded.between(
            subject="PAYMENT",
            versions=Payment.objects.filter(**here, paid_at__lt=end),
            shown=("amount_cny", "paid_at", "method"),
            **when,
        ),
        *recorded.between(
            subject="DEBIT",
            versions=DebitAttempt.objects.filter(**here, attempted_at__lt=end),
            shown=("outcome", "attempted_at"),
            **when,
        ),
        *recorded.between(
            subject="REMINDER",
            versions=Reminder.objects.filter(**here, sent_at__lt=end),
            shown=("channel", "is_delivered", "sent_at"),
            **when,
        ),
    ]
