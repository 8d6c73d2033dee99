"""Reading all deadlines anew after a change of a calendar, in one bounded pass."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lamplighter.action.service import flat, recount
from lamplighter.action.service.models import ServiceOrder
from lamplighter.action.service.rules import Rules
from lamplighter.ledger import services as ledger

ORDERS_AT_ONCE = 5_000  # what one transaction locks, and what memory holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What a pass over all live orders did."""

    n_orders: int
    n_changed: int  # orders with a deadline that moved


def recompute(
    *,
    now: datetime,
    rules: Rules,
    actor: str,
    at_once: int = ORDERS_AT_ONCE,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Recomputed:
    """Read the deadlines of all open orders anew, by the calendars of these rules.

    Orders are taken in parts, each in a transaction of its own, in the order of their numbers; the
    pass may be killed and run again. The time used stays what it was, and what was missed stays
    missed.

    Raises
    ------
    columns.OutsideColumns
        A promise reaches further than any calendar does.
    """
    n_orders = n_changed = last = 0
    while True:
        with transaction.atomic():
            rows = ServiceOrder.objects.filter(pk__gt=last, closed_at__isnull=True)
            ids = list(rows.order_by("pk").values_list("pk", flat=True)[:at_once])
            if not ids:
                return Recomputed(n_orders=n_orders, n_changed=n_changed)
            found = flat.locked(order_ids=ids)
            recount.replan_all(found, terms=rules.terms)
            changed = [order for order in found if order.differs()]
            if changed:
                flat.save(changed)
                ledger.record(
                    "service.clocks.recomputed",
                    subject="clocks",
                    actor=actor,
                    at=now,
                    order_ids=[order.id for order in changed],
                    policy=rules.policy.version,
                )
        last, n_orders, n_changed = ids[-1], n_orders + len(found), n_changed + len(changed)
        on_progress(n_orders)
