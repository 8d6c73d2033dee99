"""Attaching files to orders, and letting go of them in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from lamplighter.action.service import rights
from lamplighter.action.service.attachments import files
from lamplighter.action.service.attachments.models import Attachment
from lamplighter.action.service.services import moving, storing
from lamplighter.action.service.services.moving import Asking
from lamplighter.action.service.whole import Whole
from lamplighter.kernel import sealing, spans
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy

NAME_AT_MOST = 120
POLICY = "attachments"
FILES_AT_ONCE = 500


class TooManyFiles(Exception):
    """The order has as many files as the policy allows."""


class FileNameWrong(ValueError):
    """A file without a name, with too long a one, or with one that leads elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file that belongs to an order now."""

    attachment_id: int
    sha256: str
    kind: str
    n_bytes: int


def attach(
    asking: Asking,
    *,
    taken: files.Taken,
    name: str,
    folder: Path,
    policy: Policy,
    field_key: bytes,
) -> Attached:
    """Attach a file that was taken in; the same content twice at one order is one file.

    The file is in its place before the row is seen: a row without its file there never is. It
    comes to its place last, when the ledger is held: nobody lets go of the same content meanwhile.

    Raises
    ------
    TooManyFiles, FileNameWrong
        See there.
    errors.OrderUnknown, errors.NotAllowed, errors.KeyReused
        See there.
    """
    said = checked_name(name)

    def change(whole: Whole) -> None:
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)

    order_id, _ = rights.stand(viewer=asking.viewer, rules=asking.rules, number=asking.number)
    with transaction.atomic():
        storing.locked(order_ids=[order_id])
        of_order = Attachment.objects.filter(order_id=order_id, erased_at__isnull=True)
        row = of_order.filter(sha256=taken.sha256).order_by("pk").first()
        if row is None:
            if of_order.count() >= policy.integer("files_at_most"):
                raise TooManyFiles(str(policy.integer("files_at_most")))
            lasts = policy.integer("files_last_months")
            row = Attachment.objects.create(
                order_id=order_id,
                kind=taken.kind,
                sha256=taken.sha256,
                n_bytes=taken.n_bytes,
                name_sealed=sealing.seal(said, field_key),
                attached_at=asking.now,
                attached_by=asking.viewer.actor,
                expires_date=spans.months_after(day=asking.rules.on, n_months=lasts),
            )
            moving.move(
                asking, kind="ATTACHED", change=change, attachment_id=row.pk, n_bytes=row.n_bytes
            )
            files.keep(taken=taken, folder=folder)
    return Attached(attachment_id=row.pk, sha256=row.sha256, kind=row.kind, n_bytes=row.n_bytes)


def checked_name(name: str) -> str:
    """Return a file's name as it is kept; raise FileNameWrong for one that cannot be."""
    said = name.strip()
    if not said or len(said) > NAME_AT_MOST or said in {".", ".."}:
        raise FileNameWrong(f"1 … {NAME_AT_MOST} characters")
    if any(letter in '/\\"' or not letter.isprintable() for letter in said):
        raise FileNameWrong("no slashes, quotes or control characters")
    return said


def purge_expired(*, today: date, now: datetime, folder: Path, actor: str) -> int:
    """Let go of files whose time is over, and return how many; may run twice.

    The row stays and says when; a content that another order still needs stays too.
    """
    n_gone = 0
    over = Attachment.objects.filter(expires_date__lt=today, erased_at__isnull=True)
    for row in list(over.order_by("pk")):
        with transaction.atomic():
            erased = Attachment.objects.filter(pk=row.pk, erased_at__isnull=True)
            if not erased.update(erased_at=now, name_sealed=b""):
                continue
            ledger.record(
                "service.attachment.erased",
                subject=f"order:{row.order_id}",
                actor=actor,
                at=now,
                attachment_id=row.pk,
            )
            same = Attachment.objects.filter(sha256=row.sha256, erased_at__isnull=True)
            if not same.exists():
                files.place(folder=folder, sha256=row.sha256).unlink(missing_ok=True)
        n_gone += 1
    return n_gone


def collect_orphans(*, now: datetime, folder: Path, policy: Policy, actor: str) -> int:
    """Remove files that no row needs, as a killed upload leaves them; return how many.

    Only those older than any upload lasts are looked at, and each is looked for again while the
    ledger is held, as for `attach`. May run twice and beside itself.
    """
    before = now - timedelta(hours=policy.integer("orphan_hours"))
    old = files.older(folder=folder, before=before)
    n_gone = 0
    for first in range(0, len(old), FILES_AT_ONCE):
        part = old[first : first + FILES_AT_ONCE]
        if not set(part) - _needed(part):
            continue
        with transaction.atomic():
            n_part = len(set(part) - _needed(part))
            ledger.record(
                "service.attachment.orphans_removed",
                subject="attachments",
                actor=actor,
                at=now,
                n_files=n_part,
                policy=policy.version,
            )
            for path in sorted(set(part) - _needed(part)):
                path.unlink(missing_ok=True)
                n_gone += 1
    return n_gone


def _needed(paths: Sequence[Path]) -> set[Path]:
    live = Attachment.objects.filter(
        sha256__in=[path.name for path in paths], erased_at__isnull=True
    )
    known = set(live.values_list("sha256", flat=True))
    return {path for path in paths if path.name in known}
