"""An order that asks for a chase (F12) chases the order it names, on its customer's behalf."""

from collections.abc import Mapping
from dataclasses import replace

from lamplighter.action.service import errors, rights
from lamplighter.action.service import services as service
from lamplighter.action.service.models import REASON_AT_MOST
from lamplighter.action.service.records.errors import NothingToChase
from lamplighter.action.service.services import Asking
from lamplighter.action.service.whole import Whole

TYPE, STEP = "CHASE", "RAISE"
NUMBER, SAID = "ORDER", "SAID"  # fields of the step's form


def chased_id(asking: Asking, *, step_code: str, said: Mapping[str, str]) -> int | None:
    """Return which order a form names, to be locked with its own; None where it names none."""
    if step_code != STEP or NUMBER not in said:
        return None
    try:
        order_id, _ = rights.stand(
            viewer=asking.viewer, rules=asking.rules, number=said[NUMBER].strip()
        )
    except errors.OrderUnknown:
        return None
    return order_id


def chase(asking: Asking, whole: Whole, *, step_code: str, values: Mapping[str, str]) -> None:
    """Record the chase that a form asks for; a form of any other step asks for none.

    Raises
    ------
    NothingToChase
        There is no such open order where the viewer may look, or it is this one.
    """
    if (whole.process.code, step_code) != (TYPE, STEP):
        return
    number, said = values[NUMBER], values.get(SAID, "")
    if number == whole.order.number:
        raise NothingToChase(number)
    other = replace(asking, number=number, request_key=f"chase-{whole.order.number}")
    try:
        service.chase(other, reason=f"{whole.order.number} {said}".strip()[:REASON_AT_MOST])
    except (errors.OrderUnknown, errors.OrderIsClosed) as error:
        raise NothingToChase(number) from error
