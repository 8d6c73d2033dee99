"""Failures of service at their level: how many, what they cost, and which are to be weighed."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import errors, failing
from lamplighter.action.service import services as service
from lamplighter.action.service.failing import Counted, FailureLine, Wanted
from lamplighter.action.service.services import Asking
from lamplighter.policy.processes import catalogue, codes
from lamplighter.web import desk
from lamplighter.web.frame import formats, lists, refused, service_words, sheets
from lamplighter.web.frame.service_words import Text
from lamplighter.web.watch import desks
from lamplighter.web.watch.desks import Desk, Tab

SHOWN, EXPORTED = 200, 10_000
METHODS: dict[str, Text] = {"PROMISE_MISSED": later("Found by the clock")}
TONES = {"ERROR": "", "OBSTACLE": "warn", "ACCIDENT": "harm"}
WEIGHED, NOT_WEIGHED = "1", "0"
Sent = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One failure."""

    level: str
    tone: str
    content: str
    has_grown: bool
    method: str
    remedy: str
    number: str
    url: str
    type: str
    unit: str
    under: str  # the number, with the unit where it is not the viewer's own
    economic_cny: str
    political: int
    reputation: int
    honour: int
    found_at: datetime
    is_weighed: bool
    weigh_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many failures one month, unit or type has, by level."""

    name: str
    n_by_level: tuple[int, ...]
    economic_cny: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Counts by one thing."""

    title: str
    rows: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresPage:
    """What failed, and a form to note more."""

    summary: str
    tabs: tuple[Tab, ...]
    filters: tuple[lists.Filter, ...]
    action: str
    tables: tuple[Table, ...]
    rows: tuple[Row, ...]
    is_cut: bool
    export_url: str
    levels: tuple[tuple[str, str], ...]
    grades: tuple[tuple[int, str], ...]
    page_key: str
    fault: str
    sent: Sent


@never_cache
@require_GET
def failures(request: HttpRequest) -> HttpResponse:
    """List failures (``?days=&level=&weighed=&type=&as=xlsx``). Six queries."""
    return _shown(request)


def _shown(
    request: HttpRequest, *, fault: str = "", sent: Sent | None = None, status: int = 200
) -> HttpResponse:
    at = desks.desk_of(request)
    wanted, filters, here = _wanted(request, at)
    is_file = request.GET.get("as") == "xlsx"
    limit = EXPORTED if is_file else SHOWN
    found = failing.listed(viewer=at.viewer, rules=at.rules, wanted=wanted, limit=limit + 1)
    if is_file:
        return _export([_row(one, at) for one in found[:EXPORTED]])
    tables = tuple(_table(title, by, at, wanted) for by, title in _groups().items())
    page = FailuresPage(
        summary=_summary(found),
        tabs=desks.tabs(current="failures"),
        filters=filters,
        action=reverse("watch:failures"),
        tables=tuple(table for table in tables if table.rows),
        rows=tuple(_row(one, at) for one in found[:SHOWN]),
        is_cut=len(found) > SHOWN,
        export_url=lists.address(reverse("watch:failures"), **here, **{"as": "xlsx"}),
        levels=_levels(),
        grades=((0, _("none")), (1, _("slight")), (2, _("clear")), (3, _("grave"))),
        page_key=uuid.uuid4().hex,
        fault=fault,
        sent=sent or {"number": "", "reason": "", "method": ""},
    )
    return render(request, "watch/failures.html", {"page": page}, status=status)


