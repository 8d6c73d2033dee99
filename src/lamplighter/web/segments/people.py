"""One segment: its strategy, what its customers ask for, and who they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.facts.customers import lines as customers
from lamplighter.facts.customers.lines import DoorLine
from lamplighter.facts.network import queries as network
from lamplighter.findings import queries as findings
from lamplighter.findings import segment_lists
from lamplighter.findings.queries import Finding
from lamplighter.findings.segment_lists import SegmentLine
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import area_choice, formats, lists, sheets
from lamplighter.web.frame import segment_words as words
from lamplighter.web.frame.segment_words import Told

ROWS_A_PAGE = 50
ROWS_OF_A_FILE = 20_000
ASKED_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer of the segment, and why."""

    account_number: str
    name: str
    where: str
    url: str
    grade: str
    yearly_cny: Decimal | None
    growth_ratio: float | None
    due_cny: Decimal
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How often one kind of request came."""

    label: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPage:
    """One segment."""

    code: str
    told: Told
    list_url: str
    summary: str
    line: SegmentLine
    asked: tuple[Asked, ...]
    people: tuple[Person, ...]
    filters: tuple[lists.Filter, ...]
    kept: tuple[tuple[str, str], ...]
    action: str
    pager: lists.Pager
    export_url: str
    since: date
    version: str


def page(
    *,
    viewer: Viewer,
    today: date,
    since: date,
    code: str,
    wanted: Mapping[str, str],
    number: int,
    is_file: bool,
) -> SegmentPage:
    """Fill the page of one segment."""
    by_area = area_choice.area_choice(viewer=viewer, on=today, asked=wanted["area"])
    filters, area_id = (by_area.filter,), by_area.area_id
    wanted = {**wanted, "area": by_area.code}
    found = findings.in_segment(
        viewer=viewer,
        on=today,
        segment=code,
        area_id=area_id,
        limit=ROWS_OF_A_FILE if is_file else ROWS_A_PAGE,
        offset=(number - 1) * ROWS_A_PAGE,
    )
    all_lines = segment_lists.lines(viewer=viewer, on=today, since=since, area_id=area_id)
    asked = segment_lists.asked(
        viewer=viewer, on=today, since=today - timedelta(ASKED_DAYS), area_id=area_id
    )
    path = reverse("segments:segment", args=[code])
    line = next(one for one in all_lines if one.segment == code)
    return SegmentPage(
        code=code,
        told=words.told(code=code, on=today),
        list_url=lists.address(reverse("segments:list"), **wanted),
        summary=_summary(line),
        line=line,
        asked=_asked(asked.get(code, {})),
        people=_people(found.findings, viewer=viewer, today=today),
        filters=filters,
        kept=(),
        action=path,
        pager=lists.pager(
            number=number, total=found.n_all, size=ROWS_A_PAGE, path=path, wanted=wanted
        ),
        export_url=lists.address(path, **wanted, **{"as": "xlsx"}),
        since=since,
        version=words.version(on=today),
    )


def _summary(line: SegmentLine) -> str:
    said = _("%(n)s customers, billed %(money)s in a year.")
    return said % {
        "n": formats.number(value=line.n_accounts, digits=0),
        "money": formats.money(value=line.yearly_cny, digits=0),
    }


def _asked(counts: Mapping[str, int]) -> tuple[Asked, ...]:
    labels = {
        "CONSULTATION": _("Questions"),
        "INSTALLATION": _("New supply or more capacity"),
        "FAULT": _("Faults"),
        "SUGGESTION": _("Suggestions"),
        "REPORT": _("Reports"),
        "OTHER": _("Other requests"),
    }
    found = [Asked(label=label, n=counts[kind]) for kind, label in labels.items() if kind in counts]
    return tuple(sorted(found, key=lambda one: -one.n))


def _people(found: Sequence[Finding], *, viewer: Viewer, today: date) -> tuple[Person, ...]:
    where = network.names_of_areas(
        viewer=viewer, on=today, area_ids=(finding.area_id for finding in found)
    )
    ids = [finding.account_id for finding in found]
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=ids)
    return tuple(
        _person(finding, doors[finding.account_id], where.get(finding.area_id or 0, ""), today)
        for finding in found
        if finding.account_id in doors
    )


def _person(finding: Finding, door: DoorLine, area: str, today: date) -> Person:
    return Person(
        account_number=door.account_number,
        name=door.name,
        where=" · ".join(part for part in (area, door.address) if part),
        url=reverse("customers:account", args=[door.account_number]),
        grade=finding.grade,
        yearly_cny=finding.value_yearly_cny,
        growth_ratio=finding.value_growth_ratio,
        due_cny=finding.balance_due_cny,
        why=words.why(
            nature=finding.segment_nature, conditions=finding.segment_conditions, on=today
        ),
    )


def export(page: SegmentPage) -> HttpResponse:
    """Return the people as XLSX."""
    columns = [
        sheets.Column(title=_("Account number"), width=16),
        sheets.Column(title=_("Customer"), width=18),
        sheets.Column(title=_("Where"), width=36),
        sheets.Column(title=_("Grade"), width=8),
        sheets.Column(title=_("Billed in a year"), kind="money"),
        sheets.Column(title=_("Growth a year"), kind="share"),
        sheets.Column(title=_("Owing"), kind="money"),
        sheets.Column(title=_("Why here"), width=50),
    ]
    rows = [
        (
            *(person.account_number, person.name, person.where, person.grade),
            *(person.yearly_cny, person.growth_ratio, person.due_cny, "; ".join(person.why)),
        )
        for person in page.people
    ]
    sheet = sheets.Sheet(title=page.told.name, columns=columns, rows=rows)
    return sheets.answer(file_name=f"segment-{page.code.lower().replace('_', '-')}", sheets=[sheet])
