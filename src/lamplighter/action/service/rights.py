"""Which orders a person may look at, and what they may do with one."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from lamplighter.action.service import errors
from lamplighter.action.service.models import OrderStep, ServiceOrder
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer


def seen(*, viewer: Viewer, rules: Rules) -> QuerySet[ServiceOrder]:
    """Return the orders a person may look at.

    A manager: those of the station areas they answer for, and those they have or had a step in.
    Everybody else: those of their unit and the units below it, and those given to them.
    """
    mine = Q(owner_id=viewer.staff_id) | Q(
        Exists(OrderStep.objects.filter(order=OuterRef("pk"), owner_id=viewer.staff_id))
    )
    if viewer.sees_own_areas_only:
        areas = network.areas_seen_by(viewer=viewer, on=rules.on)
        return ServiceOrder.objects.filter(mine | Q(area__in=areas))
    units = posts.units_seen_by(viewer=viewer)
    return ServiceOrder.objects.filter(mine | Q(unit__in=units))


def check_may_do(*, viewer: Viewer, whole: Whole, step_code: str, rules: Rules) -> None:
    """Raise NotAllowed unless a step is the viewer's, or they may do others' steps."""
    step = whole.step(step_code)
    if whole.process.step(step_code).when is None:  # the customer's own: we only record it
        check_may_change(viewer=viewer, whole=whole, rules=rules)
        return
    if step.owner_id == viewer.staff_id or rules.has_right(viewer, "may_do_for_others"):
        return
    if step.owner_id is None and viewer.role in rules.posts(step.post):
        return  # nobody has it yet: whoever does such work may take it
    raise errors.NotAllowed(f"{whole.order.number} {step_code}")


def check_may_change(*, viewer: Viewer, whole: Whole, rules: Rules) -> None:
    """Raise NotAllowed unless the viewer has the order or an open step, or their post may."""
    owners = {whole.order.owner_id, *(step.owner_id for step in whole.open_steps())}
    if viewer.staff_id not in owners and not rules.has_right(viewer, "may_change"):
        raise errors.NotAllowed(whole.order.number)


def stand(*, viewer: Viewer, rules: Rules, number: str) -> tuple[int, str]:
    """Return the id of an order, by which the ledger names it, and its state. One query.

    Raises
    ------
    errors.OrderUnknown
        There is no such order where the viewer may look.
    """
    found = seen(viewer=viewer, rules=rules).filter(number=number).order_by("pk")
    row = found.values_list("pk", "state").first()
    if row is None:
        raise errors.OrderUnknown(number)
    return row
