"""Outages at a station, through the door that everybody uses."""

from datetime import datetime, timedelta
from typing import Any

from lamplighter.action.outages import rules as outage_rules
from lamplighter.action.outages import services as outages
from lamplighter.action.outages.models import Outage
from lamplighter.kernel.viewer import Viewer
from tests import factories as f
from tests.action.service import making as m

RULES = outage_rules.in_force(on=f.TODAY, zone=m.ZONE)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def draft(station: m.Station, **changed: Any) -> outages.Draft:
    values: dict[str, Any] = {
        "kind": "PLANNED",
        "cause": "MAINTENANCE",
        "begins_at": m.NOON + 8 * DAY,
        "expected_end_at": m.NOON + 8 * DAY + 4 * HOUR,
        "area_ids": [station.area.pk],
    }
    return outages.Draft(**values | changed)


def fault(station: m.Station, **changed: Any) -> outages.Draft:
    values: dict[str, Any] = {
        "kind": "UNPLANNED",
        "cause": "NOT_YET_KNOWN",
        "begins_at": m.NOON - HOUR,
        "expected_end_at": m.NOON + 2 * HOUR,
    }
    return draft(station, **values | changed)


def record(
    station: m.Station,
    what: outages.Draft,
    *,
    viewer: Viewer | None = None,
    now: datetime = m.NOON,
    request_key: str = "",
) -> Outage:
    number = outages.record_outage(
        viewer=viewer or station.viewer("SUPERVISOR"),
        draft=what,
        now=now,
        rules=RULES,
        field_key=m.KEY,
        request_key=request_key,
    )
    return Outage.objects.get(number=number)


def change(station, outage, *, now=m.NOON, reason="抢修进度有变", request_key="", **terms):
    """Let an outage have other terms, and read it anew."""
    given = {"begins_at": outage.begins_at, "expected_end_at": outage.expected_end_at}
    outages.change_outage(
        viewer=station.viewer("SUPERVISOR"),
        number=outage.number,
        terms=outages.Terms(**given | terms),
        reason=reason,
        now=now,
        rules=RULES,
        request_key=request_key,
    )
    outage.refresh_from_db()


def end(station, outage, *, ended_at=m.NOON, now=m.NOON, request_key="", rules=RULES):
    """Say that supply is back, and read the outage anew."""
    outages.end_outage(
        viewer=station.viewer("SUPERVISOR"),
        number=outage.number,
        ended_at=ended_at,
        now=now,
        rules=rules,
        request_key=request_key,
    )
    outage.refresh_from_db()
