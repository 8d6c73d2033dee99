"""Which files an order has, and where one lies."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lamplighter.action.service import rights
from lamplighter.action.service.attachments import files
from lamplighter.action.service.attachments.models import Attachment
from lamplighter.action.service.rules import Rules
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer


class AttachmentUnknown(LookupError):
    """The order has no such file, or its time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFound:
    """One file of an order."""

    attachment_id: int
    kind: str
    name: str
    n_bytes: int
    sha256: str
    attached_at: datetime


def of_order(
    *, viewer: Viewer, rules: Rules, number: str, field_key: bytes
) -> list[AttachmentFound]:
    """Return the files of an order, oldest first. Two queries.

    Raises
    ------
    errors.OrderUnknown
        There is no such order where the viewer may look.
    """
    order_id, _ = rights.stand(viewer=viewer, rules=rules, number=number)
    rows = Attachment.objects.filter(order_id=order_id, erased_at__isnull=True)
    return [
        AttachmentFound(
            attachment_id=row.pk,
            kind=row.kind,
            name=sealing.unseal(bytes(row.name_sealed), field_key),
            n_bytes=row.n_bytes,
            sha256=row.sha256,
            attached_at=row.attached_at,
        )
        for row in rows.order_by("pk")
    ]


def one(
    *,
    viewer: Viewer,
    rules: Rules,
    number: str,
    attachment_id: int,
    folder: Path,
    field_key: bytes,
) -> tuple[AttachmentFound, Path]:
    """Return a file of an order and where it lies.

    Raises
    ------
    AttachmentUnknown
        The order has no such file.
    errors.OrderUnknown
        There is no such order where the viewer may look.
    """
    found = of_order(viewer=viewer, rules=rules, number=number, field_key=field_key)
    for row in found:
        if row.attachment_id == attachment_id:
            return row, files.place(folder=folder, sha256=row.sha256)
    raise AttachmentUnknown(f"{number} {attachment_id}")
