"""Open steps, whose they are, and until when they are to be done."""

from datetime import datetime
from typing import Literal

from ninja import Router, Schema

from lamplighter.action.service import pages
from lamplighter.api import paging
from lamplighter.api.door import ApiRequest

router = Router(tags=["steps"])
OF = "steps"


class StepLine(Schema):
    """An open step."""

    order_number: str
    type: str
    step: str
    state: str
    post: str
    owner_id: int | None
    owner_name: str
    begin_by_at: datetime | None
    end_by_at: datetime | None
    inner_by_at: datetime | None
    ready_at: datetime | None


class Steps(paging.Paged):
    """A page of open steps, the newest first."""

    items: list[StepLine]


@router.get("", response=Steps)
def steps(
    request: ApiRequest,
    whose: Literal["MINE", "NOBODYS", "ALL"] = "MINE",
    limit: paging.Limit = None,
    after: paging.After = "",
) -> Steps:
    """Return the open steps that are yours, nobody's, or all that you may see."""
    caller = request.auth
    n_rows = paging.rows(limit, policy=caller.policy)
    found = pages.open_steps(
        viewer=caller.viewer,
        rules=caller.rules,
        whose=whose,
        before_id=paging.place(of=OF, text=after),
        limit=n_rows + 1,
    )
    shown = found[:n_rows]
    is_last = len(found) <= n_rows
    return Steps(
        items=[_line(one) for one in shown],
        next=None if is_last else paging.cursor(of=OF, place=shown[-1].step_id),
    )


def _line(found: pages.StepFound) -> StepLine:
    step = found.step
    return StepLine(
        order_number=step.order.number,
        type=step.order.type_code,
        step=step.step_code,
        state=step.state,
        post=step.post,
        owner_id=step.owner_id,
        owner_name=step.owner_name,
        begin_by_at=step.begin_by_at,
        end_by_at=step.end_by_at,
        inner_by_at=step.inner_by_at,
        ready_at=step.ready_at,
    )
