"""Changing the terms of an order: its priority, type, one of its promises; and chasing it."""

from datetime import datetime, timedelta

from lamplighter.action.service import endings, errors, moves, rights
from lamplighter.action.service.planning import replan
from lamplighter.action.service.services.moving import Asking, move
from lamplighter.action.service.whole import Whole
from lamplighter.policy.processes import catalogue


def change_priority(asking: Asking, *, priority: str) -> None:
    """Plan an order's steps by another priority; promises and used time stay what they were.

    Raises
    ------
    errors.PriorityUnknown, errors.OrderUnknown, errors.OrderIsClosed
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """

    def change(whole: Whole) -> None:
        moves.check_open(whole, at=asking.now)
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
        green = whole.process.green if whole.order.is_green else None
        whole.order.aim_ratio = asking.rules.aim_ratio(
            priority=priority, green_factor=green.factor if green else 1.0
        )
        whole.order.priority = priority
        replan(whole, terms=asking.rules.terms)

    move(asking, kind="CHANGED_PRIORITY", change=change, priority=priority)


def change_type(asking: Asking, *, type_code: str) -> None:
    """Let an order follow another process, in the version in force; the used time is kept.

    Raises
    ------
    catalogue.ProcessUnknown
        There is no such type.
    errors.CaseMissing, errors.OrderUnknown, errors.OrderIsClosed
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """
    process = catalogue.in_force(code=type_code, on=asking.rules.on)

    def change(whole: Whole) -> None:
        moves.check_open(whole, at=asking.now)
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
        green = process.green if whole.order.is_green else None
        whole.order.is_green = green is not None
        whole.order.aim_ratio = asking.rules.aim_ratio(
            priority=whole.order.priority, green_factor=green.factor if green else 1.0
        )
        endings.change_type(whole, process=process, at=asking.now, terms=asking.rules.terms)

    move(
        asking,
        kind="CHANGED_TYPE",
        change=change,
        is_outward=True,
        type=type_code,
        process=process.version,
    )


def change_promise(
    asking: Asking,
    *,
    promise_code: str,
    reason: str,
    calendar_code: str = "",
    allowed: timedelta | None = None,
    given_at: datetime | None = None,
) -> None:
    """Count a promise by another calendar or amount, or give a moment; used time is kept.

    Raises
    ------
    errors.PromiseUnknown
        The order makes no such promise, or it has ended.
    errors.PromiseImpossible
        No time, a moment before it starts, no such calendar, or a moment and an amount at once.
    errors.ReasonMissing, errors.OrderUnknown, errors.OrderIsClosed
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """
    said = asking.rules.checked_reason(reason)
    asking.rules.check_role(asking.viewer, "may_do_for_others")
    if (given_at is None) == (allowed is None and not calendar_code):
        raise errors.PromiseImpossible(f"{promise_code}: an amount or a moment")
    if allowed is not None and allowed <= timedelta():
        raise errors.PromiseImpossible(f"{promise_code}: {allowed}")
    if calendar_code and calendar_code not in asking.rules.axes.calendars:
        raise errors.PromiseImpossible(f"{promise_code}: calendar {calendar_code}")

    def change(whole: Whole) -> None:
        moves.check_open(whole, at=asking.now)
        found = [p for p in whole.live_promises() if p.code == promise_code]
        if not found:
            raise errors.PromiseUnknown(f"{whole.order.number} {promise_code}")
        (promise,) = found
        moves.note_missed(promise, whole=whole, at=asking.now)  # what is missed by now stays missed
        if given_at is not None:
            if given_at < (promise.starts_at or whole.order.opened_at):
                raise errors.PromiseImpossible(f"{promise_code}: {given_at.isoformat()}")
            promise.given_at, promise.allowed, promise.calendar_code = given_at, None, ""
        else:
            promise.allowed = allowed or promise.allowed
            promise.calendar_code = calendar_code or promise.calendar_code
            promise.given_at = None
            if promise.allowed is None or not promise.calendar_code:
                raise errors.PromiseImpossible(f"{promise_code}: an amount and a calendar")
        replan(whole, terms=asking.rules.terms)

    move(
        asking,
        kind="CHANGED_PROMISE",
        change=change,
        reason=said,
        is_outward=True,
        promise=promise_code,
        calendar=calendar_code,
        allowed_seconds=allowed.total_seconds() if allowed else None,
        given_at=given_at.isoformat() if given_at else None,
    )


def chase(asking: Asking, *, reason: str) -> None:
    """Urge whoever has the open steps of an order, on the customer's behalf, on the record.

    Raises
    ------
    errors.ReasonMissing, errors.OrderUnknown, errors.OrderIsClosed
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """
    said = asking.rules.checked_reason(reason)
    asking.rules.check_role(asking.viewer, "may_chase")

    def change(whole: Whole) -> None:
        moves.check_open(whole, at=asking.now)

    move(asking, kind="CHASED", change=change, reason=said)
