"""Writing outages: a new one, other times, its end, or that it is called off."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lamplighter.action.outages import errors
from lamplighter.action.outages import services as outages
from lamplighter.facts.network import feeders
from lamplighter.kernel.viewer import Viewer
from lamplighter.web import desk
from lamplighter.web.frame import area_picker, formats
from lamplighter.web.frame.service_words import Text
from lamplighter.web.outages import views
from lamplighter.web.outages.forms import CallOffForm, ChangeForm, EndForm, OutageForm

FAULTS: dict[type[Exception], tuple[str | None, Text]] = {
    errors.PlaceUnknown: ("areas", later("Please name a line or at least one area of yours.")),
    errors.TimesImpossible: (
        "expected_end_at",
        later(
            "These times do not fit: a plan needs an end, a fault must have begun, and supply "
            "comes back after it went off."
        ),
    ),
    errors.ReasonMissing: (None, later("Please give the reason in a few words.")),
    errors.ReasonTooLong: (
        None,
        later("Too long to keep; nothing was saved. Please shorten it."),
    ),
    errors.OutageIsOver: (None, later("Somebody has ended it in the meantime.")),
    errors.KeyReused: (None, later("This form was sent before, with something else.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """A form for an outage."""

    form: OutageForm


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Record an outage; the same form sent twice records one."""
    viewer = _writer(request)
    form = _new_form(request, viewer)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        draft = outages.Draft(
            kind=said["kind"],
            cause=said["cause"],
            begins_at=said["begins_at"],
            expected_end_at=said["expected_end_at"],
            area_ids=[int(area) for area in said["areas"]],
            feeder_code=said["feeder"],
            notice_exception=said["notice_exception"],
        )
        numbers: list[str] = []

        def record() -> None:
            numbers.append(
                outages.record_outage(
                    viewer=viewer,
                    draft=draft,
                    now=desk.now(),
                    rules=views.rules(),
                    field_key=settings.FIELD_KEY,
                    request_key=said["request_key"],
                )
            )

        if _done(form, record):
            messages.success(request, _("Recorded; the order that releases it is open."))
            return redirect("outages:outage", numbers[0])
    page = NewPage(form=form)
    return render(request, "outages/new.html", {"page": page}, status=422 if form.errors else 200)


def _new_form(request: HttpRequest, viewer: Viewer) -> OutageForm:
    by = views.rules()
    lines = feeders.feeders(viewer=viewer, on=by.on)
    picker = area_picker.picker(
        picking=views.picking(), viewer=viewer, on=by.on, sent=request.POST or None
    )
    return OutageForm(
        None if picker.is_looking else request.POST or None,
        picker=picker,
        feeders=[(line.code, f"{line.name} · {line.code}") for line in lines],
        initial={"request_key": uuid.uuid4().hex, **request.POST.dict()},
    )


@never_cache
@require_POST
def areas(request: HttpRequest) -> HttpResponse:
    """Show the areas that a text names, to tick, for htmx. Two queries."""
    viewer = _writer(request)
    on = views.rules().on
    return area_picker.found(request, picking=views.picking(), viewer=viewer, on=on)


@never_cache
@require_POST
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Give an outage other times or areas."""
    viewer = _writer(request)
    picker = area_picker.picker(
        picking=views.picking(), viewer=viewer, on=views.rules().on, sent=request.POST
    )
    if picker.is_looking:
        form = ChangeForm(picker=picker, initial=request.POST.dict(), auto_id="change_%s")
        return views.whole(request, number, refused={"change": form})
    form = ChangeForm(request.POST, picker=picker, auto_id="change_%s")

    def write(said: dict[str, Any], asked: dict[str, Any]) -> None:
        terms = outages.Terms(
            begins_at=said["begins_at"],
            expected_end_at=said["expected_end_at"],
            area_ids=[int(area) for area in said["areas"]] or None,
            notice_exception=said["notice_exception"],
        )
        outages.change_outage(**asked, terms=terms, reason=said["reason"])

    return _answer(request, number, viewer, "change", form, write, _("Changed, and on record."))


@never_cache
@require_POST
def end(request: HttpRequest, number: str) -> HttpResponse:
    """Say since when supply is back."""

    def write(said: dict[str, Any], asked: dict[str, Any]) -> None:
        outages.end_outage(**asked, ended_at=said["ended_at"])

    form, thanks = EndForm(request.POST, auto_id="end_%s"), _("Supply is back: noted.")
    return _answer(request, number, _writer(request), "end", form, write, thanks)


@never_cache
@require_POST
def call_off(request: HttpRequest, number: str) -> HttpResponse:
    """Say that an outage will not be."""

    def write(said: dict[str, Any], asked: dict[str, Any]) -> None:
        outages.call_off(**asked, reason=said["reason"])

    form, thanks = CallOffForm(request.POST, auto_id="call_off_%s"), _("Called off, and on record.")
    return _answer(request, number, _writer(request), "call_off", form, write, thanks)


def _writer(request: HttpRequest) -> Viewer:
    viewer = desk.viewer_of(request)
    if not views.rules().has_right(viewer, "may_record"):
        raise PermissionDenied("this role records no outages")
    return viewer


def _answer(
    request: HttpRequest,
    number: str,
    viewer: Viewer,
    name: str,
    form: Form,
    write: Callable[[dict[str, Any], dict[str, Any]], None],
    thanks: str,
) -> HttpResponse:
    def change_it() -> None:
        said = form.cleaned_data
        asked = {
            "viewer": viewer,
            "number": number,
            "now": desk.now(),
            "rules": views.rules(),
            "request_key": f"{said['request_key']}.{name}",
        }
        write(said, asked)

    if form.is_valid() and _done(form, change_it):
        messages.success(request, thanks)
        return redirect("outages:outage", number)
    fault = _("It was not written; what is wrong stands below.")
    return views.whole(request, number, refused={name: form}, fault=fault)


def _done(form: Form, write: Callable[[], None]) -> bool:
    """Write, or say in the form why not."""
    try:
        write()
    except errors.OutageUnknown as error:
        raise Http404 from error
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except errors.NoticeTooShort as error:
        form.add_error("notice_exception", _too_short(error))
        return False
    except tuple(FAULTS) as error:
        field, text = FAULTS[type(error)]
        form.add_error(field if field in form.fields else None, str(text))
        return False
    return True


def _too_short(error: errors.NoticeTooShort) -> str:
    hours = {
        name: formats.number(value=max(span.total_seconds() // 3600, 0), digits=0)
        for name, span in (("needed", error.needed), ("given", error.given))
    }
    return (
        _(
            "It must be announced %(needed)s hours ahead, and only %(given)s are left. Choose a "
            "later start, or say why it cannot wait."
        )
        % hours
    )
