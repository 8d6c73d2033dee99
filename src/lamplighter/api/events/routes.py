"""The feed of what happened to the orders one may see."""

from datetime import datetime
from typing import Any

from ninja import Router, Schema

from lamplighter.action.service import happenings
from lamplighter.api import paging
from lamplighter.api.door import ApiRequest

router = Router(tags=["events"])
OF = "events"


class EventOut(Schema):
    """One thing that happened to one order."""

    id: str
    name: str
    order_number: str
    at: datetime
    detail: dict[str, Any]


class Events(Schema):
    """A page of the feed, the oldest first."""

    items: list[EventOut]
    next: str  # go on here, now or later: nothing is missed
    is_last: bool  # nothing more was there


@router.get("", response=Events)
def events(request: ApiRequest, limit: paging.Limit = None, after: paging.After = "") -> Events:
    """Return what happened after a cursor; keep `next`, and ask again with it.

    A page may hold fewer rows than its limit, or a few more; only `is_last` says that it was all.
    """
    caller = request.auth
    found = happenings.told(
        viewer=caller.viewer,
        rules=caller.rules,
        after_id=paging.place(of=OF, text=after) or 0,
        limit=paging.rows(limit, policy=caller.policy),
    )
    return Events(
        items=[
            EventOut(
                id=item.key,
                name=item.name,
                order_number=item.order_number,
                at=item.at,
                detail=item.detail,
            )
            for item in found.items
        ],
        next=paging.cursor(of=OF, place=found.read_until_id),
        is_last=found.is_last,
    )
