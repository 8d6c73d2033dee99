"""Attaching files to orders, listing them, and getting one."""

from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from ninja import Path, Query, Router, Schema

from lamplighter.action.service import services as service
from lamplighter.action.service.attachments import files, queries, services
from lamplighter.api import door
from lamplighter.api.door import NO_NUL, ApiRequest
from lamplighter.api.orders.shapes import Number
from lamplighter.policy import loader

router = Router(tags=["attachments"])
MEDIA_TYPES = {"PDF": "application/pdf", "PNG": "image/png", "JPEG": "image/jpeg"}
Name = Annotated[str, Query(min_length=1, max_length=services.NAME_AT_MOST, pattern=NO_NUL)]
AttachmentId = Annotated[int, Path(ge=1, le=2**63 - 1)]
BINARY = {"schema": {"type": "string", "format": "binary"}}
SENT = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}
GIVEN = {
    "responses": {
        200: {
            "description": "The file",
            "content": dict.fromkeys(MEDIA_TYPES.values(), BINARY),
        }
    }
}


class AttachmentOut(Schema):
    """One file of an order."""

    id: int
    kind: str
    name: str
    n_bytes: int
    sha256: str
    attached_at: datetime


class Attachments(Schema):
    """The files of an order, the oldest first."""

    items: list[AttachmentOut]


class AttachedOut(Schema):
    """A file that belongs to an order now."""

    id: int
    kind: str
    n_bytes: int
    sha256: str


@router.get("/{number}/attachments", response=Attachments)
def attachments(request: ApiRequest, number: Number) -> Attachments:
    """Return the files of an order."""
    caller = request.auth
    found = queries.of_order(
        viewer=caller.viewer, rules=caller.rules, number=number, field_key=settings.FIELD_KEY
    )
    return Attachments(
        items=[
            AttachmentOut(
                id=one.attachment_id,
                kind=one.kind,
                name=one.name,
                n_bytes=one.n_bytes,
                sha256=one.sha256,
                attached_at=one.attached_at,
            )
            for one in found
        ]
    )


@router.post("/{number}/attachments", response={201: AttachedOut}, openapi_extra=SENT)
def attach(request: ApiRequest, number: Number, name: Name, key: door.Key) -> HttpResponse:
    """Attach a file: PDF, PNG or JPEG by its content, whatever its name or media type says.

    The body is the file itself. The same content twice at one order is one file.
    """
    caller = request.auth
    services.checked_name(name)
    policy = loader.load(name=services.POLICY, on=caller.today)
    rules, folder = caller.rules, settings.ATTACHMENTS_FOLDER
    with files.taking(
        stream=request, folder=folder, n_bytes_at_most=policy.integer("bytes_at_most")
    ) as taken:

        def write() -> dict[str, Any]:
            done = services.attach(
                service.Asking(
                    viewer=caller.viewer,
                    number=number,
                    now=caller.now,
                    rules=rules,
                    request_key=door.request_key(request, key=key),
                ),
                taken=taken,
                name=name,
                folder=folder,
                policy=policy,
                field_key=settings.FIELD_KEY,
            )
            return {
                "id": done.attachment_id,
                "kind": done.kind,
                "n_bytes": done.n_bytes,
                "sha256": done.sha256,
            }

        return door.once(request, key=key, write=write, status=201, content_sha256=taken.sha256)


@router.get("/{number}/attachments/{attachment_id}", response={200: None}, openapi_extra=GIVEN)
def attachment(request: ApiRequest, number: Number, attachment_id: AttachmentId) -> FileResponse:
    """Return a file, to be saved and never shown in place."""
    caller = request.auth
    found, path = queries.one(
        viewer=caller.viewer,
        rules=caller.rules,
        number=number,
        attachment_id=attachment_id,
        folder=settings.ATTACHMENTS_FOLDER,
        field_key=settings.FIELD_KEY,
    )
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type=MEDIA_TYPES[found.kind],
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
