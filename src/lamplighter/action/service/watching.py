"""What a supervisor watches: what falls due, and who has how much to do."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from lamplighter.action.service import rights
from lamplighter.action.service.models import (
    BEGUN,
    READY,
    Absence,
    OrderStep,
    Promise,
)
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts
from lamplighter.kernel.viewer import Role, Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A promise to a customer that falls due."""

    unit_id: int
    unit_name: str
    number: str
    type_code: str
    promise_code: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How much somebody has in hand."""

    staff_id: int
    number: str
    name: str
    post: str
    n_open: int
    n_late: int
    load: float  # weighed open steps
    away_until: datetime | None


def due(
    *,
    viewer: Viewer,
    rules: Rules,
    since: datetime,
    until: datetime,
    unit_id: int | None = None,
    limit: int,
) -> list[Due]:
    """Return the promises to customers that fall due in [since, until), soonest first. One query.

    Promises of orders that wait have no moment, and are not among them.
    """
    seen = rights.seen(viewer=viewer, rules=rules).filter(closed_at__isnull=True)
    rows = Promise.objects.filter(
        order__in=seen.values("pk"),
        is_outward=True,
        ended_at__isnull=True,
        lapsed_at__isnull=True,
        due_at__gte=since,
        due_at__lt=until,
    )
    if unit_id is not None:
        rows = rows.filter(order__unit=unit_id)
    found = rows.select_related("order__unit").order_by("due_at", "pk")[:limit]
    return [
        Due(
            unit_id=row.order.unit_id,
            unit_name=row.order.unit.name,
            number=row.order.number,
            type_code=row.order.type_code,
            promise_code=row.code,
            due_at=row.due_at,
        )
        for row in found
        if row.due_at is not None
    ]


def people(*, viewer: Viewer, rules: Rules, now: datetime) -> list[Person]:
    """Return the people of a viewer's unit and those below, most to do first. Four queries."""
    near = [
        one
        for one in posts.colleagues(
            posts=[role.value for role in Role],
            unit_path=viewer.org_path,
            area_id=None,
            on=rules.on,
        )
        if one.distance == 1 or one.distance >= posts.FAR
    ]
    ids = [one.staff_id for one in near]
    names = posts.names_of(staff_ids=ids)
    open_steps = OrderStep.objects.filter(owner__in=ids, state__in=[READY, BEGUN])
    counts = {
        owner: (n_ready, n_begun, n_late)
        for owner, n_ready, n_begun, n_late in open_steps.values("owner_id")
        .annotate(
            n_ready=Count("pk", filter=Q(state=READY)),
            n_begun=Count("pk", filter=Q(state=BEGUN)),
            n_late=Count("pk", filter=Q(end_by_at__lt=now)),
        )
        .values_list("owner_id", "n_ready", "n_begun", "n_late")
    }
    weights = tuple(rules.policy.number(f"load_weight.{state}") for state in (READY, BEGUN))
    away = dict(
        Absence.objects.filter(staff__in=ids, begins_at__lte=now, ends_at__gt=now)
        .values("staff_id")
        .annotate(until_at=Max("ends_at"))
        .values_list("staff_id", "until_at")
    )
    found = []
    for one in near:
        n_ready, n_begun, n_late = counts.get(one.staff_id, (0, 0, 0))
        person = Person(
            staff_id=one.staff_id,
            number=one.number,
            name=names[one.staff_id],
            post=one.post,
            n_open=n_ready + n_begun,
            n_late=n_late,
            load=n_ready * weights[0] + n_begun * weights[1],
            away_until=away.get(one.staff_id),
        )
        found.append(person)
    return sorted(found, key=lambda one: (-one.n_late, -one.load, one.number))
