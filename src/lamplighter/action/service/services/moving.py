"""One change of one order: lock it, see whether it was asked before, move it, write, and tell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from lamplighter.action.service import errors, rights
from lamplighter.action.service.assigning import Assigner
from lamplighter.action.service.models import OrderEvent
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.services import giving, storing
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks for a change of which order, when, and by which form."""

    viewer: Viewer
    number: str  # of the order
    now: datetime
    rules: Rules
    request_key: str = ""  # the same key twice is one change


def move(
    asking: Asking,
    *,
    kind: str,
    change: Callable[[Whole], None],
    step_code: str = "",
    reason: str = "",
    is_outward: bool = False,
    **detail: Any,
) -> None:
    """Make one change of an order under its lock, with its event and its row in the ledger.

    Raises
    ------
    errors.OrderUnknown
        There is no such order where the viewer may look.
    errors.KeyReused
        The key was sent with another change.
    """
    found = rights.seen(viewer=asking.viewer, rules=asking.rules).filter(number=asking.number)
    order_id = found.order_by("pk").values_list("pk", flat=True).first()
    if order_id is None:
        raise errors.OrderUnknown(asking.number)
    with transaction.atomic():
        (whole,) = storing.locked(order_ids=[order_id])
        if _asked_before(asking, order_id=order_id, kind=kind, step_code=step_code):
            return
        before = storing.snapshot([whole])
        change(whole)
        give(whole, asking=asking)
        whole.tell(
            kind,
            at=asking.now,
            actor=asking.viewer.actor,
            step_code=step_code,
            reason=reason,
            is_outward=is_outward,
            request_key=asking.request_key,
            **detail,
        )
        storing.save([whole], before=before)
        ledger.record(
            f"service.order.{kind.lower()}",
            subject=f"order:{order_id}",
            actor=asking.viewer.actor,
            at=asking.now,
            number=whole.order.number,
            state=whole.order.state,
            step=step_code,
            **detail,
        )


def give(whole: Whole, *, asking: Asking) -> None:
    """Give steps that have become open to people."""
    if all(step.owner_id is not None for step in whole.open_steps()) and whole.order.owner_id:
        return
    unit_id = whole.order.unit_id
    giving.give(
        whole,
        unit_path=network.paths_of_units(unit_ids=[unit_id])[unit_id],
        assigner=Assigner(rules=asking.rules, at=asking.now),
        at=asking.now,
    )


def _asked_before(asking: Asking, *, order_id: int, kind: str, step_code: str) -> bool:
    if not asking.request_key:
        return False
    earlier = OrderEvent.objects.filter(order_id=order_id, request_key=asking.request_key)
    event = earlier.order_by("pk").first()
    if event is None:
        return False
    if (event.kind, event.step_code) != (kind, step_code):
        raise errors.KeyReused(f"{asking.number} {event.kind} {event.step_code}")
    return True
