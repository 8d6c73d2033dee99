"""Failures of service at their level, with their four losses."""

from datetime import datetime
from decimal import Decimal

from ninja import Router, Schema

from lamplighter.action.service import failing
from lamplighter.api import paging
from lamplighter.api.door import ApiRequest
from lamplighter.api.orders.shapes import Level, Moment

router = Router(tags=["failures"])
OF = "failures"


class FailureOut(Schema):
    """A failure of service."""

    id: int
    order_number: str
    type: str
    unit_name: str
    code: str
    level: str
    step: str
    content: str
    method: str
    economic_cny: Decimal
    political: int
    reputation: int
    honour: int
    remedy: str
    found_at: datetime
    weighed_at: datetime | None


class Failures(paging.Paged):
    """A page of failures."""

    items: list[FailureOut]


@router.get("", response=Failures)
def failures(
    request: ApiRequest,
    level: Level | None = None,
    is_weighed: bool | None = None,
    found_from: Moment | None = None,
    limit: paging.Limit = None,
    after: paging.After = "",
) -> Failures:
    """Return the failures of the orders you may see; weigh one by its order's address."""
    caller = request.auth
    n_rows = paging.rows(limit, policy=caller.policy)
    found = failing.listed(
        viewer=caller.viewer,
        rules=caller.rules,
        wanted=failing.Wanted(
            since=found_from,
            level=level or "",
            is_weighed=is_weighed,
            before_id=paging.place(of=OF, text=after),
        ),
        limit=n_rows + 1,
    )
    shown = found[:n_rows]
    is_last = len(found) <= n_rows
    return Failures(
        items=[_out(line) for line in shown],
        next=None if is_last else paging.cursor(of=OF, place=shown[-1].failure.failure_id),
    )


def _out(line: failing.FailureLine) -> FailureOut:
    economic, political, reputation, honour = line.failure.losses
    return FailureOut(
        id=line.failure.failure_id,
        order_number=line.number,
        type=line.type_code,
        unit_name=line.unit_name,
        code=line.failure.code,
        level=line.failure.level,
        step=line.failure.step_code,
        content=line.failure.content,
        method=line.failure.method,
        economic_cny=Decimal(economic),
        political=political,
        reputation=reputation,
        honour=honour,
        remedy=line.failure.remedy,
        found_at=line.failure.found_at,
        weighed_at=line.failure.weighed_at,
    )
