"""How an order ends, or begins anew, in memory: the customer's word, a step back, another type."""

from datetime import datetime

from lamplighter.action.service import errors, moves
from lamplighter.action.service.models import (
    CANCELLED,
    CLOSED,
    CONFIRMING,
    DONE,
    OPEN,
    SKIPPED,
)
from lamplighter.action.service.planning import Terms
from lamplighter.action.service.whole import Whole
from lamplighter.policy.processes.shapes import Process


def reopen(whole: Whole, *, step_code: str, at: datetime, terms: Terms) -> None:
    """Open a step that was done again, and all behind it: the customer says it is not done.

    The same clocks go on; the time in which a finished order waited for the customer's word does
    not count.

    Raises
    ------
    errors.OrderIsClosed, errors.StepUnknown, errors.MomentGoesBack
        See there.
    errors.NothingToReturnTo
        The step was not done.
    """
    moves.check_open(whole, at=at)
    step = whole.step(step_code)
    if step.state != DONE:
        raise errors.NothingToReturnTo(f"{whole.order.number} {step_code}")
    if at < (step.done_at or at):
        raise errors.MomentGoesBack(f"{whole.order.number} {step_code} {at.isoformat()}")
    if whole.order.state == CONFIRMING:
        moves.end_wait(whole, at=at)
    whole.order.state, whole.order.finished_at = OPEN, None
    moves.undo(whole, step_code=step_code, at=at, terms=terms)


def close(whole: Whole, *, at: datetime, is_confirmed: bool) -> None:
    """Close a finished order: the customer said yes, or nothing for long enough.

    Raises
    ------
    errors.OrderIsClosed, errors.OrderIsOpen
        See there.
    """
    moves.check_open(whole, at=at)
    if whole.order.state != CONFIRMING:
        raise errors.OrderIsOpen(whole.order.number)
    moves.end_wait(whole, at=at)
    whole.order.state, whole.order.closed_at = CLOSED, at
    whole.order.confirmed_at = at if is_confirmed else None


def cancel(whole: Whole, *, at: datetime) -> None:
    """End an order that the customer takes back; a promise missed by then stays missed.

    Raises
    ------
    errors.OrderIsClosed, errors.MomentGoesBack
        See there.
    """
    moves.check_open(whole, at=at)
    for promise in whole.live_promises():
        moves.note_missed(promise, whole=whole, at=at)
        promise.lapsed_at = at
    for step in whole.live_steps().values():
        step.state = SKIPPED
    if whole.open_wait() is not None:
        moves.end_wait(whole, at=at)
    whole.order.state, whole.order.closed_at = CANCELLED, at


def change_type(whole: Whole, *, process: Process, at: datetime, terms: Terms) -> None:
    """Let an order follow another process; its clocks keep the time that was used.

    Raises
    ------
    errors.OrderIsClosed, errors.MomentGoesBack, errors.CaseMissing
        See there.
    """
    moves.check_open(whole, at=at)
    for promise in whole.live_promises():
        moves.note_missed(promise, whole=whole, at=at)
        promise.lapsed_at = at
    for step in whole.live_steps().values():
        step.state = SKIPPED
    whole.former += [*whole.steps.values(), *whole.promises.values()]
    whole.order.round += 1
    if whole.open_wait() is not None:
        moves.end_wait(whole, at=at)
    whole.order.state, whole.order.finished_at = OPEN, None
    moves.follow(whole, process=process, given_at={})
    moves.advance(whole, at=at, terms=terms)
