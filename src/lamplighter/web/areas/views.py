"""Station areas: all at a glance, and one of them."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lamplighter.findings.areas.queries import SORTS
from lamplighter.web import desk
from lamplighter.web.areas import exporting, glance, one
from lamplighter.web.frame import lists


@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """Show the health of each area, and of each station. Nine queries, three to know the person."""
    wanted = {name: request.GET.get(name, "").replace("\x00", "") for name in glance.WAYS}
    if wanted["sort"] not in {"", *SORTS}:
        raise Http404
    asked: dict[str, Any] = {
        "viewer": desk.viewer_of(request), "today": desk.today(), "wanted": wanted,
    }  # fmt: skip
    if request.GET.get("as") == "xlsx":
        return exporting.export(glance.lines(**asked, limit=exporting.ROWS_OF_A_FILE))
    page = glance.page(**asked, number=lists.page_number(request))
    return render(request, "areas/list.html", {"page": page})


@require_GET
def area(request: HttpRequest, code: str) -> HttpResponse:
    """Show one area. 38 queries, however many doors."""
    doors = request.GET.get("doors", "payment")
    if doors not in one.DOORS:
        raise Http404
    page = one.page(
        viewer=desk.viewer_of(request),
        today=desk.today(),
        code=code,
        doors=doors,
        zone=ZoneInfo(settings.TIME_ZONE),
    )
    if page is None:
        raise Http404
    return render(request, "areas/area.html", {"page": page})
