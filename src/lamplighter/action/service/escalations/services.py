"""Escalating orders, taking one in hand, and saying what was done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lamplighter.action.service import chases, moves
from lamplighter.action.service import errors as service_errors
from lamplighter.action.service.assigning import Assigner
from lamplighter.action.service.escalations import errors, reaching
from lamplighter.action.service.escalations.ladder import PROMISE, STEP, Ladder
from lamplighter.action.service.escalations.models import Escalation
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.services import storing
from lamplighter.action.service.services.moving import Asking, move
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts as network
from lamplighter.ledger import services as ledger

ORDERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Which escalation of the order that is asked for, and by which ladder."""

    asking: Asking
    level: int
    ladder: Ladder


def escalate(*, now: datetime, rules: Rules, ladder: Ladder, actor: str) -> int:
    """Escalate orders to each level they have come to, once each; return how many times.

    Each goes to the nearest person of the level's post who is there, or to nobody yet: then
    whoever holds such a post may take it. Part by part, each part one transaction; orders that
    somebody holds are passed by and found again by the next run.
    """
    n = 0
    due = reaching.candidates(ladder=ladder, now=now)
    for first in range(0, len(due), ORDERS_AT_ONCE):
        part = due[first : first + ORDERS_AT_ONCE]
        n += _escalate(part, now=now, rules=rules, ladder=ladder, actor=actor)
    return n


def _escalate(
    order_ids: list[int], *, now: datetime, rules: Rules, ladder: Ladder, actor: str
) -> int:
    with transaction.atomic():
        found = storing.locked(order_ids=order_ids, skip_locked=True)
        if not found:
            return 0
        before = storing.snapshot(found)
        raised = list(_raised(found, now=now, rules=rules, ladder=ladder))
        if raised:
            Escalation.objects.bulk_create(raised)
            storing.save(found, before=before)
            ledger.record(
                "service.orders.escalated",
                subject="orders",
                actor=actor,
                at=now,
                escalated=[
                    [one.order_id, one.level, one.post, one.staff_id, one.cause, one.code]
                    for one in raised
                ],
                policy=ladder.policy_version,
            )
    return len(raised)


def _raised(
    found: list[Whole], *, now: datetime, rules: Rules, ladder: Ladder
) -> Iterator[Escalation]:
    ids = [whole.order.pk for whole in found]
    known = Escalation.objects.filter(order__in=ids).values_list("order_id", "level")
    before = dict.fromkeys(ids, 0)
    for order_id, number in known:
        before[order_id] = max(before[order_id], number)
    pressed = chases.pressed(order_ids=ids)
    paths = network.paths_of_units(unit_ids=sorted({whole.order.unit_id for whole in found}))
    assigner = Assigner(rules=rules, at=now)
    for whole in found:
        order = whole.order
        if order.closed_at is not None:
            continue
        reached = reaching.reached(
            whole,
            ladder=ladder,
            axes=rules.axes,
            n_chased=pressed[order.pk].n if order.pk in pressed else 0,
            now=now,
        )
        if reached is None:
            continue
        for level in ladder.levels[before[order.pk] : reached.level]:
            staff_id = assigner.choose(
                posts=[level.post], unit_path=paths[order.unit_id], area_id=None
            )
            whole.tell(
                "ESCALATED",
                at=now,
                actor=moves.CLOCK,
                step_code=reached.code if reached.cause == STEP else "",
                level=level.number,
                post=level.post,
                cause=reached.cause,
                promise=reached.code if reached.cause == PROMISE else "",
                to_staff_id=staff_id,
            )
            yield Escalation(
                order_id=order.pk,
                level=level.number,
                post=level.post,
                staff_id=staff_id,
                cause=reached.cause,
                code=reached.code,
                raised_at=now,
                policy_version=ladder.policy_version,
                taken_words="",
                settled_words="",
            )


def take(taking: Taking, *, words: str) -> None:
    """Take an escalated order in hand, with a word on what will be done.

    Raises
    ------
    errors.EscalationUnknown
        The order was never escalated to this level.
    errors.TakenAlready
        Somebody was quicker.
    service_errors.ReasonMissing, service_errors.OrderUnknown, service_errors.OrderIsClosed
        See there.
    service_errors.NotAllowed
        The viewer stands lower on the ladder.
    service_errors.MomentGoesBack, service_errors.KeyReused
        See there.
    """
    asking = taking.asking
    said = asking.rules.checked_reason(words)

    def change(whole: Whole) -> None:
        one = _open(taking, whole)
        if one.taken_at is not None:
            raise errors.TakenAlready(f"{whole.order.number} {one.post}")
        Escalation.objects.filter(pk=one.pk).update(
            taken_at=asking.now, taken_by=asking.viewer.staff_id, taken_words=said
        )

    move(asking, kind="TAKEN_UP", reason=said, change=change, level=taking.level)


def settle(taking: Taking, *, words: str) -> None:
    """Say what was done about an escalated order; the order itself goes on.

    Raises
    ------
    errors.NotTaken
        Nobody took it in hand.
    errors.SettledAlready
        It was settled before.
    errors.EscalationUnknown, service_errors.ReasonMissing, service_errors.OrderUnknown
        See there.
    service_errors.OrderIsClosed, service_errors.NotAllowed
        See there.
    service_errors.MomentGoesBack, service_errors.KeyReused
        See there.
    """
    asking = taking.asking
    said = asking.rules.checked_reason(words)

    def change(whole: Whole) -> None:
        one = _open(taking, whole)
        if one.taken_at is None:
            raise errors.NotTaken(f"{whole.order.number} {one.post}")
        if one.settled_at is not None:
            raise errors.SettledAlready(f"{whole.order.number} {one.post}")
        if asking.now < one.taken_at:
            raise service_errors.MomentGoesBack(f"{whole.order.number} {asking.now.isoformat()}")
        Escalation.objects.filter(pk=one.pk).update(settled_at=asking.now, settled_words=said)

    move(asking, kind="SETTLED", reason=said, change=change, level=taking.level)


def _open(taking: Taking, whole: Whole) -> Escalation:
    """Return the escalation of an order that is locked and still open, for who may answer it."""
    asking = taking.asking
    moves.check_open(whole, at=asking.now)
    rows = Escalation.objects.filter(order_id=whole.order.pk, level=taking.level)
    one = rows.order_by("pk").first()
    if one is None:
        raise errors.EscalationUnknown(f"{whole.order.number} {taking.level}")
    is_theirs = one.staff_id == asking.viewer.staff_id
    if not is_theirs and taking.ladder.place(asking.viewer.role) < one.level:
        raise service_errors.NotAllowed(f"{asking.viewer.role} {one.post}")
    if asking.now < one.raised_at:
        raise service_errors.MomentGoesBack(f"{whole.order.number} {asking.now.isoformat()}")
    return one
