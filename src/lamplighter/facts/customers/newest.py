"""What is known of an account in a glance, for whoever picks up the telephone."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from lamplighter.facts.customers.story import RequestLine
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.storage import prepared

GLANCE = """
SELECT ARRAY(SELECT f.kind FROM customers_flag f
             WHERE f.account_id = p.account_id AND f.superseded_at IS NULL
               AND f.first_day <= %(on)s AND (f.last_day IS NULL OR f.last_day >= %(on)s)
             ORDER BY f.kind, f.first_day),
       r.number, r.kind, r.channel, r.requested_at, r.closed_at, r.content, r.is_upheld
FROM customers_premise p
JOIN network_area area ON area.id = p.area_id
JOIN network_orgunit unit ON unit.id = area.station_id
LEFT JOIN LATERAL (
    SELECT * FROM customers_servicerequest r
    WHERE r.account_id = p.account_id AND r.superseded_at IS NULL
    ORDER BY r.requested_at DESC, r.number LIMIT %(limit)s
) r ON true
WHERE p.account_id = %(account)s AND p.superseded_at IS NULL AND {seen}
ORDER BY r.requested_at DESC, r.number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What to know of an account before one speaks."""

    flags: tuple[str, ...]  # kinds, of those in force
    requests: tuple[RequestLine, ...]  # the newest first


def glance(*, viewer: Viewer, on: date, account_id: int, n_requests: int) -> Glance:
    """Return what is known of an account; nothing where the viewer may not look. One query."""
    seen, scope = network.seen_by_hand(viewer=viewer, on=on)
    values = {"on": on, "account": account_id, "limit": n_requests, **scope}
    with connection.cursor() as cursor:
        prepared.execute(cursor, GLANCE.format(seen=seen), values)
        rows = cursor.fetchall()
    return Glance(
        flags=tuple(rows[0][0]) if rows else (),
        requests=tuple(
            RequestLine(
                number=number,
                kind=kind,
                channel=channel,
                requested_at=requested_at,
                closed_at=closed_at,
                content=content,
                is_upheld=is_upheld,
            )
            for _, number, kind, channel, requested_at, closed_at, content, is_upheld in rows
            if number is not None
        ),
    )
