"""The share of promises kept, per type, unit and step; each number leads to its orders."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.service import shares as kept
from lamplighter.action.service.lines import Share
from lamplighter.action.service.shares import Cell
from lamplighter.policy.processes import catalogue, codes
from lamplighter.web.frame import lists, service_words, sheets
from lamplighter.web.watch import desks, lanes
from lamplighter.web.watch.desks import Desk, Tab

CELLS_AT_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group, and what was kept of it."""

    name: str
    url: str  # to its steps; empty where it has none
    kept_ratio: float | None
    kept_percent: str  # for its bar
    n_kept: int
    n_missed: int
    n_running: int
    kept_url: str
    missed_url: str
    running_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Shares by one thing."""

    title: str
    what: str  # each row is
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """What was kept of what we promised."""

    summary: str
    tabs: tuple[Tab, ...]
    filters: tuple[lists.Filter, ...]
    action: str
    tables: tuple[Table, ...]
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A promise or step behind a number."""

    number: str
    url: str
    what: str
    type: str
    where: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPage:
    """The orders behind one number."""

    title: str
    summary: str
    back_url: str
    lines: tuple[Found, ...]
    is_cut: bool


@never_cache
@require_GET
def shares(request: HttpRequest) -> HttpResponse:
    """Show the shares of a span (``?days=&all=&type=``). Five queries."""
    at = desks.desk_of(request)
    days, since = desks.span(request, at=at)
    every = request.GET.get("all", "")
    chosen = request.GET.get("type", "")
    filters = _filters(at=at, days=days, every=every, chosen=chosen)
    asked: dict[str, Any] = {"viewer": at.viewer, "rules": at.rules, "since": since, "now": at.now}
    kinds = kept.by_type(**asked, outward_only=not every)
    units = kept.by_unit(**asked, outward_only=not every)
    here: dict[str, str | int] = {"days": days, "all": every}
    tables = [
        Table(title=_("By type"), what=_("Type"), rows=_rows(kinds, kept.TYPE, here, _type_name)),
        Table(title=_("By unit"), what=_("Unit"), rows=_rows(units, kept.UNIT, here, str)),
    ]
    if chosen:
        steps = kept.by_step(**asked, type_code=chosen)
        title = _("By step: %(type)s") % {"type": service_words.type_name(code=chosen)}
        named = _step_name(chosen)
        rows = _rows(steps, kept.STEP, {**here, "type": chosen}, named)
        tables.insert(0, Table(title=title, what=_("Step"), rows=rows))
    if request.GET.get("as") == "xlsx":
        return _export(tables)
    path = reverse("watch:kept")
    page = KeptPage(
        summary=_summary(kinds),
        tabs=desks.tabs(current="kept"),
        filters=filters,
        action=path,
        tables=tuple(table for table in tables if table.rows),
        export_url=lists.address(path, **here, type=chosen, **{"as": "xlsx"}),
    )
    return render(request, "watch/kept.html", {"page": page})


@never_cache
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """List what one number counts. Three queries."""
    at = desks.desk_of(request)
    days, since = desks.span(request, at=at)
    by, outcome = request.GET.get("by", ""), request.GET.get("outcome", "")
    group, type_code = request.GET.get("group", ""), request.GET.get("type", "")
    names = {kept.KEPT: _("Kept"), kept.MISSED: _("Missed"), kept.RUNNING: _("Running")}
    if by not in kept.COLUMNS or outcome not in names or "\x00" in group + type_code:
        raise Http404
    every = request.GET.get("all", "")
    cell = Cell(
        by=by,
        group=group,
        outcome=outcome,
        type_code=type_code,
        outward_only=not every,
        since=since,
        now=at.now,
    )
    found = kept.behind(viewer=at.viewer, rules=at.rules, cell=cell, limit=CELLS_AT_MOST + 1)
    page = OrdersPage(
        title=names[outcome],
        summary=_name_of(cell),
        back_url=lists.address(reverse("watch:kept"), days=days, all=every, type=type_code),
        lines=tuple(
            Found(
                number=line.number,
                url=reverse("orders:order", args=[line.number]),
                what=_step_name(line.type_code)(code)
                if by == kept.STEP
                else lanes.promise_name(type_code=line.type_code, code=code),
                type=_type_name(line.type_code),
                where=desks.where(line, viewer=at.viewer),
                opened_at=line.opened_at,
            )
            for code, line in found[:CELLS_AT_MOST]
        ),
        is_cut=len(found) > CELLS_AT_MOST,
    )
    return render(request, "watch/orders.html", {"page": page})


