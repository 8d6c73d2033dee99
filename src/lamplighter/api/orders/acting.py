"""Working on an order: its steps, waits, terms and end. Each write is one change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Path, Router

from lamplighter.action.service import rights
from lamplighter.action.service import services as service
from lamplighter.action.service.records import services as records
from lamplighter.action.service.escalations import ladder
from lamplighter.action.service.escalations import services as escalations
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
    ReturnIn,
    TypeIn,
    WaitIn,
    WeightIn,
)

router = Router(tags=["orders"])
Level = Annotated[int, Path(ge=1, le=9)]
RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Change = Callable[[service.Asking], None]


@router.post("/{number}/steps/{step}/begin", response=Done)
def begin_step(request: ApiRequest, number: Number, step: Code, key: Key) -> HttpResponse:
    """Begin a step: its owner is at it."""
    return _change(request, number, key, lambda asking: service.begin_step(asking, step_code=step))


@router.post("/{number}/steps/{step}/complete", response=Done)
def complete_step(
    request: ApiRequest, number: Number, step: Code, body: CompleteIn, key: Key
) -> HttpResponse:
    """Complete a step; of two who complete it at once, the second is told that it is done."""

    def change(asking: service.Asking) -> None:
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

    return _change(request, number, key, change)


@router.post("/{number}/steps/{step}/return", response=Done)
def return_step(
    request: ApiRequest, number: Number, step: Code, body: ReturnIn, key: Key
) -> HttpResponse:
    """Give a step back to one before it, with the reason."""
    return _change(
        request,
        number,
        key,
        lambda asking: service.return_step(
            asking, step_code=step, to_code=body.to_step, reason=body.reason
        ),
    )


@router.post("/{number}/steps/{step}/hand-over", response=Done)
def hand_over_step(
    request: ApiRequest, number: Number, step: Code, body: HandOverIn, key: Key
) -> HttpResponse:
    """Give a step to a colleague; the promise stays."""
    return _change(
        request,
        number,
        key,
        lambda asking: service.hand_over_step(
            asking, step_code=step, staff_id=body.staff_id, reason=body.reason
        ),
    )


@router.post("/{number}/wait", response=Done)
def wait(request: ApiRequest, number: Number, body: WaitIn, key: Key) -> HttpResponse:
    """Let the clocks stand, for what only the customer can do."""
    return _change(
        request,
        number,
        key,
        lambda asking: service.wait(asking, reason=body.reason, step_code=body.step),
    )


@router.post("/{number}/go-on", response=Done)
def go_on(request: ApiRequest, number: Number, key: Key) -> HttpResponse:
    """Let the clocks run again."""
    return _change(request, number, key, service.go_on)


@router.post("/{number}/confirm", response=Done)
def confirm(request: ApiRequest, number: Number, key: Key) -> HttpResponse:
    """Close a finished order: the customer said that it is done."""
    return _change(request, number, key, service.confirm)


@router.post("/{number}/reopen", response=Done)
def reopen(request: ApiRequest, number: Number, body: ReopenIn, key: Key) -> HttpResponse:
    """Begin again from a step: the customer says it is not done. The same clocks go on."""
    return _change(
        request,
        number,
        key,
        lambda asking: service.reopen(asking, step_code=body.step, reason=body.reason),
    )


@router.post("/{number}/cancel", response=Done)
def cancel(request: ApiRequest, number: Number, body: BecauseIn, key: Key) -> HttpResponse:
    """End an order that the customer takes back."""
    return _change(request, number, key, lambda asking: service.cancel(asking, reason=body.reason))


@router.post("/{number}/chase", response=Done)
def chase(request: ApiRequest, number: Number, body: BecauseIn, key: Key) -> HttpResponse:
    """Urge whoever has the open steps, on the record."""
    return _change(request, number, key, lambda asking: service.chase(asking, reason=body.reason))


@router.post("/{number}/escalations/{level}/take", response=Done)
def take(
    request: ApiRequest, number: Number, level: Level, body: BecauseIn, key: Key
) -> HttpResponse:
    """Take an order that went up in hand, with a word on what will be done."""
    return _change(
        request,
        number,
        key,
        lambda asking: escalations.take(_taking(asking, level), words=body.reason),
    )


@router.post("/{number}/escalations/{level}/settle", response=Done)
def settle(
    request: ApiRequest, number: Number, level: Level, body: BecauseIn, key: Key
) -> HttpResponse:
    """Say what was done about an order that went up; the order goes on."""
    return _change(
        request,
        number,
        key,
        lambda asking: escalations.settle(_taking(asking, level), words=body.reason),
    )


@router.post("/{number}/priority", response=Done)
def change_priority(
    request: ApiRequest, number: Number, body: PriorityIn, key: Key
) -> HttpResponse:
    """Plan the steps by another priority; promises and used time stay."""
    return _change(
        request,
        number,
        key,
        lambda asking: service.change_priority(asking, priority=body.priority),
    )


@router.post("/{number}/type", response=Done)
def change_type(request: ApiRequest, number: Number, body: TypeIn, key: Key) -> HttpResponse:
    """Follow another process; the used time is kept."""
    return _change(
        request, number, key, lambda asking: service.change_type(asking, type_code=body.type)
    )


@router.post("/{number}/promises/{promise}", response=Done)
def change_promise(
    request: ApiRequest, number: Number, promise: Code, body: PromiseIn, key: Key
) -> HttpResponse:
    """Count a promise by another calendar or amount, or give a moment; used time is kept."""
    minutes = body.allowed_minutes
    return _change(
        request,
        number,
        key,
        lambda asking: service.change_promise(
            asking,
            promise_code=promise,
            reason=body.reason,
            calendar_code=body.calendar,
            allowed=None if minutes is None else timedelta(minutes=minutes),
            given_at=body.given_at,
        ),
    )


@router.post("/{number}/incident", response=Done)
def join_incident(request: ApiRequest, number: Number, body: IncidentIn, key: Key) -> HttpResponse:
    """Let the order share an incident, by its number or by that of another order."""
    return _change(
        request,
        number,
        key,
        lambda asking: service.join_incident(
            asking, with_number=body.with_number, incident_number=body.incident_number
        ),
    )


@router.post("/{number}/failures", response=Done)
def note_failure(request: ApiRequest, number: Number, body: FailureIn, key: Key) -> HttpResponse:
    """Record a failure of service at its level, with its losses."""
    return _change(
        request,
        number,
        key,
        lambda asking: service.note_failure(
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
        ),
    )


@router.post("/{number}/failures/{failure}/weigh", response=Done)
def weigh_failure(
    request: ApiRequest, number: Number, failure: RowId, body: WeightIn, key: Key
) -> HttpResponse:
    """Record the losses and the remedy of a failure; weighed again, the latest holds."""
    weight = service.Weight(**body.dict())
    return _change(
        request,
        number,
        key,
        lambda asking: service.weigh_failure(asking, failure_id=failure, weight=weight),
    )


def _taking(asking: service.Asking, level: int) -> escalations.Taking:
    levels = ladder.in_force(on=asking.rules.on, rules=asking.rules)
    return escalations.Taking(asking=asking, level=level, ladder=levels)


def _change(request: ApiRequest, number: str, key: str, change: Change) -> HttpResponse:
    """Make one change of one order, once a key, and answer how the order stands after it."""
    caller = request.auth
    rules = caller.rules

    def write() -> dict[str, Any]:
        change(
            service.Asking(
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
