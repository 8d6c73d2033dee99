"""An order in two lines, wherever somebody's orders stand beside something else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.rules import Rules
from lamplighter.web.frame import formats, service_words
from lamplighter.web.frame.service_words import Slack


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShort:
    """An order in two lines."""

    number: str
    url: str
    type: str
    said: str
    due_at: datetime | None  # of the next promise of an open order
    slack: Slack | None
    is_open: bool
    incident: str


def order_short(*, line: OrderLine, rules: Rules, now: datetime) -> OrderShort:
    """Return an order in two lines. No query."""
    is_open = line.closed_at is None
    due_at = line.due_at if is_open else None
    state = service_words.wait_name(code=line.waits_for) or str(service_words.STATES[line.state])
    at = formats.moment(value=line.opened_at)
    return OrderShort(
        number=line.number,
        url=reverse("orders:order", args=[line.number]),
        type=service_words.type_name(code=line.type_code),
        said=_("since %(at)s · %(state)s") % {"at": at, "state": state},
        due_at=due_at,
        slack=service_words.slack(
            due_at=due_at,
            now=now,
            soon=timedelta(hours=rules.policy.integer("ahead_hours")),
        ),
        is_open=is_open,
        incident=line.incident_number,
    )
