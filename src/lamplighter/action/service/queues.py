"""The list of orders as a page turns it: by view, by filter, from a place in the order on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lamplighter.action.service import queries, rights
from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.models import OrderStep, Promise, ServiceOrder, Wait
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts as network
from lamplighter.kernel.viewer import Viewer

RUNNING, WAITING, ENDED = "RUNNING", "WAITING", "ENDED"
VIEWS = (RUNNING, WAITING, ENDED)
Place = tuple[datetime | None, int]  # by what a list is ordered, and the number of the order


class PlaceWrong(ValueError):
    """A place in the list cannot be read, or there is no such view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders a list shows."""

    view: str = RUNNING
    type_code: str = ""
    priority: str = ""
    unit_id: int | None = None
    owner_id: int | None = None  # of the order or of one of its open steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A part of a list, and the place from which the next part goes on."""

    lines: tuple[OrderLine, ...]
    after: str  # empty: nothing follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many orders there are, and whose and where they are."""

    n_running: int
    n_waiting: int
    units: tuple[tuple[int, str], ...]
    owners: tuple[tuple[int, str], ...]


def listed(*, viewer: Viewer, rules: Rules, wanted: Wanted, limit: int, after: str = "") -> Listed:
    """Return a part of a list: by slack what runs, by age what waits, the newest of what ended.

    Two queries, three where the list comes to orders without a limit. Orders that come or go in
    between shift nothing: a part begins behind the last one that was shown, wherever that stands
    now.

    Raises
    ------
    PlaceWrong
        No such view, or *after* is no place that a list gave.
    """
    if wanted.view not in VIEWS:
        raise PlaceWrong(wanted.view)
    place = _read_place(after) if after else None
    if place is not None and place[0] is None and wanted.view != RUNNING:
        raise PlaceWrong(after)  # only what runs can have no moment
    chosen = _chosen(viewer=viewer, rules=rules, wanted=wanted)
    if wanted.view == RUNNING:
        part = _by_due(chosen, place=place, most=limit + 1)
    else:
        key, is_down = ("closed_at", True) if wanted.view == ENDED else ("opened_at", False)
        rows = _by_moment(chosen, key=key, is_down=is_down, place=place)
        part = list(rows[: limit + 1])
    shown = part[:limit]
    return Listed(
        lines=tuple(queries.lines([pk for _moment, pk in shown])),
        after=_place(*shown[-1]) if len(part) > limit else "",
    )


def _by_due(rows: QuerySet[ServiceOrder], *, place: Place | None, most: int) -> list[Place]:
    """Return orders, the first due first, read along the index of due moments; then the others."""
    running = Promise.objects.filter(queries.RUNNING, due_at__isnull=False)
    found: list[Place] = []
    if place is None or place[0] is not None:
        earlier = running.filter(order=OuterRef("order"), due_at__lt=OuterRef("due_at"))
        due = _by_moment(
            running.filter(~Exists(earlier), order__in=rows.values("pk")),
            key="due_at",
            number="order_id",
            place=place,
        )
        found = list(due.distinct()[:most])
        place = None
    if len(found) < most:
        never = rows.filter(~Exists(running.filter(order=OuterRef("pk")))).order_by("pk")
        if place is not None:
            never = never.filter(pk__gt=place[1])
        numbers = never.values_list("pk", flat=True)[: most - len(found)]
        found += [(None, pk) for pk in numbers]
    return found


def _by_moment(
    rows: QuerySet[Any],
    *,
    key: str,
    place: Place | None,
    number: str = "pk",
    is_down: bool = False,
) -> QuerySet[Any, Place]:
    """Return moments and numbers in their order, behind a place."""
    if place is not None:
        beyond = "lt" if is_down else "gt"
        moment, pk = place
        rows = rows.filter(
            Q(**{f"{key}__{beyond}": moment}) | Q(**{key: moment, f"{number}__{beyond}": pk})
        )
    sign = "-" if is_down else ""
    return rows.order_by(f"{sign}{key}", f"{sign}{number}").values_list(key, number)


def counted(*, viewer: Viewer, rules: Rules) -> Counted:
    """Return how many orders run and wait, with their units and owners. Three queries."""
    open_ = rights.seen(viewer=viewer, rules=rules).filter(closed_at__isnull=True)
    numbers = open_.alias(is_waiting=_waits()).aggregate(
        n=Count("pk"), n_waiting=Count("pk", filter=Q(is_waiting=True))
    )
    return Counted(
        n_running=numbers["n"] - numbers["n_waiting"],
        n_waiting=numbers["n_waiting"],
        units=network.units_named(rows=open_.values("unit_id")),
        owners=network.people_named(rows=open_.values("owner_id")),
    )


def _waits() -> Exists:
    return Exists(Wait.objects.filter(order=OuterRef("pk"), ends_at__isnull=True))


def _chosen(*, viewer: Viewer, rules: Rules, wanted: Wanted) -> QuerySet[ServiceOrder]:
    rows = rights.seen(viewer=viewer, rules=rules).filter(closed_at__isnull=wanted.view != ENDED)
    if wanted.view != ENDED:
        rows = rows.alias(is_waiting=_waits()).filter(is_waiting=wanted.view == WAITING)
    if wanted.type_code:
        rows = rows.filter(type_code=wanted.type_code)
    if wanted.priority:
        rows = rows.filter(priority=wanted.priority)
    if wanted.unit_id is not None:
        rows = rows.filter(unit_id=wanted.unit_id)
    if wanted.owner_id is not None:
        theirs = OrderStep.objects.filter(
            order=OuterRef("pk"), owner_id=wanted.owner_id, state__in=["READY", "BEGUN"]
        )
        rows = rows.filter(Q(owner_id=wanted.owner_id) | Exists(theirs))
    return rows


def _place(moment: datetime | None, pk: int) -> str:
    return f"{moment.isoformat() if moment else ''}_{pk}"


def _read_place(after: str) -> Place:
    said, _, number = after.rpartition("_")
    if not number.isdecimal() or len(number) > 18:
        raise PlaceWrong(after)
    if not said:
        return None, int(number)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise PlaceWrong(after) from None
    if moment.tzinfo is None:
        raise PlaceWrong(after)
    return moment, int(number)
