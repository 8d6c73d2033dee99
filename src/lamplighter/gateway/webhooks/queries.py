"""Who is told, and how the tellings stand."""

from django.db.models import Count, Q, QuerySet

from lamplighter.action.service.subscribers import MessageLine, SubscriptionLine
from lamplighter.gateway.webhooks.models import DEAD, DELIVERED, WAITING, Message, Subscription
from lamplighter.kernel.viewer import Viewer


def every() -> list[SubscriptionLine]:
    """Return all subscriptions, oldest first; for the operators. One query."""
    return _lines(Subscription.objects.order_by("pk"))


def of_units(*, viewer: Viewer) -> list[SubscriptionLine]:
    """Return the subscriptions of people at or below a viewer's unit, newest first. One query."""
    rows = Subscription.objects.filter(staff__org_unit__path__startswith=viewer.org_path)
    return _lines(rows.order_by("-pk"))


def troubled(*, viewer: Viewer, limit: int) -> list[MessageLine]:
    """Return the messages that failed and wait, or were given up, newest first. One query."""
    failed = Q(state=DEAD) | Q(state=WAITING, n_attempts__gt=0)
    rows = Message.objects.filter(
        failed, subscription__staff__org_unit__path__startswith=viewer.org_path
    )
    return [
        MessageLine(
            subscription_id=row.subscription_id,
            key=row.key,
            event_id=row.event_id,
            state=row.state,
            n_attempts=row.n_attempts,
            next_at=row.next_at,
            delivered_at=row.delivered_at,
            last_outcome=row.last_outcome,
        )
        for row in rows.order_by("-pk")[:limit]
    ]


def _lines(found: QuerySet[Subscription]) -> list[SubscriptionLine]:
    rows = found.select_related("staff").annotate(
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
        for row in rows
    ]