@never_cache
@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Note a failure of an order; the same form sent twice notes one."""

    def do(asking: Asking, sent: Sent) -> None:
        service.note_failure(
            asking,
            level=sent.get("level", ""),
            content=sent["reason"],
            method=sent["method"][:200],
            economic_cny=_money(sent.get("economic_cny", "")),
            political=_grade(sent.get("political", "")),
            reputation=_grade(sent.get("reputation", "")),
            honour=_grade(sent.get("honour", "")),
            remedy=sent.get("remedy", ""),
        )

    return _done(request, do, key="failure", thanks=_("The failure is on record."))


@never_cache
@require_POST
def weigh(request: HttpRequest, number: str, failure_id: int) -> HttpResponse:
    """Record the losses and the remedy of a failure; the same form sent twice does it once."""

    def do(asking: Asking, sent: Sent) -> None:
        weight = service.Weight(
            economic_cny=_money(sent.get("economic_cny", "")),
            political=_grade(sent.get("political", "")),
            reputation=_grade(sent.get("reputation", "")),
            honour=_grade(sent.get("honour", "")),
            method=sent["method"],
            remedy=sent.get("remedy", ""),
        )
        service.weigh_failure(asking, failure_id=failure_id, weight=weight)

    thanks = _("Assessed, and on record.")
    return _done(request, do, key=f"weigh.{failure_id}", thanks=thanks, number=number)


def _done(
    request: HttpRequest,
    do: Callable[[Asking, Sent], None],
    *,
    key: str,
    thanks: str,
    number: str = "",
) -> HttpResponse:
    at = desks.desk_of(request)
    sent = {name: text.replace("\x00", "").strip() for name, text in request.POST.dict().items()}
    sent = {"number": number, "reason": "", "method": "", **sent}
    page_key = sent.get("page_key", "")[: desks.KEY_LETTERS]
    asking = Asking(
        viewer=at.viewer,
        number=number or sent["number"][:40],
        now=at.now,
        rules=at.rules,
        request_key=f"{page_key}.{key}" if page_key else "",
    )
    back = {name: sent[name] for name in ("number", "reason", "method")}
    try:
        do(asking, sent)
    except errors.OrderUnknown as error:
        if number:
            raise Http404 from error
        fault = _("There is no such order where you may look.")
        return _shown(request, fault=fault, sent=back, status=422)
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except tuple(refused.REFUSALS) as error:
        fault = refused.why(error)
        return _shown(request, fault=fault, sent=back, status=422)
    messages.success(request, thanks)
    return redirect("watch:failures")


def _wanted(
    request: HttpRequest, at: Desk
) -> tuple[Wanted, tuple[lists.Filter, ...], dict[str, str | int]]:
    days, since = desks.span(request, at=at)
    level, weighed = request.GET.get("level", ""), request.GET.get("weighed", "")
    chosen = request.GET.get("type", "")
    types = [(code, service_words.type_name(code=code)) for code in codes.TYPES]
    is_weighed = [(NOT_WEIGHED, _("To be assessed")), (WEIGHED, _("Assessed"))]
    filters = (
        desks.span_filter(at=at, days=days, label=_("Found within")),
        lists.choice(
            name="level", label=_("Level"), every=_("Every level"), options=_levels(), chosen=level
        ),
        lists.choice(
            name="weighed", label=_("Losses"), every=_("Assessed or not"), options=is_weighed,
            chosen=weighed,
        ),
        lists.choice(
            name="type", label=_("Type of order"), every=_("Every type"), options=types,
            chosen=chosen,
        ),
    )  # fmt: skip
    wanted = Wanted(
        since=since,
        level=level,
        type_code=chosen,
        is_weighed={"": None, WEIGHED: True, NOT_WEIGHED: False}[weighed],
    )
    return wanted, filters, {"days": days, "level": level, "weighed": weighed, "type": chosen}


def _levels() -> tuple[tuple[str, str], ...]:
    return tuple((code, service_words.level_name(code=code)) for code in codes.LEVELS)


def _groups() -> dict[str, str]:
    return {
        failing.MONTH: _("By month"),
        failing.UNIT: _("By unit"),
        failing.TYPE: _("By type"),
    }


def _table(title: str, by: str, at: Desk, wanted: Wanted) -> Table:
    found = failing.counted(viewer=at.viewer, rules=at.rules, wanted=wanted, by=by)

    def name(one: Counted) -> str:
        if by == failing.MONTH:
            return formats.month(value=date.fromisoformat(f"{one.group}-01"))
        return service_words.type_name(code=one.group) if by == failing.TYPE else one.group

    return Table(
        title=title,
        rows=tuple(
            Count(
                name=name(one),
                n_by_level=tuple(one.n_by_level[code] for code in codes.LEVELS),
                economic_cny=one.economic_cny,
            )
            for one in found
        ),
    )


def _summary(found: list[FailureLine]) -> str:
    said = ngettext("%(n)d failure was found.", "%(n)d failures were found.", len(found))
    n_open = sum(one.failure.weighed_at is None for one in found)
    if not n_open:
        return said % {"n": len(found)}
    still = ngettext("%(n)d is still to be assessed.", "%(n)d are still to be assessed.", n_open)
    return formats.sentences(said % {"n": len(found)}, still % {"n": n_open})


def _row(one: FailureLine, at: Desk) -> Row:
    economic, political, reputation, honour = one.failure.losses
    return Row(
        level=service_words.level_name(code=one.failure.level),
        tone=TONES[one.failure.level],
        content=_content(one),
        has_grown=one.has_grown,
        method=str(METHODS.get(one.failure.method, one.failure.method)),
        remedy=one.failure.remedy,
        number=one.number,
        url=reverse("orders:order", args=[one.number]),
        type=service_words.type_name(code=one.type_code),
        unit=one.unit_name,
        under=desk.beside_unit(one.number, unit=one.unit_name, viewer=at.viewer),
        economic_cny=economic,
        political=political,
        reputation=reputation,
        honour=honour,
        found_at=one.failure.found_at,
        is_weighed=one.failure.weighed_at is not None,
        weigh_url=reverse("watch:weigh", args=[one.number, one.failure.failure_id]),
    )


def _content(one: FailureLine) -> str:
    """Say what failed: by its rule in the reader's language, or in a person's own words."""
    titles = {
        failure.code: service_words.own(failure.title)
        for process in catalogue.versions(code=one.type_code)
        for failure in process.failures
    }
    return titles.get(one.failure.code, one.failure.content)


def _export(rows: list[Row]) -> HttpResponse:
    titles = (
        _("Level"), _("Failure"), _("Service order"), _("Type"), _("Unit"), _("Found at"),
        _("Political"), _("Reputation"), _("Honour"), _("Remedy"), _("Money"),
    )  # fmt: skip
    kinds = ("text",) * 6 + ("number",) * 3 + ("text", "money")
    sheet = sheets.Sheet(
        title=_("Service failures"),
        columns=[
            sheets.Column(title=title, kind=kind, width=18)
            for title, kind in zip(titles, kinds, strict=True)
        ],
        rows=[
            (
                row.level, row.content, row.number, row.type, row.unit,
                f"{localtime(row.found_at):%Y-%m-%d %H:%M}", row.political, row.reputation,
                row.honour, row.remedy, Decimal(row.economic_cny),
            )
            for row in rows
        ],
    )  # fmt: skip
    return sheets.answer(file_name="failures", sheets=[sheet])


def _grade(text: str) -> int:
    if text not in {"", "0", "1", "2", "3"}:
        raise errors.FailureUnknown(text[:9])
    return int(text or "0")


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text or "0")
    except InvalidOperation:
        raise errors.FailureUnknown("economic_cny") from None
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise errors.FailureUnknown("economic_cny")
    return amount
