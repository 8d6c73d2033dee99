"""A replay as a file to keep: XLSX with all its parts, or the accounts as CSV."""

import csv
import io
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from lamplighter.web.frame import sheets
from lamplighter.web.replay import pages
from lamplighter.web.replay.one_replay import ReplayPage
from lamplighter.web.replay.rows import ChangeLine

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def answer(page: ReplayPage, *, kind: str) -> HttpResponse:
    """Return the file.

    Raises
    ------
    Http404
        There is no file of this kind.
    """
    if kind == "csv":
        return _csv(page)
    if kind != "xlsx":
        raise Http404
    parts = [_accounts(page), _grades(page), _days(page), _work(page), _work_lines(page)]
    return sheets.answer(file_name=f"replay-{page.replay_id}", sheets=parts)


def _columns() -> list[sheets.Column]:
    pairs = (_("Grade"), _("Grade waiting"), _("Risk"), _("Cause"))
    return [
        sheets.Column(title=_("Account number"), width=16),
        sheets.Column(title=_("Customer"), width=18),
        sheets.Column(title=_("Where"), width=36),
        *(
            sheets.Column(title=text % {"what": what}, width=20)
            for what in pairs
            for text in (_("%(what)s before"), _("%(what)s after"))
        ),
        sheets.Column(title=_("Owing before"), kind="money"),
        sheets.Column(title=_("Owing after"), kind="money"),
        sheets.Column(title=_("Why"), width=60),
    ]


def _row(line: ChangeLine) -> tuple[Any, ...]:
    coded = {"grade": "GRADE", "waiting": "WAITING", "risk": "RISK", "cause": "CAUSE"}
    words = [
        code if about in ("GRADE", "WAITING") or not code else pages.word(about, code)
        for name, about in coded.items()
        for code in line.values[name]
    ]
    why = "; ".join(line.why)
    return (line.account_number, line.name, line.where, *words, *line.values["due"], why)


def _accounts(page: ReplayPage) -> sheets.Sheet:
    rows = [_row(line) for line in page.lines]
    return sheets.Sheet(title=_("Accounts"), columns=_columns(), rows=rows)


def _grades(page: ReplayPage) -> sheets.Sheet:
    found = page.matrix
    shown = found.codes if found else ()
    columns = [
        sheets.Column(title=_("Grade before")),
        *(sheets.Column(title=_("after: %(grade)s") % {"grade": c}, kind="number") for c in shown),
    ]
    rows = [(row.code, *(cell.n for cell in row.cells)) for row in (found.rows if found else ())]
    return sheets.Sheet(title=_("Grades"), columns=columns, rows=rows)


def _days(page: ReplayPage) -> sheets.Sheet:
    drawn = page.days_chart or {"days": [], "series": []}
    columns = [
        sheets.Column(title=_("Day")),
        *(sheets.Column(title=one["label"], kind="number", width=24) for one in drawn["series"]),
    ]
    rows = [
        (day, *(one["values"][n] for one in drawn["series"])) for n, day in enumerate(drawn["days"])
    ]
    return sheets.Sheet(title=_("Day by day"), columns=columns, rows=rows)


def _work(page: ReplayPage) -> sheets.Sheet:
    columns = [
        sheets.Column(title=_("Manager"), width=18),
        sheets.Column(title=_("Day"), kind="day"),
        sheets.Column(title=_("Lines before"), kind="number"),
        sheets.Column(title=_("Lines after"), kind="number"),
        sheets.Column(title=_("Minutes before"), kind="number"),
        sheets.Column(title=_("Minutes after"), kind="number"),
        sheets.Column(title=_("Come on"), kind="number"),
        sheets.Column(title=_("Drop off"), kind="number"),
        sheets.Column(title=_("Other remedy"), kind="number"),
    ]
    rows = [
        (
            *(row.name, row.day, row.n_before, row.n_after, row.minutes_before),
            *(row.minutes_after, row.n_on, row.n_off, row.n_other),
        )
        for row in (day.of for day in (page.work.days if page.work else ()))
    ]
    return sheets.Sheet(title=_("Hours of work"), columns=columns, rows=rows)


def _work_lines(page: ReplayPage) -> sheets.Sheet:
    columns = [
        sheets.Column(title=_("Day"), kind="day"),
        sheets.Column(title=_("Manager"), width=18),
        sheets.Column(title=_("Customer"), width=18),
        sheets.Column(title=_("Before"), width=28),
        sheets.Column(title=_("After"), width=28),
        sheets.Column(title=_("Why before"), width=50),
        sheets.Column(title=_("Why after"), width=50),
    ]
    rows = [
        (
            *(line.day, line.manager, line.name, line.before, line.after),
            *(line.why_before, line.why_after),
        )
        for line in page.work_lines
    ]
    return sheets.Sheet(title=_("Lines of work"), columns=columns, rows=rows)


def _csv(page: ReplayPage) -> HttpResponse:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.title for column in _columns()])
    writer.writerows([[_cell(value) for value in _row(line)] for line in page.lines])
    # Excel takes a CSV for UTF-8 only where it begins with this mark.
    response = HttpResponse(f"\ufeff{text.getvalue()}", content_type="text/csv; charset=utf-8")
    name = f"replay-{page.replay_id}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(value: Any) -> Any:
    """Return a cell that no program takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value
