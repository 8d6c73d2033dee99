"""What a customer is told of their order, without an account: progress, and nothing personal."""

from dataclasses import dataclass
from datetime import datetime

from lamplighter.action.service.loading import wholes
from lamplighter.action.service.models import AHEAD, SKIPPED, ServiceOrder
from lamplighter.policy.loader import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTold:
    """A step in plain words."""

    words: Words
    state: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseTold:
    """What the customer may hold us to."""

    title: Words
    due_at: datetime | None
    ended_at: datetime | None
    is_missed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One order as its customer sees it."""

    number: str
    title: Words
    state: str
    opened_at: datetime
    closed_at: datetime | None
    waits_for: str
    waits_told: Words | None
    steps: tuple[StepTold, ...]
    promises: tuple[PromiseTold, ...]


def told(*, number: str) -> Told | None:
    """Return what a customer is told; None where there is no such order. Four queries.

    For doors that have proved, by a signature of ours, that the customer holds the number.
    """
    rows = list(ServiceOrder.objects.filter(number=number))
    if not rows:
        return None
    (whole,) = wholes(orders=rows)
    wait = whole.open_wait()
    reason = wait.reason if wait is not None else ""
    pauses = [pause for pause in whole.process.pauses if pause.code == reason]
    return Told(
        number=number,
        title=whole.process.title,
        state=whole.order.state,
        opened_at=whole.order.opened_at,
        closed_at=whole.order.closed_at,
        waits_for=reason,
        waits_told=pauses[0].customer if pauses else None,
        steps=tuple(
            StepTold(words=card.customer, state=step.state, done_at=step.done_at)
            for card in whole.process.steps
            if card.customer is not None
            and (step := whole.steps[card.code]).state != SKIPPED
            and (step.state != AHEAD or whole.order.closed_at is None)
        ),
        promises=tuple(
            PromiseTold(
                title=whole.process.promise(promise.code).title,
                due_at=promise.due_at,
                ended_at=promise.ended_at,
                is_missed=promise.missed_at is not None,
            )
            for promise in whole.promises.values()
            if promise.is_outward and promise.lapsed_at is None
        ),
    )
