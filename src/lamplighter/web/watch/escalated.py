"""What was escalated by policy: to whom, how soon it was taken in hand, and how it ended."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import errors as service_errors
from lamplighter.action.service.escalations import errors, ladder, queries
from lamplighter.action.service.escalations import services as escalations
from lamplighter.action.service.escalations.ladder import CHASED, STEP
from lamplighter.action.service.escalations.queries import EscalationLine, Tally
from lamplighter.action.service.services import Asking
from lamplighter.policy.processes import catalogue
from lamplighter.web import desk
from lamplighter.web.frame import formats, lists, refused, service_words, sheets
from lamplighter.web.watch import desks, lanes
from lamplighter.web.watch.desks import Desk, Tab

SHOWN_WAITING, SHOWN, EXPORTED = 30, 50, 10_000
STATES: dict[str, str | Promise] = {
    queries.NEW: later("Nobody has taken it yet"),
    queries.TAKEN: later("Taken in hand"),
    queries.OVER: later("Ended by now"),
}
REFUSALS: dict[type[Exception], str | Promise] = {
    errors.TakenAlready: later("Somebody has taken it in hand already."),
    errors.NotTaken: later("Please take it in hand first, and say what you will do."),
    errors.SettledAlready: later("It was taken care of already."),
    **refused.REFUSALS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One order that was escalated, in words."""

    number: str
    url: str
    type: str
    unit: str
    under: str  # the number, with the unit where it is not the viewer's own
    why: str
    whom: str
    is_mine: bool
    may_answer: bool
    state: str
    state_name: str
    raised_at: datetime
    taken_at: datetime | None
    taken: str  # by whom, with their word
    waited: str  # until it was taken, or until now
    ended_at: datetime | None
    settled: str
    take_url: str
    settle_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalatedPage:
    """What waits for an answer, and all that was escalated in a span."""

    summary: str
    tabs: tuple[Tab, ...]
    filters: tuple[lists.Filter, ...]
    action: str
    waiting: tuple[Row, ...]
    is_waiting_cut: bool
    rows: tuple[Row, ...]
    is_cut: bool
    export_url: str
    page_key: str
    fault: str
    said: str


@never_cache
@require_GET
def escalated(request: HttpRequest) -> HttpResponse:
    """Show what was escalated (``?days=&state=&as=xlsx``). Five queries."""
    return _shown(request)


def _shown(
    request: HttpRequest, *, fault: str = "", said: str = "", status: int = 200
) -> HttpResponse:
    at = desks.desk_of(request)
    days, since = desks.span(request, at=at)
    state = request.GET.get("state", "")
    states = [(code, str(name)) for code, name in STATES.items()]
    filters = (
        desks.span_filter(at=at, days=days, label=_("Escalated within")),
        lists.choice(
            name="state",
            label=_("How it stands"),
            every=_("In any state"),
            options=states,
            chosen=state,
        ),
    )
    is_file = request.GET.get("as") == "xlsx"
    limit = EXPORTED if is_file else SHOWN
    asked: dict[str, Any] = {"viewer": at.viewer, "rules": at.rules}
    found = queries.listed(**asked, since=since, state=state, limit=limit + 1)
    if is_file:
        return _export([_row(one, at) for one in found[:EXPORTED]])
    waiting = queries.waiting(**asked, limit=SHOWN_WAITING + 1)
    path = reverse("watch:escalated")
    page = EscalatedPage(
        summary=_summary(queries.tally(**asked, since=since)),
        tabs=desks.tabs(current="escalated"),
        filters=filters,
        action=path,
        waiting=tuple(_row(one, at) for one in waiting[:SHOWN_WAITING]),
        is_waiting_cut=len(waiting) > SHOWN_WAITING,
        rows=tuple(_row(one, at) for one in found[:SHOWN]),
        is_cut=len(found) > SHOWN,
        export_url=lists.address(path, days=days, state=state, **{"as": "xlsx"}),
        page_key=uuid.uuid4().hex,
        fault=fault,
        said=said,
    )
    return render(request, "watch/escalated.html", {"page": page}, status=status)


