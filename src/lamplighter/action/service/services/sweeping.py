"""The sweep: breaches and warnings recorded once, silent owners relieved, silent customers let be.

It may run twice, beside itself and beside everybody else, and be killed at any moment: each part
is one transaction that locks its orders, passes by those that somebody holds, and looks again
under the lock whether there is anything to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from lamplighter.action.service import endings, failing, moves
from lamplighter.action.service.assigning import Assigner, absent
from lamplighter.action.service.models import (
    BEGUN,
    CONFIRMING,
    PRIORITIES,
    READY,
    Absence,
    OrderStep,
    Promise,
    ServiceFailure,
    ServiceOrder,
)
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.services import giving, mending, storing
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts as network
from lamplighter.kernel import worktime
from lamplighter.ledger import services as ledger

ORDERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep found."""

    n_missed: int
    n_warned: int
    n_reassigned: int
    n_closed: int
    n_graver: int
    n_incidents: int


def sweep(*, now: datetime, rules: Rules, actor: str) -> Swept:
    """Record what the clocks say, and relieve whoever is silent or away.

    A promise is recorded as missed at the moment it was used up, and warned of, once each. A step
    that nobody begins in time, whose owner is away or that nobody has is given to another person.
    A finished order whose customer says nothing for long enough is closed without their yes. What
    grows to a graver failure while it is open is noted, and an incident ends with its orders.
    """
    counts = [0, 0, 0, 0, 0]
    due = _due(now=now, rules=rules)
    for first in range(0, len(due), ORDERS_AT_ONCE):
        part = due[first : first + ORDERS_AT_ONCE]
        for place, n in enumerate(_sweep(part, now=now, rules=rules, actor=actor)):
            counts[place] += n
    return Swept(
        n_missed=counts[0],
        n_warned=counts[1],
        n_reassigned=counts[2],
        n_closed=counts[3],
        n_graver=counts[4],
        n_incidents=mending.end_incidents(now=now, actor=actor),
    )


def _due(*, now: datetime, rules: Rules) -> list[int]:
    """Return the orders at which something may have to be done. Seven queries."""
    live = Promise.objects.filter(ended_at__isnull=True, lapsed_at__isnull=True)
    late = live.filter(missed_at__isnull=True, due_at__lt=now)
    warned = live.filter(warned_at__isnull=True, warn_at__lte=now)
    last = now - timedelta(days=rules.policy.integer("confirm_days"))
    unanswered = ServiceOrder.objects.filter(state=CONFIRMING, finished_at__lte=last)
    minutes = min(rules.policy.integer(f"silent_minutes.{code}") for code in PRIORITIES)
    absences = Absence.objects.filter(begins_at__lte=now, ends_at__gt=now).values("staff_id")
    gone = network.gone()
    away = Q(owner__in=absences) | Q(owner__in=gone)
    steps = OrderStep.objects.filter(
        Q(owner__isnull=True)
        | Q(
            assigned_at__lte=now - timedelta(minutes=minutes),
            n_reassigned__lt=rules.policy.integer("reassign_at_most"),
        )
        | away,
        state=READY,
    )
    begun_by_absent = OrderStep.objects.filter(away, state=BEGUN)
    deserted = ServiceOrder.objects.filter(owner__in=gone, closed_at__isnull=True)
    return sorted(
        set(late.values_list("order_id", flat=True))
        | set(warned.values_list("order_id", flat=True))
        | set(unanswered.values_list("pk", flat=True))
        | set(steps.values_list("order_id", flat=True))
        | set(begun_by_absent.values_list("order_id", flat=True))
        | set(deserted.values_list("pk", flat=True))
        | set(failing.growing(now=now))
    )


def _sweep(
    order_ids: list[int], *, now: datetime, rules: Rules, actor: str
) -> tuple[int, int, int, int, int]:
    with transaction.atomic():
        found = storing.locked(order_ids=order_ids, skip_locked=True)
        if not found:
            return 0, 0, 0, 0, 0
        before = storing.snapshot(found)
        missed = [_key(whole, p) for whole in found for p in _missed(whole, now=now)]
        warned = [_key(whole, p) for whole in found for p in _warned(whole, now=now)]
        closed = [w.order.pk for w in found if _close_unanswered(w, now=now, rules=rules)]
        given = list(_relieve(found, now=now, rules=rules))
        graver = _grown(found, now=now, rules=rules)
        if missed or warned or closed or given or graver:
            storing.save(found, before=before)
            ledger.record(
                "service.clocks.swept",
                subject="clocks",
                actor=actor,
                at=now,
                missed=missed,
                warned=warned,
                reassigned=given,
                closed_unanswered=closed,
                graver=graver,
                policy=rules.policy.version,
            )
    return len(missed), len(warned), len(given), len(closed), len(graver)


def _key(whole: Whole, promise: Promise) -> list[object]:
    return [whole.order.pk, promise.code]


def _missed(whole: Whole, *, now: datetime) -> list[Promise]:
    return [p for p in whole.live_promises() if moves.note_missed(p, whole=whole, at=now)]


