"""What customers ask for, counted over the orders of a place: by what, week by week.

A week is seven times 24 hours, the newest ending with the last day counted. Counts go by where an
order is, so a manager's are those of their areas and everybody else's those of their units.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    CharField,
    Count,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.models import ServiceOrder
from lamplighter.action.service.queries import lines
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts
from lamplighter.facts.network import queries as network
from lamplighter.findings import segment_lists
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import codes

WEEK = timedelta(days=7)
TYPE, AREA, UNIT, CATEGORY, SEGMENT = "type", "area", "unit", "category", "segment"
COLUMNS = {  # of each way to count: what tells groups apart, and their name
    TYPE: ("type_code", "no_name"),
    AREA: ("area__code", "area__name"),
    UNIT: ("unit_id", "unit__name"),
    CATEGORY: ("terms__category", "no_name"),
    SEGMENT: ("segment", "no_name"),
}
OUR_OWN_FUNCTIONS = ("F3", "F4", "F9", "F10", "F11", "F12")  # we begin these, not customers
OUR_OWN = [code for code, function in codes.TYPES.items() if function in OUR_OWN_FUNCTIONS]


class GroupUnknown(LookupError):
    """Orders are not counted by this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Which orders are counted; what is empty narrows nothing."""

    type: str = ""
    area: str = ""  # its code
    unit: str = ""  # its id as a text, as it stands in addresses
    category: str = ""
    segment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCount:
    """The orders of one group, week by week."""

    key: str  # a code, or a unit's id as a text; empty: not known
    name: str  # of an area or unit
    n_by_week: tuple[int, ...]  # the newest last

    @property
    def n(self) -> int:
        return sum(self.n_by_week)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The orders of one type at one area."""

    type_code: str
    area_code: str
    area_name: str
    n_by_week: tuple[int, ...]
    volume_by_week: tuple[int, ...]  # all orders at the area


def weekly(
    *,
    viewer: Viewer,
    rules: Rules,
    until: datetime,
    n_weeks: int,
    by: str,
    narrowed: Narrowed,
) -> list[GroupCount]:
    """Return the orders of each group, the largest first. One query.

    Raises
    ------
    GroupUnknown
        Orders are not counted by this.
    """
    if by not in COLUMNS:
        raise GroupUnknown(by)
    found = _counted(viewer=viewer, rules=rules, until=until, n_weeks=n_weeks, narrowed=narrowed)
    if by == CATEGORY:
        current = Q(account__agreements__superseded_at__isnull=True)
        found = found.annotate(terms=FilteredRelation("account__agreements", condition=current))
    if by == SEGMENT:
        now = segment_lists.segment_of(account=OuterRef("account_id"))
        found = found.annotate(segment=Coalesce(Subquery(now), Value("")))
    rows = (
        found.annotate(no_name=Value("", output_field=CharField()), week=_week(until))
        .order_by()
        .values_list(*COLUMNS[by], "week")
        .annotate(n=Count("pk"))
    )
    counts: dict[tuple[Any, Any], list[int]] = {}
    for key, name, week, n in rows:
        counts.setdefault((key, name), [0] * n_weeks)[n_weeks - 1 - week] += n
    groups = [
        GroupCount(key="" if key is None else str(key), name=name or "", n_by_week=tuple(weeks))
        for (key, name), weeks in counts.items()
    ]
    return sorted(groups, key=lambda group: (-group.n, group.key))


def pairs(
    *, viewer: Viewer, rules: Rules, until: datetime, n_weeks: int, at_least: int
) -> tuple[list[Pair], int]:
    """Return the types with so many orders at one area in the newest week, and of how many pairs.

    Two queries: all pairs that ever came, then the weeks of those that may have risen.
    """
    found = _counted(
        viewer=viewer, rules=rules, until=until, n_weeks=n_weeks, narrowed=Narrowed()
    ).filter(area__isnull=False)
    new = Count("pk", filter=Q(opened_at__gte=until - WEEK))
    every = list(found.order_by().values_list("type_code", "area_id").annotate(n_new=new))
    risen = [(code, area_id) for code, area_id, n_new in every if n_new >= at_least]
    areas = sorted({area_id for _code, area_id in risen})
    if not risen:
        return [], len(every)
    volumes: dict[int, list[int]] = {}
    counts: dict[tuple[str, int], list[int]] = {}
    names: dict[int, tuple[str, str]] = {}
    rows = (
        found.filter(area__in=areas)
        .annotate(week=_week(until))
        .order_by()
        .values_list("type_code", "area_id", "area__code", "area__name", "week")
        .annotate(n=Count("pk"))
    )
    for code, area_id, area_code, name, week, n in rows:
        place = n_weeks - 1 - week
        names[area_id] = area_code, name
        volumes.setdefault(area_id, [0] * n_weeks)[place] += n
        counts.setdefault((code, area_id), [0] * n_weeks)[place] += n
    return [
        Pair(
            type_code=code,
            area_code=names[area_id][0],
            area_name=names[area_id][1],
            n_by_week=tuple(counts[code, area_id]),
            volume_by_week=tuple(volumes[area_id]),
        )
        for code, area_id in sorted(risen)
    ], len(every)


def behind(
    *,
    viewer: Viewer,
    rules: Rules,
    until: datetime,
    n_weeks: int,
    narrowed: Narrowed,
    limit: int,
    offset: int = 0,
) -> tuple[list[OrderLine], int]:
    """Return the orders behind a number, the newest first, and how many. Three queries."""
    found = _counted(viewer=viewer, rules=rules, until=until, n_weeks=n_weeks, narrowed=narrowed)
    ids = list(found.order_by("-opened_at", "-pk").values_list("pk", flat=True)[: limit + offset])
    return lines(ids[offset:]), found.count()


def _counted(
    *, viewer: Viewer, rules: Rules, until: datetime, n_weeks: int, narrowed: Narrowed
) -> QuerySet[ServiceOrder]:
    """Return the orders that customers asked for; those of our own work are not demand."""
    if viewer.sees_own_areas_only:
        place = Q(area__in=network.areas_seen_by(viewer=viewer, on=rules.on))
    else:
        place = Q(unit__in=posts.units_seen_by(viewer=viewer))
    span = Q(opened_at__gte=until - n_weeks * WEEK, opened_at__lt=until)
    found = ServiceOrder.objects.filter(place, span).exclude(type_code__in=OUR_OWN)
    if narrowed.type:
        found = found.filter(type_code=narrowed.type)
    if narrowed.area:
        found = found.filter(area__code=narrowed.area)
    if narrowed.unit:
        found = found.filter(unit_id=int(narrowed.unit))
    if narrowed.category:
        found = found.filter(
            account__agreements__category=narrowed.category,
            account__agreements__superseded_at__isnull=True,
        )
    if narrowed.segment:
        found = found.filter(account__in=segment_lists.accounts_in(segment=narrowed.segment))
    return found


def _week(until: datetime) -> Func:
    """Return how many whole weeks before *until* an order was opened: 0, 1, …"""
    return Func(
        Value(until),
        F("opened_at"),
        template="floor((extract(epoch from (%(expressions)s)) - 0.000001) / 604800)::int",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
