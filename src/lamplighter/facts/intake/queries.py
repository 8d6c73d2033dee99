"""Reading what was delivered, for those who may see imports."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import Count, QuerySet

from lamplighter.facts.intake import quarantine, reasons
from lamplighter.facts.intake.models import Delivery, QuarantinedRow
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy.loader import Words

MAY_SEE = frozenset({Role.SUPERVISOR, Role.STATION_HEAD, Role.BRANCH})


class ImportsNotForYou(PermissionError):
    """This role does not see imports."""


class DeliveryUnknown(LookupError):
    """There is no such delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """A delivery in a list."""

    delivery_id: int
    file_name: str
    record: str
    mapping_name: str
    state: str
    refusal: Words | None  # why the whole file was refused
    refusal_detail: str
    size_bytes: int
    received_at: datetime
    received_by: str
    finished_at: datetime | None
    n_read: int
    n_imported: int
    n_unchanged: int
    n_quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLine:
    """One value that could not be used; personal ones are hidden."""

    row_number: int
    field: str
    value: str
    reason: str  # a code; `receiving.row_reason` puts it into words
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many values of one field could not be used for one reason."""

    field: str
    reason: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryInFull:
    """A delivery with its mapping and a page of its quarantine."""

    line: DeliveryLine
    sha256: str
    mapping_text: str
    quarantined: list[QuarantineLine]
    n_asked: int  # lines of the reason asked for; of all where none is
    n_shown_in_all: int  # lines kept for pages; the whole list is the quarantine file
    by_reason: list[ReasonCount]  # of the lines kept, most first


def deliveries(*, viewer: Viewer, limit: int, offset: int = 0) -> list[DeliveryLine]:
    """Return deliveries, newest first.

    Raises
    ------
    ImportsNotForYou
        The viewer's role does not see imports.
    """
    _check(viewer)
    newest = seen_by(viewer=viewer).defer("mapping_text").order_by("-received_at", "-id")
    return [_line(delivery) for delivery in newest[offset : offset + limit]]


def delivery_count(*, viewer: Viewer) -> int:
    """Return how many deliveries there are.

    Raises
    ------
    ImportsNotForYou
        The viewer's role does not see imports.
    """
    _check(viewer)
    return seen_by(viewer=viewer).count()


def delivery(
    *, viewer: Viewer, delivery_id: int, limit: int, offset: int = 0, reason: str = ""
) -> DeliveryInFull:
    """Return one delivery with a page of the values that could not be used, in the file's order.

    With *reason*, only those that it concerns.

    Raises
    ------
    ImportsNotForYou
        The viewer's role does not see imports.
    DeliveryUnknown
        There is no such delivery.
    """
    _check(viewer)
    found = _get(seen_by(viewer=viewer), delivery_id)
    kept = QuarantinedRow.objects.filter(delivery=found)
    counted = kept.values("field", "reason").annotate(n=Count("pk"))
    by_reason = [ReasonCount(**row) for row in counted.order_by("-n", "reason", "field")]
    rows = kept.order_by("row_number", "id")
    if reason:
        rows = rows.filter(reason=reason)
    return DeliveryInFull(
        line=_line(found),
        sha256=found.sha256,
        mapping_text=found.mapping_text,
        quarantined=[
            QuarantineLine(
                row_number=row.row_number,
                field=row.field,
                value=row.value,
                reason=row.reason,
                detail=row.detail,
            )
            for row in rows[offset : offset + limit]
        ],
        n_asked=sum(one.n for one in by_reason if reason in ("", one.reason)),
        n_shown_in_all=sum(one.n for one in by_reason),
        by_reason=by_reason,
    )


def quarantine_file(*, viewer: Viewer, delivery_id: int, archive_folder: Path) -> Path | None:
    """Return where the file of unusable rows lies, or None when every row could be used.

    The file holds personal data as delivered: whoever hands it out records that.

    Raises
    ------
    ImportsNotForYou
        The viewer's role does not see imports.
    DeliveryUnknown
        There is no such delivery.
    """
    _check(viewer)
    found = _get(seen_by(viewer=viewer), delivery_id)
    return _place(found, archive_folder=archive_folder)


def quarantine_place(*, delivery_id: int, archive_folder: Path) -> Path | None:
    """Return the same for operators at the machine itself, who see all files anyway.

    Raises
    ------
    DeliveryUnknown
        There is no such delivery.
    """
    return _place(_get(Delivery.objects.all(), delivery_id), archive_folder=archive_folder)


def seen_by(*, viewer: Viewer) -> QuerySet[Delivery]:
    """Return the deliveries made for the viewer's organisation unit, or for one below it."""
    return Delivery.objects.filter(org_path__startswith=viewer.org_path)


def _place(found: Delivery, *, archive_folder: Path) -> Path | None:
    if found.n_quarantined == 0:
        return None
    for suffix in quarantine.SUFFIXES.values():
        path = archive_folder / "quarantine" / f"{found.pk}{suffix}"
        if path.is_file():
            return path
    return None


def _get(among: QuerySet[Delivery], delivery_id: int) -> Delivery:
    found = among.filter(pk=delivery_id).order_by("pk").first()
    if found is None:
        raise DeliveryUnknown(str(delivery_id))
    return found


def _check(viewer: Viewer) -> None:
    if viewer.role not in MAY_SEE:
        raise ImportsNotForYou(viewer.role.value)


def _line(delivery: Delivery) -> DeliveryLine:
    code, _, detail = delivery.refusal.partition(": ")
    known = re.fullmatch("[A-Z_]+", code)
    return DeliveryLine(
        delivery_id=delivery.pk,
        file_name=delivery.file_name,
        record=delivery.record,
        mapping_name=delivery.mapping_name,
        state=delivery.state,
        refusal=reasons.file_reason(code=code) if known else None,
        refusal_detail=detail,
        size_bytes=delivery.size_bytes,
        received_at=delivery.received_at,
        received_by=delivery.received_by,
        finished_at=delivery.finished_at,
        n_read=delivery.n_read,
        n_imported=delivery.n_imported,
        n_unchanged=delivery.n_unchanged,
        n_quarantined=delivery.n_quarantined,
    )
