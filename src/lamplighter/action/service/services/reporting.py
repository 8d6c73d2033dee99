"""Many orders that another system has done, in one transaction and by the same moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from lamplighter.action.service import errors, moves, rights
from lamplighter.action.service.models import CANCELLED, CLOSED
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.services import storing
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An order was done elsewhere."""

    number: str
    done_at: datetime
    answers: Mapping[str, str] = field(default_factory=dict)  # step → how it ended
    moments: Mapping[str, datetime] = field(default_factory=dict)  # step → when, where it is known


def report_done(*, viewer: Viewer, reports: Sequence[Report], now: datetime, rules: Rules) -> int:
    """Do all steps that are left of orders at the moments reported; all of them or none.

    Orders that are closed already are passed by, so a report may be sent twice. Returns how many
    orders were done by this call.

    Raises
    ------
    errors.OrderUnknown
        There is no such order where the viewer may look.
    errors.MomentGoesBack
        A moment lies before something recorded, or after now.
    errors.AnswerUnknown, errors.NotAllowed
        See there.
    """
    rules.check_role(viewer, "may_do_for_others")
    said = {report.number: report for report in reports}
    late = [report for report in reports if report.done_at > now]
    if late:
        raise errors.MomentGoesBack(f"{late[0].number} {late[0].done_at.isoformat()}")
    seen = rights.seen(viewer=viewer, rules=rules).filter(number__in=list(said))
    ids = dict(seen.values_list("number", "pk"))
    unknown = [number for number in said if number not in ids]
    if unknown:
        raise errors.OrderUnknown(unknown[0])
    with transaction.atomic():
        locked = storing.locked(order_ids=list(ids.values()))
        found = [whole for whole in locked if whole.order.state not in {CLOSED, CANCELLED}]
        if not found:
            return 0
        before = storing.snapshot(found)
        for whole in found:
            report = said[whole.order.number]
            moves.complete_all(
                whole,
                answers=report.answers,
                moments=report.moments,
                at=report.done_at,
                terms=rules.terms,
            )
            whole.tell("FINISHED", at=report.done_at, actor=viewer.actor, is_outward=True)
        storing.save(found, before=before)
        ledger.record(
            "service.orders.reported_done",
            subject=f"unit:{found[0].order.unit_id}",
            actor=viewer.actor,
            at=now,
            order_ids=[whole.order.pk for whole in found],
        )
    return len(found)
