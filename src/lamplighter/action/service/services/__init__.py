"""Writing orders: opening, working on steps, waiting, changing terms, ending."""

from lamplighter.action.service.services.changing import (
    change_priority,
    change_promise,
    change_type,
    chase,
)
from lamplighter.action.service.services.ending import cancel, confirm, go_on, reopen, wait
from lamplighter.action.service.services.erasing import erase_expired
from lamplighter.action.service.services.incidents import begin_incident, end_incident
from lamplighter.action.service.services.mending import Back, close_incident, end_with_outage
from lamplighter.action.service.services.moving import Asking
from lamplighter.action.service.services.noting import (
    join_incident,
    note_failure,
    record_absence,
)
from lamplighter.action.service.services.opening import Opened, Request, open_order, open_orders
from lamplighter.action.service.services.recomputing import Recomputed, recompute
from lamplighter.action.service.services.reporting import Report, report_done
from lamplighter.action.service.services.showing import read_words
from lamplighter.action.service.services.stepping import (
    begin_step,
    complete_step,
    hand_over_step,
    return_step,
)
from lamplighter.action.service.services.sweeping import Swept, sweep
from lamplighter.action.service.services.weighing import Weight, weigh_failure

__all__ = [
    "Asking",
    "Back",
    "Opened",
    "Recomputed",
    "Report",
    "Request",
    "Swept",
    "Weight",
    "begin_incident",
    "begin_step",
    "cancel",
    "change_priority",
    "change_promise",
    "change_type",
    "chase",
    "close_incident",
    "complete_step",
    "confirm",
    "end_incident",
    "end_with_outage",
    "erase_expired",
    "go_on",
    "hand_over_step",
    "join_incident",
    "note_failure",
    "open_order",
    "open_orders",
    "recompute",
    "read_words",
    "record_absence",
    "reopen",
    "report_done",
    "return_step",
    "sweep",
    "wait",
    "weigh_failure",
]