def _filters(*, at: Desk, days: int, every: str, chosen: str) -> tuple[lists.Filter, ...]:
    types = [(code, _type_name(code)) for code in codes.TYPES]
    return (
        desks.span_filter(at=at, days=days, label=_("Opened within")),
        lists.choice(
            name="all", label=_("Promises"), every=_("Published promises"),
            options=[("1", _("Also our own measures"))], chosen=every,
        ),
        lists.choice(
            name="type", label=_("Steps of"), every=_("No type"), options=types, chosen=chosen
        ),
    )  # fmt: skip


def _rows(
    found: list[Share], by: str, here: dict[str, str | int], name: Callable[[str], str]
) -> tuple[Row, ...]:
    def url(share: Share, outcome: str) -> str:
        return lists.address(
            reverse("watch:orders"), **here, by=by, group=share.group, outcome=outcome
        )

    rows = [
        Row(
            name=name(share.group),
            url=lists.address(reverse("watch:kept"), **here, type=share.group)
            if by == kept.TYPE
            else "",
            kept_ratio=share.kept_ratio,
            kept_percent=f"{100 * (share.kept_ratio or 0.0):.1f}",
            n_kept=share.n_kept,
            n_missed=share.n_missed,
            n_running=share.n_running,
            kept_url=url(share, kept.KEPT),
            missed_url=url(share, kept.MISSED),
            running_url=url(share, kept.RUNNING),
        )
        for share in found
        if share.n_kept or share.n_missed or share.n_running
    ]
    return tuple(sorted(rows, key=lambda row: (-row.n_missed, row.name)))


def _summary(found: list[Share]) -> str:
    n_kept, n_missed = sum(one.n_kept for one in found), sum(one.n_missed for one in found)
    if not n_kept + n_missed:
        return _("No promise was decided in this span.")
    return _("%(share).1f%% of %(n)d promises were kept; late and still open counts as missed.") % {
        "share": 100 * n_kept / (n_kept + n_missed),
        "n": n_kept + n_missed,
    }


def _type_name(code: str) -> str:
    return service_words.type_name(code=code)


def _step_name(type_code: str) -> Callable[[str], str]:
    titles = {
        step.code: service_words.own(step.title)
        for process in catalogue.versions(code=type_code)
        for step in process.steps
    }
    return lambda code: titles.get(code, code)


def _name_of(cell: Cell) -> str:
    if cell.by == kept.UNIT:
        return cell.group
    code = cell.type_code if cell.by == kept.STEP else cell.group
    if code not in codes.TYPES:
        raise Http404
    if cell.by == kept.TYPE:
        return _type_name(code)
    return f"{_type_name(code)} · {_step_name(code)(cell.group)}"


def _export(tables: list[Table]) -> HttpResponse:
    columns = [
        sheets.Column(title=_("What"), width=32),
        sheets.Column(title=_("Share kept"), width=14),
        sheets.Column(title=_("Kept"), width=10),
        sheets.Column(title=_("Missed"), width=10),
        sheets.Column(title=_("Running"), width=10),
    ]
    found = [
        sheets.Sheet(
            title=table.title[:28],
            columns=columns,
            rows=[
                (row.name, row.kept_ratio, row.n_kept, row.n_missed, row.n_running)
                for row in table.rows
            ],
        )
        for table in tables
    ]
    return sheets.answer(file_name="promises", sheets=found)
