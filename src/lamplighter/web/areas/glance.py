"""The list of station areas, each in one line, and above it the supply stations added up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.facts.network import queries as network
from lamplighter.findings.areas import queries as areas
from lamplighter.findings.areas.queries import SORTS, Narrowed, UnitSums
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import charts, codes, formats, lists, nights
from lamplighter.web.frame.charts import Piece

ROWS_A_PAGE = 100
WAYS = ("q", "unit", "manager", "setting", "sort")
LONGEST_WORDS = 60


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
class UnitLine:
    """One supply station, its areas added up."""

    name: str
    url: str
    n_areas: int
    n_accounts: int
    n_owing: int
    due_cny: Decimal
    overdue_cny: Decimal
    n_jumps: int
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
    units: tuple[UnitLine, ...]  # empty where there is one, or one was chosen
    areas: tuple[AreaLine, ...]
    grade_key: tuple[charts.KeyEntry, ...]
    headings: dict[str, Heading]
    words: lists.Words
    filters: tuple[lists.Filter, ...]
    kept: tuple[tuple[str, str], ...]
    action: str
    pager: lists.Pager
    export_url: str
    has_night: bool
    late: str
    has_areas: bool
    as_of_day: date | None
    imports_url: str


def page(*, viewer: Viewer, today: date, wanted: Mapping[str, str], number: int) -> AreasPage:
    """Fill one page: where money waits first, unless asked for another order."""
    stations = network.stations_seen_by(viewer=viewer, on=today)
    filters = _filters(viewer=viewer, today=today, stations=stations, wanted=wanted)
    narrowed = narrowed_by(wanted)
    sums = areas.by_unit(viewer=viewer, on=today, narrowed=narrowed)
    path = reverse("areas:list")
    as_of = areas.as_of_day()
    total = sum(unit.n_areas for unit in sums)
    return AreasPage(
        summary=_summary(sums),
        units=tuple(_unit(unit, path, wanted) for unit in sums) if len(sums) > 1 else (),
        areas=lines(
            viewer=viewer,
            today=today,
            wanted=wanted,
            limit=ROWS_A_PAGE,
            offset=(number - 1) * ROWS_A_PAGE,
        ),
        grade_key=charts.code_key(kind="grade"),
        headings=_headings(path, wanted),
        words=lists.Words(name="q", label=_("Area or who answers"), value=wanted["q"]),
        filters=filters,
        kept=(("sort", wanted["sort"]),) if wanted["sort"] else (),
        action=path,
        pager=lists.pager(number=number, total=total, size=ROWS_A_PAGE, path=path, wanted=wanted),
        export_url=lists.address(path, **wanted, **{"as": "xlsx"}),
        has_night=as_of is not None,
        late=nights.late(as_of=as_of, today=today),
        has_areas=bool(stations),
        as_of_day=as_of,
        imports_url=reverse("imports:list"),
    )


def narrowed_by(wanted: Mapping[str, str]) -> Narrowed:
    """Return which areas are asked for.

    Raises
    ------
    Http404
        A unit or a person is no number.
    """
    ids = {}
    for name in ("unit", "manager"):
        if wanted[name] and (not wanted[name].isdecimal() or len(wanted[name]) > 10):
            raise Http404
        ids[name] = int(wanted[name]) if wanted[name] else None
    return Narrowed(
        words=wanted["q"].strip()[:LONGEST_WORDS],
        unit_id=ids["unit"],
        staff_id=ids["manager"],
        setting=wanted["setting"],
    )


def lines(
    *, viewer: Viewer, today: date, wanted: Mapping[str, str], limit: int, offset: int = 0
) -> tuple[AreaLine, ...]:
    """Return a part of the areas asked for, in the order asked for. Two queries."""
    found = areas.lines(
        viewer=viewer,
        on=today,
        narrowed=narrowed_by(wanted),
        sort=wanted["sort"] or "overdue",
        limit=limit,
        offset=offset,
    )
    graded = areas.grades(viewer=viewer, on=today, area_ids=[area.area_id for area in found])
    return tuple(_line(area, graded.get(area.area_id, {})) for area in found)


def _line(area: areas.AreaLine, graded: Mapping[str, int]) -> AreaLine:
    grades = {grade: graded.get(grade, 0) for grade in "ABCDN"}
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
        n_accounts=area.n_accounts,
        grades=grades,
        pieces=charts.pieces(parts=parts),
        grades_text=formats.listed(
            texts=[f"{words[code].label} {n}" for code, n in grades.items() if n]
        ),
        n_owing=area.n_owing,
        owing_url=lists.address(reverse("arrears:list"), area=area.code),
        due_cny=area.due_cny,
        overdue_cny=area.overdue_cny,
        n_jumps=area.n_jumps,
        jumps_url=lists.address(reverse("signals:list"), area=area.code),
        recovery=area.recovered_ratio,
    )


def _unit(unit: UnitSums, path: str, wanted: Mapping[str, str]) -> UnitLine:
    return UnitLine(
        name=unit.name,
        url=lists.address(path, **{**wanted, "unit": str(unit.unit_id)}),
        n_areas=unit.n_areas,
        n_accounts=unit.n_accounts,
        n_owing=unit.n_owing,
        due_cny=unit.due_cny,
        overdue_cny=unit.overdue_cny,
        n_jumps=unit.n_jumps,
        recovery=unit.recovered_ratio,
    )


def _summary(sums: Sequence[UnitSums]) -> str:
    if not sums:
        return ""
    text = _("%(areas)s areas: %(owing)s customers still owe, %(jumps)s homes changed suddenly.")
    said = text % {
        "areas": f"{sum(unit.n_areas for unit in sums):,}",
        "owing": f"{sum(unit.n_owing for unit in sums):,}",
        "jumps": f"{sum(unit.n_jumps for unit in sums):,}",
    }
    known = [(unit.least_ratio, unit.least_name) for unit in sums if unit.least_ratio is not None]
    if not known:
        return said
    _ratio, name = min(known)
    return formats.sentences(said, _("Least recovered: %(name)s.") % {"name": name})


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


def _filters(
    *, viewer: Viewer, today: date, stations: Sequence[tuple[int, str]], wanted: Mapping[str, str]
) -> tuple[lists.Filter, ...]:
    """Return the filters: people are offered once there is one station to choose them from."""
    units = [(str(pk), name) for pk, name in stations]
    unit = lists.choice(
        name="unit",
        label=_("Unit"),
        every=_("All units"),
        options=units,
        chosen=wanted["unit"],
    )
    chosen = wanted["unit"] or (units[0][0] if len(units) == 1 else "")
    managers = []
    if chosen:
        found = network.people_in_charge(viewer=viewer, on=today, unit_id=int(chosen))
        managers = [(str(pk), name) for pk, name in found]
    manager = lists.choice(
        name="manager",
        label=_("Who answers"),
        every=_("Everybody"),
        options=managers,
        chosen=wanted["manager"] if chosen else "",
    )
    setting = lists.choice(
        name="setting",
        label=_("Kind of place"),
        every=_("All kinds"),
        options=[("URBAN", _("Town")), ("SUBURBAN", _("Edge of town")), ("RURAL", _("Country"))],
        chosen=wanted["setting"],
    )
    offered = ((unit, len(units) > 1), (manager, bool(managers)), (setting, True))
    return tuple(one for one, is_offered in offered if is_offered)
