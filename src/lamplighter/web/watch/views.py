"""What will be late, what is, and whom to urge: the supervisor's desk at 7:50."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import errors, queries, watching
from lamplighter.action.service import services as service
from lamplighter.action.service.escalations import queries as escalations
from lamplighter.action.service.lines import OrderLine, StepLine
from lamplighter.action.service.services import Asking
from lamplighter.web.frame import formats, refused, service_words
from lamplighter.web.frame.service_words import Slack
from lamplighter.web.watch import desks, lanes
from lamplighter.web.watch.desks import Desk, Tab
from lamplighter.web.watch.lanes import Lane, Tick

SHOWN = 50
DUE_AT_MOST = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One order that is late or soon will be, or whose step nobody begins."""

    number: str
    url: str
    type: str
    where: str
    whose: str
    slack: Slack | None
    due_at: datetime | None
    goes_to: str  # up to whom it has gone
    chase_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadPage:
    """What a supervisor sees first."""

    summary: str
    tabs: tuple[Tab, ...]
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    hours: int
    late: tuple[Line, ...]
    soon: tuple[Line, ...]
    silent: tuple[Line, ...]
    n_mine: int  # escalated to whoever looks, and waiting for their word
    is_cut: bool
    page_key: str
    fault: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """What falls due at one place of the picture."""

    title: str
    summary: str
    lines: tuple[tuple[str, str, str, datetime, str], ...]  # number, url, type, due, promise


@never_cache
@require_GET
def ahead(request: HttpRequest) -> HttpResponse:
    """Show what falls due, what is late and who is silent. Eleven queries."""
    return shown(request)


def shown(
    request: HttpRequest, *, fault: str = "", said: str = "", status: int = 200
) -> HttpResponse:
    """Render the desk, with why something was refused where that is so."""
    at = desks.desk_of(request)
    asked: dict[str, Any] = {"viewer": at.viewer, "rules": at.rules}
    hours = at.policy.integer("axis_hours")
    until = at.now + timedelta(hours=hours)
    falling = watching.due(
        viewer=at.viewer, rules=at.rules, since=at.now, until=until, limit=DUE_AT_MOST
    )
    late = queries.overdue(**asked, now=at.now, limit=SHOWN + 1)
    soon = queries.about_to_miss(**asked, now=at.now, limit=SHOWN + 1)
    silent = queries.silent_steps(**asked, limit=SHOWN + 1)
    orders = {one.order_id for one in [*late, *soon]}
    posts = escalations.highest_posts(order_ids=sorted(orders))
    page = AheadPage(
        summary=_summary(len(late), len(soon), len(silent)),
        tabs=desks.tabs(current="ahead"),
        lanes=lanes.lanes(due=falling, since=at.now, hours=hours),
        ticks=lanes.ticks(since=at.now, hours=hours),
        hours=hours,
        late=tuple(_line(one, at, posts) for one in late[:SHOWN]),
        soon=tuple(_line(one, at, posts) for one in soon[:SHOWN]),
        silent=tuple(_step_line(one, at) for one in silent[:SHOWN]),
        n_mine=escalations.n_mine(viewer=at.viewer),
        is_cut=max(len(late), len(soon), len(silent)) > SHOWN,
        page_key=uuid.uuid4().hex,
        fault=fault,
        said=said,
    )
    return render(request, "watch/ahead.html", {"page": page}, status=status)


@never_cache
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """List what falls due at one place of the picture (``?unit=&since=&until=``). One query."""
    at = desks.desk_of(request)
    unit = request.GET.get("unit", "")
    if not unit.isdecimal() or len(unit) > 10:
        raise Http404
    since = lanes.moment(request.GET.get("since", ""))
    until = lanes.moment(request.GET.get("until", ""))
    found = watching.due(
        viewer=at.viewer,
        rules=at.rules,
        since=since,
        until=until,
        unit_id=int(unit),
        limit=DUE_AT_MOST,
    )
    span = {"since": formats.moment(value=since), "until": formats.deadline(value=until)}
    page = DuePage(
        title=found[0].unit_name if found else _("Nothing falls due there any more"),
        summary=_("Promises that fall due from %(since)s to %(until)s.") % span,
        lines=tuple(
            (
                one.number,
                reverse("orders:order", args=[one.number]),
                service_words.type_name(code=one.type_code),
                one.due_at,
                lanes.promise_name(type_code=one.type_code, code=one.promise_code),
            )
            for one in found
        ),
    )
    return render(request, "watch/due.html", {"page": page})


@never_cache
@require_POST
def chase(request: HttpRequest, number: str) -> HttpResponse:
    """Urge whoever has an order, on the record; the same form sent twice does it once."""
    at = desks.desk_of(request)
    reason = request.POST.get("reason", "").replace("\x00", "")
    key = request.POST.get("page_key", "").replace("\x00", "")[: desks.KEY_LETTERS]
    asking = Asking(
        viewer=at.viewer,
        number=number,
        now=at.now,
        rules=at.rules,
        request_key=f"{key}.chase" if key else "",
    )
    try:
        service.chase(asking, reason=reason)
    except errors.OrderUnknown as error:
        raise Http404 from error
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except tuple(refused.REFUSALS) as error:
        fault = formats.labelled(label=number, text=refused.why(error))
        return shown(request, fault=fault, said=reason, status=422)
    messages.success(request, _("Chased, and recorded."))
    return redirect("watch:ahead")


def _line(one: OrderLine, at: Desk, posts: Mapping[int, str]) -> Line:
    near = timedelta(hours=at.rules.policy.integer("ahead_hours"))
    return Line(
        number=one.number,
        url=reverse("orders:order", args=[one.number]),
        type=service_words.type_name(code=one.type_code),
        where=desks.where(one, viewer=at.viewer),
        whose=one.owner_name,
        slack=service_words.slack(due_at=one.due_at, now=at.now, soon=near),
        due_at=one.due_at,
        goes_to=service_words.post_name(code=posts[one.order_id]) if one.order_id in posts else "",
        chase_url=reverse("watch:chase", args=[one.number]),
    )


def _step_line(one: StepLine, at: Desk) -> Line:
    near = timedelta(hours=at.rules.policy.integer("ahead_hours"))
    return Line(
        number=one.order.number,
        url=reverse("orders:order", args=[one.order.number]),
        type=service_words.type_name(code=one.order.type_code),
        where=desks.where(one.order, viewer=at.viewer),
        whose=one.owner_name,
        slack=service_words.slack(due_at=one.end_by_at, now=at.now, soon=near),
        due_at=one.end_by_at,
        goes_to="",
        chase_url=reverse("watch:chase", args=[one.order.number]),
    )


def _summary(n_late: int, n_soon: int, n_silent: int) -> str:
    if not n_late and not n_soon and not n_silent:
        return _("Nothing is late, and nothing will be within the next hours.")
    many = f"{SHOWN}+"
    said = [
        ngettext("%(n)s order is late.", "%(n)s orders are late.", n_late)
        % {"n": many if n_late > SHOWN else n_late},
        ngettext("%(n)s is due soon.", "%(n)s are due soon.", n_soon)
        % {"n": many if n_soon > SHOWN else n_soon},
    ]
    if n_silent:
        silent = ngettext(
            "%(n)s step has not been picked up.", "%(n)s steps have not been picked up.",
            n_silent,
        )  # fmt: skip
        said.append(silent % {"n": many if n_silent > SHOWN else n_silent})
    return formats.sentences(*said)
