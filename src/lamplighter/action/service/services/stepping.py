"""Working on the steps of an order: begin, complete, give back, hand over inside."""

from lamplighter.action.service import errors, moves, rights
from lamplighter.action.service.models import BEGUN
from lamplighter.action.service.rules import short
from lamplighter.action.service.services.moving import Asking, move
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts as network


def begin_step(asking: Asking, *, step_code: str) -> None:
    """Begin a step: its owner is at it, and is no longer silent.

    Raises
    ------
    errors.OrderUnknown, errors.OrderIsClosed, errors.StepUnknown, errors.StepNotOpen
        See there.
    errors.NotAllowed
        It is another person's.
    errors.MomentGoesBack, errors.KeyReused
        See there.
    """

    def change(whole: Whole) -> None:
        step = moves.check_step_open(whole, step_code=step_code, at=asking.now)
        _check(asking, whole, step_code)
        if step.state == BEGUN:
            raise errors.StepNotOpen(f"{whole.order.number} {step_code} {step.state}")
        _take(asking, whole, step_code)
        step.state, step.begun_at = BEGUN, asking.now

    move(asking, kind="BEGUN", step_code=step_code, change=change)


def complete_step(asking: Asking, *, step_code: str, answer: str = "") -> None:
    """Do a step; steps behind it can begin, and the last one finishes the order.

    Of two who complete it at once, the second is refused.

    Raises
    ------
    errors.OrderUnknown, errors.OrderIsClosed, errors.StepUnknown, errors.StepNotOpen
        See there.
    errors.AnswerUnknown
        The step does not end like this.
    errors.SamePerson
        They had a step that this one is to be apart from.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """

    def change(whole: Whole) -> None:
        moves.check_step_open(whole, step_code=step_code, at=asking.now)
        _check(asking, whole, step_code)
        if asking.viewer.staff_id in whole.kept_from(step_code):
            raise errors.SamePerson(f"{whole.order.number} {step_code}")
        _take(asking, whole, step_code)
        moves.complete(
            whole, step_code=step_code, answer=answer, at=asking.now, terms=asking.rules.terms
        )
        if whole.order.finished_at is not None:
            whole.tell(
                "FINISHED", at=asking.now, actor=asking.viewer.actor, step_code=step_code,
                is_outward=True,
            )  # fmt: skip

    move(
        asking,
        kind="COMPLETED",
        step_code=step_code,
        change=change,
        is_outward=True,
        answer=answer,
    )


def return_step(asking: Asking, *, step_code: str, to_code: str, reason: str) -> None:
    """Give a step back to one before it, with the reason; the customer notices nothing.

    Raises
    ------
    errors.ReasonMissing
        The reason says too little.
    errors.NothingToReturnTo
        That step does not lead here, or is not done.
    errors.OrderUnknown, errors.OrderIsClosed, errors.StepUnknown, errors.StepNotOpen
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """
    said = asking.rules.checked_reason(reason)

    def change(whole: Whole) -> None:
        moves.check_step_open(whole, step_code=step_code, at=asking.now)
        _check(asking, whole, step_code)
        moves.give_back(
            whole, step_code=step_code, to_code=to_code, at=asking.now, terms=asking.rules.terms
        )

    move(asking, kind="RETURNED", step_code=step_code, reason=said, change=change, to_step=to_code)


def hand_over_step(asking: Asking, *, step_code: str, staff_id: int, reason: str = "") -> None:
    """Give a step to a colleague; the promise and the one who answers for the order stay.

    Raises
    ------
    errors.StaffUnknown
        There is no such colleague, or they may not sign in any more.
    errors.SamePerson
        They had a step that this one is to be apart from.
    errors.OrderUnknown, errors.OrderIsClosed, errors.StepUnknown, errors.StepNotOpen
        See there.
    errors.NotAllowed, errors.MomentGoesBack, errors.KeyReused
        See there.
    """
    if not network.is_colleague(viewer=asking.viewer, staff_id=staff_id):
        raise errors.StaffUnknown(str(staff_id))

    def change(whole: Whole) -> None:
        step = moves.check_step_open(whole, step_code=step_code, at=asking.now)
        _check(asking, whole, step_code)
        if staff_id in whole.kept_from(step_code):
            raise errors.SamePerson(f"{whole.order.number} {step_code}")
        step.owner_id, step.assigned_at = staff_id, asking.now

    move(
        asking,
        kind="HANDED_OVER",
        step_code=step_code,
        reason=short(reason),
        change=change,
        staff_id=staff_id,
    )


def _check(asking: Asking, whole: Whole, step_code: str) -> None:
    rights.check_may_do(viewer=asking.viewer, whole=whole, step_code=step_code, rules=asking.rules)


def _take(asking: Asking, whole: Whole, step_code: str) -> None:
    """Whoever works on a step that nobody has, has it."""
    step = whole.step(step_code)
    if step.owner_id is None:
        step.owner_id, step.assigned_at = asking.viewer.staff_id, asking.now
