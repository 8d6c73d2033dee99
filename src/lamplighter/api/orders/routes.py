"""All calls about orders; this module opens them."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Router

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.api import door
from lamplighter.api.door import ApiRequest
from lamplighter.api.orders import reading
from lamplighter.api.orders.acting import router as acting
from lamplighter.api.orders.shapes import Done, OrderIn
from lamplighter.api.orders.shown import Orders, WholeOrder
from lamplighter.facts.network import queries as network

router = Router(tags=["orders"])
router.get("", response=Orders)(reading.orders)
router.get("/{number}", response=WholeOrder)(reading.order)
router.add_router("", acting)


@router.post("", response={201: Done})
def open_order(request: ApiRequest, body: OrderIn, key: door.Key) -> HttpResponse:
    """Open an order: it gets its promise, steps with their limits, and an owner."""
    caller = request.auth

    def write() -> dict[str, Any]:
        opened = service.open_order(
            viewer=caller.viewer,
            request=service.Request(
                type_code=body.type,
                channel=body.channel,
                asked_at=caller.now,
                account_number=body.account_number,
                area_id=_area_id(body.area_code),
                place=body.place,
                phone=body.phone,
                words=body.words,
                priority=body.priority,
                cases=body.cases,
                request_key=door.request_key(request, key=key),
            ),
            now=caller.now,
            rules=caller.rules,
            field_key=settings.FIELD_KEY,
        )
        return {"number": opened.number, "state": "OPEN"}

    return door.once(request, key=key, write=write, status=201)


def _area_id(code: str) -> int | None:
    """Return the id of a station area; whether it may be seen is asked where it is used."""
    if not code:
        return None
    try:
        (area_id,) = network.area_ids_of(codes=[code])
    except network.AreaUnknown as error:
        raise errors.PlaceUnknown(code) from error
    return area_id
