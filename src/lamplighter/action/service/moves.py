"""What can happen to an order, in memory: who may begin what, what ends, what is told.

Nothing here reads or writes a table; the services load a whole order under its lock, move it, and
write what differs. One order and sixty thousand go the same way.
"""

from collections.abc import Mapping
from datetime import datetime

from lamplighter.action.service import errors, planning
from lamplighter.action.service.models import (
    AHEAD,
    BEGUN,
    CANCELLED,
    CLOSED,
    CONFIRMATION,
    CONFIRMING,
    DONE,
    READY,
    SKIPPED,
    OrderStep,
    Promise,
    ServiceFailure,
    Wait,
)
from lamplighter.action.service.planning import Terms
from lamplighter.action.service.whole import Whole
from lamplighter.policy.processes import flow
from lamplighter.policy.processes.shapes import Failure, Process

CLOCK, BY_CLOCK = "clock", "PROMISE_MISSED"  # who finds a missed promise, and how


def follow(whole: Whole, *, process: Process, given_at: Mapping[str, datetime]) -> None:
    """Give an order the steps and promises of a process; the first step can begin.

    Parameters
    ----------
    whole
        The order; its earlier steps and promises, if any, are left behind.
    process
        What it follows from now on.
    given_at
        Promises, by code, for which a fixed moment was promised in place of an amount.

    Raises
    ------
    errors.CaseMissing
        A promise differs by something that the order does not say.
    errors.PromiseUnknown
        The process makes no promise of a code.
    """
    order = whole.order
    unknown = set(given_at) - {promise.code for promise in process.promises}
    if unknown:
        raise errors.PromiseUnknown(f"{process.version} {min(unknown)}")
    order.type_code, order.process_version = process.code, process.version
    whole.process = process
    whole.steps = {
        card.code: OrderStep(
            order_id=order.pk,
            round=order.round,
            code=card.code,
            position=position,
            post=card.who,
            state=AHEAD,
            unit_id=order.unit_id,
            answer="",
            n_reassigned=0,
        )
        for position, card in enumerate(process.steps)
    }
    whole.promises = {}
    for promise in process.promises:
        if promise.by != "ALL" and order.cases.get(promise.by) not in promise.cases:
            raise errors.CaseMissing(f"{process.version} {promise.code} {promise.by}")
        limit = promise.limit(case=planning.case_of(cases=whole.order.cases, by=promise.by))
        moment = given_at.get(promise.code)
        whole.promises[promise.code] = Promise(
            order_id=order.pk,
            round=order.round,
            code=promise.code,
            is_outward=promise.is_outward,
            calendar_code="" if moment else limit.calendar,
            allowed=None if moment else planning.minutes(limit.minutes),
            given_at=moment,
            starts_at=None if promise.after else order.opened_at,
            is_provisional=False,
        )


def advance(whole: Whole, *, at: datetime, terms: Terms) -> None:
    """Bring steps and promises up to what is done, and read all deadlines anew."""
    _open_and_end(whole, at=at)
    note_graver(whole, at=at, terms=terms)
    _wait_for_the_customer(whole, at=at)
    planning.replan(whole, terms=terms)


def _open_and_end(whole: Whole, *, at: datetime) -> None:
    states = flow.states(process=whole.process, done=whole.done())
    for code, state in states.items():
        step = whole.steps[code]
        if state == flow.SKIPPED:
            step.state = SKIPPED
        elif state == flow.WAITING and step.state != AHEAD:
            _set_back(step)
        elif state == flow.READY and step.state not in {READY, BEGUN}:
            _set_back(step)
            step.state, step.ready_at = READY, at
            step.assigned_at = at if step.owner_id is not None else None
    for promise in whole.live_promises():
        _advance_promise(promise, whole=whole, at=at)


def _set_back(step: OrderStep) -> None:
    step.state = AHEAD
    step.ready_at = step.begun_at = step.done_at = None
    step.answer = ""


def _advance_promise(promise: Promise, *, whole: Whole, at: datetime) -> None:
    said = whole.process.promise(promise.code)
    until = whole.steps[said.until]
    before = whole.steps[said.after] if said.after else None
    if until.state == SKIPPED or (before is not None and before.state == SKIPPED):
        note_missed(promise, whole=whole, at=at)
        promise.lapsed_at = at
        return
    if before is not None:
        promise.starts_at = before.done_at  # null again where the step was given back
    if until.state == DONE:
        note_missed(promise, whole=whole, at=at)
        promise.ended_at = at


