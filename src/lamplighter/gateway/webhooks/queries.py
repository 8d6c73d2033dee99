"""Who is told, and how the tellings stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from lamplighter.gateway.webhooks.models import DEAD, DELIVERED, WAITING, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionLine:
    """One subscription, without its secret."""

    subscription_id: int
    staff_number: str
    url: str
    names: Sequence[str]
    read_until_id: int
    ended_at: datetime | None
    n_waiting: int
    n_delivered: int
    n_dead: int


def every() -> list[SubscriptionLine]:
    """Return all subscriptions, oldest first; for the operators. One query."""
    rows = Subscription.objects.select_related("staff").annotate(
        n_waiting=Count("messages", filter=Q(messages__state=WAITING)),
        n_delivered=Count("messages", filter=Q(messages__state=DELIVERED)),
        n_dead=Count("messages", filter=Q(messages__state=DEAD)),
    )
    return [
        SubscriptionLine(
            subscription_id=row.pk,
            staff_number=row.staff.number,
            url=row.url,
            names=tuple(row.names),
            read_until_id=row.read_until_id,
            ended_at=row.ended_at,
            n_waiting=row.n_waiting,
            n_delivered=row.n_delivered,
            n_dead=row.n_dead,
        )
        for row in rows.order_by("pk")
    ]
