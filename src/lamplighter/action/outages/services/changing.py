"""Changing an outage under its lock: other times or areas, its end, or that it is called off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lamplighter.action.outages import errors
from lamplighter.action.outages.lines import CAUSES
from lamplighter.action.outages.models import (
    CALLED_OFF,
    CHANGED,
    ENDED,
    UNPLANNED,
    Outage,
    OutageArea,
    OutageChange,
)
from lamplighter.action.outages.rules import Rules
from lamplighter.action.outages.services import recording
from lamplighter.action.service import services as service
from lamplighter.facts.network import posts
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How an outage is to stand from now on."""

    begins_at: datetime
    expected_end_at: datetime | None
    area_ids: Sequence[int] | None = None  # None: as they are
    notice_exception: str = ""


def change_outage(
    *,
    viewer: Viewer,
    number: str,
    terms: Terms,
    reason: str,
    now: datetime,
    rules: Rules,
    request_key: str,
) -> None:
    """Let an outage have other times or other areas; how it stood stays on record.

    A begin that is moved, or further areas, are announced anew: the notice counts from now.

    Raises
    ------
    errors.NotAllowed, errors.OutageUnknown, errors.OutageIsOver, errors.ReasonMissing
        See there.
    errors.TimesImpossible, errors.NoticeTooShort, errors.PlaceUnknown, errors.KeyReused
        See there.
    """
    said = rules.checked_reason(reason)

    def change(row: Outage) -> None:
        has_begun = row.begins_at <= now
        kind = UNPLANNED if has_begun and terms.begins_at != row.begins_at else row.kind
        recording.check_times(
            kind=kind, begins_at=terms.begins_at, expected_end_at=terms.expected_end_at, now=now
        )
        if row.kind != UNPLANNED and terms.expected_end_at is None:
            raise errors.TimesImpossible("a plan says until when")
        wanted = _wanted(row, terms, viewer=viewer, rules=rules)
        is_moved = terms.begins_at != row.begins_at and not has_begun
        if is_moved or not _held(row).issuperset(wanted):
            row.notice_exception = recording.checked_notice(
                kind=row.kind,
                begins_at=terms.begins_at,
                exception=terms.notice_exception,
                now=now,
                rules=rules,
            )
            row.published_at = now
        row.begins_at, row.expected_end_at = terms.begins_at, terms.expected_end_at
        _take(row, wanted, now)

    _move(
        viewer=viewer,
        number=number,
        kind=CHANGED,
        change=change,
        reason=said,
        now=now,
        rules=rules,
        request_key=request_key,
    )


def end_outage(
    *,
    viewer: Viewer,
    number: str,
    ended_at: datetime,
    now: datetime,
    rules: Rules,
    request_key: str,
) -> None:
    """Say since when supply is back everywhere; its incident ends, and its orders are answered.

    By policy each customer is asked whether it is so, or the crew measures and confirms first.

    Raises
    ------
    errors.NotAllowed, errors.OutageUnknown, errors.OutageIsOver, errors.KeyReused
        See there.
    errors.TimesImpossible
        Before it began, or after now.
    """

    def change(row: Outage) -> None:
        if not row.begins_at <= ended_at <= now:
            raise errors.TimesImpossible(f"back at {ended_at.isoformat()}")
        row.ended_at = ended_at
        if row.incident_id is not None:
            service.end_with_outage(
                incident_id=row.incident_id,
                back=service.Back(
                    restored_at=ended_at,
                    cause=CAUSES[row.cause].zh,
                    viewer=viewer,
                    now=now,
                    rules=rules.service,
                ),
                is_left_to_crew=rules.is_confirmed_by_crew,
            )

    _move(
        viewer=viewer,
        number=number,
        kind=ENDED,
        change=change,
        reason="",
        now=now,
        rules=rules,
        request_key=request_key,
    )


def call_off(
    *, viewer: Viewer, number: str, reason: str, now: datetime, rules: Rules, request_key: str
) -> None:
    """Say that an outage will not be, or never was; the order that releases it tells people.

    Raises
    ------
    errors.NotAllowed, errors.OutageUnknown, errors.OutageIsOver, errors.ReasonMissing
        See there.
    errors.KeyReused
        See there.
    """
    said = rules.checked_reason(reason)

    def change(row: Outage) -> None:
        row.called_off_at = now
        if row.incident_id is not None:
            service.end_incident(incident_id=row.incident_id, at=max(now, row.begins_at))

    _move(
        viewer=viewer,
        number=number,
        kind=CALLED_OFF,
        change=change,
        reason=said,
        now=now,
        rules=rules,
        request_key=request_key,
    )


def _wanted(row: Outage, terms: Terms, *, viewer: Viewer, rules: Rules) -> list[int]:
    """Return the areas that the outage is to hold from now on."""
    if terms.area_ids is None:
        return sorted(_held(row))
    return recording.checked_areas(viewer=viewer, area_ids=terms.area_ids, rules=rules)


def _held(row: Outage) -> set[int]:
    return set(row.areas.filter(left_at__isnull=True).values_list("area_id", flat=True))


def _take(row: Outage, wanted: list[int], now: datetime) -> None:
    """Let the outage hold these areas; those that are out of it keep since when."""
    known = dict(row.areas.values_list("area_id", "left_at"))
    row.areas.filter(area__in=wanted).update(left_at=None)
    row.areas.exclude(area__in=wanted).filter(left_at__isnull=True).update(left_at=now)
    OutageArea.objects.bulk_create(
        OutageArea(outage=row, area_id=one) for one in wanted if one not in known
    )


def _move(
    *,
    viewer: Viewer,
    number: str,
    kind: str,
    change: Callable[[Outage], None],
    reason: str,
    now: datetime,
    rules: Rules,
    request_key: str,
) -> None:
    rules.check_role(viewer, "may_record")
    mine = posts.units_seen_by(viewer=viewer)
    with transaction.atomic():
        row = (
            Outage.objects.select_for_update(of=("self",))
            .filter(number=number, unit__in=mine)
            .order_by("pk")
            .first()
        )
        if row is None:
            raise errors.OutageUnknown(number)
        if _asked_before(row, kind=kind, request_key=request_key):
            return
        if row.ended_at is not None or row.called_off_at is not None:
            raise errors.OutageIsOver(number)
        change(row)
        row.save(
            update_fields=[
                *("begins_at", "expected_end_at", "ended_at", "called_off_at", "published_at"),
                "notice_exception",
            ]
        )
        recording.tell(
            row,
            kind=kind,
            n_areas=row.areas.filter(left_at__isnull=True).count(),
            viewer=viewer,
            now=now,
            reason=reason,
            request_key=request_key,
        )


def _asked_before(row: Outage, *, kind: str, request_key: str) -> bool:
    if not request_key:
        return False
    earlier = OutageChange.objects.filter(outage=row, request_key=request_key).order_by("pk")
    found = earlier.values_list("kind", flat=True).first()
    if found is not None and found != kind:
        raise errors.KeyReused(f"{row.number} {found}")
    return found is not None
