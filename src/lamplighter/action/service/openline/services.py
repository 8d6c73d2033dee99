"""Taking in a report from anybody: few from one address, no more than can be looked at."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from lamplighter.action.service import services as service
from lamplighter.action.service.attachments import services as attachments
from lamplighter.action.service.attachments.files import FileKindRefused, Taken
from lamplighter.action.service.models import DONE, OrderStep
from lamplighter.action.service.openline import errors
from lamplighter.action.service.openline.models import PublicReport, ReportSender
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network.posts import Office
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy

NAME, PUBLIC = "openline", "public"
CHANNEL = "WEB"
WINDOW, KEPT = timedelta(hours=1), timedelta(days=1)
QUEUE_LOCK = 1954
PICTURES = ("PNG", "JPEG")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody writes, and where it is to go."""

    type_code: str
    words: str
    place: str  # as it is told; may be empty
    phone: str  # where they want to be called; may be empty
    office: Office
    photo: Taken | None = None
    photo_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """By which rules a report is taken, when, and where its photo is kept."""

    now: datetime
    rules: Rules
    policy: Policy  # openline
    files: Policy  # attachments
    folder: Path
    field_key: bytes = field(repr=False)


def take_in(report: Report, *, sender: str, request_key: str, line: Line) -> service.Opened:
    """Open an order from a report; the same form sent twice is one.

    *sender* is the keyed hash of the address it came from.

    Raises
    ------
    errors.KindUnknown, errors.WordsMissing, errors.SentTooOften, errors.LineFull
        See there; nothing is kept.
    FileKindRefused
        The photo is no picture.
    phones.PhoneUnusable
        The number reaches nobody.
    """
    policy = line.policy
    if report.type_code not in policy.row("types").value:
        raise errors.KindUnknown(report.type_code)
    if len(report.words.strip()) < policy.integer("words_least"):
        raise errors.WordsMissing(f"{len(report.words.strip())} characters")
    if report.photo is not None and report.photo.kind not in PICTURES:
        raise FileKindRefused("none of " + ", ".join(PICTURES))
    with transaction.atomic():
        _count(sender, line)
        opened = service.open_order(
            viewer=_desk(report.office),
            request=service.Request(
                type_code=report.type_code,
                channel=CHANNEL,
                asked_at=line.now,
                phone=report.phone,
                place=report.place,
                words=report.words,
                request_key=request_key,
            ),
            now=line.now,
            rules=line.rules,
            field_key=line.field_key,
            actor=PUBLIC,
        )
        _, is_new = PublicReport.objects.get_or_create(
            order_id=opened.order_id, defaults={"sent_at": line.now}
        )
        if is_new:
            _check_queue(line)
            _attach(report, opened, line)
            ledger.record(
                "service.openline.sent",
                subject=f"order:{opened.order_id}",
                actor=PUBLIC,
                at=line.now,
                number=opened.number,
                type=report.type_code,
                has_photo=report.photo is not None,
                policy=policy.version,
            )
    return opened


def asking(*, office: Office, number: str, line: Line) -> service.Asking:
    """Return how the desk of an office asks for a change of a report's order."""
    return service.Asking(viewer=_desk(office), number=number, now=line.now, rules=line.rules)


def _desk(office: Office) -> Viewer:
    return Viewer(
        staff_id=0,
        staff_number=PUBLIC,
        name="",
        role=Role.AGENT,
        org_name=office.name,
        org_path=office.path,
    )


def _count(sender: str, line: Line) -> None:
    """Count one more report of an address, or raise SentTooOften; forget addresses of old."""
    ReportSender.objects.filter(window_at__lt=line.now - KEPT).delete()
    _, is_new = ReportSender.objects.get_or_create(
        address_index=sender, defaults={"window_at": line.now, "n_sent": 1}
    )
    if is_new:
        return
    most, fresh = line.policy.integer("reports_per_hour"), line.now - WINDOW
    mine = ReportSender.objects.filter(address_index=sender)
    if mine.filter(window_at__gt=fresh, n_sent__lt=most).update(n_sent=F("n_sent") + 1):
        return
    if not mine.filter(window_at__lte=fresh).update(window_at=line.now, n_sent=1):
        raise errors.SentTooOften


def _check_queue(line: Line) -> None:
    """Raise LineFull where too many reports wait; those that come at once count one another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [QUEUE_LOCK])
    begun = OrderStep.objects.filter(order=OuterRef("order"), state=DONE)
    waiting = PublicReport.objects.filter(~Exists(begun), order__closed_at__isnull=True)
    if waiting.count() > line.policy.integer("waiting_at_most"):
        raise errors.LineFull


def _attach(report: Report, opened: service.Opened, line: Line) -> None:
    if report.photo is None:
        return
    attachments.attach(
        asking(office=report.office, number=opened.number, line=line),
        taken=report.photo,
        name=report.photo_name,
        folder=line.folder,
        policy=line.files,
        field_key=line.field_key,
    )
