"""What is said of a place: what is off there, or soon will be.

Read by a statement written by hand, as `service.histories` is: it is asked at every call.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from lamplighter.action.outages.lines import OutageLine
from lamplighter.action.outages.rules import Rules
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.storage import prepared

AT_AREA = """
SELECT o.id, o.number, o.source_number, o.kind, o.cause, owner.name, coalesce(feeder.name, ''),
       o.begins_at, o.expected_end_at, o.ended_at, o.called_off_at, o.published_at,
       o.notice_exception, coalesce(released.number, ''), coalesce(incident.number, '')
FROM outages_outagearea taken
JOIN outages_outage o ON o.id = taken.outage_id
JOIN network_area area ON area.id = taken.area_id
JOIN network_orgunit unit ON unit.id = area.station_id
JOIN network_orgunit owner ON owner.id = o.unit_id
LEFT JOIN network_feeder feeder ON feeder.id = o.feeder_id
LEFT JOIN service_serviceorder released ON released.id = o.order_id
LEFT JOIN service_incident incident ON incident.id = o.incident_id
WHERE taken.area_id = %(area)s AND taken.left_at IS NULL AND o.ended_at IS NULL
  AND o.called_off_at IS NULL AND o.begins_at <= %(until)s AND {seen}
ORDER BY o.begins_at, o.id
"""
NAMES = tuple(name for name in OutageLine.__dataclass_fields__ if name != "area_names")


def at_area(*, viewer: Viewer, area_id: int, now: datetime, rules: Rules) -> list[OutageLine]:
    """Return what is off, or soon will be, at an area that a person may see. One query."""
    seen, scope = network.seen_by_hand(viewer=viewer, on=rules.on)
    return _told(area_id, AT_AREA.format(seen=seen), now=now, rules=rules, **scope)


def announced_at(*, area_id: int, now: datetime, rules: Rules) -> list[OutageLine]:
    """Return what is announced to everybody at an area, for its customers' own pages. One query.

    An announcement is public by law and names nobody.
    """
    return _told(area_id, AT_AREA.format(seen="true"), now=now, rules=rules)


def _told(
    area_id: int, statement: str, *, now: datetime, rules: Rules, **scope: Any
) -> list[OutageLine]:
    until = now + timedelta(days=rules.policy.integer("told_ahead_days"))
    with connection.cursor() as cursor:
        prepared.execute(cursor, statement, {"area": area_id, "until": until, **scope})
        return [OutageLine(**dict(zip(NAMES, row, strict=True))) for row in cursor.fetchall()]
