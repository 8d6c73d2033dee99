"""Writing today's work: the plans, and what became of their lines."""

from lamplighter.action.worklist.services.beside import Replayed, compare
from lamplighter.action.worklist.services.outcomes import (
    ItemUnknown,
    NotYourItem,
    OutcomeUnknown,
    PromiseNeedsADay,
    record_outcome,
    withdraw_outcome,
)
from lamplighter.action.worklist.services.plans import StaffUnknown, plan_all, plan_day
from lamplighter.action.worklist.services.saying import (
    KINDS,
    ROUND,
    KindUnknown,
    begin_visit,
    note_said,
)

__all__ = [
    "KINDS",
    "ROUND",
    "ItemUnknown",
    "KindUnknown",
    "NotYourItem",
    "OutcomeUnknown",
    "PromiseNeedsADay",
    "Replayed",
    "StaffUnknown",
    "begin_visit",
    "compare",
    "note_said",
    "plan_all",
    "plan_day",
    "record_outcome",
    "withdraw_outcome",
]
