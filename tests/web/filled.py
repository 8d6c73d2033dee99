"""What a person writes into the form of a step, where it does not matter what."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from lamplighter.action.service.models import ServiceOrder
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.shapes import Field

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
EXAMPLES = {
    "TEXT": "looked at",
    "NUMBER": "230",
    "READING": "1234.5",
    "DATE": "2026-12-01",
    "MOMENT": "2026-11-25T12:30",
    "PHONE": "19900001234",
    "FLAG": "YES",
}


def form(order: ServiceOrder, code: str) -> dict[str, Any]:
    """Return what is sent with a step of an order, all that its form demands; {} for none."""
    process = catalogue.by_version(version=order.process_version)
    found = [step for step in process.steps if step.code == code]
    fields = [field for step in found for field in step.fields if field.is_required]
    return {f"field-{field.code}": _example(field) for field in fields}


def _example(field: Field) -> Any:
    if field.kind in {"FILE", "PHOTO"}:
        return SimpleUploadedFile("site.png", PNG, content_type="image/png")
    return field.options[0][0] if field.kind == "CHOICE" else EXAMPLES[field.kind]
