"""Whether the customer is asked if it is done, and how their yes and no end a step."""

from dataclasses import dataclass

from lamplighter.action.service import errors
from lamplighter.action.service.models import BEGUN, CLOSED, CONFIRMING, DONE, READY
from lamplighter.action.service.whole import Whole
from lamplighter.policy.processes import codes
from lamplighter.policy.processes.filling import TEXT_AT_MOST
from lamplighter.policy.processes.shapes import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An order asks its customer whether it is done."""

    step_code: str  # the step that asks; empty: all steps are done, the order itself asks
    yes: str  # how the step ends when it is done
    no: str  # how it ends when it is not; empty: work is opened again


def question(*, whole: Whole) -> Question | None:
    """Return what the customer is asked now; None while nothing is."""
    if whole.order.state == CONFIRMING:
        return Question(step_code="", yes="", no="")
    if whole.process.function == codes.RETURN_VISITS:
        return None
    for way in whole.process.confirmations:
        if whole.steps[way.step].state in {READY, BEGUN}:
            choice = whole.process.step(way.step).choice
            others = (
                [one.code for one in choice.answers if one.code != way.answer] if choice else []
            )
            return Question(step_code=way.step, yes=way.answer, no=others[0] if others else "")
    return None


def own_words(*, card: Step, words: str) -> dict[str, str]:
    """Return what a customer says as the form of a step takes it; nothing where it does not ask."""
    asks = any(field.code == codes.OWN_WORDS and field.kind == "TEXT" for field in card.fields)
    return {codes.OWN_WORDS: words[:TEXT_AT_MOST]} if asks else {}


def is_done(*, whole: Whole) -> bool:
    """Tell whether the work is done, so that it may be rated."""
    if whole.order.state in {CONFIRMING, CLOSED}:
        return True
    return any(
        whole.steps[way.step].state == DONE and whole.steps[way.step].answer == way.answer
        for way in whole.process.confirmations
    )


def last_of_ours(*, whole: Whole) -> str:
    """Return the step of ours that was done last: where work begins again after a no.

    Raises
    ------
    errors.NothingToReturnTo
        Nothing of ours was done yet.
    """
    done = [
        (step.done_at, step.position, step.code)
        for step in whole.steps.values()
        if step.done_at is not None and whole.process.step(step.code).when is not None
    ]
    if not done:
        raise errors.NothingToReturnTo(whole.order.number)
    return max(done)[-1]
