"""All segments in one table and one chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.findings import queries as findings
from lamplighter.findings import segment_lists
from lamplighter.findings.segment_lists import SegmentLine
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import area_choice, formats, lists, nights, sheets
from lamplighter.web.frame import segment_words as words


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One segment in the table."""

    code: str
    name: str
    who: str
    need: str
    offer: str
    leave_alone: str
    url: str
    n_accounts: int
    share: float | None
    yearly_cny: Decimal
    due_cny: Decimal
    overdue_cny: Decimal
    n_owing: int
    growth_ratio: float | None
    n_came: int
    n_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsPage:
    """All segments of the viewer's customers."""

    summary: str
    rows: tuple[Row, ...]
    chart: dict[str, Any] | None
    filters: tuple[lists.Filter, ...]
    kept: tuple[tuple[str, str], ...]
    action: str
    export_url: str
    since: date
    version: str
    has_night: bool
    late: str


def page(*, viewer: Viewer, today: date, since: date, wanted: Mapping[str, str]) -> SegmentsPage:
    """Fill the page."""
    by_area = area_choice.area_choice(viewer=viewer, on=today, asked=wanted["area"])
    filters, wanted = (by_area.filter,), {**wanted, "area": by_area.code}
    found = segment_lists.lines(viewer=viewer, on=today, since=since, area_id=by_area.area_id)
    rows = tuple(_row(line, found, today=today, wanted=wanted) for line in found)
    path, night = reverse("segments:list"), findings.newest_night()
    return SegmentsPage(
        summary=_summary(rows),
        rows=rows,
        chart=_chart(rows),
        filters=filters,
        kept=(),
        action=path,
        export_url=lists.address(path, **wanted, **{"as": "xlsx"}),
        since=since,
        version=words.version(on=today),
        has_night=night is not None,
        late=nights.late(as_of=night.as_of_day if night else None, today=today),
    )


def _row(
    line: SegmentLine, found: Sequence[SegmentLine], *, today: date, wanted: Mapping[str, str]
) -> Row:
    told = words.told(code=line.segment, on=today)
    total = sum(one.n_accounts for one in found)
    return Row(
        code=line.segment,
        name=told.name,
        who=told.who,
        need=told.need,
        offer=told.offer,
        leave_alone=told.leave_alone,
        url=lists.address(reverse("segments:segment", args=[line.segment]), **wanted),
        n_accounts=line.n_accounts,
        share=line.n_accounts / total if total else None,
        yearly_cny=line.yearly_cny,
        due_cny=line.due_cny,
        overdue_cny=line.overdue_cny,
        n_owing=line.n_owing,
        growth_ratio=line.growth_ratio,
        n_came=line.n_came,
        n_left=line.n_left,
    )


def _summary(rows: Sequence[Row]) -> str:
    people = sum(row.n_accounts for row in rows)
    if not people:
        return ""
    moved = sum(row.n_came for row in rows)
    said = _("%(people)s customers in %(n)s segments; %(moved)s moved in the last month.")
    return said % {
        "people": formats.number(value=people, digits=0),
        "n": sum(1 for row in rows if row.n_accounts),
        "moved": formats.number(value=moved, digits=0),
    }


def _chart(rows: Sequence[Row]) -> dict[str, Any] | None:
    bars = [
        {
            "label": row.name,
            "value": row.n_accounts,
            "low": None,
            "high": None,
            "tone": "context",
            "note": row.need,
        }
        for row in rows
        if row.n_accounts
    ]
    return {"unit": "number", "bars": bars} if bars else None


def export(page: SegmentsPage) -> HttpResponse:
    """Return the table as XLSX, with the strategies."""
    columns = [
        sheets.Column(title=_("Segment"), width=24),
        sheets.Column(title=_("Who is in it"), width=40),
        sheets.Column(title=_("Number of customers"), kind="number"),
        sheets.Column(title=_("Share of customers"), kind="share"),
        sheets.Column(title=_("Billed in a year"), kind="money"),
        sheets.Column(title=_("Owing"), kind="money"),
        sheets.Column(title=_("Overdue"), kind="money"),
        sheets.Column(title=_("Growth a year"), kind="share"),
        sheets.Column(title=_("Came in a month"), kind="number"),
        sheets.Column(title=_("Left in a month"), kind="number"),
        sheets.Column(title=_("What they need"), width=40),
        sheets.Column(title=_("What to offer"), width=60),
        sheets.Column(title=_("What to leave alone"), width=40),
    ]
    rows = [
        (
            *(row.name, row.who, row.n_accounts, row.share, row.yearly_cny, row.due_cny),
            *(row.overdue_cny, row.growth_ratio, row.n_came, row.n_left),
            *(row.need, row.offer, row.leave_alone),
        )
        for row in page.rows
    ]
    sheet = sheets.Sheet(title=_("Segments"), columns=columns, rows=rows)
    return sheets.answer(file_name="segments", sheets=[sheet])
