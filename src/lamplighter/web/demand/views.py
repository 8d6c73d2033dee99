"""What customers ask for, counted over the service orders: by what, when, and what is new."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.service import demands
from lamplighter.action.service.demands import (
    AREA,
    CATEGORY,
    SEGMENT,
    TYPE,
    UNIT,
    GroupCount,
    Narrowed,
)
from lamplighter.action.service.lines import OrderLine
from lamplighter.findings.demand import learnt
from lamplighter.insight.segments.terms import SEGMENTS
from lamplighter.kernel import spans
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import codes as processes
from lamplighter.web import desk
from lamplighter.web.demand import counted
from lamplighter.web.demand.counted import Bar, Rise, Row
from lamplighter.web.frame import (
    area_choice,
    codes,
    formats,
    lists,
    segment_words,
    service_words,
    sheets,
)

N_WEEKS, MOST_RISES, SHOWN, GROUPS_SHOWN = 26, 12, 25, 100
WAYS = (TYPE, AREA, UNIT, CATEGORY, SEGMENT)
Names = Callable[[GroupCount], tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One way to count."""

    label: str
    url: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPage:
    """The orders counted one way."""

    summary: str
    tabs: tuple[Tab, ...]
    by: str
    heading: str
    rows: tuple[Row, ...]
    pager: lists.Pager
    bars: tuple[Bar, ...]
    width: int
    rises: tuple[Rise, ...]
    filters: tuple[lists.Filter, ...]
    kept: tuple[tuple[str, str], ...]
    action: str
    export_url: str
    words_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindLine:
    """One order behind a number."""

    number: str
    url: str
    type: str
    where: str
    state: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindPage:
    """The orders behind a number."""

    summary: str
    lines: tuple[BehindLine, ...]
    pager: lists.Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a request asks for, with what may be asked."""

    viewer: Viewer
    today: date
    until: datetime
    wanted: dict[str, str]
    filters: tuple[lists.Filter, ...]

    @property
    def narrowed(self) -> Narrowed:
        return Narrowed(**self.wanted)


@never_cache
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """Count orders (``?by=type|area|unit|category|segment``) with what rose. Nine queries."""
    asked = _asked(request)
    by = request.GET.get("by", TYPE)
    if by not in WAYS:
        raise Http404
    number, rules = lists.page_number(request), desk.service_rules()
    given: dict[str, Any] = {
        "viewer": asked.viewer, "rules": rules, "until": asked.until, "n_weeks": N_WEEKS,
    }  # fmt: skip
    groups = demands.weekly(**given, by=by, narrowed=asked.narrowed)
    _numbers, emerging, policy = learnt.numbers_on(day=asked.today)
    rows = counted.rows(
        groups=groups,
        name=_names(by, asked.today),
        by=by,
        wanted=asked.wanted,
        allowed=policy.number("topics.false_share_allowed"),
    )
    if request.GET.get("as") == "xlsx":
        return _export(rows, heading=_heading(by))
    pairs, n_pairs = demands.pairs(**given, at_least=emerging.texts_at_least)
    rises = counted.rises(pairs=pairs, n_tested=n_pairs, policy=emerging)
    path = reverse("demand:list")
    bars = counted.bars(groups=groups)
    page = DemandPage(
        summary=_summary(rows, rises),
        tabs=tuple(
            Tab(
                label=_heading(way),
                url=lists.address(path, **asked.wanted, by=way),
                is_current=way == by,
            )
            for way in WAYS
        ),
        by=by,
        heading=_heading(by),
        rows=rows[GROUPS_SHOWN * (number - 1) : GROUPS_SHOWN * number],
        pager=lists.pager(
            number=number, total=len(rows), size=GROUPS_SHOWN, path=path,
            wanted={**asked.wanted, "by": by},
        ),
        bars=bars,
        width=len(bars) * (counted.BAR + counted.GAP),
        rises=rises[:MOST_RISES],
        filters=asked.filters,
        kept=(("by", by),),
        action=path,
        export_url=lists.address(path, **asked.wanted, by=by, **{"as": "xlsx"}),
        words_url=reverse("demand:words"),
    )  # fmt: skip
    return render(request, "demand/list.html", {"page": page})


@never_cache
@require_GET
def behind(request: HttpRequest) -> HttpResponse:
    """List the orders behind a number (``?weeks=`` back). Seven queries."""
    asked = _asked(request)
    weeks = request.GET.get("weeks", str(counted.NEW_WEEKS))
    if not weeks.isdecimal() or not 1 <= int(weeks[:3]) <= N_WEEKS:
        raise Http404
    number = lists.page_number(request)
    found, total = demands.behind(
        viewer=asked.viewer,
        rules=desk.service_rules(),
        until=asked.until,
        n_weeks=int(weeks),
        narrowed=asked.narrowed,
        limit=SHOWN,
        offset=SHOWN * (number - 1),
    )
    text = ngettext(
        "%(n)s order within %(weeks)s weeks.", "%(n)s orders within %(weeks)s weeks.", total
    )
    page = BehindPage(
        summary=text % {"n": formats.number(value=total, digits=0), "weeks": weeks},
        lines=tuple(_behind(line) for line in found),
        pager=lists.pager(
            number=number,
            total=total,
            size=SHOWN,
            path=reverse("demand:orders"),
            wanted={**asked.wanted, "weeks": weeks},
        ),
    )
    return render(request, "demand/orders.html", {"page": page})


def _asked(request: HttpRequest) -> _Asked:
    viewer, today = desk.viewer_of(request), desk.today()
    wanted = {name: request.GET.get(name, "") for name in WAYS}
    if wanted[UNIT] and (not wanted[UNIT].isdecimal() or len(wanted[UNIT]) > 10):
        raise Http404
    by_area = area_choice.area_choice(viewer=viewer, on=today, asked=wanted[AREA])
    wanted[AREA] = by_area.code
    choices: list[tuple[str, str, str, list[tuple[str, str]]]] = [
        (TYPE, _("Type"), _("All types"), _types()),
        (CATEGORY, _("Kind of customer"), _("All customers"), [
            (code, str(word.label)) for code, word in codes.WORDS["category"].items()
        ]),
        (SEGMENT, _("Segment"), _("All segments"), [
            (code, segment_words.told(code=code, on=today).name) for code in SEGMENTS
        ]),
    ]  # fmt: skip
    return _Asked(
        viewer=viewer,
        today=today,
        until=spans.end_of_day(day=today - timedelta(1), zone=ZoneInfo(settings.TIME_ZONE)),
        wanted=wanted,
        filters=(
            by_area.filter,
            *(
                lists.choice(
                    name=name, label=label, every=all_, options=options, chosen=wanted[name]
                )
                for name, label, all_, options in choices
            ),
        ),
    )


def _types() -> list[tuple[str, str]]:
    return [
        (code, service_words.type_name(code=code))
        for code in processes.TYPES
        if code not in demands.OUR_OWN
    ]


def _heading(by: str) -> str:
    return {
        TYPE: _("By type"),
        AREA: _("By area"),
        UNIT: _("By unit"),
        CATEGORY: _("By kind of customer"),
        SEGMENT: _("By segment"),
    }[by]


def _names(by: str, today: date) -> Names:
    """Return how groups are called, and what is said beside."""

    def of_type(group: GroupCount) -> tuple[str, str]:
        function = processes.TYPES[group.key]
        return service_words.type_name(code=group.key), service_words.function_name(code=function)

    def of_place(group: GroupCount) -> tuple[str, str]:
        return group.name or _("No area known"), ""

    def of_category(group: GroupCount) -> tuple[str, str]:
        if not group.key:
            return _("No account named"), ""
        return str(codes.word_for(kind="category", code=group.key).label), ""

    def of_segment(group: GroupCount) -> tuple[str, str]:
        if group.key not in SEGMENTS:
            return _("In no segment yet"), ""
        told = segment_words.told(code=group.key, on=today)
        return told.name, told.offer

    return {
        TYPE: of_type, AREA: of_place, UNIT: of_place, CATEGORY: of_category, SEGMENT: of_segment,
    }[by]  # fmt: skip


def _summary(rows: tuple[Row, ...], rises: tuple[Rise, ...]) -> str:
    n_new, n_before = sum(row.n_new for row in rows), sum(row.n_before for row in rows)
    if not sum(row.n_all for row in rows):
        return _("No customer's order in half a year here.")
    said = _("%(n)s orders in four weeks, %(before)s in the four before.") % {
        "n": formats.number(value=n_new, digits=0),
        "before": formats.number(value=n_before, digits=0),
    }
    moved = sum(bool(row.moved) for row in rows)
    more = ngettext("%(n)d group moved beyond chance.", "%(n)d groups moved beyond chance.", moved)
    new = ngettext("%(n)d thing is new this week.", "%(n)d things are new this week.", len(rises))
    return formats.sentences(said, more % {"n": moved}, new % {"n": len(rises)})


def _behind(line: OrderLine) -> BehindLine:
    return BehindLine(
        number=line.number,
        url=reverse("orders:order", args=[line.number]),
        type=service_words.type_name(code=line.type_code),
        where=" · ".join(part for part in (line.area_name, line.account_number) if part)
        or line.unit_name,
        state=str(service_words.STATES[line.state]),
        opened_at=line.opened_at,
    )


def _export(rows: tuple[Row, ...], *, heading: str) -> HttpResponse:
    columns = [
        sheets.Column(title=heading, width=30),
        sheets.Column(title=_("Last four weeks"), kind="number"),
        sheets.Column(title=_("Share"), kind="share"),
        sheets.Column(title=_("Four weeks before"), kind="number"),
        sheets.Column(title=_("Change"), kind="share"),
        sheets.Column(title=_("Beyond chance")),
        sheets.Column(title=_("Half a year"), kind="number"),
        *(sheets.Column(title=f"-{N_WEEKS - n}", kind="number", width=6) for n in range(N_WEEKS)),
    ]
    words = {"UP": _("more"), "DOWN": _("fewer"), "": ""}
    lines = [
        (
            *(row.label, row.n_new, row.share, row.n_before, row.change, words[row.moved]),
            row.n_all,
            *row.weeks,
        )
        for row in rows
    ]
    sheet = sheets.Sheet(title=_("Requests"), columns=columns, rows=lines)
    return sheets.answer(file_name="demand", sheets=[sheet])
