"""Which orders have come to a further level of the ladder, and by what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce

from lamplighter.action.service import chases, planning
from lamplighter.action.service.axes import Axes
from lamplighter.action.service.escalations.ladder import CHASED, PROMISE, STEP, Ladder, Level
from lamplighter.action.service.escalations.models import Escalation
from lamplighter.action.service.models import BEGUN, READY, OrderEvent, OrderStep, Promise
from lamplighter.action.service.whole import Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """To which level an order has come, and by what."""

    level: int
    cause: str
    code: str


def candidates(*, ladder: Ladder, now: datetime) -> list[int]:
    """Return the orders that may have come to a further level. Three queries a level.

    Time that passes is no less than time that is worked, so none is left out; some are looked at
    in vain.
    """
    found: set[int] = set()
    for level in ladder.levels:
        found |= set(_promises(level, now).values_list("order_id", flat=True))
        found |= set(_steps(level, now).values_list("order_id", flat=True))
        found |= set(_chased(level))
    return sorted(found)


def _below(level: Level) -> Q:
    there = Escalation.objects.filter(order=OuterRef("order"), level__gte=level.number)
    return ~Q(Exists(there))


def _promises(level: Level, now: datetime) -> QuerySet[Promise]:
    live = Promise.objects.filter(
        _below(level), ended_at__isnull=True, lapsed_at__isnull=True, due_at__isnull=False
    )
    beyond = level.promise_used_ratio - 1
    if beyond < 0:
        return live.filter(warn_at__lte=now)
    begins_at = Coalesce("starts_at", "order__opened_at")
    amount = Coalesce("allowed", F("given_at") - begins_at, output_field=DurationField())
    over = ExpressionWrapper(amount * Value(beyond), output_field=DurationField())
    reached_at = ExpressionWrapper(F("due_at") + over, output_field=DateTimeField())
    return live.filter(due_at__lte=now).alias(reached_at=reached_at).filter(reached_at__lte=now)


def _steps(level: Level, now: datetime) -> QuerySet[OrderStep]:
    late = now - level.step_late
    return OrderStep.objects.filter(
        _below(level), state__in=[READY, BEGUN], end_by_at__lte=late, order__closed_at__isnull=True
    )


def _chased(level: Level) -> QuerySet[OrderEvent, int]:
    rows = chases.unanswered().filter(_below(level))
    counted = rows.order_by().values("order_id").annotate(n=Count("pk"))
    return counted.filter(n__gte=level.n_chased).values_list("order_id", flat=True)


def reached(
    whole: Whole, *, ladder: Ladder, axes: Axes, n_chased: int, now: datetime
) -> Reached | None:
    """Return the highest level that an order has come to; what brought it there first, if several.

    An order that waits for its customer is escalated only where it was chased.
    """
    best: Reached | None = None
    for one in _reasons(whole, ladder=ladder, axes=axes, n_chased=n_chased, now=now):
        if best is None or one.level > best.level:
            best = one
    return best


def _reasons(
    whole: Whole, *, ladder: Ladder, axes: Axes, n_chased: int, now: datetime
) -> Iterator[Reached]:
    for promise in whole.live_promises():
        if promise.due_at is None:
            continue
        used = 1 + planning.overrun_ratio(promise, whole=whole, axes=axes, at=now)
        passed = [one.number for one in ladder.levels if used >= one.promise_used_ratio]
        if passed:
            yield Reached(level=passed[-1], cause=PROMISE, code=promise.code)
    for step in whole.open_steps():
        if step.end_by_at is None:
            continue
        late = now - step.end_by_at
        passed = [one.number for one in ladder.levels if late >= one.step_late]
        if passed:
            yield Reached(level=passed[-1], cause=STEP, code=step.code)
    passed = [one.number for one in ladder.levels if n_chased >= one.n_chased]
    if passed:
        yield Reached(level=passed[-1], cause=CHASED, code="")
