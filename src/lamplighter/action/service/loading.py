"""Reading orders whole."""

from collections.abc import Sequence

from lamplighter.action.service.models import OrderStep, Promise, ServiceOrder, Wait
from lamplighter.action.service.whole import Whole
from lamplighter.policy.processes import catalogue


def wholes(*, orders: Sequence[ServiceOrder]) -> list[Whole]:
    """Return orders with their steps, waits and promises. Three queries."""
    found = {
        order.pk: Whole(
            order=order,
            process=catalogue.by_version(version=order.process_version),
            steps={},
            promises={},
            waits=[],
        )
        for order in orders
    }
    ids = list(found)
    for step in OrderStep.objects.filter(order__in=ids).order_by("order_id", "round", "position"):
        whole = found[step.order_id]
        if step.round == whole.order.round:
            whole.steps[step.code] = step
    for promise in Promise.objects.filter(order__in=ids).order_by("order_id", "pk"):
        whole = found[promise.order_id]
        if promise.round == whole.order.round:
            whole.promises[promise.code] = promise
    for wait in Wait.objects.filter(order__in=ids).order_by("order_id", "begins_at", "pk"):
        found[wait.order_id].waits.append(wait)
    return list(found.values())
