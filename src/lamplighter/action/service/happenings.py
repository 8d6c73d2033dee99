"""What happened to orders, read off the ledger in its order, for those who may see them.

The ledger is committed in the order of its numbers, so whoever goes on behind the last number
read misses nothing, however much is written beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lamplighter.action.service import rights
from lamplighter.action.service.models import EVENT_KINDS
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import queries as ledger
from lamplighter.ledger.queries import Numbered

OF_ONE = tuple(f"service.order.{kind.lower()}" for kind in EVENT_KINDS)
BULK, SWEPT, QUOTED = "service.orders.opened", "service.clocks.swept", "service.knowledge.quoted"
FAILED = "service.order.failed"
MENDED, RESTORED = "service.incident.ended", "service.order.restored"
SOME_ESCALATED, ESCALATED = "service.orders.escalated", "service.order.escalated"
OPENED, MISSED, WARNED, REASSIGNED, UNANSWERED = (
    "service.order.opened",
    "service.order.missed",
    "service.order.warned",
    "service.order.reassigned",
    "service.order.closed_unanswered",
)
READ = (*OF_ONE, BULK, SWEPT, SOME_ESCALATED, MENDED, QUOTED)
TOLD = tuple(sorted({*OF_ONE, MISSED, WARNED, REASSIGNED, UNANSWERED, QUOTED}))
HIDDEN = {"policy", "account_id", "area_id", "owner_id"}
ROWS_AT_ONCE = 200
ROWS_AT_MOST = 5_000  # of the ledger, for one page


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHappening:
    """One thing that happened to one order."""

    key: str  # the same whenever it is read: row of the ledger, and place within it
    event_id: int
    name: str
    order_number: str
    at: datetime
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a page tells, and up to which row of the ledger it has read."""

    items: tuple[OrderHappening, ...]
    read_until_id: int
    is_last: bool  # nothing more was there


def told(*, viewer: Viewer, rules: Rules, after_id: int, limit: int) -> Told:
    """Return what happened to the orders a person may see, after a row of the ledger.

    A page ends with a whole row of the ledger, so it may be a little longer than its limit; and it
    may be short where most of what happened is not for this viewer.
    """
    items: list[OrderHappening] = []
    until, n_read = after_id, 0
    while len(items) < limit and n_read < ROWS_AT_MOST:
        rows = ledger.numbered(names=READ, after_id=until, limit=ROWS_AT_ONCE)
        if not rows:
            return Told(items=tuple(items), read_until_id=until, is_last=True)
        n_read += len(rows)
        seen = _numbers(rows, viewer=viewer, rules=rules)
        for row in rows:
            items += _of(row, seen=seen)
            until = row.event_id
            if len(items) >= limit:
                break
    return Told(items=tuple(items), read_until_id=until, is_last=False)


def _numbers(rows: list[Numbered], *, viewer: Viewer, rules: Rules) -> dict[int, str]:
    """Return the numbers of those orders of some rows that the viewer may see."""
    ids = {order_id for row in rows for order_id, *_ in _parts(row)}
    seen = rights.seen(viewer=viewer, rules=rules).filter(pk__in=ids)
    return dict(seen.values_list("pk", "number"))


def _of(row: Numbered, *, seen: dict[int, str]) -> Iterator[OrderHappening]:
    for place, (order_id, name, detail) in enumerate(_parts(row)):
        if order_id in seen:
            yield OrderHappening(
                key=f"{row.event_id}-{place}",
                event_id=row.event_id,
                name=name,
                order_number=seen[order_id],
                at=row.happening.at,
                detail=detail,
            )


def _parts(row: Numbered) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Return what one row says of each order: id, name, detail."""
    name, said = row.happening.name, row.happening.payload
    if name == BULK:
        for order_id in range(said["first_order_id"], said["last_order_id"] + 1):
            yield order_id, OPENED, {}
    elif name == SWEPT:
        for order_id, promise in said["missed"]:
            yield order_id, MISSED, {"promise": promise}
        for order_id, promise in said["warned"]:
            yield order_id, WARNED, {"promise": promise}
        for order_id, step, _ in said["reassigned"]:
            yield order_id, REASSIGNED, {"step": step}
        for order_id, failure in said.get("graver", []):  # rows before it was noted have none
            yield order_id, FAILED, {"failure": failure}
        for order_id in said["closed_unanswered"]:
            yield order_id, UNANSWERED, {}
    elif name == MENDED:
        for order_id in said["order_ids"]:
            yield order_id, RESTORED, {"restored_at": said["restored_at"]}
    elif name == SOME_ESCALATED:
        for order_id, level, post, _staff_id, cause, code in said["escalated"]:
            yield order_id, ESCALATED, {"level": level, "post": post, "cause": cause, "code": code}
    else:
        kind, _, number = row.happening.subject.partition(":")
        if kind == "order" and number.isdecimal():
            detail = {key: value for key, value in said.items() if key not in HIDDEN}
            yield int(number), name, detail
