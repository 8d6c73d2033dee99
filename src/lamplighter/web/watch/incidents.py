"""Faults of many: which are open, and ending one with its cause and when supply was back."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import errors
from lamplighter.action.service import incidents as faults
from lamplighter.action.service import services as service
from lamplighter.action.service.incidents import IncidentLine
from lamplighter.kernel.viewer import Viewer
from lamplighter.web import desk
from lamplighter.web.frame import formats, lists, refused, service_words
from lamplighter.web.watch import desks
from lamplighter.web.watch.desks import Tab

SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault of many."""

    number: str
    type: str
    where: str
    opened_at: datetime
    restored_at: datetime | None
    closed_at: datetime | None
    cause: str
    n_orders: int
    n_open: int
    close_url: str  # empty: it ends with its outage


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsPage:
    """The faults of many that are open, and those that ended in a span."""

    summary: str
    tabs: tuple[Tab, ...]
    filters: tuple[lists.Filter, ...]
    action: str
    open: tuple[Row, ...]
    ended: tuple[Row, ...]
    now: datetime
    fault: str
    cause: str


@never_cache
@require_GET
def incidents(request: HttpRequest) -> HttpResponse:
    """Show the faults of many (``?days=``). Two queries."""
    return _shown(request)


def _shown(
    request: HttpRequest, *, fault: str = "", cause: str = "", status: int = 200
) -> HttpResponse:
    at = desks.desk_of(request)
    days, since = desks.span(request, at=at)
    open_ = faults.listed(viewer=at.viewer, is_open=True, begun_by=at.now, limit=SHOWN)
    ended = faults.listed(viewer=at.viewer, is_open=False, since=since, limit=SHOWN)
    n_waiting = sum(one.n_open for one in open_)
    summary = ngettext(
        "%(n)d shared fault is open, with %(orders)d orders in hand.",
        "%(n)d shared faults are open, with %(orders)d orders in hand.",
        len(open_),
    ) % {"n": len(open_), "orders": n_waiting}
    page = IncidentsPage(
        summary=summary if open_ else _("No shared fault is open."),
        tabs=desks.tabs(current="incidents"),
        filters=(desks.span_filter(at=at, days=days, label=_("Ended within")),),
        action=reverse("watch:incidents"),
        open=tuple(_row(one, viewer=at.viewer) for one in open_),
        ended=tuple(_row(one, viewer=at.viewer) for one in ended),
        now=at.now.astimezone(ZoneInfo(settings.TIME_ZONE)),
        fault=fault,
        cause=cause,
    )
    return render(request, "watch/incidents.html", {"page": page}, status=status)


@never_cache
@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    """End a fault of many, which answers all its orders; ended twice, the second is told so."""
    at = desks.desk_of(request)
    cause = request.POST.get("cause", "").replace("\x00", "")
    try:
        n = service.close_incident(
            viewer=at.viewer,
            number=number,
            cause=cause,
            restored_at=_moment(request.POST.get("restored", "")),
            now=at.now,
            rules=at.rules,
        )
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except errors.IncidentUnknown:
        fault = _("There is no such open fault where you may look; somebody may have ended it.")
    except errors.EndsWithItsOutage:
        fault = _("This fault began with an outage: end it there, and its orders are answered.")
    except errors.ReasonMissing:
        fault = _("Please give the cause, as the customers are told it.")
    except errors.ReasonTooLong as error:
        fault = refused.why(error)
    except errors.MomentGoesBack:
        fault = _(
            "Please give when supply was back: after the first report, and not later than now."
        )
    except errors.ChangedMeanwhile:
        fault = _("Somebody changed one of its orders meanwhile. Please try again.")
    else:
        said = ngettext(
            "The fault is over; %(n)d order was answered.",
            "The fault is over; %(n)d orders were answered.",
            n,
        )
        messages.success(request, said % {"n": n})
        return redirect("watch:incidents")
    return _shown(
        request, fault=formats.labelled(label=number, text=fault), cause=cause, status=422
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
        if not 2000 <= moment.year <= 2100:
            raise errors.MomentGoesBack(text[:30])
    except ValueError as error:
        raise errors.MomentGoesBack(text[:30]) from error
    return moment


def _row(one: IncidentLine, *, viewer: Viewer) -> Row:
    return Row(
        number=one.number,
        type=service_words.type_name(code=one.type_code),
        where=desk.beside_unit(one.area_name, unit=one.unit_name, viewer=viewer) or one.unit_name,
        opened_at=one.opened_at,
        restored_at=one.restored_at,
        closed_at=one.closed_at,
        cause=one.cause,
        n_orders=one.n_orders,
        n_open=one.n_open,
        close_url="" if one.has_outage else reverse("watch:close_incident", args=[one.number]),
    )
