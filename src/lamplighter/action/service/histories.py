"""The orders of one account, number or place, for whoever picks up the telephone.

Read by a statement written by hand: what the object mapper builds for it takes longer to build
than the database takes to answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.storage import prepared

HISTORY = """
SELECT {place}, o.id, o.number, o.type_code, o.channel, o.state, o.priority, coalesce(a.number, ''),
       o.phone_masked, coalesce(area.name, ''), unit.name, coalesce(owner.name, ''),
       coalesce(incident.number, ''), o.opened_at, o.closed_at,
       (SELECT min(p.due_at) FROM service_promise p
        WHERE p.order_id = o.id AND p.ended_at IS NULL AND p.lapsed_at IS NULL),
       coalesce((SELECT w.reason FROM service_wait w
                 WHERE w.order_id = o.id AND w.ends_at IS NULL), '')
FROM service_serviceorder o
JOIN network_orgunit unit ON unit.id = o.unit_id
LEFT JOIN network_area area ON area.id = o.area_id
LEFT JOIN customers_account a ON a.id = o.account_id
LEFT JOIN network_staff owner ON owner.id = o.owner_id
LEFT JOIN service_incident incident ON incident.id = o.incident_id
WHERE {of}
  AND ({seen} OR o.owner_id = %(me)s OR EXISTS (
      SELECT 1 FROM service_orderstep s WHERE s.order_id = o.id AND s.owner_id = %(me)s))
ORDER BY o.closed_at DESC NULLS FIRST, o.opened_at DESC, o.id DESC
LIMIT {limit}
"""
NAMES = tuple(OrderLine.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Orders that are asked for: a condition on ``o`` with named values, and how many at most."""

    of: str
    values: dict[str, Any]
    limit: int


def histories(
    wanted: Sequence[Wanted], *, viewer: Viewer, rules: Rules
) -> tuple[list[OrderLine], ...]:
    """Return several lists of orders, of those that `rights.seen` lets a person see.

    Open ones first, then the newest. One query for all of them; no two name a value alike. What is
    the same at every call stands in the statement itself, limits too: PostgreSQL keeps a plan only
    where it would guess no better with the values before it, and planning takes twenty times as
    long as reading.
    """
    seen, scope = network.seen_by_hand(viewer=viewer, on=rules.on)
    asked = {"me": viewer.staff_id, **scope}
    parts = []
    for place, one in enumerate(wanted):
        part = HISTORY.format(place=place, of=one.of, seen=seen, limit=int(one.limit))
        parts.append(f"({part})")
        asked |= one.values
    found: tuple[list[OrderLine], ...] = tuple([] for _ in wanted)
    with connection.cursor() as cursor:
        prepared.execute(cursor, " UNION ALL ".join(parts), asked)
        for place, *row in cursor.fetchall():
            found[place].append(OrderLine(**dict(zip(NAMES, row, strict=True))))
    for lines in found:
        lines.sort(key=_newness, reverse=True)  # a union promises no order
    return found


def _newness(line: OrderLine) -> tuple[bool, datetime, datetime, int]:
    closed_at = line.closed_at or line.opened_at
    return line.closed_at is None, closed_at, line.opened_at, line.order_id
