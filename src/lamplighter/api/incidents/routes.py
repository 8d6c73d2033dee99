"""Faults that several customers report, and ending one, which answers its orders."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema

from lamplighter.action.service import incidents as faults
from lamplighter.action.service import services as service
from lamplighter.api import door, paging
from lamplighter.api.door import ApiRequest, Key, Reason
from lamplighter.api.orders.shapes import Input, Moment, Number

router = Router(tags=["incidents"])
OF = "incidents"


class IncidentOut(Schema):
    """One fault of many."""

    number: str
    type: str
    unit_name: str
    area_name: str
    opened_at: datetime
    restored_at: datetime | None
    closed_at: datetime | None
    cause: str
    n_orders: int
    n_open: int


class Incidents(paging.Paged):
    """A page of faults, the newest first."""

    items: list[IncidentOut]


class EndIn(Input):
    """Why it happened, as its customers are told, and when supply was back."""

    cause: Reason
    restored_at: Moment


class Ended(Schema):
    """A fault that is over."""

    number: str
    n_orders: int  # that were answered


@router.get("", response=Incidents)
def incidents(
    request: ApiRequest,
    is_open: bool = True,
    limit: paging.Limit = None,
    after: paging.After = "",
) -> Incidents:
    """Return the faults of your units."""
    caller = request.auth
    n_rows = paging.rows(limit, policy=caller.policy)
    found = faults.listed(
        viewer=caller.viewer,
        is_open=is_open,
        before_id=paging.place(of=OF, text=after),
        limit=n_rows + 1,
    )
    shown = found[:n_rows]
    is_last = len(found) <= n_rows
    return Incidents(
        items=[
            IncidentOut(
                number=line.number,
                type=line.type_code,
                unit_name=line.unit_name,
                area_name=line.area_name,
                opened_at=line.opened_at,
                restored_at=line.restored_at,
                closed_at=line.closed_at,
                cause=line.cause,
                n_orders=line.n_orders,
                n_open=line.n_open,
            )
            for line in shown
        ],
        next=None if is_last else paging.cursor(of=OF, place=shown[-1].incident_id),
    )


@router.post("/{number}/end", response=Ended)
def end(request: ApiRequest, number: Number, body: EndIn, key: Key) -> HttpResponse:
    """End a fault: the work of its orders is done, and each customer is asked."""
    caller = request.auth

    def write() -> dict[str, Any]:
        n = service.close_incident(
            viewer=caller.viewer,
            number=number,
            cause=body.cause,
            restored_at=body.restored_at,
            now=caller.now,
            rules=caller.rules,
        )
        return {"number": number, "n_orders": n}

    return door.once(request, key=key, write=write)
