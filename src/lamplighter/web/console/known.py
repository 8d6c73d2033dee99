"""What we know of who calls: what is owed, their orders, and what their neighbours reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.action.service import queries as service
from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.rules import Rules
from lamplighter.facts.customers import newest
from lamplighter.facts.customers.story import RequestLine
from lamplighter.findings import glances as findings
from lamplighter.findings.glances import Owed
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.console.caller import Caller, Customer
from lamplighter.web.frame import formats, order_shorts
from lamplighter.web.frame.order_shorts import OrderShort

MOST_ORDERS, MOST_NEARBY, MOST_REQUESTS = 8, 6, 3
FAULTS = ("FAULT_REPAIR", "VOLTAGE_COMPLAINT")  # what one cause brings to many homes


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a glance at the customer's account says."""

    flags: tuple[str, ...]
    money: str
    is_overdue: bool
    requests: tuple[RequestLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is shown under who calls."""

    account: Account | None  # of the one customer who calls
    orders: tuple[OrderShort, ...]
    nearby: tuple[OrderShort, ...]  # faults that neighbours reported
    reported: str  # a sentence, where neighbours have reported a fault and no outage is known


def known(*, viewer: Viewer, rules: Rules, now: datetime, caller: Caller) -> Known:
    """Return what is known of who calls and of their place. At most three queries."""
    ours, near = _orders(viewer, rules, caller)
    numbers = {line.number for line in ours}
    near = [line for line in near if line.number not in numbers]
    return Known(
        account=_account(viewer, rules, caller.customer) if caller.customer else None,
        orders=tuple(order_shorts.order_short(line=line, rules=rules, now=now) for line in ours),
        nearby=tuple(order_shorts.order_short(line=line, rules=rules, now=now) for line in near),
        reported="" if any(one.is_off for one in caller.outages) else _reported(near),
    )


def _orders(
    viewer: Viewer, rules: Rules, caller: Caller
) -> tuple[list[OrderLine], list[OrderLine]]:
    """Return the orders of the account, else those that the number asked for; and those nearby."""
    if caller.customer is not None:
        return service.at_door(
            viewer=viewer,
            rules=rules,
            account_id=caller.customer.account_id,
            limit=MOST_ORDERS,
            area_id=caller.customer.area_id,
            type_codes=FAULTS,
            limit_of_area=MOST_NEARBY + 1,
        )
    ours: list[OrderLine] = []
    near: list[OrderLine] = []
    if caller.phone:
        ours = service.of_phone(
            viewer=viewer,
            rules=rules,
            number=caller.phone,
            field_key=settings.FIELD_KEY,
            limit=MOST_ORDERS,
        )
    if caller.area_id is not None:
        near = service.open_at_area(
            viewer=viewer,
            rules=rules,
            area_id=caller.area_id,
            type_codes=FAULTS,
            limit=MOST_NEARBY + 1,
        )
    return ours, near


def _account(viewer: Viewer, rules: Rules, customer: Customer) -> Account:
    owed = findings.owed(viewer=viewer, on=rules.on, account_id=customer.account_id)
    glance = newest.glance(
        viewer=viewer, on=rules.on, account_id=customer.account_id, n_requests=MOST_REQUESTS
    )
    return Account(
        flags=glance.flags,
        money=_money(owed),
        is_overdue=owed is not None and owed.overdue_cny > 0,
        requests=glance.requests,
    )


def _money(owed: Owed | None) -> str:
    if owed is None:
        return _("No bill is known yet.")
    if owed.overdue_cny > 0:
        text = ngettext(
            "%(amount)s overdue for %(n)d day.",
            "%(amount)s overdue for %(n)d days.",
            owed.days_overdue,
        )
        amount = formats.money(value=owed.overdue_cny, digits=2)
        return text % {"amount": amount, "n": owed.days_overdue}
    if owed.balance_due_cny > Decimal(0):
        amount = formats.money(value=owed.balance_due_cny, digits=2)
        return _("%(amount)s is open, still in time.") % {"amount": amount}
    return _("Everything is paid.")


def _reported(near: Sequence[OrderLine]) -> str:
    faults = [line for line in near if line.type_code == FAULTS[0]]
    if not faults:
        return ""
    first = min(line.opened_at for line in faults)
    text = ngettext(
        "%(n)s fault is reported and open in this area, since %(at)s.",
        "%(n)s faults are reported and open in this area, the first since %(at)s.",
        len(faults),
    )
    count = f"{MOST_NEARBY}+" if len(faults) > MOST_NEARBY else str(len(faults))
    return text % {"n": count, "at": formats.moment(value=first)}
