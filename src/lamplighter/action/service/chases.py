"""Chases (催办): how often an order was chased, and when somebody moved after it (F12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from lamplighter.action.service import rights
from lamplighter.action.service.models import OrderEvent
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer

CHASED = "CHASED"
# After a chase, one of these shows that somebody moved.
ANSWERS = [
    *("BEGUN", "COMPLETED", "RETURNED", "HANDED_OVER", "WAITING", "GONE_ON", "CHANGED_PRIORITY"),
    *("CHANGED_TYPE", "CHANGED_PROMISE", "FINISHED", "CONFIRMED", "REOPENED", "RESTORED"),
    "CANCELLED",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """How an order that nobody has moved since was chased."""

    n: int
    first_at: datetime
    reason: str  # the latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """One chase, and when somebody moved after it."""

    event_id: int
    number: str  # of the order
    type_code: str
    unit_name: str
    owner_name: str
    actor: str
    reason: str
    at: datetime
    answered_at: datetime | None
    place: int  # the how-manieth since something moved, the first is 1


def _later() -> QuerySet[OrderEvent]:
    return OrderEvent.objects.filter(
        order=OuterRef("order"), kind__in=ANSWERS, at__gte=OuterRef("at"), pk__gt=OuterRef("pk")
    )


def unanswered() -> QuerySet[OrderEvent]:
    """Return the chases of open orders after which nothing has moved."""
    return OrderEvent.objects.filter(~Exists(_later()), kind=CHASED, order__closed_at__isnull=True)


def pressed(*, order_ids: Sequence[int]) -> dict[int, Pressed]:
    """Return how each of some orders was chased since something moved. One query."""
    found: dict[int, Pressed] = {}
    rows = unanswered().filter(order__in=order_ids).order_by("at", "pk")
    for order_id, at, reason in rows.values_list("order_id", "at", "reason"):
        before = found.get(order_id)
        found[order_id] = Pressed(
            n=before.n + 1 if before else 1,
            first_at=before.first_at if before else at,
            reason=reason,
        )
    return found


def listed(*, viewer: Viewer, rules: Rules, since: datetime, limit: int) -> list[Chase]:
    """Return the chases since a moment, those that nobody answered first, then the newest.

    One query.
    """
    orders = rights.seen(viewer=viewer, rules=rules)
    rows = OrderEvent.objects.filter(kind=CHASED, at__gte=since, order__in=orders.values("pk"))
    moved = _later().order_by("at", "pk").values("at")[:1]
    found = (
        rows.annotate(answered_at=Subquery(moved))
        .select_related("order__unit", "order__owner")
        .order_by(F("answered_at").desc(nulls_first=True), "-at", "-pk")[:limit]
    )
    places = _places(list(found))
    return [
        Chase(
            event_id=row.pk,
            number=row.order.number,
            type_code=row.order.type_code,
            unit_name=row.order.unit.name,
            owner_name=row.order.owner.name if row.order.owner else "",
            actor=row.actor,
            reason=row.reason,
            at=row.at,
            answered_at=_answered_at(row),
            place=places[row.pk],
        )
        for row in found
    ]


def _answered_at(row: OrderEvent) -> datetime | None:
    """Return when something moved after a chase; an order that ended needs no more."""
    moved: datetime | None = getattr(row, "answered_at", None)
    return moved or row.order.closed_at


def _places(rows: list[OrderEvent]) -> dict[int, int]:
    """Count the chases of an order that one answer was to all of."""
    found: dict[int, int] = {}
    seen: dict[tuple[int, datetime | None], int] = {}
    for row in sorted(rows, key=lambda one: (one.at, one.pk)):
        key = (row.order_id, _answered_at(row))
        seen[key] = seen.get(key, 0) + 1
        found[row.pk] = seen[key]
    return found
