"""The orders of one account, number or place, for whoever picks up the telephone.

Read by a statement written by hand: what the object mapper builds for it takes longer to build
than the database takes to answer.
"""

from typing import Any

from django.db import connection

from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer

HISTORY = """
SELECT o.id, o.number, o.type_code, o.channel, o.state, o.priority, coalesce(a.number, ''),
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
LIMIT %(limit)s
"""
NAMES = tuple(OrderLine.__dataclass_fields__)


def history(of: str, *, viewer: Viewer, rules: Rules, limit: int, **values: Any) -> list[OrderLine]:
    """Return the orders for which a condition holds, of those that `rights.seen` lets a person see.

    Open ones first, then the newest. One query.

    Parameters
    ----------
    of
        A condition on the orders ``o``, with the names of its values.
    viewer, rules
        Who looks, by which rules.
    limit
        How many at most.
    values
        The values of the condition.
    """
    seen, scope = network.seen_by_hand(viewer=viewer, on=rules.on)
    asked = {**values, **scope, "me": viewer.staff_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(HISTORY.format(of=of, seen=seen), asked)
        return [OrderLine(**dict(zip(NAMES, row, strict=True))) for row in cursor.fetchall()]
