"""What became of the lines of many days, for those who look back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from lamplighter.action.worklist.models import Item
from lamplighter.kernel.spans import DaySpan


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRecord:
    """One line of a past day and the last thing recorded on it."""

    account_id: int
    area_id: int
    remedy: str
    is_visit: bool
    minutes: int
    outcome: str  # empty: nothing was recorded
    recorded_at: datetime | None


def line_records(*, area_ids: Iterable[int], days: DaySpan) -> list[LineRecord]:
    """Return the lines of some areas over a span of days, oldest first. One query.

    The areas may be a query themselves: thousands of them need not be named.
    """
    standing = Q(outcomes__superseded_at__isnull=True)
    rows = Item.objects.filter(
        area__in=area_ids, plan__day__gte=days.first_day, plan__day__lt=days.end_day
    ).annotate(
        outcome=Max("outcomes__outcome", filter=standing),  # one at most stands
        at=Max("outcomes__recorded_at", filter=standing),
    )
    return [
        LineRecord(
            account_id=row["account_id"],
            area_id=row["area_id"],
            remedy=row["remedy"],
            is_visit=row["is_visit"],
            minutes=row["minutes"],
            outcome=row["outcome"] or "",
            recorded_at=row["at"],
        )
        for row in rows.order_by("plan__day", "plan_id", "position").values(
            "account_id", "area_id", "remedy", "is_visit", "minutes", "outcome", "at"
        )
    ]
