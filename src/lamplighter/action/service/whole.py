"""One order as a whole, in memory: its rows, and which process they follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lamplighter.action.service import errors
from lamplighter.action.service.clock import Stretch
from lamplighter.action.service.models import (
    BEGUN,
    DONE,
    READY,
    SKIPPED,
    OrderEvent,
    OrderStep,
    Promise,
    ServiceFailure,
    ServiceOrder,
    Wait,
)
from lamplighter.policy.processes.shapes import Process


@dataclass(kw_only=True)
class Whole:
    """An order with its steps, waits and promises of the current round."""

    order: ServiceOrder
    process: Process
    steps: dict[str, OrderStep]
    promises: dict[str, Promise]
    waits: list[Wait]  # in order
    former: list[OrderStep | Promise] = field(default_factory=list)  # of the round left behind
    events: list[OrderEvent] = field(default_factory=list)  # to be written
    failures: list[ServiceFailure] = field(default_factory=list)  # to be written, each once

    def done(self) -> dict[str, str]:
        """Return the answer of each step that is done."""
        return {code: step.answer for code, step in self.steps.items() if step.state == DONE}

    def step(self, code: str) -> OrderStep:
        """Return a step; raise StepUnknown where there is none."""
        try:
            return self.steps[code]
        except KeyError:
            raise errors.StepUnknown(f"{self.order.number} {code}") from None

    def kept_from(self, code: str) -> set[int]:
        """Return the people who may not do a step, as they had one that it is to be apart from."""
        owners = {self.steps[before].owner_id for before in self.process.step(code).apart_from}
        return {owner for owner in owners if owner is not None}

    def live_promises(self) -> list[Promise]:
        """Return the promises that have neither ended nor lapsed."""
        return [p for p in self.promises.values() if p.ended_at is None and p.lapsed_at is None]

    def live_steps(self) -> dict[str, OrderStep]:
        """Return the steps that are still to be done."""
        over = {DONE, SKIPPED}
        return {code: step for code, step in self.steps.items() if step.state not in over}

    def open_steps(self) -> list[OrderStep]:
        """Return the steps that can be worked on now."""
        return [step for step in self.steps.values() if step.state in {READY, BEGUN}]

    def open_wait(self) -> Wait | None:
        """Return the wait that goes on, if one does."""
        return self.waits[-1] if self.waits and self.waits[-1].ends_at is None else None

    def tell(
        self,
        kind: str,
        *,
        at: datetime,
        actor: str,
        step_code: str = "",
        reason: str = "",
        is_outward: bool = False,
        request_key: str = "",
        **detail: Any,
    ) -> None:
        """Note what happened; written together with the change."""
        self.events.append(
            OrderEvent(
                order_id=self.order.pk,
                kind=kind,
                at=at,
                actor=actor,
                step_code=step_code,
                detail=detail,
                reason=reason,
                is_outward=is_outward,
                request_key=request_key,
            )
        )


def stretches(*, starts_at: datetime, waits: Sequence[Wait]) -> tuple[Stretch, ...]:
    """Return when a clock that starts at a moment ran: whenever no wait did.

    The last stretch has no end while it runs still; a wait of no time leaves no trace.
    """
    found: list[Stretch] = []
    reached: datetime | None = starts_at
    for wait in waits:
        if reached is None or (wait.ends_at is not None and wait.ends_at <= reached):
            continue
        if wait.begins_at > reached:
            found.append(Stretch(begins_at=reached, ends_at=wait.begins_at))
        reached = wait.ends_at
    if reached is not None:
        found.append(Stretch(begins_at=reached, ends_at=None))
    # It waited from the first moment on: it ran for no time.
    return tuple(found) or (Stretch(begins_at=starts_at, ends_at=starts_at),)
