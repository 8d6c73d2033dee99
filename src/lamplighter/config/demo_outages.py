"""The demo's outages: one that runs and takes longer, plans in time and late, and two past."""

from datetime import datetime, timedelta

from django.conf import settings

from lamplighter.action.outages import queries
from lamplighter.action.outages import rules as outage_rules
from lamplighter.action.outages import services as outages
from lamplighter.action.outages.rules import Rules
from lamplighter.action.service.rules import Rules as ServiceRules
from lamplighter.facts.network import feeders
from lamplighter.kernel import spans
from lamplighter.kernel.viewer import Viewer

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def off_and_planned(*, viewer: Viewer, rules: ServiceRules, now: datetime, area_id: int) -> str:
    """Record outages of every kind, once; return the incident of the one that runs at an area.

    Empty where outages are known already.
    """
    by = outage_rules.in_force(on=rules.on, zone=rules.zone)
    if any(queries.counted(viewer=viewer, on=rules.on, now=now).values()):
        return ""
    lines = feeders.feeders(viewer=viewer, on=rules.on)
    for place, line in enumerate(lines[1:3]):  # past, and off again by the plan below
        _past(viewer, by, line.code, now=now - (5 + 15 * place) * DAY)
    for line in lines[1:2]:
        _plan(viewer, by, line.code, now=now)
    for line in lines[3:4]:
        _short_notice(viewer, by, line.code, now=now)
    return _running(viewer, by, area_id, now=now)


def _record(viewer: Viewer, by: Rules, draft: outages.Draft, *, at: datetime) -> str:
    return outages.record_outage(
        viewer=viewer,
        draft=draft,
        now=at,
        rules=by,
        field_key=settings.FIELD_KEY,
        request_key=f"demo-outage-{draft.kind}-{draft.feeder_code or draft.area_ids}-{at:%m%d}",
    )


def _past(viewer: Viewer, by: Rules, feeder_code: str, *, now: datetime) -> None:
    draft = outages.Draft(
        kind="UNPLANNED",
        cause="OUTSIDE_FORCE",
        begins_at=now - 10 * MINUTE,
        expected_end_at=now + 2 * HOUR,
        feeder_code=feeder_code,
    )
    number = _record(viewer, by, draft, at=now)
    back = now + 100 * MINUTE
    outages.end_outage(
        viewer=viewer, number=number, ended_at=back, now=back, rules=by, request_key=""
    )


def _plan(viewer: Viewer, by: Rules, feeder_code: str, *, now: datetime) -> None:
    begins_at = _morning(by, now + 9 * DAY)
    draft = outages.Draft(
        kind="PLANNED",
        cause="REBUILDING",
        begins_at=begins_at,
        expected_end_at=begins_at + 6 * HOUR,
        feeder_code=feeder_code,
        source_number="DEMO-PLAN-1",
    )
    _record(viewer, by, draft, at=now - 2 * HOUR)


def _short_notice(viewer: Viewer, by: Rules, feeder_code: str, *, now: datetime) -> None:
    begins_at = _morning(by, now + 2 * DAY)
    draft = outages.Draft(
        kind="PLANNED",
        cause="MAINTENANCE",
        begins_at=begins_at,
        expected_end_at=begins_at + 3 * HOUR,
        feeder_code=feeder_code,
        notice_exception="刀闸触头过热，等不到七天，必须提前处理",
    )
    _record(viewer, by, draft, at=now - HOUR)


def _morning(by: Rules, moment: datetime) -> datetime:
    """Return eight in the morning of a moment's local day."""
    zone = by.service.zone
    return spans.start_of_day(day=moment.astimezone(zone).date(), zone=zone) + 8 * HOUR


def _running(viewer: Viewer, by: Rules, area_id: int, *, now: datetime) -> str:
    draft = outages.Draft(
        kind="UNPLANNED",
        cause="EQUIPMENT",
        begins_at=now - 40 * MINUTE,
        expected_end_at=now + HOUR,
        area_ids=[area_id],
    )
    number = _record(viewer, by, draft, at=now - 35 * MINUTE)
    outages.change_outage(
        viewer=viewer,
        number=number,
        terms=outages.Terms(begins_at=draft.begins_at, expected_end_at=now + 3 * HOUR),
        reason="变压器须整台更换，来电时间推后",
        now=now - 10 * MINUTE,
        rules=by,
        request_key="",
    )
    return queries.outage(viewer=viewer, number=number, rules=by).line.incident_number
