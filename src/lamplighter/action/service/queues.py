"""The list of orders as a page turns it: by view, by filter, from a place in the order on."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from lamplighter.action.service import queries, rights
from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.models import OrderStep, ServiceOrder, Wait
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer

RUNNING, WAITING, ENDED = "RUNNING", "WAITING", "ENDED"
VIEWS = (RUNNING, WAITING, ENDED)


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

    One query. Orders that come or go in between shift nothing: a part begins behind the last one
    that was shown, wherever that stands now.

    Raises
    ------
    PlaceWrong
        No such view, or *after* is no place that a list gave.
    """
    if wanted.view not in VIEWS:
        raise PlaceWrong(wanted.view)
    rows = queries.lined(_chosen(viewer=viewer, rules=rules, wanted=wanted))
    key = {RUNNING: "next_due_at", WAITING: "opened_at", ENDED: "closed_at"}[wanted.view]
    if after:
        rows = rows.filter(_behind(key, after, is_down=wanted.view == ENDED))
    order = F(key).desc() if wanted.view == ENDED else F(key).asc(nulls_last=True)
    part = list(rows.order_by(order, "-pk" if wanted.view == ENDED else "pk")[: limit + 1])
    last = part[limit - 1] if len(part) > limit else None
    return Listed(
        lines=tuple(queries.line(row) for row in part[:limit]),
        after=_place(getattr(last, key), last.pk) if last is not None else "",
    )


def counted(*, viewer: Viewer, rules: Rules) -> Counted:
    """Return how many orders run and wait, with their units and owners. Three queries."""
    open_ = rights.seen(viewer=viewer, rules=rules).filter(closed_at__isnull=True)
    numbers = open_.alias(is_waiting=_waits()).aggregate(
        n=Count("pk"), n_waiting=Count("pk", filter=Q(is_waiting=True))
    )
    return Counted(
        n_running=numbers["n"] - numbers["n_waiting"],
        n_waiting=numbers["n_waiting"],
        units=_pairs(open_, "unit_id", "unit__name"),
        owners=_pairs(open_.filter(owner__isnull=False), "owner_id", "owner__name"),
    )


def _pairs(rows: QuerySet[ServiceOrder], number: str, name: str) -> tuple[tuple[int, str], ...]:
    found = rows.order_by(name, number).values_list(number, name).distinct()
    return tuple((pk, said) for pk, said in found)


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


def _behind(key: str, after: str, *, is_down: bool) -> Q:
    said, _, number = after.rpartition("_")
    if not number.isdecimal() or len(number) > 18:
        raise PlaceWrong(after)
    pk = int(number)
    if not said:
        return Q(**{f"{key}__isnull": True}, pk__gt=pk)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise PlaceWrong(after) from None
    if moment.tzinfo is None:
        raise PlaceWrong(after)
    if is_down:
        return Q(**{f"{key}__lt": moment}) | Q(**{key: moment}, pk__lt=pk)
    return (
        Q(**{f"{key}__gt": moment}) | Q(**{key: moment}, pk__gt=pk) | Q(**{f"{key}__isnull": True})
    )
