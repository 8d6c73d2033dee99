"""What programs get about orders."""

from datetime import datetime, timedelta

from ninja import Schema

from lamplighter.action.service.lines import OrderLine, OrderWhole, PromiseFound
from lamplighter.api.paging import Paged


class OrderOut(Schema):
    """An order in a list."""

    number: str
    type: str
    channel: str
    state: str
    priority: str
    account_number: str
    phone_masked: str
    area: str
    unit: str
    owner: str
    incident_number: str
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    waits_for: str


class Orders(Paged):
    """A page of orders, the newest first."""

    items: list[OrderOut]


class StepState(Schema):
    """A step of one order."""

    code: str
    round: int
    state: str
    post: str
    owner_id: int | None
    owner_name: str
    begin_by_at: datetime | None
    end_by_at: datetime | None
    inner_by_at: datetime | None
    ready_at: datetime | None
    begun_at: datetime | None
    done_at: datetime | None
    answer: str


class PromiseState(Schema):
    """A promise of one order."""

    code: str
    is_outward: bool
    outcome: str
    calendar: str
    allowed_seconds: int | None
    used_seconds: int | None
    left_seconds: int | None
    starts_at: datetime | None
    due_at: datetime | None
    is_provisional: bool
    missed_at: datetime | None
    ended_at: datetime | None


class WaitState(Schema):
    """A wait of one order."""

    reason: str
    step_code: str
    begins_at: datetime
    ends_at: datetime | None


class TimelineLine(Schema):
    """One line of an order's timeline."""

    kind: str
    at: datetime
    actor: str
    step_code: str
    reason: str
    is_outward: bool


class WholeOrder(Schema):
    """One order with all that happened to it."""

    order: OrderOut
    process_version: str
    is_green: bool
    words: str
    finished_at: datetime | None
    confirmed_at: datetime | None
    steps: list[StepState]
    promises: list[PromiseState]
    waits: list[WaitState]
    timeline: list[TimelineLine]
    joined: list[str]


def order_out(line: OrderLine) -> OrderOut:
    """Return an order of a list as programs get it."""
    return OrderOut(
        number=line.number,
        type=line.type_code,
        channel=line.channel,
        state=line.state,
        priority=line.priority,
        account_number=line.account_number,
        phone_masked=line.phone_masked,
        area=line.area_name,
        unit=line.unit_name,
        owner=line.owner_name,
        incident_number=line.incident_number,
        opened_at=line.opened_at,
        closed_at=line.closed_at,
        due_at=line.due_at,
        waits_for=line.waits_for,
    )


def whole_order(found: OrderWhole) -> WholeOrder:
    """Return one order as programs get it."""
    return WholeOrder(
        order=order_out(found.line),
        process_version=found.process_version,
        is_green=found.is_green,
        words=found.words,
        finished_at=found.finished_at,
        confirmed_at=found.confirmed_at,
        steps=[StepState.model_validate(step) for step in found.steps],
        promises=[_promise(promise) for promise in found.promises],
        waits=[WaitState.model_validate(wait) for wait in found.waits],
        timeline=[TimelineLine.model_validate(event) for event in found.events],
        joined=list(found.joined),
    )


def _promise(found: PromiseFound) -> PromiseState:
    return PromiseState(
        code=found.code,
        is_outward=found.is_outward,
        outcome=found.outcome,
        calendar=found.calendar_code,
        allowed_seconds=_seconds(found.allowed),
        used_seconds=_seconds(found.used),
        left_seconds=_seconds(found.left),
        starts_at=found.starts_at,
        due_at=found.due_at,
        is_provisional=found.is_provisional,
        missed_at=found.missed_at,
        ended_at=found.ended_at,
    )


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())