def note_missed(promise: Promise, *, whole: Whole, at: datetime) -> bool:
    """Record once that a promise was used up before a moment; tell whether it is new.

    What the process counts as a failure of service from the first minute on is noted with it.
    """
    if promise.missed_at is not None or promise.due_at is None or promise.due_at >= at:
        return False
    promise.missed_at = promise.due_at
    whole.tell(
        "MISSED", at=at, actor=CLOCK, promise=promise.code, due_at=promise.due_at.isoformat()
    )
    for failure in whole.process.failures:
        if failure.breach == promise.code and failure.late_from == 0:
            _fail(whole, failure=failure, at=at)
    return True


def note_graver(whole: Whole, *, at: datetime, terms: Terms) -> None:
    """Note what a promise has come to that is, or ends now, so late that it counts as graver."""
    for promise in whole.promises.values():
        is_over = promise.lapsed_at is not None or promise.ended_at not in {None, at}
        if promise.missed_at is None or is_over:
            continue
        graver = [
            failure
            for failure in whole.process.failures
            if failure.breach == promise.code and failure.late_from > 0
        ]
        if not graver:
            continue
        over = planning.overrun_ratio(promise, whole=whole, axes=terms.axes, at=at)
        for failure in graver:
            if failure.late_from <= over:
                _fail(whole, failure=failure, at=at)


def _fail(whole: Whole, *, failure: Failure, at: datetime) -> None:
    until = whole.steps[whole.process.promise(failure.breach).until]
    whole.failures.append(
        ServiceFailure(
            order_id=whole.order.pk,
            code=failure.code,
            level=failure.level,
            step_code=until.code,
            unit_id=until.unit_id,
            staff_id=None,  # late is not yet anybody's fault
            content=failure.title.zh,
            method=BY_CLOCK,
            economic_cny=0,
            political=0,
            reputation=0,
            honour=0,
            found_at=at,
            found_by=CLOCK,
            remedy="",
            weighed_by="",
        )
    )


def _wait_for_the_customer(whole: Whole, *, at: datetime) -> None:
    """Let the clocks stand while a step waits that is the customer's own, and no other is open."""
    opened = whole.open_steps()
    theirs = [step for step in opened if whole.process.step(step.code).when is None]
    wait = whole.open_wait()
    if theirs and len(theirs) == len(opened) and wait is None:
        step = theirs[0]
        begin_wait(whole, reason=whole.process.step(step.code).pause, step_code=step.code, at=at)
    elif wait is not None and wait.step_code and wait.reason != CONFIRMATION:
        waited = whole.steps.get(wait.step_code)
        if waited is None or waited.state not in {READY, BEGUN}:
            end_wait(whole, at=at)


def begin_wait(whole: Whole, *, reason: str, step_code: str, at: datetime) -> None:
    """Let the clocks of an order stand; what is used up by now stays missed.

    Raises
    ------
    errors.AlreadyWaiting
        It waits already.
    errors.MomentGoesBack
        It was set going only later.
    """
    if whole.open_wait() is not None:
        raise errors.AlreadyWaiting(whole.order.number)
    if whole.waits and at < (whole.waits[-1].ends_at or at):
        raise errors.MomentGoesBack(f"{whole.order.number} {at.isoformat()}")
    for promise in whole.live_promises():
        note_missed(promise, whole=whole, at=at)
    whole.waits.append(
        Wait(
            order_id=whole.order.pk, reason=reason, step_code=step_code, begins_at=at, ends_at=None
        )
    )


def end_wait(whole: Whole, *, at: datetime) -> Wait:
    """Let the clocks of an order run again.

    Raises
    ------
    errors.NotWaiting
        It does not wait.
    errors.MomentGoesBack
        It waits only since later.
    """
    wait = whole.open_wait()
    if wait is None:
        raise errors.NotWaiting(whole.order.number)
    if at < wait.begins_at:
        raise errors.MomentGoesBack(f"{whole.order.number} {at.isoformat()}")
    wait.ends_at = at
    return wait


def check_open(whole: Whole, *, at: datetime) -> None:
    """Raise OrderIsClosed or MomentGoesBack unless work on an order may go on."""
    if whole.order.state in {CLOSED, CANCELLED}:
        raise errors.OrderIsClosed(whole.order.number)
    if at < whole.order.opened_at:
        raise errors.MomentGoesBack(f"{whole.order.number} {at.isoformat()}")


def check_step_open(whole: Whole, *, step_code: str, at: datetime) -> OrderStep:
    """Return a step that can be worked on; raise StepUnknown, StepNotOpen or as above."""
    check_open(whole, at=at)
    step = whole.step(step_code)
    if step.state not in {READY, BEGUN}:
        raise errors.StepNotOpen(f"{whole.order.number} {step_code} {step.state}")
    if at < (step.begun_at or step.ready_at or at):
        raise errors.MomentGoesBack(f"{whole.order.number} {step_code} {at.isoformat()}")
    return step


