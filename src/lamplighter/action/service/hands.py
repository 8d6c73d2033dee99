"""What a person has in hand: their open steps, and the orders they answer for that wait."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q

from lamplighter.action.service import chases, queries
from lamplighter.action.service.chases import Pressed
from lamplighter.action.service.lines import OrderLine, StepLine
from lamplighter.action.service.models import (
    BEGUN,
    DONE,
    READY,
    OrderStep,
    ServiceOrder,
    Wait,
)
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInHand:
    """An open step of a person, and what its process lets them do with it."""

    line: StepLine
    process_version: str
    done: frozenset[str]  # codes of the steps of its order that are done
    pressed: Pressed | None  # how it was chased since something moved


def counted(*, viewer: Viewer, now: datetime) -> tuple[int, int]:
    """Return how many steps a person can do now, and how many of them are late. One query."""
    waits = Wait.objects.filter(order=OuterRef("order"), ends_at__isnull=True)
    theirs = OrderStep.objects.filter(
        ~Exists(waits), owner_id=viewer.staff_id, state__in=[READY, BEGUN]
    )
    found = theirs.aggregate(n=Count("pk"), n_late=Count("pk", filter=Q(end_by_at__lt=now)))
    return found["n"], found["n_late"]


def steps(*, viewer: Viewer, limit: int) -> tuple[StepInHand, ...]:
    """Return a person's open steps: chased ones, then the first to end. Five queries."""
    lines = queries.my_steps(viewer=viewer, limit=limit)
    ids = {line.order.order_id for line in lines}
    orders = ServiceOrder.objects.filter(pk__in=ids)
    versions = dict(orders.values_list("pk", "process_version"))
    done: dict[int, set[str]] = {order_id: set() for order_id in ids}
    rows = OrderStep.objects.filter(order__in=ids, round=F("order__round"), state=DONE)
    for order_id, code in rows.values_list("order_id", "code"):
        done[order_id].add(code)
    pressed = chases.pressed(order_ids=sorted(ids))
    return tuple(
        StepInHand(
            line=line,
            process_version=versions[line.order.order_id],
            done=frozenset(done[line.order.order_id]),
            pressed=pressed.get(line.order.order_id),
        )
        for line in lines
    )


def waiting(*, viewer: Viewer, limit: int) -> list[OrderLine]:
    """Return the orders a person answers for that wait while no step of theirs is open. One query.

    The oldest comes first: whoever has waited longest is asked first.
    """
    waits = Wait.objects.filter(order=OuterRef("pk"), ends_at__isnull=True)
    theirs = OrderStep.objects.filter(
        order=OuterRef("pk"), owner_id=viewer.staff_id, state__in=[READY, BEGUN]
    )
    found = ServiceOrder.objects.filter(
        Exists(waits), ~Exists(theirs), owner_id=viewer.staff_id, closed_at__isnull=True
    )
    return [queries.line(row) for row in queries.lined(found).order_by("opened_at", "pk")[:limit]]
