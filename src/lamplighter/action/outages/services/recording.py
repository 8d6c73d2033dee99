"""Recording an outage, with the order that releases it and the incident that orders join."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from lamplighter.action.outages import errors
from lamplighter.action.outages.lines import CAUSES
from lamplighter.action.outages.models import (
    KINDS,
    RECORDED,
    UNPLANNED,
    Outage,
    OutageArea,
    OutageChange,
)
from lamplighter.action.outages.rules import PROCESS, Rules
from lamplighter.action.service import services as service
from lamplighter.action.service.records import services as records
from lamplighter.facts.network import feeders, posts
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger

ANSWERS = {"PLANNED": "PLANNED", "TEMPORARY": "TEMPORARY", "UNPLANNED": "FAULT"}
DRAFT_STEP = "DRAFT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An outage as somebody records it."""

    kind: str
    cause: str
    begins_at: datetime
    expected_end_at: datetime | None
    area_ids: Sequence[int] = ()
    feeder_code: str = ""  # a whole line; its areas come to those that are named
    notice_exception: str = ""
    source_number: str = ""


def record_outage(
    *,
    viewer: Viewer,
    draft: Draft,
    now: datetime,
    rules: Rules,
    field_key: bytes,
    request_key: str,
) -> str:
    """Record an outage and return its number; begin the order that releases it.

    The same request, or the same number of the dispatch system, sent twice is one outage.

    Raises
    ------
    errors.NotAllowed, errors.KindUnknown, errors.TimesImpossible, errors.ReasonMissing
        See there.
    errors.PlaceUnknown
        No area, or one that the viewer may not see.
    errors.NoticeTooShort
        Announced later than the rules say, without a reason for it.
    errors.KeyReused
        The key, or the dispatch system's number, came before with another outage.
    """
    rules.check_role(viewer, "may_record")
    if draft.kind not in KINDS or draft.cause not in CAUSES:
        raise errors.KindUnknown(f"{draft.kind} {draft.cause}")
    known = _recorded_before(viewer, draft, request_key)
    if known:
        return known
    feeder_id, area_ids = _areas(viewer, draft, rules)
    check_times(
        kind=draft.kind, begins_at=draft.begins_at, expected_end_at=draft.expected_end_at, now=now
    )
    exception = checked_notice(
        kind=draft.kind,
        begins_at=draft.begins_at,
        exception=draft.notice_exception,
        now=now,
        rules=rules,
    )
    row = Outage(
        source_number=draft.source_number,
        kind=draft.kind,
        cause=draft.cause,
        feeder_id=feeder_id,
        begins_at=draft.begins_at,
        expected_end_at=draft.expected_end_at,
        published_at=now,
        notice_exception=exception,
        process_version=rules.process.version,
        policy_version=rules.policy.version,
        recorded_by=viewer.actor,
        request_key=request_key,
    )
    try:
        with transaction.atomic():
            _write(row, area_ids, viewer=viewer, now=now, rules=rules, field_key=field_key)
    except IntegrityError as error:
        for name in ("outage_one_per_request", "outage_one_per_source"):
            if ledger.violates(error, name) and (
                same := _recorded_before(viewer, draft, request_key)
            ):
                return same
        raise
    return row.number


def check_times(
    *, kind: str, begins_at: datetime, expected_end_at: datetime | None, now: datetime
) -> None:
    """Raise TimesImpossible where an outage of a kind cannot have these times."""
    if kind == UNPLANNED and begins_at > now:
        raise errors.TimesImpossible(f"a fault begins at {begins_at.isoformat()}, after now")
    if kind != UNPLANNED and expected_end_at is None:
        raise errors.TimesImpossible("a plan says until when")
    if expected_end_at is not None and expected_end_at <= begins_at:
        raise errors.TimesImpossible(f"{begins_at.isoformat()} to {expected_end_at.isoformat()}")


def checked_notice(
    *, kind: str, begins_at: datetime, exception: str, now: datetime, rules: Rules
) -> str:
    """Return why an outage is announced too late; empty where it is early enough.

    Raises
    ------
    errors.NoticeTooShort
        It is too late and no reason is given.
    """
    needed = rules.notice(kind=kind)
    if needed is None or begins_at - now >= needed:
        return ""
    if not exception.strip():
        raise errors.NoticeTooShort(kind=kind, needed=needed, given=begins_at - now)
    return rules.checked_reason(exception)


def _recorded_before(viewer: Viewer, draft: Draft, request_key: str) -> str:
    for name, value in (("request_key", request_key), ("source_number", draft.source_number)):
        row = Outage.objects.filter(**{name: value}).order_by("pk").first() if value else None
        if row is None:
            continue
        first = OutageChange.objects.get(outage=row, kind=RECORDED)
        same = (row.kind, row.cause, first.begins_at, first.expected_end_at) == (
            *(draft.kind, draft.cause, draft.begins_at, draft.expected_end_at),
        )
        mine = posts.units_seen_by(viewer=viewer).filter(pk=row.unit_id).exists()
        if not same or not mine:
            raise errors.KeyReused(f"{name} came with another outage")
        return row.number
    return ""


