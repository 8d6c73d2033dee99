"""Reading outages: what is off now, what will be, what was, and one of them whole."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.outages import errors, queries
from lamplighter.action.outages import rules as outage_rules
from lamplighter.action.outages.lines import COMING, OVER, RUNNING, AreaOff, OutageLine
from lamplighter.action.outages.rules import Rules
from lamplighter.kernel.viewer import Viewer
from lamplighter.web import desk
from lamplighter.web.frame import actors, area_picker, formats, lists, outage_words, sheets
from lamplighter.web.frame.area_picker import Picking
from lamplighter.web.outages import forms, shown
from lamplighter.web.outages.shown import Picture, Row

SHOWN, EXPORTED = 100, 10_000
TABS = {"now": RUNNING, "coming": COMING, "past": OVER}
CHANGES = {
    "RECORDED": later("Recorded"),
    "CHANGED": later("Times or areas changed"),
    "ENDED": later("Supply is back"),
    "CALLED_OFF": later("Called off"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One view of the board."""

    label: str
    url: str
    is_current: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """The outages of one state."""

    summary: str
    tabs: tuple[Tab, ...]
    rows: tuple[Row, ...]
    picture: Picture | None
    pager: lists.Pager
    export_url: str
    may_record: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRow:
    """A station area of an outage."""

    name: str
    url: str
    n_accounts: int
    left_at: datetime | None
    again: str  # empty: it was not off lately


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """How an outage stood after one change."""

    title: str
    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialRow:
    """Somebody who is told in person."""

    account_number: str
    url: str
    name: str
    phone_masked: str
    address: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutagePage:
    """One outage whole."""

    row: Row
    url: str
    summary: str
    notice: str
    exception: str
    order_url: str
    incident: str
    n_joined: int
    areas: tuple[AreaRow, ...]
    n_accounts: int
    changes: tuple[ChangeRow, ...]
    special: tuple[SpecialRow, ...]
    sees_special: bool
    forms: dict[str, Form]  # empty: nothing (more) to write
    fault: str


def rules() -> Rules:
    """Return the rules of today."""
    return outage_rules.in_force(on=desk.today(), zone=ZoneInfo(settings.TIME_ZONE))


@never_cache
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show the outages of a state (``?when=now|coming|past``). Four queries."""
    viewer, now, by = desk.viewer_of(request), desk.now(), rules()
    when = request.GET.get("when", "now")
    if when not in TABS:
        raise Http404
    asked: dict[str, Any] = {"viewer": viewer, "on": by.on, "now": now}
    if request.GET.get("as") == "xlsx":
        return _export(
            queries.board(**asked, state=TABS[when], limit=EXPORTED), now=now, viewer=viewer
        )
    counts = queries.counted(**asked)
    number = lists.page_number(request)
    found = queries.board(**asked, state=TABS[when], limit=SHOWN, offset=SHOWN * (number - 1))
    ahead = timedelta(days=by.policy.integer("told_ahead_days"))
    drawn = [line for line in found if when != "past" and line.begins_at <= now + ahead]
    path = reverse("outages:board")
    page = BoardPage(
        summary=_summary(counts),
        tabs=tuple(
            Tab(
                label=str(label),
                url=lists.address(path, when=name),
                is_current=name == when,
                count=counts[TABS[name]],
            )
            for name, label in (
                ("now", outage_words.STATES[RUNNING]),
                ("coming", outage_words.STATES[COMING]),
                ("past", _("Past")),
            )
        ),
        rows=tuple(shown.row(line, now=now, viewer=viewer) for line in found),
        picture=shown.picture(drawn, now=now, ahead=ahead, viewer=viewer),
        pager=lists.pager(
            number=number, total=counts[TABS[when]], size=SHOWN, path=path, wanted={"when": when}
        ),
        export_url=lists.address(path, when=when, **{"as": "xlsx"}),
        may_record=by.has_right(viewer, "may_record"),
    )
    return render(request, "outages/board.html", {"page": page})


def _summary(counts: dict[str, int]) -> str:
    if not counts[RUNNING] and not counts[COMING]:
        return _("Nothing is off, and nothing is planned.")
    now = ngettext("%(n)d outage is running.", "%(n)d outages are running.", counts[RUNNING])
    coming = ngettext("%(n)d is planned.", "%(n)d are planned.", counts[COMING])
    return formats.sentences(now % {"n": counts[RUNNING]}, coming % {"n": counts[COMING]})


def _export(found: Sequence[OutageLine], *, now: datetime, viewer: Viewer) -> HttpResponse:
    columns = [
        sheets.Column(title=_("Number"), width=18),
        sheets.Column(title=_("Kind of outage"), width=16),
        sheets.Column(title=_("Cause"), width=22),
        sheets.Column(title=_("State"), width=12),
        sheets.Column(title=_("Where"), width=30),
        sheets.Column(title=_("Off from"), width=18),
        sheets.Column(title=_("Expected back"), width=18),
        sheets.Column(title=_("Back since"), width=18),
        sheets.Column(title=_("Reason for short notice"), width=30),
        sheets.Column(title=_("Release order"), width=18),
    ]
    rows = [
        (
            line.number,
            str(outage_words.KINDS[line.kind]),
            str(outage_words.CAUSES[line.cause]),
            str(outage_words.STATES[line.state(now=now)]),
            shown.where(line, viewer=viewer),
            _cell(line.begins_at),
            _cell(line.expected_end_at),
            _cell(line.ended_at),
            line.notice_exception,
            line.order_number,
        )
        for line in found
    ]
    sheet = sheets.Sheet(title=_("Outages"), columns=columns, rows=rows)
    return sheets.answer(file_name="outages", sheets=[sheet])


def _cell(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


@never_cache
@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Show one outage. Sixteen queries at most."""
    return whole(request, number)


