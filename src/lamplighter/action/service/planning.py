"""Reading the deadlines of an order off its waits: when promises are due, until when steps end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lamplighter.action.service import clock, limits
from lamplighter.action.service.axes import Axes
from lamplighter.action.service.clock import Clock
from lamplighter.action.service.models import OrderStep, Promise
from lamplighter.action.service.whole import Whole, stretches
from lamplighter.kernel import worktime
from lamplighter.policy.processes import flow, timing
from lamplighter.policy.processes.shapes import Limit, Process
from lamplighter.policy.processes.shapes import Step as Card

_STEPS_OF: dict[tuple[str, str, str], frozenset[str]] = {}  # a process file never changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what deadlines are read."""

    axes: Axes
    warn_ratio: float  # a warning once this part of a promise is used up


def clock_of(*, promise: Promise, whole: Whole, axes: Axes) -> Clock | None:
    """Return the clock of a promise; None before it starts, or where a moment was promised.

    Raises
    ------
    axes.CalendarUnknown
        Its calendar is no longer there.
    """
    if promise.starts_at is None or promise.allowed is None:
        return None
    return Clock(
        opened_at=promise.starts_at,
        calendar=axes.calendar(promise.calendar_code),
        allowed=promise.allowed,
        stretches=stretches(starts_at=promise.starts_at, waits=whole.waits),
        ended_at=promise.ended_at,
    )


def overrun_ratio(promise: Promise, *, whole: Whole, axes: Axes, at: datetime) -> float:
    """Return how far a promise is overrun at a moment, 1.0: by as much again as was promised.

    Below nothing while time is left; at the end of one that has ended.

    Raises
    ------
    axes.CalendarUnknown
        Its calendar is no longer there.
    """
    until = promise.ended_at or at
    starts_at = promise.starts_at or whole.order.opened_at
    if promise.given_at is not None:
        span = max(promise.given_at - starts_at, worktime.MICROSECOND)
        return (until - promise.given_at) / span
    of = clock_of(promise=promise, whole=whole, axes=axes)
    return 0.0 if of is None else -clock.left(of, at=until) / of.allowed


def replan(whole: Whole, *, terms: Terms) -> None:
    """Set the deadlines of all live promises and steps anew.

    Raises
    ------
    worktime.OutsideAxis
        A promise reaches further than any calendar does.
    """
    aims: dict[str, datetime | None] = {}
    for promise in whole.live_promises():
        aims[promise.code] = set_due(promise, whole=whole, terms=terms)
    found = _worked_back(whole, aims=aims, axes=terms.axes)
    spanned = covered(process=whole.process, codes=[p.code for p in whole.live_promises()])
    for code, step in whole.live_steps().items():
        card = whole.process.step(code)
        if code in spanned:
            limit = found.get(code)
            step.begin_by_at = limit.begin_by if limit else None
            step.end_by_at = limit.end_by if limit else None
        else:
            _set_forward(step, card=card, whole=whole, axes=terms.axes)
        step.inner_by_at = None
        if card.ola is not None and step.ready_at is not None:
            step.inner_by_at = _forward(
                since=step.ready_at,
                needs=minutes(card.ola.minutes),
                calendar_code=card.ola.calendar,
                whole=whole,
                axes=terms.axes,
            )


def set_due(promise: Promise, *, whole: Whole, terms: Terms) -> datetime | None:
    """Set when a promise is due and warned of; return the moment that steps are planned with."""
    ratio = whole.order.aim_ratio
    if promise.given_at is not None:
        starts_at = promise.starts_at or whole.order.opened_at
        span = promise.given_at - starts_at
        promise.due_at = promise.given_at
        promise.warn_at = starts_at + span * terms.warn_ratio
        return starts_at + span * ratio
    of = clock_of(promise=promise, whole=whole, axes=terms.axes)
    if of is None:
        promise.due_at = promise.warn_at = None
        return None
    promise.due_at = clock.due_at(of)
    promise.warn_at = _part_due(of, terms.warn_ratio)
    promise.is_provisional = terms.axes.is_provisional(promise.calendar_code, promise.due_at)
    return promise.due_at if ratio == 1.0 else _part_due(of, ratio)


