"""Chases (催办): which nobody has answered, how often in a row, and how soon something moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.service import chases as service
from lamplighter.action.service.chases import Chase
from lamplighter.web import desk
from lamplighter.web.frame import actors, formats, lists, service_words
from lamplighter.web.watch import desks
from lamplighter.web.watch.desks import Desk, Tab

SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One chase."""

    number: str
    url: str
    type: str
    under: str  # the number, with the unit where it is not the viewer's own
    owner: str
    by: str
    reason: str
    at: datetime
    place: int
    answered_at: datetime | None
    waited: str  # until something moved, or until now


@dataclass(frozen=True, slots=True, kw_only=True)
class ChasesPage:
    """The chases of a span, those that nobody answered first."""

    summary: str
    tabs: tuple[Tab, ...]
    filters: tuple[lists.Filter, ...]
    action: str
    rows: tuple[Row, ...]
    is_cut: bool


@never_cache
@require_GET
def chases(request: HttpRequest) -> HttpResponse:
    """List the chases of a span (``?days=``). Three queries."""
    at = desks.desk_of(request)
    days, since = desks.span(request, at=at)
    found = service.listed(viewer=at.viewer, rules=at.rules, since=since, limit=SHOWN + 1)
    called = actors.called(actors=[one.actor for one in found])
    page = ChasesPage(
        summary=_summary(found),
        tabs=desks.tabs(current="chases"),
        filters=(desks.span_filter(at=at, days=days, label=_("Chased within")),),
        action=reverse("watch:chases"),
        rows=tuple(_row(one, called[one.actor], at) for one in found[:SHOWN]),
        is_cut=len(found) > SHOWN,
    )
    return render(request, "watch/chases.html", {"page": page})


def _row(one: Chase, by: str, at: Desk) -> Row:
    until = one.answered_at or at.now
    return Row(
        number=one.number,
        url=reverse("orders:order", args=[one.number]),
        type=service_words.type_name(code=one.type_code),
        under=desk.beside_unit(one.number, unit=one.unit_name, viewer=at.viewer),
        owner=one.owner_name,
        by=by,
        reason=service_words.chase_reason(reason=one.reason),
        at=one.at,
        place=one.place,
        answered_at=one.answered_at,
        waited=service_words.duration(span=max(until - one.at, timedelta())),
    )


def _summary(found: list[Chase]) -> str:
    if not found:
        return _("Nothing was chased in this span.")
    n_open = sum(one.answered_at is None for one in found)
    said = ngettext(
        "%(n)d chase, %(open)d without an answer.",
        "%(n)d chases, %(open)d without an answer.",
        len(found),
    ) % {"n": len(found), "open": n_open}
    waits = [(one.answered_at - one.at).total_seconds() for one in found if one.answered_at]
    if not waits:
        return said
    usual = service_words.duration(span=timedelta(seconds=median(waits)))
    moved = _("Half of them moved something within %(time)s.") % {"time": usual}
    return formats.sentences(said, moved)
