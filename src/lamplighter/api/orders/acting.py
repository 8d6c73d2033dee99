"""Working on an order: its steps, waits, terms and end. Each write is one change."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Path, Router

from lamplighter.action.service import rights
from lamplighter.action.service import services as service
from lamplighter.action.service.escalations import ladder
from lamplighter.action.service.escalations import services as escalations
from lamplighter.action.service.progress import links, replying
from lamplighter.action.service.records import services as records
from lamplighter.action.service.services import Asking
from lamplighter.api import door
from lamplighter.api.door import ApiRequest, Code, Key
from lamplighter.api.orders.shapes import (
    BecauseIn,
    CompleteIn,
    Done,
    FailureIn,
    HandOverIn,
    IncidentIn,
    Number,
    PriorityIn,
    PromiseIn,
    ReopenIn,
    ReplyIn,
    ReturnIn,
    TypeIn,
    WaitIn,
    WeightIn,
)
from lamplighter.policy import loader

router = Router(tags=["orders"])
Level = Annotated[int, Path(ge=1, le=9)]
RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Change = Callable[..., None]
NAMED = ("__module__", "__name__", "__qualname__", "__doc__")  # all but what it takes


def act(path: str) -> Callable[[Change], Change]:
    """Open an address below an order for one change of it.

    The change is written as what it takes: an asking, parts of the address, a body. Each is done
    once a key, and answers how the order stands after it.
    """

    def opened(change: Change) -> Change:
        @wraps(change, assigned=NAMED)
        def view(request: ApiRequest, number: Number, key: Key, **asked: Any) -> HttpResponse:
            return _change(request, number, key, lambda asking: change(asking, **asked))

        known = inspect.signature(view, follow_wrapped=False).parameters
        taken = list(inspect.signature(change).parameters.values())[1:]
        shape = inspect.Signature([known["request"], known["number"], *taken, known["key"]])
        view.__signature__ = shape  # type: ignore[attr-defined] # what a framework reads it by
        router.post(f"/{{number}}/{path}", response=Done)(view)
        return change

    return opened


@act("steps/{step}/begin")
def begin_step(asking: Asking, step: Code) -> None:
    """Begin a step: its owner is at it."""
    service.begin_step(asking, step_code=step)


@act("steps/{step}/complete")
def complete_step(asking: Asking, step: Code, body: CompleteIn) -> None:
    """Complete a step; of two who complete it at once, the second is told that it is done."""
    if body.fields is None:
        service.complete_step(asking, step_code=step, answer=body.answer)
        return
    records.complete(
        asking,
        step_code=step,
        answer=body.answer,
        said=body.fields,
        field_key=settings.FIELD_KEY,
    )


@act("steps/{step}/return")
def return_step(asking: Asking, step: Code, body: ReturnIn) -> None:
    """Give a step back to one before it, with the reason."""
    service.return_step(asking, step_code=step, to_code=body.to_step, reason=body.reason)


@act("steps/{step}/hand-over")
def hand_over_step(asking: Asking, step: Code, body: HandOverIn) -> None:
    """Give a step to a colleague; the promise stays."""
    service.hand_over_step(asking, step_code=step, staff_id=body.staff_id, reason=body.reason)


@act("wait")
def wait(asking: Asking, body: WaitIn) -> None:
    """Let the clocks stand, for what only the customer can do."""
    service.wait(asking, reason=body.reason, step_code=body.step)


@act("go-on")
def go_on(asking: Asking) -> None:
    """Let the clocks run again."""
    service.go_on(asking)


@act("confirm")
def confirm(asking: Asking) -> None:
    """Close a finished order: the customer said that it is done."""
    service.confirm(asking)


@act("reopen")
def reopen(asking: Asking, body: ReopenIn) -> None:
    """Begin again from a step: the customer says it is not done. The same clocks go on."""
    service.reopen(asking, step_code=body.step, reason=body.reason)


@act("cancel")
def cancel(asking: Asking, body: BecauseIn) -> None:
    """End an order that the customer takes back."""
    service.cancel(asking, reason=body.reason)


@act("chase")
def chase(asking: Asking, body: BecauseIn) -> None:
    """Urge whoever has the open steps, on the record."""
    service.chase(asking, reason=body.reason)


@act("escalations/{level}/take")
def take(asking: Asking, level: Level, body: BecauseIn) -> None:
    """Take an escalated order in hand, with a word on what will be done."""
    escalations.take(_taking(asking, level), words=body.reason)


@act("escalations/{level}/settle")
def settle(asking: Asking, level: Level, body: BecauseIn) -> None:
    """Say what was done about an escalated order; the order goes on."""
    escalations.settle(_taking(asking, level), words=body.reason)


@act("priority")
def change_priority(asking: Asking, body: PriorityIn) -> None:
    """Plan the steps by another priority; promises and used time stay."""
    service.change_priority(asking, priority=body.priority)


@act("type")
def change_type(asking: Asking, body: TypeIn) -> None:
    """Follow another process; the used time is kept."""
    service.change_type(asking, type_code=body.type)


@act("promises/{promise}")
def change_promise(asking: Asking, promise: Code, body: PromiseIn) -> None:
    """Count a promise by another calendar or amount, or give a moment; used time is kept."""
    minutes = body.allowed_minutes
    service.change_promise(
        asking,
        promise_code=promise,
        reason=body.reason,
        calendar_code=body.calendar,
        allowed=None if minutes is None else timedelta(minutes=minutes),
        given_at=body.given_at,
    )


@act("incident")
def join_incident(asking: Asking, body: IncidentIn) -> None:
    """Let the order share an incident, by its number or by that of another order."""
    service.join_incident(
        asking, with_number=body.with_number, incident_number=body.incident_number
    )


@act("failures")
def note_failure(asking: Asking, body: FailureIn) -> None:
    """Record a failure of service at its level, with its losses."""
    service.note_failure(
        asking,
        level=body.level,
        content=body.content,
        method=body.method,
        step_code=body.step,
        staff_id=body.staff_id,
        economic_cny=body.economic_cny,
        political=body.political,
        reputation=body.reputation,
        honour=body.honour,
        remedy=body.remedy,
    )


@act("failures/{failure}/weigh")
def weigh_failure(asking: Asking, failure: RowId, body: WeightIn) -> None:
    """Record the losses and the remedy of a failure; weighed again, the latest holds."""
    service.weigh_failure(asking, failure_id=failure, weight=service.Weight(**body.dict()))


@act("voices/{voice}/reply")
def reply(asking: Asking, voice: RowId, body: ReplyIn) -> None:
    """Answer what a customer said, who reads it by their link; with it the work may begin again."""
    replying.reply(
        asking,
        said=replying.Reply(answer_id=voice, words=body.words, begins_again=body.begins_again),
        policy=loader.load(name=links.NAME, on=asking.rules.on),
        field_key=settings.FIELD_KEY,
    )


def _taking(asking: Asking, level: int) -> escalations.Taking:
    levels = ladder.in_force(on=asking.rules.on, rules=asking.rules)
    return escalations.Taking(asking=asking, level=level, ladder=levels)


def _change(
    request: ApiRequest, number: str, key: str, change: Callable[[Asking], None]
) -> HttpResponse:
    """Make one change of one order, once a key, and answer how the order stands after it."""
    caller = request.auth
    rules = caller.rules

    def write() -> dict[str, Any]:
        change(
            Asking(
                viewer=caller.viewer,
                number=number,
                now=caller.now,
                rules=rules,
                request_key=door.request_key(request, key=key),
            )
        )
        _, state = rights.stand(viewer=caller.viewer, rules=rules, number=number)
        return {"number": number, "state": state}

    return door.once(request, key=key, write=write)