def _part_due(of: Clock, ratio: float) -> datetime | None:
    return clock.due_at(clock.on_other_terms(of, allowed=of.allowed * ratio))


def _worked_back(
    whole: Whole, *, aims: dict[str, datetime | None], axes: Axes
) -> dict[str, limits.Limit]:
    """Return the limits of the steps inside running promises, the stricter of two promises."""
    found: dict[str, limits.Limit] = {}
    live = set(whole.live_steps())
    for code, aim_at in aims.items():
        if aim_at is None:
            continue
        inside = steps_of(process=whole.process, promise_code=code) & live
        case = case_of(cases=whole.order.cases, by=whole.process.promise(code).by)
        steps = [
            limits.Step(
                code=card.code,
                needs=needs * whole.order.aim_ratio,
                calendar=axes.calendar(calendar_code),
                follows=frozenset(way.step for way in card.follows) & inside,
            )
            for card in whole.process.steps
            if card.code in inside
            for needs, calendar_code in [
                needs_of(card=card, promise_code=code, process=whole.process, case=case)
            ]
        ]
        for name, limit in limits.worked_back(steps=steps, due_at=aim_at).items():
            if name not in found or limit.end_by < found[name].end_by:
                found[name] = limit
    return found


def needs_of(
    *, card: Card, promise_code: str, process: Process, case: str
) -> tuple[timedelta, str]:
    """Return what a step may take of a case of a promise, and by which calendar."""
    promise = process.promise(promise_code)
    own = promise.limit(case=case).calendar
    if card.when is None:  # the customer's own step: the clock stands
        return timedelta(), own
    number, calendar_code = timing.amount(
        when=card.when, case=case, promise=promise, promises=process.promises
    )
    return minutes(number), calendar_code


def case_of(*, cases: Mapping[str, str], by: str) -> str:
    """Return by which case of a dimension an order's promises are."""
    return "ALL" if by == "ALL" else str(cases[by])


def steps_of(*, process: Process, promise_code: str) -> frozenset[str]:
    """Return the steps that a promise spans: from the one it counts from to the one that keeps it.

    The step it counts from is not among them.
    """
    key = (process.version, process.sha256, promise_code)
    if key not in _STEPS_OF:
        _STEPS_OF[key] = _steps_of(process=process, promise_code=promise_code)
    return _STEPS_OF[key]


def _steps_of(*, process: Process, promise_code: str) -> frozenset[str]:
    promise = process.promise(promise_code)
    inside = flow.before(code=promise.until, steps=process.steps)
    if promise.after:
        inside &= flow.behind(code=promise.after, steps=process.steps)
    return inside


def covered(*, process: Process, codes: Iterable[str]) -> frozenset[str]:
    """Return the steps that promises to come, running or waiting speak of."""
    spans = [steps_of(process=process, promise_code=code) for code in codes]
    return frozenset().union(*spans)


def _set_forward(step: OrderStep, *, card: Card, whole: Whole, axes: Axes) -> None:
    """Give a step outside every promise its own limit, from the moment it can begin."""
    step.begin_by_at = step.end_by_at = None
    if step.ready_at is not None and isinstance(card.when, Limit):
        step.end_by_at = _forward(
            since=step.ready_at,
            needs=minutes(card.when.minutes) * whole.order.aim_ratio,
            calendar_code=card.when.calendar,
            whole=whole,
            axes=axes,
        )


def _forward(
    *, since: datetime, needs: timedelta, calendar_code: str, whole: Whole, axes: Axes
) -> datetime | None:
    return clock.due_at(
        Clock(
            opened_at=since,
            calendar=axes.calendar(calendar_code),
            allowed=needs,
            stretches=stretches(starts_at=since, waits=whole.waits),
        )
    )


def minutes(number: float) -> timedelta:
    """Return that many minutes as a span of time."""
    return timedelta(minutes=number)
