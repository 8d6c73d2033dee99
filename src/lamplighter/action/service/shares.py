"""The share of promises kept by type, unit and step; late and still open counts as missed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from lamplighter.action.service import queries, rights
from lamplighter.action.service.lines import OrderLine, Share
from lamplighter.action.service.models import (
    AHEAD,
    BEGUN,
    DONE,
    READY,
    OrderStep,
    Promise,
    ServiceOrder,
)
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer

KEPT, MISSED, RUNNING = "KEPT", "MISSED", "RUNNING"
TYPE, UNIT, STEP = "type", "unit", "step"
COLUMNS = {TYPE: "order__type_code", UNIT: "order__unit__name", STEP: "code"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One number of a table of shares."""

    by: str  # TYPE, UNIT or STEP
    group: str
    outcome: str  # KEPT, MISSED or RUNNING
    type_code: str = ""  # of steps
    outward_only: bool = True
    since: datetime
    now: datetime


def by_type(
    *, viewer: Viewer, rules: Rules, outward_only: bool, since: datetime, now: datetime
) -> list[Share]:
    """Return the share of promises kept per type of order, of published ones or all. One query."""
    rows = _promises(viewer=viewer, rules=rules, outward_only=outward_only, since=since, now=now)
    return _shares(rows, COLUMNS[TYPE], outcomes=_of_promises(now))


def by_unit(
    *, viewer: Viewer, rules: Rules, outward_only: bool, since: datetime, now: datetime
) -> list[Share]:
    """Return the share of promises kept per unit, of published ones or all. One query."""
    rows = _promises(viewer=viewer, rules=rules, outward_only=outward_only, since=since, now=now)
    return _shares(rows, COLUMNS[UNIT], outcomes=_of_promises(now))


def by_step(
    *, viewer: Viewer, rules: Rules, type_code: str, since: datetime, now: datetime
) -> list[Share]:
    """Return the share of steps of one type done within their limit. One query."""
    seen = _seen(viewer=viewer, rules=rules, since=since, now=now).filter(type_code=type_code)
    return _shares(_steps(seen), "code", outcomes=_of_steps(now))


def behind(*, viewer: Viewer, rules: Rules, cell: Cell, limit: int) -> list[tuple[str, OrderLine]]:
    """Return the promises, or steps, that one number counts: code and order. Two queries.

    Those that were due last come first, up to a limit.
    """
    seen = _seen(viewer=viewer, rules=rules, since=cell.since, now=cell.now)
    rows: QuerySet[Any]
    if cell.by == STEP:
        rows, due = _steps(seen.filter(type_code=cell.type_code)), "end_by_at"
        outcomes = _of_steps(cell.now)
    else:
        rows, due = Promise.objects.filter(order__in=seen.values("pk")), "due_at"
        outcomes = _of_promises(cell.now)
        if cell.outward_only:
            rows = rows.filter(is_outward=True)
    counted = rows.filter(outcomes[cell.outcome], **{COLUMNS[cell.by]: cell.group})
    part = list(
        counted.order_by(F(due).desc(nulls_last=True), "pk").values_list("code", "order_id")[:limit]
    )
    orders = queries.lined(ServiceOrder.objects.filter(pk__in={order_id for _, order_id in part}))
    lines = {row.pk: queries.line(row) for row in orders}
    return [(code, lines[order_id]) for code, order_id in part]


def _promises(
    *, viewer: Viewer, rules: Rules, outward_only: bool, since: datetime, now: datetime
) -> QuerySet[Promise]:
    seen = _seen(viewer=viewer, rules=rules, since=since, now=now)
    rows = Promise.objects.filter(order__in=seen.values("pk"))
    return rows.filter(is_outward=True) if outward_only else rows


def _of_promises(now: datetime) -> dict[str, Q]:
    """Return what counts as kept, missed and running, of promises."""
    is_open = Q(ended_at__isnull=True, lapsed_at__isnull=True)
    return {
        KEPT: Q(ended_at__isnull=False, missed_at__isnull=True),
        MISSED: Q(missed_at__isnull=False) | (is_open & Q(due_at__lt=now)),
        RUNNING: is_open
        & Q(starts_at__isnull=False, missed_at__isnull=True)
        & (Q(due_at__gte=now) | Q(due_at__isnull=True)),
    }


def _of_steps(now: datetime) -> dict[str, Q]:
    """Return what counts as kept, missed and running, of steps."""
    live = Q(state__in=[AHEAD, READY, BEGUN])
    return {
        KEPT: Q(state=DONE, done_at__lte=F("end_by_at")),
        MISSED: Q(state=DONE, done_at__gt=F("end_by_at")) | (live & Q(end_by_at__lt=now)),
        RUNNING: live & Q(end_by_at__gte=now),
    }


def _steps(seen: QuerySet[Any]) -> QuerySet[OrderStep]:
    return OrderStep.objects.filter(order__in=seen.values("pk"), end_by_at__isnull=False)


def _seen(*, viewer: Viewer, rules: Rules, since: datetime, now: datetime) -> QuerySet[Any]:
    seen = rights.seen(viewer=viewer, rules=rules)
    return seen.filter(opened_at__gte=since, opened_at__lte=now)


def _shares(rows: QuerySet[Any], group: str, *, outcomes: dict[str, Q]) -> list[Share]:
    counted = (
        rows.values(group=F(group))
        .annotate(
            n_kept=Count("pk", filter=outcomes[KEPT]),
            n_missed=Count("pk", filter=outcomes[MISSED]),
            n_running=Count("pk", filter=outcomes[RUNNING]),
        )
        .order_by("group")
    )
    return [Share(**row) for row in counted]
