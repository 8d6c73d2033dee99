"""What the import pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lamplighter.facts.intake import queries as intake
from lamplighter.facts.intake import reasons
from lamplighter.policy.loader import Words
from lamplighter.web.frame import formats
from lamplighter.web.imports import held
from lamplighter.web.imports.forms import UploadForm
from lamplighter.web.imports.running import Running

RECORDS: dict[str, Promise] = {
    "org_unit": gettext_lazy("Organisation units"),
    "feeder": gettext_lazy("Feeders"),
    "area": gettext_lazy("Station areas"),
    "transformer": gettext_lazy("Transformers"),
    "staff": gettext_lazy("Staff"),
    "responsibility": gettext_lazy("Who answers for which area"),
    "customer": gettext_lazy("Customer archive"),
    "contact": gettext_lazy("Contacts"),
    "relation": gettext_lazy("Relations between accounts"),
    "facet": gettext_lazy("Six facets"),
    "flag": gettext_lazy("Protection and importance"),
    "assessment": gettext_lazy("Safety and credit grades"),
    "survey_answer": gettext_lazy("Answers from visits"),
    "service_request": gettext_lazy("Service requests"),
    "usage_point": gettext_lazy("Usage points"),
    "meter": gettext_lazy("Meters"),
    "daily_reading": gettext_lazy("Daily readings"),
    "interval_reading": gettext_lazy("Interval readings"),
    "interval_day": gettext_lazy("Interval readings"),
    "bill": gettext_lazy("Bills"),
    "payment": gettext_lazy("Payments"),
    "debit_attempt": gettext_lazy("Bank debits"),
    "reminder": gettext_lazy("Reminders"),
}
_LOOK_AT_MAPPING = gettext_lazy(
    "Compare the first line of the file with the mapping below, mend one of them, "
    "and send it again."
)
_SPLIT = gettext_lazy("Split the file into smaller ones and send them one after the other.")
_EXPORT_AGAIN = gettext_lazy(
    "Export it again from your system; the file is damaged or not of the kind the mapping names."
)
MEND: dict[str, Promise] = {
    "EMPTY": gettext_lazy("Export it again: there is nothing in it."),
    "TOO_BIG": _SPLIT,
    "TOO_MANY_ROWS": _SPLIT,
    "TOO_MANY_COLUMNS": _EXPORT_AGAIN,
    "TOO_MANY_CELLS": gettext_lazy(
        "Copy the table alone to a new sheet: far below or to the right there are cells "
        "that look empty and are not."
    ),
    "LINE_TOO_LONG": _EXPORT_AGAIN,
    "OPEN_QUOTE": gettext_lazy("Close the quotation mark at the place named, or take it out."),
    "WRONG_ENCODING": gettext_lazy(
        "Set file.encoding in the mapping: files from Windows are mostly gb18030, others utf-8."
    ),
    "NUL_BYTE": _EXPORT_AGAIN,
    "WRONG_COLUMNS": _LOOK_AT_MAPPING,
    "UNREADABLE": _EXPORT_AGAIN,
    "ZIP_BOMB": _EXPORT_AGAIN,
    "NO_SUCH_SHEET": gettext_lazy("Set file.sheet in the mapping to the name on the sheet's tab."),
    "TOO_MANY_BAD_ROWS": gettext_lazy(
        "Most often something should have come first (areas before customers, customers before "
        "bills), or the mapping has a wrong unit or date format."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The counts of a delivery; read = imported + unchanged + held back."""

    n_read: int
    n_imported: int
    n_unchanged: int
    n_quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What stands with a delivery: imported, refused, running or interrupted."""

    code: str
    label: str
    tone: str
    share: float  # while running
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A delivery in the list."""

    url: str
    file_name: str
    record: str
    mapping_name: str
    size: str
    received_at: datetime
    received_by: str
    state: State
    refusal: str
    books: Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where in the list this page stands."""

    number: int
    pages: int
    total: int
    previous_url: str | None
    next_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """All deliveries, newest first, and the form for the next one."""

    now: datetime
    summary: str
    lines: tuple[Line, ...]
    pager: Pager
    form: UploadForm
    is_form_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """One delivery in full."""

    now: datetime
    line: Line
    summary: str
    refusal_detail: str
    mend: str
    sha256: str
    mapping_text: str
    mapping_title: str
    held_back: tuple[held.HeldBack, ...]
    whys: tuple[held.Why, ...]
    n_kept: int
    quarantine_url: str | None
    pager: Pager
    is_running: bool


def said(*, words: Words) -> str:
    """Return a text in the language of the page."""
    return words.in_language(translation.get_language() or "zh-hans")


def record_label(*, record: str) -> str:
    """Return what kind of rows a delivery carries; an unknown kind speaks for itself."""
    return str(RECORDS.get(record, record))


def line_of(*, delivery: intake.DeliveryLine, running: Running | None, who: str) -> Line:
    """Return one line of the list, with who brought it in words."""
    return Line(
        url=reverse("imports:delivery", args=[delivery.delivery_id]),
        file_name=delivery.file_name,
        record=record_label(record=delivery.record),
        mapping_name=delivery.mapping_name,
        size=_size(delivery.size_bytes),
        received_at=delivery.received_at,
        received_by=who,
        state=_state(delivery, running),
        refusal=_refusal(delivery),
        books=Books(
            n_read=delivery.n_read,
            n_imported=delivery.n_imported,
            n_unchanged=delivery.n_unchanged,
            n_quarantined=delivery.n_quarantined,
        ),
    )


def _state(delivery: intake.DeliveryLine, running: Running | None) -> State:
    if delivery.state == "IMPORTED":
        code, label, tone = "IMPORTED", _("Imported"), "good"
        if delivery.n_quarantined:
            code, label, tone = "HELD_BACK", _("Imported, some rows held back"), "warn"
    elif delivery.state == "REFUSED":
        code, label, tone = "REFUSED", _("Refused"), "harm"
    elif running is not None:
        code, label, tone = "RUNNING", _("Being imported"), "action"
    else:
        code, label, tone = "INTERRUPTED", _("Interrupted: send it again"), "warn"
    return State(
        code=code,
        label=label,
        tone=tone,
        share=running.share if running else 0.0,
        n_rows=running.n_rows if running else 0,
    )


def _refusal(delivery: intake.DeliveryLine) -> str:
    return said(words=delivery.refusal) if delivery.refusal is not None else ""


def _size(size_bytes: int) -> str:
    if size_bytes < 1024 * 1024:
        return f"{formats.number(value=size_bytes / 1024, digits=0)} KB"
    return f"{formats.number(value=size_bytes / 1024 / 1024, digits=1)} MB"


def list_page(
    *, now: datetime, lines: Sequence[Line], pager: Pager, form: UploadForm, is_form_open: bool
) -> ListPage:
    """Return the page of all deliveries."""
    n_waiting = sum(line.state.code in {"HELD_BACK", "REFUSED", "INTERRUPTED"} for line in lines)
    if not pager.total:
        summary = _("Nothing was delivered yet.")
    elif n_waiting:
        summary = _("%(n)d deliveries; on this page %(waiting)d need a look.") % {
            "n": pager.total,
            "waiting": n_waiting,
        }
    else:
        summary = _("%(n)d deliveries; all on this page went in whole.") % {"n": pager.total}
    return ListPage(
        now=now,
        summary=summary,
        lines=tuple(lines),
        pager=pager,
        form=form,
        is_form_open=is_form_open,
    )


def delivery_page(
    *,
    now: datetime,
    found: intake.DeliveryInFull,
    running: Running | None,
    who: str,
    has_quarantine_file: bool,
    pager: Pager,
    reason: str,
) -> DeliveryPage:
    """Return the page of one delivery."""
    line = line_of(delivery=found.line, running=running, who=who)
    quarantine_url = reverse("imports:quarantine", args=[found.line.delivery_id])
    return DeliveryPage(
        now=now,
        line=line,
        summary=_summary(line),
        refusal_detail=found.line.refusal_detail,
        mend=_mend(found.line),
        sha256=found.sha256,
        mapping_text=found.mapping_text,
        mapping_title=held.title_of(text=found.mapping_text, name=line.mapping_name),
        held_back=held.rows_of(found),
        whys=held.whys_of(found, path=line.url, asked=reason),
        n_kept=found.n_shown_in_all,
        quarantine_url=quarantine_url if has_quarantine_file else None,
        pager=pager,
        is_running=line.state.code == "RUNNING",
    )


def _summary(line: Line) -> str:
    if line.state.code == "REFUSED":
        return _("The whole file was refused; nothing of it was imported.")
    if line.state.code in {"RUNNING", "INTERRUPTED"}:
        return line.state.label
    books = line.books
    return _("%(read)s rows read = %(new)s imported + %(same)s unchanged + %(held)s held back.") % {
        "read": formats.number(value=books.n_read, digits=0),
        "new": formats.number(value=books.n_imported, digits=0),
        "same": formats.number(value=books.n_unchanged, digits=0),
        "held": formats.number(value=books.n_quarantined, digits=0),
    }


def _mend(line: intake.DeliveryLine) -> str:
    if line.refusal is None:
        return ""
    codes = [code for code, words in reasons.FILE_REASONS.items() if words == line.refusal]
    return str(MEND[codes[0]]) if codes else str(_LOOK_AT_MAPPING)
