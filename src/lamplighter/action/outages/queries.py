"""Outages as a person may see them: now, coming and past; and one whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lamplighter.action.outages import errors
from lamplighter.action.outages.lines import (
    AREAS_NAMED,
    COMING,
    OVER,
    RUNNING,
    AreaOff,
    ChangeLine,
    OutageLine,
    OutageWhole,
)
from lamplighter.action.outages.models import Outage, OutageArea
from lamplighter.action.outages.rules import Rules
from lamplighter.action.service import rights
from lamplighter.facts.customers import doors, special
from lamplighter.facts.customers.special import Special
from lamplighter.facts.network import feeders, posts
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer

LIVE = Q(ended_at__isnull=True, called_off_at__isnull=True)
MOST_SPECIAL = 500


def board(
    *, viewer: Viewer, on: date, now: datetime, state: str, limit: int, offset: int = 0
) -> list[OutageLine]:
    """Return the outages of a state that a person may see. One query.

    RUNNING and COMING: the first to begin first. OVER, with those called off: the newest first.
    """
    found = _seen(viewer=viewer, on=on).filter(_in_state(state, now))
    order = ("-begins_at", "-pk") if state == OVER else ("begins_at", "pk")
    taken = OutageArea.objects.filter(
        outage=OuterRef("pk"), area__in=network.areas_seen_by(viewer=viewer, on=on)
    )
    names = taken.order_by("area__name").values("area__name")[: AREAS_NAMED + 1]
    rows = _lined(found).annotate(area_names=ArraySubquery(names)).order_by(*order)
    return [
        replace(_line(row), area_names=tuple(row.area_names))
        for row in rows[offset : offset + limit]
    ]


def counted(*, viewer: Viewer, on: date, now: datetime) -> dict[str, int]:
    """Return how many outages of each state a person may see. One query."""
    states = (RUNNING, COMING, OVER)
    counts = {state: Count("pk", filter=_in_state(state, now)) for state in states}
    return _seen(viewer=viewer, on=on).aggregate(**counts)


def listed(
    *, viewer: Viewer, on: date, now: datetime, state: str, before_id: int | None, limit: int
) -> list[OutageLine]:
    """Return the newest outages a person may see, below a number; for programs. One query."""
    found = _seen(viewer=viewer, on=on)
    if state:
        found = found.filter(_in_state(state, now))
    if before_id is not None:
        found = found.filter(pk__lt=before_id)
    return [_line(row) for row in _lined(found).order_by("-pk")[:limit]]


def outage(*, viewer: Viewer, number: str, rules: Rules) -> OutageWhole:
    """Return one outage whole. Eight queries.

    Raises
    ------
    errors.OutageUnknown
        There is no such outage where the viewer may look.
    """
    row = _lined(_seen(viewer=viewer, on=rules.on).filter(number=number)).order_by("pk").first()
    if row is None:
        raise errors.OutageUnknown(number)
    is_mine = posts.units_seen_by(viewer=viewer).filter(pk=row.unit_id).exists()
    return OutageWhole(
        line=_line(row),
        areas=_areas(row, viewer=viewer, rules=rules),
        changes=tuple(
            ChangeLine(
                kind=one.kind,
                at=one.at,
                actor=one.actor,
                begins_at=one.begins_at,
                expected_end_at=one.expected_end_at,
                n_areas=one.n_areas,
                reason=one.reason,
            )
            for one in row.changes.order_by("at", "pk")
        ),
        n_joined=_n_joined(row.incident_id, viewer=viewer, rules=rules),
        may_write=is_mine and rules.has_right(viewer, "may_record"),
    )


def special_customers(*, viewer: Viewer, areas: Sequence[AreaOff], rules: Rules) -> list[Special]:
    """Return who is to be told in person in some areas. Five queries.

    Raises
    ------
    errors.NotAllowed
        The policy does not let this role see them.
    """
    rules.check_role(viewer, "may_see_special")
    return special.in_areas(
        viewer=viewer,
        on=rules.on,
        area_ids=[area.area_id for area in areas if area.left_at is None],
        flags=rules.policy.row("special_flags").value,
        limit=MOST_SPECIAL,
    )


def _seen(*, viewer: Viewer, on: date) -> QuerySet[Outage]:
    """Return the outages that take an area the viewer may see, and those of their units."""
    areas = network.areas_seen_by(viewer=viewer, on=on)
    touches = Exists(OutageArea.objects.filter(outage=OuterRef("pk"), area__in=areas))
    if viewer.sees_own_areas_only:
        return Outage.objects.filter(touches)
    return Outage.objects.filter(touches | Q(unit__in=posts.units_seen_by(viewer=viewer)))


def _n_joined(incident_id: int | None, *, viewer: Viewer, rules: Rules) -> int:
    if incident_id is None:
        return 0
    orders = rights.seen(viewer=viewer, rules=rules.service)
    return orders.filter(incident_id=incident_id).count()


def _in_state(state: str, now: datetime) -> Q:
    if state == OVER:
        return ~LIVE
    return LIVE & (Q(begins_at__lte=now) if state == RUNNING else Q(begins_at__gt=now))


def _areas(row: Outage, *, viewer: Viewer, rules: Rules) -> tuple[AreaOff, ...]:
    taken = dict(row.areas.values_list("area_id", "left_at"))
    names = feeders.areas_named(viewer=viewer, on=rules.on, area_ids=list(taken))
    n_accounts = doors.accounts_per_area(area_ids=list(names))
    since = row.begins_at - timedelta(days=rules.policy.integer("repeat_days"))
    before = (
        OutageArea.objects.filter(
            area__in=list(names),
            outage__begins_at__gte=since,
            outage__begins_at__lt=row.begins_at,
            outage__called_off_at__isnull=True,
        )
        .exclude(outage=row)
        .order_by()
        .values_list("area_id")
        .annotate(n=Count("pk"))
    )
    n_times = dict(before)
    return tuple(
        AreaOff(
            area_id=area_id,
            code=area.code,
            name=area.name,
            n_accounts=n_accounts.get(area_id, 0),
            left_at=taken[area_id],
            n_times_off=n_times.get(area_id, 0),
        )
        for area_id, area in names.items()
    )


def _lined(found: QuerySet[Outage]) -> QuerySet[Outage]:
    return found.select_related("unit", "feeder", "order", "incident")


def _line(row: Outage) -> OutageLine:
    return OutageLine(
        outage_id=row.pk,
        number=row.number,
        source_number=row.source_number,
        kind=row.kind,
        cause=row.cause,
        unit_name=row.unit.name,
        feeder_name=row.feeder.name if row.feeder else "",
        begins_at=row.begins_at,
        expected_end_at=row.expected_end_at,
        ended_at=row.ended_at,
        called_off_at=row.called_off_at,
        published_at=row.published_at,
        notice_exception=row.notice_exception,
        order_number=row.order.number if row.order else "",
        incident_number=row.incident.number if row.incident else "",
    )
