"""Failures of service: which are still to be weighed, how many of each level, and what grows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from lamplighter.action.service import rights
from lamplighter.action.service.lines import FailureFound
from lamplighter.action.service.models import FAILURE_LEVELS, Promise, ServiceFailure
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import catalogue

MONTH, UNIT, TYPE = "MONTH", "UNIT", "TYPE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which failures are asked for; what is empty asks for nothing."""

    since: datetime | None = None
    level: str = ""
    type_code: str = ""
    unit_id: int | None = None
    is_weighed: bool | None = None
    before_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """A failure of service in a list."""

    number: str  # of the order
    type_code: str
    unit_name: str
    has_grown: bool  # a graver one of the same promise stands beside it
    failure: FailureFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many failures a month, unit or type has, by level, and what they cost."""

    group: str
    n_by_level: dict[str, int]
    economic_cny: Decimal


def listed(*, viewer: Viewer, rules: Rules, wanted: Wanted, limit: int) -> list[FailureLine]:
    """Return failures of service, the newest first. One query."""
    rows = _chosen(viewer, rules, wanted).annotate(has_grown=_has_grown())
    ordered = rows.select_related("order", "unit").order_by("-found_at", "-pk")
    return [
        FailureLine(
            number=row.order.number,
            type_code=row.order.type_code,
            unit_name=row.unit.name,
            has_grown=bool(getattr(row, "has_grown", False)),
            failure=failure_found(row),
        )
        for row in ordered[:limit]
    ]


def counted(*, viewer: Viewer, rules: Rules, wanted: Wanted, by: str) -> list[Counted]:
    """Count failures by month, unit or type. One query.

    Where lateness of one promise grew from level to level, only the gravest is counted.
    """
    rows = _chosen(viewer, rules, wanted).alias(has_grown=_has_grown()).filter(has_grown=False)
    group = {
        MONTH: TruncMonth("found_at", tzinfo=rules.zone),
        UNIT: F("unit__name"),
        TYPE: F("order__type_code"),
    }[by]
    found = (
        rows.order_by()
        .values("level", group=group)
        .annotate(n=Count("pk"), cny=Sum("economic_cny"))
        .order_by("group", "level")
    )
    levels: dict[str, dict[str, int]] = {}
    costs: dict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        name = f"{row['group']:%Y-%m}" if by == MONTH else str(row["group"])
        levels.setdefault(name, dict.fromkeys(FAILURE_LEVELS, 0))[row["level"]] = row["n"]
        costs[name] += row["cny"]
    return [
        Counted(group=name, n_by_level=n, economic_cny=costs[name]) for name, n in levels.items()
    ]


def growing(*, now: datetime) -> list[int]:
    """Return the orders whose late promise may have come to a graver level. Two queries.

    Time that passes is no less than time that is worked, so none is left out.
    """
    late = Promise.objects.filter(
        ended_at__isnull=True, lapsed_at__isnull=True, missed_at__isnull=False, due_at__lt=now
    ).select_related("order")
    found: set[tuple[int, str]] = set()
    for promise in late:
        starts_at = promise.starts_at or promise.order.opened_at
        amount = promise.allowed
        if amount is None and promise.given_at is not None:
            amount = promise.given_at - starts_at
        if amount is None or promise.due_at is None:
            continue
        process = catalogue.by_version(version=promise.order.process_version)
        found |= {
            (promise.order_id, failure.code)
            for failure in process.failures
            if failure.breach == promise.code
            and failure.late_from > 0
            and promise.due_at + amount * failure.late_from <= now
        }
    known = ServiceFailure.objects.filter(order__in={order_id for order_id, _ in found})
    fresh = found - set(known.exclude(code="").values_list("order_id", "code"))
    return sorted({order_id for order_id, _ in fresh})


def failure_found(row: ServiceFailure) -> FailureFound:
    """Return a failure as it is shown."""
    return FailureFound(
        failure_id=row.pk,
        code=row.code,
        level=row.level,
        step_code=row.step_code,
        content=row.content,
        method=row.method,
        losses=(str(row.economic_cny), row.political, row.reputation, row.honour),
        found_at=row.found_at,
        found_by=row.found_by,
        remedy=row.remedy,
        weighed_at=row.weighed_at,
    )


def _chosen(viewer: Viewer, rules: Rules, wanted: Wanted) -> QuerySet[ServiceFailure]:
    orders = rights.seen(viewer=viewer, rules=rules)
    rows = ServiceFailure.objects.filter(order__in=orders.values("pk"))
    if wanted.since is not None:
        rows = rows.filter(found_at__gte=wanted.since)
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.type_code:
        rows = rows.filter(order__type_code=wanted.type_code)
    if wanted.unit_id is not None:
        rows = rows.filter(unit=wanted.unit_id)
    if wanted.is_weighed is not None:
        rows = rows.filter(weighed_at__isnull=not wanted.is_weighed)
    if wanted.before_id is not None:
        rows = rows.filter(pk__lt=wanted.before_id)
    return rows


def _has_grown() -> Q:
    """Tell which failures found by the clock have a graver one of the same step beside them."""
    found = Q()
    for place, level in enumerate(FAILURE_LEVELS[:-1]):
        graver = ServiceFailure.objects.filter(
            ~Q(code=""),
            order=OuterRef("order"),
            step_code=OuterRef("step_code"),
            level__in=FAILURE_LEVELS[place + 1 :],
        )
        found |= Q(Exists(graver), ~Q(code=""), level=level)
    return found
