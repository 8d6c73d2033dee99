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
from lamplighter.facts.network import queries as network
from lamplighter.facts.network.queries import AreaInCharge
from lamplighter.findings import queries as findings
from lamplighter.findings.queries import AreaHealth
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import charts, codes, formats, lists, sheets
from lamplighter.web.frame.charts import Piece

ROWS_A_PAGE = 100
SORTS = ("code", "customers", "owing", "overdue", "jumps", "recovery")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of one area."""

    area: AreaInCharge
    health: AreaHealth
    recovery: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The viewer's areas, those asked for, and the day their findings stand for."""

    areas: list[AreaInCharge]
    known: list[_Known]
    as_of: date
    has_night: bool


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
    """The areas of the viewer, a page of them."""

    summary: str
    areas: tuple[AreaLine, ...]
    headings: dict[str, Heading]
    filters: tuple[lists.Filter, ...]
    kept: tuple[tuple[str, str], ...]
    action: str
    pager: lists.Pager
    export_url: str
    has_night: bool
    has_areas: bool
    as_of_day: date
    imports_url: str


def page(
    *, viewer: Viewer, today: date, wanted: Mapping[str, str], number: int, zone: ZoneInfo
) -> AreasPage:
    """Fill one page: where money waits first, unless asked for another order."""
    read = _read(viewer=viewer, today=today, zone=zone, wanted=wanted)
    known = read.known
    path = reverse("areas:list")
    start = (number - 1) * ROWS_A_PAGE
    return AreasPage(
        summary=_summary(known),
        areas=tuple(_line(one) for one in known[start : start + ROWS_A_PAGE]),
        headings=_headings(path, wanted),
        filters=_filters(read.areas, wanted),
        kept=(("sort", wanted["sort"]),) if wanted["sort"] else (),
        action=path,
        pager=lists.pager(
            number=number, total=len(known), size=ROWS_A_PAGE, path=path, wanted=wanted
        ),
        export_url=lists.address(path, **wanted, **{"as": "xlsx"}),
        has_night=read.has_night,
        has_areas=bool(read.areas),
        as_of_day=read.as_of,
        imports_url=reverse("imports:list"),
    )


def _read(*, viewer: Viewer, today: date, zone: ZoneInfo, wanted: Mapping[str, str]) -> _Read:
    """Read the viewer's areas, and what is known of those asked for in the order asked for."""
    areas = network.areas_in_charge(viewer=viewer, on=today)
    night = findings.newest_night()
    as_of = night.as_of_day if night else today - timedelta(1)
    health = findings.areas_health(viewer=viewer, on=today)
    came_in = windows.recovered(viewer=viewer, on=today, as_of=as_of, zone=zone)
    known = [
        _Known(
            area=area,
            health=health.get(area.area_id) or _nothing(area),
            recovery=came_in[area.area_id].ratio if area.area_id in came_in else None,
        )
        for area in areas
        if (not wanted["manager"] or str(area.staff_id) == wanted["manager"])
        and (not wanted["setting"] or area.setting == wanted["setting"])
    ]
    known.sort(key=lambda one: _order(one, wanted["sort"] or "overdue"))
    return _Read(areas=areas, known=known, as_of=as_of, has_night=night is not None)


def _nothing(area: AreaInCharge) -> AreaHealth:
    return AreaHealth(
        area_id=area.area_id,
        n_accounts=0,
        n_by_grade={},
        n_by_risk={},
        due_cny=Decimal(0),
        overdue_cny=Decimal(0),
        n_owing=0,
        n_jumps=0,
        n_high_use=0,
    )


def _line(one: _Known) -> AreaLine:
    area, health = one.area, one.health
    grades = {grade: health.n_by_grade.get(grade, 0) for grade in "ABCDN"}
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
        n_accounts=health.n_accounts,
        grades=grades,
        pieces=charts.pieces(parts=parts),
        grades_text=formats.listed(
            texts=[f"{words[code].label} {n}" for code, n in grades.items() if n]
        ),
        n_owing=health.n_owing,
        owing_url=lists.address(reverse("arrears:list"), area=area.code),
        due_cny=health.due_cny,
        overdue_cny=health.overdue_cny,
        n_jumps=health.n_jumps,
        jumps_url=lists.address(reverse("signals:list"), area=area.code),
        recovery=one.recovery,
    )


def _order(one: _Known, sort: str) -> tuple[bool, Decimal | float, str]:
    if sort == "recovery":
        return one.recovery is None, one.recovery or 0.0, one.area.code
    sizes: dict[str, Decimal | int] = {
        "code": 0,
        "customers": one.health.n_accounts,
        "owing": one.health.due_cny,
        "overdue": one.health.overdue_cny,
        "jumps": one.health.n_jumps,
    }
    return False, -Decimal(sizes[sort]), one.area.code


def _summary(known: list[_Known]) -> str:
    if not known:
        return ""
    worst = min(
        (one for one in known if one.recovery is not None),
        key=lambda one: (one.recovery, one.area.code),
        default=None,
    )
    text = _("%(areas)s areas: %(owing)s customers still owe, %(jumps)s homes changed suddenly.")
    said = text % {
        "areas": f"{len(known):,}",
        "owing": f"{sum(one.health.n_owing for one in known):,}",
        "jumps": f"{sum(one.health.n_jumps for one in known):,}",
    }
    if worst is None:
        return said
    return formats.sentences(said, _("Least recovered: %(name)s.") % {"name": worst.area.name})


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


def export(
    *, viewer: Viewer, today: date, wanted: Mapping[str, str], zone: ZoneInfo
) -> HttpResponse:
    """Return all areas asked for as XLSX."""
    read = _read(viewer=viewer, today=today, zone=zone, wanted=wanted)
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
            *(one.area.code, one.area.name, one.area.staff_name, one.health.n_accounts),
            *(one.health.n_by_grade.get(grade, 0) for grade in "ABCDN"),
            *(one.health.n_owing, one.health.due_cny, one.health.overdue_cny),
            *(one.health.n_jumps, one.recovery),
        )
        for one in read.known
    ]
    sheet = sheets.Sheet(title=_("Station areas"), columns=columns, rows=rows)
    return sheets.answer(file_name="station-areas", sheets=[sheet])