def whole(
    request: HttpRequest,
    number: str,
    *,
    refused: dict[str, Form] | None = None,
    fault: str = "",
) -> HttpResponse:
    """Render one outage, with a form that was refused in its place."""
    viewer, now, by = desk.viewer_of(request), desk.now(), rules()
    try:
        found = queries.outage(viewer=viewer, number=number, rules=by)
    except errors.OutageUnknown as error:
        raise Http404 from error
    line = found.line
    sees_special = by.has_right(viewer, "may_see_special")
    called = actors.called(actors=[change.actor for change in found.changes])
    can_write = found.may_write and line.state(now=now) in {RUNNING, COMING}
    page = OutagePage(
        row=shown.row(line, now=now, viewer=viewer),
        url=reverse("outages:outage", args=[number]),
        summary=outage_words.said(line=line, now=now)
        if line.state(now=now) in {RUNNING, COMING}
        else outage_words.span(line=line),
        notice=_notice(line),
        exception=line.notice_exception,
        order_url=reverse("orders:order", args=[line.order_number]) if line.order_number else "",
        incident=line.incident_number,
        n_joined=found.n_joined,
        areas=tuple(_area(area, by) for area in found.areas),
        n_accounts=sum(area.n_accounts for area in found.areas if area.left_at is None),
        changes=tuple(
            ChangeRow(
                title=str(CHANGES[change.kind]),
                at=change.at,
                who=called[change.actor],
                text=_change_text(change.begins_at, change.expected_end_at, change.reason),
            )
            for change in reversed(found.changes)
        ),
        special=_special(viewer, found.areas, by) if sees_special else (),
        sees_special=sees_special,
        forms=(_forms(viewer, line, found.areas, now) | (refused or {})) if can_write else {},
        fault=fault,
    )
    status = 422 if fault else 200
    return render(request, "outages/outage.html", {"page": page}, status=status)


def picking() -> Picking:
    """Return how the forms of an outage name its areas."""
    return Picking(name="areas", find_url=reverse("outages:areas"), is_many=True)


def _notice(line: OutageLine) -> str:
    if line.kind == "UNPLANNED":
        return ""
    hours = max(int((line.begins_at - line.published_at).total_seconds() // 3600), 0)
    return _("Announced %(at)s, %(hours)s hours ahead") % {
        "at": formats.moment(value=line.published_at),
        "hours": formats.number(value=hours, digits=0),
    }


def _area(area: AreaOff, by: Rules) -> AreaRow:
    again = ngettext(
        "off %(n)d time in the %(days)d days before",
        "off %(n)d times in the %(days)d days before",
        area.n_times_off,
    ) % {"n": area.n_times_off, "days": by.policy.integer("repeat_days")}
    return AreaRow(
        name=area.name,
        url=reverse("areas:area", args=[area.code]),
        n_accounts=area.n_accounts,
        left_at=area.left_at,
        again=again if area.n_times_off else "",
    )


def _change_text(begins_at: datetime, expected_end_at: datetime | None, reason: str) -> str:
    end = formats.moment(value=expected_end_at) if expected_end_at else _("not known yet")
    span = _("off from %(begins)s, expected back: %(end)s") % {
        "begins": formats.moment(value=begins_at),
        "end": end,
    }
    return f"{span} · {reason}" if reason else span


def _special(viewer: Viewer, areas: Sequence[AreaOff], by: Rules) -> tuple[SpecialRow, ...]:
    found = queries.special_customers(viewer=viewer, areas=areas, rules=by)
    return tuple(
        SpecialRow(
            account_number=one.account_number,
            url=reverse("customers:account", args=[one.account_number]),
            name=formats.masked_name(value=one.name),
            phone_masked=one.phone_masked,
            address=one.address,
            flags=one.flags,
        )
        for one in found
    )


def _forms(
    viewer: Viewer, line: OutageLine, taken: Sequence[AreaOff], now: datetime
) -> dict[str, Form]:
    key = {"request_key": uuid.uuid4().hex}
    standing = [area.area_id for area in taken if area.left_at is None]
    change = forms.ChangeForm(
        auto_id="change_%s",
        picker=area_picker.picker(
            picking=picking(), viewer=viewer, on=desk.today(), chosen=standing
        ),
        initial={
            **key,
            "begins_at": line.begins_at,
            "expected_end_at": line.expected_end_at,
        },
    )
    found: dict[str, Form] = {
        "change": change,
        "call_off": forms.CallOffForm(initial=key, auto_id="call_off_%s"),
    }
    if line.state(now=now) == RUNNING:
        found["end"] = forms.EndForm(initial={**key, "ended_at": now}, auto_id="end_%s")
    return found
