"""The list of station areas, each in one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.facts.billing import windows
from lamplighter.facts.billing.windows import Recovered
from lamplighter.facts.network import queries as network
from lamplighter.facts.network.queries import AreaInCharge
from lamplighter.findings import queries as findings
from lamplighter.findings.queries import AreaHealth
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import charts, codes, formats, lists, sheets
from lamplighter.web.frame.charts import Piece

SORTS = ("code", "customers", "owing", "overdue", "jumps", "recovery")


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLine:
    """One area in numbers."""

    code: str
    name: str
    url: str
    place: str
    manager: str
    n_accounts: int
    grades: dict[str, int]
    pieces: tuple[Piece, ...]
    grades_text: str
    n_owing: int
    owing_url: str
    due_cny: Decimal
    overdue_cny: Decimal
    n_jumps: int
    jumps_url: str
    recovery: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading that orders the list."""

    label: str
    url: str
    is_current: bool
    is_number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AreasPage:
    """All areas of the viewer."""

    summary: str
    areas: tuple[AreaLine, ...]
    headings: dict[str, Heading]
    filters: tuple[lists.Filter, ...]
    kept: tuple[tuple[str, str], ...]
    action: str
    export_url: str
    has_night: bool
    has_areas: bool
    as_of_day: date
    imports_url: str


def page(*, viewer: Viewer, today: date, wanted: Mapping[str, str], zone: ZoneInfo) -> AreasPage:
    """Fill the page: where money waits first, unless asked for another order."""
    night = findings.newest_night()
    as_of = night.as_of_day if night else today - timedelta(1)
    areas = network.areas_in_charge(viewer=viewer, on=today)
    health = findings.areas_health(viewer=viewer, on=today)
    came_in = windows.recovered(viewer=viewer, on=today, as_of=as_of, zone=zone)
    lines = [
        _line(area, health.get(area.area_id), came_in.get(area.area_id))
        for area in areas
        if (not wanted["manager"] or str(area.staff_id) == wanted["manager"])
        and (not wanted["setting"] or area.setting == wanted["setting"])
    ]
    path = reverse("areas:list")
    return AreasPage(
        summary=_summary(lines),
        areas=tuple(sorted(lines, key=lambda line: _order(line, wanted["sort"] or "overdue"))),
        headings=_headings(path, wanted),
        filters=_filters(areas, wanted),
        kept=(("sort", wanted["sort"]),) if wanted["sort"] else (),
        action=path,
        export_url=lists.address(path, **wanted, **{"as": "xlsx"}),
        has_night=night is not None,
        has_areas=bool(areas),
        as_of_day=as_of,
        imports_url=reverse("imports:list"),
    )


def _line(area: AreaInCharge, health: AreaHealth | None, came_in: Recovered | None) -> AreaLine:
    grades = {grade: health.n_by_grade.get(grade, 0) if health else 0 for grade in "ABCDN"}
    parts = [
        {"code": code, "kind": "grade", "value": n, "text": str(n), "url": None}
        for code, n in grades.items()
    ]
    words = codes.WORDS["grade"]
    return AreaLine(
        code=area.code,
        name=area.name,
        url=reverse("areas:area", args=[area.code]),
        place=" · ".join(part for part in (area.township, area.committee) if part),
        manager=area.staff_name,
        n_accounts=health.n_accounts if health else 0,
        grades=grades,
        pieces=charts.pieces(parts=parts),
        grades_text=formats.listed(
            texts=[f"{words[code].label} {n}" for code, n in grades.items() if n]
        ),
        n_owing=health.n_owing if health else 0,
        owing_url=lists.address(reverse("arrears:list"), area=area.code),
        due_cny=health.due_cny if health else Decimal(0),
        overdue_cny=health.overdue_cny if health else Decimal(0),
        n_jumps=health.n_jumps if health else 0,
        jumps_url=lists.address(reverse("signals:list"), area=area.code),
        recovery=came_in.ratio if came_in else None,
    )


def _order(line: AreaLine, sort: str) -> tuple[bool, Decimal | float, str]:
    if sort == "recovery":
        return line.recovery is None, line.recovery or 0.0, line.code
    sizes: dict[str, Decimal | int] = {
        "code": 0,
        "customers": line.n_accounts,
        "owing": line.due_cny,
        "overdue": line.overdue_cny,
        "jumps": line.n_jumps,
    }
    return False, -Decimal(sizes[sort]), line.code


def _summary(lines: list[AreaLine]) -> str:
    if not lines:
        return ""
    worst = [line for line in lines if line.recovery is not None]
    worst.sort(key=lambda line: (line.recovery or 0.0, line.code))
    n_owing, n_jumps = sum(a.n_owing for a in lines), sum(a.n_jumps for a in lines)
    text = _("%(areas)s areas: %(owing)s customers still owe, %(jumps)s homes changed suddenly.")
    said = text % {"areas": len(lines), "owing": f"{n_owing:,}", "jumps": f"{n_jumps:,}"}
    if worst:
        said += " " + _("Least recovered: %(name)s.") % {"name": worst[0].name}
    return said


def _headings(path: str, wanted: Mapping[str, str]) -> dict[str, Heading]:
    labels = {
        "code": _("Area"),
        "customers": _("Number of customers"),
        "owing": _("Owing"),
        "overdue": _("Overdue"),
        "jumps": _("Sudden jumps"),
        "recovery": _("Recovered this window"),
    }
    return {
        sort: Heading(
            label=labels[sort],
            url=lists.address(path, **{**wanted, "sort": sort}),
            is_current=(wanted["sort"] or "overdue") == sort,
            is_number=sort != "code",
        )
        for sort in SORTS
    }


def _filters(areas: list[AreaInCharge], wanted: Mapping[str, str]) -> tuple[lists.Filter, ...]:
    managers = sorted({(str(a.staff_id), a.staff_name) for a in areas if a.staff_id is not None})
    managers.sort(key=lambda pair: pair[1])
    settings = [("URBAN", _("Town")), ("SUBURBAN", _("Edge of town")), ("RURAL", _("Country"))]
    return (
        lists.choice(
            name="manager",
            label=_("Who answers"),
            every=_("Everybody"),
            options=managers,
            chosen=wanted["manager"],
        ),
        lists.choice(
            name="setting",
            label=_("Kind of place"),
            every=_("All kinds"),
            options=settings,
            chosen=wanted["setting"],
        ),
    )


def export(page: AreasPage) -> HttpResponse:
    """Return the list as XLSX."""
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
            *(a.code, a.name, a.manager, a.n_accounts, *a.grades.values(), a.n_owing),
            *(a.due_cny, a.overdue_cny, a.n_jumps, a.recovery),
        )
        for a in page.areas
    ]
    sheet = sheets.Sheet(title=_("Station areas"), columns=columns, rows=rows)
    return sheets.answer(file_name="station-areas", sheets=[sheet])
