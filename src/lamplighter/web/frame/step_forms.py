"""The form of a step on a page: what is asked, what was written, and what a done step holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.action.service.attachments.queries import AttachmentFound
from lamplighter.kernel import sealing
from lamplighter.policy.processes.filling import FLAGS
from lamplighter.policy.processes.shapes import Field, Step
from lamplighter.web.frame import formats, service_words

PREFIX = "field-"  # before the code of a field, in what a form sends
FILES = {"FILE", "PHOTO"}
INPUTS = {
    "TEXT": "text",
    "NUMBER": "text",
    "READING": "text",
    "DATE": "date",
    "MOMENT": "datetime-local",
    "PHONE": "tel",
    "FILE": "file",
    "PHOTO": "file",
}
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldShown:
    """One field to be filled in."""

    id: str
    name: str
    title: str
    input: str  # type of the input; empty: one of the options is chosen
    is_number: bool
    is_file: bool
    is_photo: bool
    is_required: bool
    options: tuple[Pair, ...]  # of a file: those that the order has already
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One field of a step that is done."""

    title: str
    value: str
    url: str  # of a file


def fields(
    *, step: Step, written: Mapping[str, str], files: Sequence[AttachmentFound]
) -> tuple[FieldShown, ...]:
    """Return the fields of a step's form, with what was written in them before it was refused."""
    there = tuple((str(file.attachment_id), file.name) for file in files)
    return tuple(
        FieldShown(
            id=f"{PREFIX}{step.code}-{field.code}",
            name=PREFIX + field.code,
            title=_titled(field),
            input=INPUTS.get(field.kind, ""),
            is_number=field.kind in {"NUMBER", "READING"},
            is_file=field.kind in FILES,
            is_photo=field.kind == "PHOTO",
            is_required=field.is_required,
            options=there if field.kind in FILES else _options(field),
            value=written.get(PREFIX + field.code, ""),
        )
        for field in step.fields
    )


def noted(
    *,
    step: Step,
    values: Mapping[str, str],
    files: Sequence[AttachmentFound],
    number: str,
) -> tuple[Noted, ...]:
    """Return what the form of a done step of an order holds; telephone numbers are masked."""
    names = {str(file.attachment_id): file.name for file in files}
    found = []
    for field in step.fields:
        if field.code not in values:
            continue
        value, url = values[field.code], ""
        if field.kind in FILES:
            if value in names:
                url = reverse("orders:file", args=[number, int(value)])
            said = names.get(value, _("let go of, its time was over"))
        else:
            said = _said(field, value)
        found.append(Noted(title=service_words.own(field.title), value=said, url=url))
    return tuple(found)


def _titled(field: Field) -> str:
    title = service_words.own(field.title)
    return f"{title} ({field.unit})" if field.unit else title


def _options(field: Field) -> tuple[Pair, ...]:
    if field.kind == "FLAG":
        return tuple((code, _flag(code)) for code in FLAGS)
    return tuple((code, service_words.own(words)) for code, words in field.options)


def _flag(code: str) -> str:
    return _("yes") if code == "YES" else _("no")


def _said(field: Field, value: str) -> str:
    if field.kind in {"NUMBER", "READING"}:
        return f"{Decimal(value):,f} {field.unit}".strip()
    if field.kind == "DATE":
        return formats.day_long(value=date.fromisoformat(value))
    if field.kind == "MOMENT":
        return formats.moment(value=datetime.fromisoformat(value))
    if field.kind in {"FLAG", "CHOICE"}:
        return dict(_options(field))[value]
    return sealing.masked_phone(value) if field.kind == "PHONE" else value
