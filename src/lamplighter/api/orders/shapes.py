"""What programs send about orders."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field
from pydantic import StringConstraints as Text

from lamplighter.action.service.progress.replying import WORDS_AT_MOST as REPLY_AT_MOST
from lamplighter.action.service.services.opening import PLACE_AT_MOST, WORDS_AT_MOST
from lamplighter.api.door import NO_NUL, Code, Line, Reason

Channel = Literal["PHONE", "APP", "COUNTER", "WEB", "VISIT", "SMS", "MAIL", "INSIDE"]
Priority = Literal["NORMAL", "URGENT", "EMERGENCY"]
State = Literal["OPEN", "CONFIRMING", "CLOSED", "CANCELLED"]
Level = Literal["ERROR", "OBSTACLE", "ACCIDENT"]
Number = Annotated[str, Text(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
Written = Annotated[str, Text(max_length=1000, pattern=NO_NUL)]
Loss = Annotated[int, Field(ge=0, le=3, strict=True)]
FIRST_YEAR, LAST_YEAR = 1990, 2100


def _is_text(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError("a moment is written as text, with its offset")
    return value


def _is_near(value: datetime) -> datetime:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_is_text), AfterValidator(_is_near)]


class Input(Schema):
    """What is sent holds what is asked for and nothing else."""

    model_config = ConfigDict(extra="forbid")


class OrderIn(Input):
    """A customer's request."""

    type: Code
    channel: Channel
    account_number: Annotated[str, Text(max_length=40, pattern=NO_NUL)] = ""
    area_code: Annotated[str, Text(max_length=40, pattern=NO_NUL)] = ""
    place: Annotated[str, Text(max_length=PLACE_AT_MOST, pattern=NO_NUL)] = ""
    phone: Annotated[str, Text(max_length=40, pattern=NO_NUL)] = ""
    words: Annotated[str, Text(max_length=WORDS_AT_MOST, pattern=NO_NUL)] = ""
    priority: Priority = "NORMAL"
    cases: Annotated[dict[Code, Code], Field(max_length=10)] = {}


class CompleteIn(Input):
    """By which answer a step ends (empty where it decides nothing), and what its form holds.

    Without *fields* the form is kept by whoever sends this, and nothing in it is checked.
    """

    answer: Annotated[str, Text(max_length=40, pattern=r"^[A-Za-z0-9_]*$")] = ""
    fields: Annotated[dict[Code, Written], Field(max_length=40)] | None = None


class ReturnIn(Input):
    """To which step before it is given back, and why."""

    to_step: Code
    reason: Reason


class HandOverIn(Input):
    """To which colleague."""

    staff_id: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]
    reason: Line = ""


class WaitIn(Input):
    """For what only the customer can do, at which step."""

    reason: Code
    step: Code


class BecauseIn(Input):
    """Why."""

    reason: Reason


class ReopenIn(Input):
    """From which step the work begins again, and why."""

    step: Code
    reason: Reason


class ReplyIn(Input):
    """What is answered to a customer, and whether the last step of ours is done again."""

    words: Annotated[str, Text(min_length=1, max_length=REPLY_AT_MOST, pattern=NO_NUL)]
    begins_again: Annotated[bool, Field(strict=True)] = False


class PriorityIn(Input):
    """The new priority."""

    priority: Priority


class TypeIn(Input):
    """The new type of business."""

    type: Code


class PromiseIn(Input):
    """New terms of a promise: an amount by a calendar, or a moment."""

    calendar: Annotated[str, Text(max_length=20, pattern=r"^[A-Z0-9_]*$")] = ""
    allowed_minutes: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    given_at: Moment | None = None
    reason: Reason


class IncidentIn(Input):
    """With which other order, or in which incident, it belongs together."""

    with_number: Annotated[str, Text(max_length=40, pattern=NO_NUL)] = ""
    incident_number: Annotated[str, Text(max_length=40, pattern=NO_NUL)] = ""


class FailureIn(Input):
    """A failure of service, with its losses."""

    level: Level
    content: Reason
    method: Annotated[str, Text(max_length=200, pattern=NO_NUL)] = ""
    step: Annotated[str, Text(max_length=40, pattern=r"^[A-Za-z0-9_]*$")] = ""
    staff_id: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = None
    economic_cny: Annotated[
        Decimal, Field(ge=0, max_digits=12, decimal_places=2, allow_inf_nan=False)
    ] = Decimal(0)
    political: Loss = 0
    reputation: Loss = 0
    honour: Loss = 0
    remedy: Annotated[str, Text(max_length=1000, pattern=NO_NUL)] = ""


class WeightIn(Input):
    """What a failure cost, how that was assessed, and what is done about it."""

    economic_cny: Annotated[
        Decimal, Field(ge=0, max_digits=12, decimal_places=2, allow_inf_nan=False)
    ]
    political: Loss
    reputation: Loss
    honour: Loss
    method: Annotated[str, Text(max_length=200, pattern=NO_NUL)] = ""
    remedy: Reason
    staff_id: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = None


class Done(Schema):
    """An order after a write."""

    number: str
    state: str