def complete(whole: Whole, *, step_code: str, answer: str, at: datetime, terms: Terms) -> None:
    """Do a step; the last one finishes the order.

    Raises
    ------
    errors.StepUnknown, errors.StepNotOpen, errors.OrderIsClosed, errors.MomentGoesBack
        See there.
    errors.AnswerUnknown
        The step does not end like this.
    """
    step = check_step_open(whole, step_code=step_code, at=at)
    if answer not in flow.answers(whole.process.step(step_code)):
        raise errors.AnswerUnknown(f"{whole.order.number} {step_code} {answer}")
    step.begun_at = step.begun_at or at
    step.state, step.done_at, step.answer = DONE, at, answer
    advance(whole, at=at, terms=terms)
    if not whole.live_steps():
        _finish(whole, at=at)


def complete_all(
    whole: Whole,
    *,
    answers: Mapping[str, str],
    moments: Mapping[str, datetime],
    at: datetime,
    terms: Terms,
) -> None:
    """Do every step that is left: another system did the work and says so.

    A step that decides ends by the answer given for it, or else by its first; each is done at the
    moment given for it, or else at the end.

    Raises
    ------
    errors.OrderIsClosed, errors.MomentGoesBack, errors.AnswerUnknown
        See there.
    """
    check_open(whole, at=at)
    while opened := whole.open_steps():
        done_at = min(moments.get(step.code, at) for step in opened)
        for step in opened:
            if moments.get(step.code, at) != done_at:
                continue
            known = flow.answers(whole.process.step(step.code))
            answer = answers.get(step.code, known[0])
            if answer not in known:
                raise errors.AnswerUnknown(f"{whole.order.number} {step.code} {answer}")
            if not (step.begun_at or step.ready_at or done_at) <= done_at <= at:
                raise errors.MomentGoesBack(f"{whole.order.number} {step.code}")
            step.begun_at = step.begun_at or done_at
            step.state, step.done_at, step.answer = DONE, done_at, answer
        if done_at < at:
            advance(whole, at=done_at, terms=terms)
        else:
            _open_and_end(whole, at=at)
    note_graver(whole, at=at, terms=terms)
    _finish(whole, at=at)


def _finish(whole: Whole, *, at: datetime) -> None:
    """Close an order whose customer has said yes or need not; ask the customer otherwise."""
    order = whole.order
    order.finished_at = at
    if whole.open_wait() is not None:
        end_wait(whole, at=at)
    said_yes_at = _said_yes_at(whole)
    if whole.process.is_confirmed and said_yes_at is None:
        order.state = CONFIRMING
        begin_wait(whole, reason=CONFIRMATION, step_code="", at=at)
    else:
        order.state, order.closed_at, order.confirmed_at = CLOSED, at, said_yes_at


def _said_yes_at(whole: Whole) -> datetime | None:
    """Return when the customer, asked by a step, agreed that it is done."""
    agreed = [
        step.done_at
        for way in whole.process.confirmations
        if (step := whole.steps[way.step]).state == DONE and step.answer == way.answer
    ]
    return max(filter(None, agreed), default=None)


def give_back(whole: Whole, *, step_code: str, to_code: str, at: datetime, terms: Terms) -> None:
    """Give a step back to the one before it, which is then to be done again.

    Raises
    ------
    errors.NothingToReturnTo
        That step does not lead here, or is not done.
    errors.StepUnknown, errors.StepNotOpen, errors.OrderIsClosed, errors.MomentGoesBack
        See there.
    """
    check_step_open(whole, step_code=step_code, at=at)
    before = {way.step for way in whole.process.step(step_code).follows}
    if to_code not in before or whole.steps[to_code].state != DONE:
        raise errors.NothingToReturnTo(f"{whole.order.number} {step_code} to {to_code}")
    undo(whole, step_code=to_code, at=at, terms=terms)


def undo(whole: Whole, *, step_code: str, at: datetime, terms: Terms) -> None:
    """Open a step that was done, and all behind it; their promises go on by the same clocks."""
    behind = flow.behind(code=step_code, steps=whole.process.steps)
    for code in behind | {step_code}:
        _set_back(whole.steps[code])
    for promise in whole.promises.values():
        said = whole.process.promise(promise.code)
        if said.until in behind | {step_code}:
            promise.ended_at = promise.lapsed_at = None
    advance(whole, at=at, terms=terms)
