"""Who has how much in hand, who is away, and recording that somebody will be."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import errors, watching
from lamplighter.action.service import services as service
from lamplighter.action.service.watching import Person
from lamplighter.web.watch import desks
from lamplighter.web.watch.desks import Tab

LONGEST_ABSENCE = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Everybody below, with what they have in hand."""

    summary: str
    tabs: tuple[Tab, ...]
    people: tuple[Person, ...]
    most: float  # the greatest load, at least 1
    today: date
    fault: str


@never_cache
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Show load and absence per person. Seven queries."""
    return _shown(request)


def _shown(request: HttpRequest, *, fault: str = "", status: int = 200) -> HttpResponse:
    at = desks.desk_of(request)
    found = watching.people(viewer=at.viewer, rules=at.rules, now=at.now)
    n_away = sum(one.away_until is not None for one in found)
    n_late = sum(one.n_late > 0 for one in found)
    summary = ngettext("%(n)d person", "%(n)d people", len(found)) % {"n": len(found)}
    page = PeoplePage(
        summary=_("%(people)s; %(late)d with something late, %(away)d away.")
        % {"people": summary, "late": n_late, "away": n_away},
        tabs=desks.tabs(current="people"),
        people=tuple(found),
        most=max([1.0, *(one.load for one in found)]),
        today=at.rules.on,
        fault=fault,
    )
    return render(request, "watch/people.html", {"page": page}, status=status)


@never_cache
@require_POST
def away(request: HttpRequest) -> HttpResponse:
    """Record that somebody is away on some days; recorded twice it is one absence."""
    at = desks.desk_of(request)
    try:
        staff_id, begins_at, ends_at = _asked(request)
        service.record_absence(
            viewer=at.viewer,
            staff_id=staff_id,
            begins_at=begins_at,
            ends_at=ends_at,
            now=at.now,
            rules=at.rules,
        )
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except errors.StaffUnknown:
        return _shown(
            request, fault=_("Please choose a colleague who may still sign in."), status=422
        )
    except errors.AbsenceImpossible:
        fault = _("Please give the first and the last day, at most 400 days apart.")
        return _shown(request, fault=fault, status=422)
    messages.success(request, _("Noted; open steps go to others with the next sweep."))
    return redirect("watch:people")


def _asked(request: HttpRequest) -> tuple[int, datetime, datetime]:
    staff = request.POST.get("staff", "")
    if not staff.isdecimal() or len(staff) > 10:
        raise errors.StaffUnknown("none was chosen")
    try:
        first = date.fromisoformat(request.POST.get("first", ""))
        last = date.fromisoformat(request.POST.get("last", ""))
        zone = ZoneInfo(settings.TIME_ZONE)
        begins_at = datetime.combine(first, time(), tzinfo=zone)
        ends_at = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    except (ValueError, OverflowError) as error:
        raise errors.AbsenceImpossible("no days") from error
    if not timedelta() < ends_at - begins_at <= LONGEST_ABSENCE:
        raise errors.AbsenceImpossible("the days")
    return int(staff), begins_at, ends_at
