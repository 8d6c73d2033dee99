"""Listing orders, and reading one."""

from typing import Annotated

from django.conf import settings
from ninja import Query

from lamplighter.action.service import errors, pages, queries
from lamplighter.api import door, paging
from lamplighter.api.door import ApiRequest
from lamplighter.api.orders.shapes import Moment, Number, State
from lamplighter.api.orders.shown import Orders, WholeOrder, order_out, whole_order

OF = "orders"


def orders(
    request: ApiRequest,
    state: State | None = None,
    type: Annotated[str, Query(max_length=40, pattern=r"^[A-Za-z0-9_]*$")] = "",
    account: Annotated[str, Query(max_length=40, pattern=door.NO_NUL)] = "",
    is_open: bool | None = None,
    opened_from: Moment | None = None,
    opened_before: Moment | None = None,
    limit: paging.Limit = None,
    after: paging.After = "",
) -> Orders:
    """Return the orders you may see, the newest first; go on with `after=next`.

    Orders opened meanwhile stand before the first page: none that was there is lost or told twice.
    """
    caller = request.auth
    n_rows = paging.rows(limit, policy=caller.policy)
    found = pages.orders(
        viewer=caller.viewer,
        rules=caller.rules,
        wanted=pages.Wanted(
            state=state or "",
            type_code=type,
            account_number=account,
            is_open=is_open,
            opened_from_at=opened_from,
            opened_before_at=opened_before,
        ),
        before_id=paging.place(of=OF, text=after),
        limit=n_rows + 1,
    )
    shown = found[:n_rows]
    is_last = len(found) <= n_rows
    return Orders(
        items=[order_out(line) for line in shown],
        next=None if is_last else paging.cursor(of=OF, place=shown[-1].order_id),
    )


def order(request: ApiRequest, number: Number) -> WholeOrder:
    """Return one order with its steps, promises, waits and timeline."""
    caller = request.auth
    found = queries.order(
        viewer=caller.viewer,
        rules=caller.rules,
        number=number,
        now=caller.now,
        field_key=settings.FIELD_KEY,
    )
    if found is None:
        raise errors.OrderUnknown(number)
    return whole_order(found)
