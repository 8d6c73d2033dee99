"""Lists as XLSX: typed cells, and no cell that a program would take for a formula."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "text": {},
    "number": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.0"},
    "money": {"num_format": "¥#,##0.00"},
    "share": {"num_format": "0.0%"},
    "day": {"num_format": "yyyy-mm-dd"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading, what its cells hold (a key of FORMATS), and its width in signs."""

    title: str
    kind: str = "text"
    width: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet; cells that are None stay empty."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


def answer(*, file_name: str, sheets: Sequence[Sheet]) -> HttpResponse:
    """Return the sheets as a file to keep."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats = {kind: book.add_format(of) for kind, of in FORMATS.items()}
        for sheet in sheets:
            page = book.add_worksheet(sheet.title[:31])
            page.freeze_panes(1, 1)
            for place, column in enumerate(sheet.columns):
                page.set_column(place, place, column.width)
                page.write_string(0, place, column.title, head)
            for number, row in enumerate(sheet.rows, start=1):
                for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                    _write(page, number, place, value, formats[column.kind])
            page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
    response = HttpResponse(written.getvalue(), content_type=TYPE)
    response["Content-Disposition"] = f'attachment; filename="{file_name}.xlsx"'
    return response


def _write(page: Any, row: int, column: int, value: Any, cell: Any) -> None:
    if value is None:
        return
    if isinstance(value, date):
        page.write_datetime(row, column, value, cell)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, float(value), cell)
    else:
        page.write_string(row, column, str(value), cell)
