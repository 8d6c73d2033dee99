"""Weighing a failure of service: its four losses, and what is done so that it does not recur."""

from dataclasses import dataclass
from decimal import Decimal

from lamplighter.action.service import errors
from lamplighter.action.service.models import ServiceFailure
from lamplighter.action.service.rules import short
from lamplighter.action.service.services.moving import Asking, move
from lamplighter.action.service.services.noting import GRAVEST, METHOD_AT_MOST
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts as network


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a failure cost, from 0, none, to 3, grave, and how that was assessed."""

    economic_cny: Decimal
    political: int
    reputation: int
    honour: int
    method: str
    remedy: str
    staff_id: int | None = None  # whose it was, where that is known


def weigh_failure(asking: Asking, *, failure_id: int, weight: Weight) -> None:
    """Record the four losses and the remedy of a failure; weighed again, the latest holds.

    Raises
    ------
    errors.FailureUnknown
        The order has no such failure, or a loss is out of range.
    errors.ReasonMissing
        The remedy says too little.
    errors.StaffUnknown, errors.OrderUnknown, errors.NotAllowed
        See there.
    errors.MomentGoesBack, errors.KeyReused
        See there.
    """
    asking.rules.check_role(asking.viewer, "may_note_failure")
    remedy = asking.rules.checked_reason(weight.remedy)
    method = short(weight.method, at_most=METHOD_AT_MOST)
    losses = (weight.political, weight.reputation, weight.honour)
    if weight.economic_cny < 0 or not all(0 <= loss <= GRAVEST for loss in losses):
        raise errors.FailureUnknown(f"{weight.economic_cny} {losses}")
    who = weight.staff_id
    if who is not None and not network.is_colleague(viewer=asking.viewer, staff_id=who):
        raise errors.StaffUnknown(str(who))

    def change(whole: Whole) -> None:
        rows = ServiceFailure.objects.filter(pk=failure_id, order=whole.order.pk)
        found = rows.order_by("pk").first()
        if found is None:
            raise errors.FailureUnknown(f"{whole.order.number} {failure_id}")
        if asking.now < max(found.found_at, found.weighed_at or found.found_at):
            raise errors.MomentGoesBack(f"{whole.order.number} {asking.now.isoformat()}")
        rows.update(
            economic_cny=weight.economic_cny,
            political=weight.political,
            reputation=weight.reputation,
            honour=weight.honour,
            method=method,
            remedy=remedy,
            staff=who if who is not None else found.staff_id,
            weighed_at=asking.now,
            weighed_by=asking.viewer.actor,
        )

    move(
        asking,
        kind="WEIGHED",
        change=change,
        failure_id=failure_id,
        economic_cny=str(weight.economic_cny),
        political=weight.political,
        reputation=weight.reputation,
        honour=weight.honour,
    )
