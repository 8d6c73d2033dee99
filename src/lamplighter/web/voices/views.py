"""What customers said of their orders: objections to answer, and ratings, the lowest first."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
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
from lamplighter.action.service.progress import errors, links, replying, voices
from lamplighter.action.service.progress.voices import Listener, Rated, Voice
from lamplighter.action.service.services import Asking
from lamplighter.policy import loader
from lamplighter.policy.processes import codes
from lamplighter.web import desk
from lamplighter.web.frame import formats, lists, refused, service_words, sheets
from lamplighter.web.frame.service_words import Slack

SHOWN, EXPORTED, KEY_LETTERS = 100, 10_000, 32
REFUSALS: dict[type[Exception], str | Promise] = {
    errors.RepliedAlready: later("Somebody has answered already; a customer is answered once."),
    **refused.REFUSALS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that a customer said."""

    number: str
    url: str
    type: str
    unit: str
    under: str  # the number, with the unit where it is not the viewer's own
    stars: int | None
    tone: str
    at: datetime
    words: str
    slack: Slack | None  # until it is to be answered
    replied: str  # by whom; empty: nobody yet
    reply: str
    follow_up: str  # number of the order that it opened
    follow_up_url: str
    reply_url: str
    may_begin_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Ratings by one thing."""

    title: str
    rows: tuple[Rated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicesPage:
    """All that customers said, and what is still to be answered."""

    summary: str
    filters: tuple[lists.Filter, ...]
    action: str
    objections: tuple[Row, ...]
    tables: tuple[Table, ...]
    ratings: tuple[Row, ...]
    is_cut: bool
    export_url: str
    page_key: str
    fault: str
    answer: str


@never_cache
@require_GET
def said(request: HttpRequest) -> HttpResponse:
    """Show objections and ratings (``?days=&type=&as=xlsx``). Five queries."""
    return _shown(request)


def _shown(
    request: HttpRequest, *, fault: str = "", answer: str = "", status: int = 200
) -> HttpResponse:
    listener = _listener(request)
    days, filters = _filters(request)
    chosen = request.GET.get("type", "")
    asked: dict[str, Any] = {
        "listener": listener,
        "since": listener.now - timedelta(days=days),
        "type_code": chosen,
    }
    is_file = request.GET.get("as") == "xlsx"
    limit = EXPORTED if is_file else SHOWN
    found = voices.ratings(**asked, limit=limit + 1)
    if is_file:
        return _export([_row(one, listener) for one in found[:EXPORTED]])
    by_type = voices.rated_by(**asked, by=voices.TYPE)
    by_month = voices.rated_by(**asked, by=voices.MONTH)
    tables = (
        Table(title=_("By type"), rows=tuple(map(_of_type, by_type))),
        Table(title=_("By unit"), rows=tuple(voices.rated_by(**asked, by=voices.UNIT))),
        Table(title=_("By month"), rows=tuple(map(_of_month, by_month))),
    )
    objections = voices.unanswered(listener=listener, limit=SHOWN)
    path = reverse("voices:list")
    page = VoicesPage(
        summary=_summary(by_type, len(objections)),
        filters=filters,
        action=path,
        objections=tuple(_row(one, listener) for one in objections),
        tables=tuple(table for table in tables if table.rows),
        ratings=tuple(_row(one, listener) for one in found[:SHOWN]),
        is_cut=len(found) > SHOWN,
        export_url=lists.address(path, days=days, type=chosen, **{"as": "xlsx"}),
        page_key=uuid.uuid4().hex,
        fault=fault,
        answer=answer[: replying.WORDS_AT_MOST],
    )
    return render(request, "voices/said.html", {"page": page}, status=status)


@never_cache
@require_POST
def reply(request: HttpRequest, number: str, answer_id: int) -> HttpResponse:
    """Answer a customer; the same form sent twice answers once."""
    listener = _listener(request)
    words = request.POST.get("reply", "").replace("\x00", "")
    key = request.POST.get("page_key", "").replace("\x00", "")[:KEY_LETTERS]
    asking = Asking(
        viewer=listener.viewer,
        number=number,
        now=listener.now,
        rules=listener.rules,
        request_key=f"{key}.reply.{answer_id}" if key else "",
    )
    wanted = replying.Reply(answer_id=answer_id, words=words, begins_again="again" in request.POST)
    try:
        replying.reply(asking, said=wanted, policy=listener.policy, field_key=listener.field_key)
    except (service_errors.OrderUnknown, errors.VoiceUnknown) as error:
        raise Http404 from error
    except service_errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except tuple(REFUSALS) as error:
        fault = formats.labelled(label=number, text=str(REFUSALS[type(error)]))
        return _shown(request, fault=fault, answer=words, status=422)
    messages.success(request, _("Answered; the customer reads it by their link."))
    return redirect("voices:list")


def _listener(request: HttpRequest) -> Listener:
    viewer = desk.viewer_of(request)
    policy = loader.load(name=links.NAME, on=desk.today())
    if viewer.role not in policy.row("may_hear").value:
        raise PermissionDenied(f"{viewer.role} may_hear ({policy.version})")
    return Listener(
        viewer=viewer,
        rules=desk.service_rules(),
        policy=policy,
        now=desk.now(),
        field_key=settings.FIELD_KEY,
    )


def _filters(request: HttpRequest) -> tuple[int, tuple[lists.Filter, ...]]:
    days, options = desk.span_days(request)
    types = [(code, service_words.type_name(code=code)) for code in codes.TYPES]
    spans = lists.Filter(
        name="days",
        label=_("Rated within"),
        options=tuple(
            lists.Option(
                value=str(n),
                label=ngettext("%(n)d day", "%(n)d days", n) % {"n": n},
                is_chosen=n == days,
            )
            for n in options
        ),
    )
    chosen = request.GET.get("type", "")
    return days, (
        spans,
        lists.choice(
            name="type", label=_("Type of order"), every=_("Every type"), options=types,
            chosen=chosen,
        ),
    )  # fmt: skip


def _row(one: Voice, listener: Listener) -> Row:
    is_low = one.stars is not None and one.stars <= listener.policy.integer("low_stars")
    hours = timedelta(hours=listener.rules.policy.integer("ahead_hours"))
    return Row(
        number=one.number,
        url=reverse("orders:order", args=[one.number]),
        type=service_words.type_name(code=one.type_code),
        unit=one.unit_name,
        under=desk.beside_unit(one.number, unit=one.unit_name, viewer=listener.viewer),
        stars=one.stars,
        tone="warn" if is_low else "",
        at=one.at,
        words=one.words,
        slack=service_words.slack(due_at=one.reply_by_at, now=listener.now, soon=hours)
        if one.waits
        else None,
        replied=one.replied_by,
        reply=one.reply,
        follow_up=one.follow_up_number,
        follow_up_url=reverse("orders:order", args=[one.follow_up_number])
        if one.follow_up_number
        else "",
        reply_url=reverse("voices:reply", args=[one.number, one.answer_id]),
        may_begin_again=one.may_begin_again,
    )


def _of_type(one: Rated) -> Rated:
    return replace(one, group=service_words.type_name(code=one.group))


def _of_month(one: Rated) -> Rated:
    return replace(one, group=formats.month(value=date.fromisoformat(f"{one.group}-01")))


def _summary(found: list[Rated], n_objections: int) -> str:
    waits = ngettext(
        "%(n)d objection waits for an answer.", "%(n)d objections wait for an answer.",
        n_objections,
    ) % {"n": n_objections}  # fmt: skip
    n = sum(one.n for one in found)
    if not n:
        nobody = _("Nobody rated an order in this span.")
        return formats.sentences(waits, nobody)
    good = 100 * sum(one.n_good for one in found) / n
    rated = ngettext(
        "%(n)d customer rated their order, %(share).0f%% of them good or very good.",
        "%(n)d customers rated their order, %(share).0f%% of them good or very good.",
        n,
    ) % {"n": n, "share": good}
    return formats.sentences(waits, rated)


def _export(rows: list[Row]) -> HttpResponse:
    titles = (_("Service order"), _("Type"), _("Unit"), _("Said at"), _("Words"), _("Our answer"))
    sheet = sheets.Sheet(
        title=_("Ratings"),
        columns=[
            *(sheets.Column(title=title, width=22) for title in titles),
            sheets.Column(title=_("Stars"), kind="number", width=8),
        ],
        rows=[
            (
                row.number, row.type, row.unit, f"{localtime(row.at):%Y-%m-%d %H:%M}",
                row.words, row.reply, row.stars,
            )
            for row in rows
        ],
    )  # fmt: skip
    return sheets.answer(file_name="ratings", sheets=[sheet])
