"""Who sits at the desk: the viewer of a request, and today's date there."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from lamplighter.action.service import rules as service
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import queries as network
from lamplighter.kernel import spans
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class DeskRequest(HttpRequest):
    """A request of a signed-in person, as the middleware leaves it."""

    htmx: "HtmxDetails"
    viewer: Viewer | None


class ViewerMiddleware:
    """Finds out who looks, once a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: DeskRequest) -> HttpResponse:
        staff = getattr(request.user, "staff", None)  # read with the user, where there is one
        request.viewer = network.viewer_of(staff) if staff is not None else None
        return self.get_response(request)


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who looks.

    Raises
    ------
    PermissionDenied
        The signed-in user is nobody of the staff.
    """
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        raise PermissionDenied("this user is nobody of the staff")
    return viewer


def beside_unit(*parts: str, unit: str, viewer: Viewer) -> str:
    """Join what is said of a thing with its unit, which is left out where the viewer works."""
    said = (*parts, "" if unit == viewer.org_name else unit)
    return " · ".join(part for part in said if part)


def today() -> date:
    """Return the local day; in a demo, the day the demo takes for today."""
    if settings.DEMO_TODAY is not None:
        demo: date = settings.DEMO_TODAY
        return demo
    return timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def now() -> datetime:
    """Return the moment; in a demo, the moment that the demo takes for now.

    The promises of orders run by it, so that a demo shown next year is not all overdue.
    """
    return spans.demo_moment(
        moment=timezone.now(),
        day=settings.DEMO_TODAY,
        ahead=settings.DEMO_CLOCK_AHEAD,
        zone=ZoneInfo(settings.TIME_ZONE),
    )


def service_rules() -> Rules:
    """Return the numbers by which orders are worked today."""
    return service.in_force(on=today(), zone=ZoneInfo(settings.TIME_ZONE))


def span_days(request: HttpRequest) -> tuple[int, list[int]]:
    """Return over how many days a page looks back (``?days=``), and over how many it could.

    Raises
    ------
    Http404
        It is none of the spans of the policy.
    """
    policy = loader.load(name="watch", on=today())
    spans: list[int] = policy.row("spans_days").value
    said = request.GET.get("days", str(policy.integer("usual_span_days")))
    if said not in {str(days) for days in spans}:
        raise Http404
    return int(said), spans