def _warned(whole: Whole, *, now: datetime) -> Iterator[Promise]:
    for promise in whole.live_promises():
        if promise.warned_at is None and promise.warn_at is not None and promise.warn_at <= now:
            promise.warned_at = now
            whole.tell("WARNED", at=now, actor=moves.CLOCK, promise=promise.code)
            yield promise


def _grown(found: list[Whole], *, now: datetime, rules: Rules) -> list[list[object]]:
    """Note the graver failures of what is still open; return those that are new."""
    rows = ServiceFailure.objects.filter(order__in=[whole.order.pk for whole in found])
    known = set(rows.values_list("order_id", "code"))
    new: list[list[object]] = []
    for whole in found:
        n_before = len(whole.failures)
        moves.note_graver(whole, at=now, terms=rules.terms)
        fresh = [one for one in whole.failures[n_before:] if (one.order_id, one.code) not in known]
        whole.failures[n_before:] = fresh
        for one in fresh:
            whole.tell(
                "FAILED", at=now, actor=moves.CLOCK, step_code=one.step_code, level=one.level
            )
            new.append([one.order_id, one.code])
    return new


def _close_unanswered(whole: Whole, *, now: datetime, rules: Rules) -> bool:
    last = now - timedelta(days=rules.policy.integer("confirm_days"))
    order = whole.order
    if order.state != CONFIRMING or order.finished_at is None or order.finished_at > last:
        return False
    endings.close(whole, at=now, is_confirmed=False)
    whole.tell("CONFIRMED", at=now, actor=moves.CLOCK, is_outward=True, answered=False)
    return True


def _relieve(found: list[Whole], *, now: datetime, rules: Rules) -> Iterator[list[object]]:
    """Give steps of people who are silent, away or gone, and steps that nobody has, to others.

    An order keeps its owner through an absence; where they left for good, it gets another one.
    """
    owners = {s.owner_id for whole in found for s in whole.open_steps() if s.owner_id}
    away = absent(staff_ids=sorted(owners), at=now)
    gone = set(network.gone().filter(pk__in={whole.order.owner_id for whole in found}))
    paths = network.paths_of_units(unit_ids=sorted({whole.order.unit_id for whole in found}))
    assigner = Assigner(rules=rules, at=now)
    for whole in found:
        if whole.order.closed_at is not None:
            continue
        unit_path = paths[whole.order.unit_id]
        for step in whole.open_steps():
            is_silent = step.owner_id is not None and _is_silent(step, whole, now=now, rules=rules)
            if step.owner_id not in away and not is_silent:
                continue
            other = assigner.choose(
                posts=rules.posts(step.post),
                unit_path=unit_path,
                area_id=whole.order.area_id,
                but={step.owner_id, *whole.kept_from(step.code)},
                turn=whole.order.pk,
            )
            if other is None:
                continue
            before, step.owner_id, step.assigned_at = step.owner_id, other, now
            step.n_reassigned += is_silent
            whole.tell(
                "REASSIGNED",
                at=now,
                actor=moves.CLOCK,
                step_code=step.code,
                from_staff_id=before,
                to_staff_id=other,
                was_silent=is_silent,
            )
            yield [whole.order.pk, step.code, other]
        ownerless = [step for step in whole.open_steps() if step.owner_id is None]
        giving.give(whole, unit_path=unit_path, assigner=assigner, at=now)
        if whole.order.owner_id in gone:
            yield from _new_owner(whole, unit_path=unit_path, assigner=assigner, now=now)
        for step in ownerless:
            if step.owner_id is not None:
                yield [whole.order.pk, step.code, step.owner_id]


def _new_owner(
    whole: Whole, *, unit_path: str, assigner: Assigner, now: datetime
) -> Iterator[list[object]]:
    """Give an order whose owner left to another; where nobody is there, the next sweep tries."""
    before = whole.order.owner_id
    other = assigner.choose(
        posts=assigner.rules.owner_posts(whole.process.function),
        unit_path=unit_path,
        area_id=whole.order.area_id,
        but={before},
        turn=whole.order.pk,
    )
    if other is None:
        return
    whole.order.owner_id = other
    whole.tell("REASSIGNED", at=now, actor=moves.CLOCK, from_staff_id=before, to_staff_id=other)
    yield [whole.order.pk, "", other]


def _is_silent(step: OrderStep, whole: Whole, *, now: datetime, rules: Rules) -> bool:
    """Tell whether a step's owner has not begun it for too long, while its clock ran."""
    if step.state != READY or step.assigned_at is None or whole.open_wait() is not None:
        return False
    if step.n_reassigned >= rules.policy.integer("reassign_at_most"):
        return False
    if now <= step.assigned_at:
        return False
    calendar = rules.axes.calendar(rules.hours_of(step.post))
    waited = worktime.worked(calendar=calendar, begins_at=step.assigned_at, ends_at=now)
    return waited >= rules.silence(priority=whole.order.priority)