def _areas(viewer: Viewer, draft: Draft, rules: Rules) -> tuple[int | None, list[int]]:
    feeder_id, area_ids = None, list(draft.area_ids)
    if draft.feeder_code:
        try:
            feeder_id, on_feeder = feeders.areas_of_feeder(
                viewer=viewer, on=rules.on, code=draft.feeder_code
            )
        except feeders.FeederUnknown as error:
            raise errors.PlaceUnknown(f"feeder {draft.feeder_code}") from error
        area_ids += on_feeder
    return feeder_id, checked_areas(viewer=viewer, area_ids=area_ids, rules=rules)


def checked_areas(*, viewer: Viewer, area_ids: Sequence[int], rules: Rules) -> list[int]:
    """Return areas, each once, by number; raise PlaceUnknown where one is not the viewer's."""
    wanted = sorted(set(area_ids))
    seen = posts.places_seen_by(viewer=viewer, on=rules.on, area_ids=wanted)
    if not wanted or len(seen) < len(wanted):
        raise errors.PlaceUnknown(f"{len(wanted) - len(seen)} of {len(wanted)} areas")
    return wanted


def _write(
    row: Outage,
    area_ids: list[int],
    *,
    viewer: Viewer,
    now: datetime,
    rules: Rules,
    field_key: bytes,
) -> None:
    row.pk = _new_id()
    row.number = f"O{now.astimezone(rules.service.zone):%y%m%d}{row.pk:05d}"
    row.unit_id = _unit(viewer, area_ids, rules)
    row.incident_id = service.begin_incident(
        number=f"I{row.number}",
        unit_id=row.unit_id,
        area_id=area_ids[0],
        opened_at=row.begins_at,
    )
    row.order_id = _release(row, area_ids, viewer=viewer, now=now, rules=rules, field_key=field_key)
    row.save(force_insert=True)
    OutageArea.objects.bulk_create(OutageArea(outage=row, area_id=one) for one in area_ids)
    tell(row, kind=RECORDED, n_areas=len(area_ids), viewer=viewer, now=now)


def _new_id() -> int:
    """Take the next id before its row is written: the outage's number is made of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [Outage._meta.db_table])
        return int(cursor.fetchone()[0])


def _unit(viewer: Viewer, area_ids: list[int], rules: Rules) -> int:
    """Return the station, where all areas are of one, and else the viewer's own unit."""
    places = posts.places_seen_by(viewer=viewer, on=rules.on, area_ids=area_ids)
    stations = {place.unit_id for place in places.values()}
    if len(stations) == 1:
        return stations.pop()
    home = posts.place_of_viewer(viewer=viewer)
    if home is None:
        raise errors.PlaceUnknown(viewer.org_path)
    return home.unit_id


def _release(
    row: Outage,
    area_ids: list[int],
    *,
    viewer: Viewer,
    now: datetime,
    rules: Rules,
    field_key: bytes,
) -> int:
    """Open the order that releases an outage (F9); what is recorded is its first step."""
    opened = service.open_order(
        viewer=viewer,
        request=service.Request(
            type_code=PROCESS,
            channel="INSIDE",
            asked_at=now,
            area_id=area_ids[0],
            priority="EMERGENCY" if row.kind == UNPLANNED else "NORMAL",
            request_key=f"outage-{row.number}",
        ),
        now=now,
        rules=rules.service,
        field_key=field_key,
    )
    if rules.service.has_right(viewer, "may_do_for_others") and row.expected_end_at is not None:
        records.complete(
            service.Asking(viewer=viewer, number=opened.number, now=now, rules=rules.service),
            step_code=DRAFT_STEP,
            answer=ANSWERS[row.kind],
            said={
                "FROM": row.begins_at.isoformat(),
                "UNTIL": row.expected_end_at.isoformat(),
                "REASON": CAUSES[row.cause].zh,
            },
            field_key=field_key,
        )
    return opened.order_id


def tell(
    row: Outage,
    *,
    kind: str,
    n_areas: int,
    viewer: Viewer,
    now: datetime,
    reason: str = "",
    request_key: str = "",
) -> None:
    """Keep how an outage stands now, and tell the ledger."""
    OutageChange.objects.create(
        outage=row,
        kind=kind,
        at=now,
        actor=viewer.actor,
        begins_at=row.begins_at,
        expected_end_at=row.expected_end_at,
        n_areas=n_areas,
        reason=reason,
        request_key=request_key,
    )
    expected = row.expected_end_at
    ledger.record(
        f"outages.outage.{kind.lower()}",
        subject=f"outage:{row.pk}",
        actor=viewer.actor,
        at=now,
        number=row.number,
        kind=row.kind,
        cause=row.cause,
        begins_at=row.begins_at.isoformat(),
        expected_end_at=expected.isoformat() if expected else None,
        ended_at=row.ended_at.isoformat() if row.ended_at else None,
        n_areas=n_areas,
        order_id=row.order_id,
        is_late_notice=bool(row.notice_exception),
        policy=row.policy_version,
    )