@never_cache
@require_POST
def answer(request: HttpRequest, number: str, level: int, action: str) -> HttpResponse:
    """Take in hand what was escalated, or say what was done; the same form twice does it once."""
    at = desks.desk_of(request)
    do, done = {
        "take": (escalations.take, _("Taken in hand, and on record.")),
        "settle": (escalations.settle, _("Taken care of, and on record.")),
    }[action]
    words = request.POST.get("reason", "").replace("\x00", "")
    key = request.POST.get("page_key", "").replace("\x00", "")[: desks.KEY_LETTERS]
    asking = Asking(
        viewer=at.viewer,
        number=number,
        now=at.now,
        rules=at.rules,
        request_key=f"{key}.{action}.{level}" if key else "",
    )
    levels = ladder.in_force(on=at.rules.on, rules=at.rules)
    try:
        do(escalations.Taking(asking=asking, level=level, ladder=levels), words=words)
    except (service_errors.OrderUnknown, errors.EscalationUnknown) as error:
        raise Http404 from error
    except service_errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except tuple(REFUSALS) as error:
        fault = formats.labelled(label=number, text=str(REFUSALS[type(error)]))
        return _shown(request, fault=fault, said=words, status=422)
    messages.success(request, done)
    return redirect("watch:escalated")


def _row(one: EscalationLine, at: Desk) -> Row:
    place = {"number": one.number, "level": one.level}
    until = one.taken_at or one.ended_at or at.now
    return Row(
        number=one.number,
        url=reverse("orders:order", args=[one.number]),
        type=service_words.type_name(code=one.type_code),
        unit=one.unit_name,
        under=desk.beside_unit(one.number, unit=one.unit_name, viewer=at.viewer),
        why=_why(one),
        whom=_whom(one),
        is_mine=one.staff_id == at.viewer.staff_id,
        may_answer=one.ended_at is None,
        state=one.state,
        state_name=str(STATES[one.state]),
        raised_at=one.raised_at,
        taken_at=one.taken_at,
        taken=formats.labelled(label=one.taken_by, text=one.taken_words) if one.taken_at else "",
        waited=service_words.duration(span=until - one.raised_at),
        ended_at=one.ended_at,
        settled=one.settled_words or (_("ended with its order") if one.ended_at else ""),
        take_url=reverse("watch:take", kwargs=place),
        settle_url=reverse("watch:settle", kwargs=place),
    )


def _whom(one: EscalationLine) -> str:
    post = service_words.post_name(code=one.post)
    return f"{post} · {one.staff_name}" if one.staff_name else post


def _why(one: EscalationLine) -> str:
    if one.cause == CHASED:
        return _("Chased again and again, and nothing moved")
    if one.cause == STEP:
        titles = {
            step.code: service_words.own(step.title)
            for process in catalogue.versions(code=one.type_code)
            for step in process.steps
        }
        return _("Step late: %(step)s") % {"step": titles.get(one.code, one.code)}
    promise = lanes.promise_name(type_code=one.type_code, code=one.code)
    return _("Promise nearly or wholly used up: %(promise)s") % {"promise": promise}


def _summary(tally: Tally) -> str:
    if not tally.n_raised:
        return _("Nothing was escalated in this span.")
    raised = ngettext(
        "%(n)d order was escalated; %(new)d wait for somebody, %(open)d are in hand.",
        "%(n)d orders were escalated; %(new)d wait for somebody, %(open)d are in hand.",
        tally.n_raised,
    ) % {"n": tally.n_raised, "new": tally.n_new, "open": tally.n_open}  # fmt: skip
    if tally.usual_wait is None:
        return raised
    usual = service_words.duration(span=max(tally.usual_wait, timedelta(minutes=1)))
    taken = _("Half of them were taken within %(time)s.") % {"time": usual}
    return formats.sentences(raised, taken)


def _export(rows: list[Row]) -> HttpResponse:
    titles = (
        _("Service order"), _("Type"), _("Unit"), _("Why it was escalated"), _("To whom"),
        _("Escalated at"), _("Taken in hand"), _("Waited"), _("Taken by, and what they will do"),
        _("Over since"), _("What was done about it"),
    )  # fmt: skip
    sheet = sheets.Sheet(
        title=_("Escalated"),
        columns=[sheets.Column(title=title, width=20) for title in titles],
        rows=[
            (
                row.number, row.type, row.unit, row.why, row.whom, _said(row.raised_at),
                _said(row.taken_at), row.waited, row.taken, _said(row.ended_at), row.settled,
            )
            for row in rows
        ],
    )  # fmt: skip
    return sheets.answer(file_name="escalations", sheets=[sheet])


def _said(moment: datetime | None) -> str:
    return localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
