"""The list of station areas as a file."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lamplighter.web.areas.glance import AreaLine
from lamplighter.web.frame import codes, sheets

ROWS_OF_A_FILE = 100_000


def export(lines: Sequence[AreaLine]) -> HttpResponse:
    """Return areas as XLSX."""
    columns = [
        sheets.Column(title=_("Code"), width=18),
        sheets.Column(title=_("Area"), width=24),
        sheets.Column(title=_("Who answers")),
        sheets.Column(title=_("Number of customers"), kind="number"),
        *(sheets.Column(title=str(codes.WORDS["grade"][g].label), kind="number") for g in "ABCDN"),
        sheets.Column(title=_("Customers owing"), kind="number"),
        sheets.Column(title=_("Owing"), kind="money"),
        sheets.Column(title=_("Overdue"), kind="money"),
        sheets.Column(title=_("Sudden jumps"), kind="number"),
        sheets.Column(title=_("Recovered this window"), kind="share"),
    ]
    rows = [
        (
            *(line.code, line.name, line.manager, line.n_accounts),
            *(line.grades[grade] for grade in "ABCDN"),
            *(line.n_owing, line.due_cny, line.overdue_cny, line.n_jumps, line.recovery),
        )
        for line in lines
    ]
    sheet = sheets.Sheet(title=_("Station areas"), columns=columns, rows=rows)
    return sheets.answer(file_name="station-areas", sheets=[sheet])
