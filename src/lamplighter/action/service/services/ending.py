"""How an order waits and ends: for what only the customer can do, and with the customer's word."""

from lamplighter.action.service import endings, errors, moves, rights
from lamplighter.action.service.models import CONFIRMATION
from lamplighter.action.service.planning import replan
from lamplighter.action.service.services.moving import Asking, move
from lamplighter.action.service.whole import Whole


def wait(asking: Asking, *, reason: str, step_code: str) -> None:
    """Let an order's clocks stand, for what its process says that only the customer can do.

    Raises
    ------
    errors.WaitNotAllowed
        The process knows no such reason at this step.
    errors.AlreadyWaiting, errors.OrderUnknown, errors.OrderIsClosed
        See there.
    errors.StepUnknown, errors.StepNotOpen, errors.NotAllowed
        See there.
    errors.MomentGoesBack, errors.KeyReused
        See there.
    """

    def change(whole: Whole) -> None:
        moves.check_step_open(whole, step_code=step_code, at=asking.now)
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
        allowed = [p for p in whole.process.pauses if p.code == reason and step_code in p.steps]
        if not allowed:
            raise errors.WaitNotAllowed(f"{whole.order.number} {reason} {step_code}")
        moves.begin_wait(whole, reason=reason, step_code=step_code, at=asking.now)
        replan(whole, terms=asking.rules.terms)

    move(
        asking,
        kind="WAITING",
        step_code=step_code,
        change=change,
        is_outward=True,
        waits_for=reason,
    )


def go_on(asking: Asking) -> None:
    """Let an order's clocks run again; the time that was used stays used.

    Raises
    ------
    errors.NotWaiting, errors.OrderUnknown, errors.OrderIsClosed
        See there.
    errors.OrderIsOpen
        It waits for the customer's yes; it is closed or opened again, and does not just go on.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """

    def change(whole: Whole) -> None:
        moves.check_open(whole, at=asking.now)
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
        going_on = whole.open_wait()
        if going_on is not None and going_on.reason == CONFIRMATION:
            raise errors.OrderIsOpen(whole.order.number)
        moves.end_wait(whole, at=asking.now)
        replan(whole, terms=asking.rules.terms)

    move(asking, kind="GONE_ON", change=change, is_outward=True)


def confirm(asking: Asking) -> None:
    """Close a finished order: the customer said that it is done.

    Raises
    ------
    errors.OrderIsOpen, errors.OrderIsClosed, errors.OrderUnknown
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """

    def change(whole: Whole) -> None:
        moves.check_open(whole, at=asking.now)
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
        endings.close(whole, at=asking.now, is_confirmed=True)

    move(asking, kind="CONFIRMED", change=change, is_outward=True)


def reopen(asking: Asking, *, step_code: str, reason: str) -> None:
    """Open a step that was done again, and all behind it: the customer says it is not done.

    The same clocks go on; the time in which a finished order waited for the customer's word does
    not count. A closed order is not opened again: what comes later is a new request.

    Raises
    ------
    errors.ReasonMissing
        The reason says too little.
    errors.NothingToReturnTo
        The step was not done.
    errors.OrderIsClosed, errors.OrderUnknown, errors.StepUnknown
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """
    said = asking.rules.checked_reason(reason)

    def change(whole: Whole) -> None:
        moves.check_open(whole, at=asking.now)
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
        endings.reopen(whole, step_code=step_code, at=asking.now, terms=asking.rules.terms)

    move(
        asking,
        kind="REOPENED",
        step_code=step_code,
        reason=said,
        change=change,
        is_outward=True,
    )


def cancel(asking: Asking, *, reason: str) -> None:
    """End an order that the customer takes back.

    Raises
    ------
    errors.ReasonMissing
        The reason says too little.
    errors.OrderIsClosed, errors.OrderUnknown
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """
    said = asking.rules.checked_reason(reason)

    def change(whole: Whole) -> None:
        moves.check_open(whole, at=asking.now)
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
        endings.cancel(whole, at=asking.now)

    move(asking, kind="CANCELLED", reason=said, change=change, is_outward=True)
