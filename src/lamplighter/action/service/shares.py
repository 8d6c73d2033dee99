"""The share of promises kept by type, unit and step; late and still open counts as missed."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from lamplighter.action.service import rights
from lamplighter.action.service.lines import Share
from lamplighter.action.service.models import AHEAD, BEGUN, DONE, READY, OrderStep, Promise
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer


def by_type(
    *, viewer: Viewer, rules: Rules, outward_only: bool, since: datetime, now: datetime
) -> list[Share]:
    """Return the share of promises kept per type of order, of published ones or all. One query."""
    rows = _promises(viewer=viewer, rules=rules, outward_only=outward_only, since=since, now=now)
    return _promise_shares(rows, "order__type_code", now=now)


def by_unit(
    *, viewer: Viewer, rules: Rules, outward_only: bool, since: datetime, now: datetime
) -> list[Share]:
    """Return the share of promises kept per unit, of published ones or all. One query."""
    rows = _promises(viewer=viewer, rules=rules, outward_only=outward_only, since=since, now=now)
    return _promise_shares(rows, "order__unit__name", now=now)


def by_step(
    *, viewer: Viewer, rules: Rules, type_code: str, since: datetime, now: datetime
) -> list[Share]:
    """Return the share of steps of one type done within their limit. One query."""
    seen = _seen(viewer=viewer, rules=rules, since=since, now=now).filter(type_code=type_code)
    rows = OrderStep.objects.filter(order__in=seen.values("pk"), end_by_at__isnull=False)
    live = Q(state__in=[AHEAD, READY, BEGUN])
    return _shares(
        rows,
        "code",
        kept=Q(state=DONE, done_at__lte=F("end_by_at")),
        missed=Q(state=DONE, done_at__gt=F("end_by_at")) | (live & Q(end_by_at__lt=now)),
        running=live & Q(end_by_at__gte=now),
    )


def _promises(
    *, viewer: Viewer, rules: Rules, outward_only: bool, since: datetime, now: datetime
) -> QuerySet[Promise]:
    seen = _seen(viewer=viewer, rules=rules, since=since, now=now)
    rows = Promise.objects.filter(order__in=seen.values("pk"))
    return rows.filter(is_outward=True) if outward_only else rows


def _promise_shares(rows: QuerySet[Promise], group: str, *, now: datetime) -> list[Share]:
    late = Q(missed_at__isnull=False) | Q(
        ended_at__isnull=True, lapsed_at__isnull=True, due_at__lt=now
    )
    return _shares(
        rows,
        group,
        kept=Q(ended_at__isnull=False, missed_at__isnull=True),
        missed=late,
        running=Q(
            starts_at__isnull=False,
            ended_at__isnull=True,
            lapsed_at__isnull=True,
            missed_at__isnull=True,
        )
        & (Q(due_at__gte=now) | Q(due_at__isnull=True)),
    )


def _seen(*, viewer: Viewer, rules: Rules, since: datetime, now: datetime) -> QuerySet[Any]:
    seen = rights.seen(viewer=viewer, rules=rules)
    return seen.filter(opened_at__gte=since, opened_at__lte=now)


def _shares(rows: QuerySet[Any], group: str, *, kept: Q, missed: Q, running: Q) -> list[Share]:
    counted = (
        rows.values(group=F(group))
        .annotate(
            n_kept=Count("pk", filter=kept),
            n_missed=Count("pk", filter=missed),
            n_running=Count("pk", filter=running),
        )
        .order_by("group")
    )
    return [Share(**row) for row in counted]
