"""What was escalated by policy: when, to whom, when it was taken in hand, and how it ended."""

from datetime import datetime
from typing import Literal

from ninja import Router, Schema

from lamplighter.action.service.escalations import queries
from lamplighter.api import paging
from lamplighter.api.door import ApiRequest

router = Router(tags=["escalations"])
OF = "escalations"


class EscalationOut(Schema):
    """An order that was escalated to one level."""

    order_number: str
    type: str
    unit_name: str
    level: int
    post: str
    staff_id: int | None
    staff_name: str
    cause: str
    code: str
    raised_at: datetime
    taken_at: datetime | None
    taken_by: str
    ended_at: datetime | None
    state: str


class Escalations(paging.Paged):
    """A page of what was escalated, the newest first."""

    items: list[EscalationOut]


@router.get("", response=Escalations)
def escalations(
    request: ApiRequest,
    state: Literal["NEW", "TAKEN", "OVER"] | None = None,
    limit: paging.Limit = None,
    after: paging.After = "",
) -> Escalations:
    """Return the escalated orders you may see; answer by the order's own address."""
    caller = request.auth
    n_rows = paging.rows(limit, policy=caller.policy)
    found = queries.listed(
        viewer=caller.viewer,
        rules=caller.rules,
        state=state or "",
        before_id=paging.place(of=OF, text=after),
        limit=n_rows + 1,
    )
    shown = found[:n_rows]
    is_last = len(found) <= n_rows
    return Escalations(
        items=[_out(line) for line in shown],
        next=None if is_last else paging.cursor(of=OF, place=shown[-1].escalation_id),
    )


def _out(line: queries.EscalationLine) -> EscalationOut:
    return EscalationOut(
        order_number=line.number,
        type=line.type_code,
        unit_name=line.unit_name,
        level=line.level,
        post=line.post,
        staff_id=line.staff_id,
        staff_name=line.staff_name,
        cause=line.cause,
        code=line.code,
        raised_at=line.raised_at,
        taken_at=line.taken_at,
        taken_by=line.taken_by,
        ended_at=line.ended_at,
        state=line.state,
    )
