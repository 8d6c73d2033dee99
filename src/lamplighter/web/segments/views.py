"""Segments: who stands together, what they need, what to do, and what to leave alone."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.insight.segments.terms import SEGMENTS
from lamplighter.web import desk
from lamplighter.web.frame import lists
from lamplighter.web.segments import glance, people

SINCE_DAYS = 31


@never_cache
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """Show all segments in numbers. 10 queries."""
    today = desk.today()
    page = glance.page(
        viewer=desk.viewer_of(request),
        today=today,
        since=today - timedelta(SINCE_DAYS),
        wanted={"area": request.GET.get("area", "")},
    )
    if request.GET.get("as") == "xlsx":
        return glance.export(page)
    return render(request, "segments/list.html", {"page": page})


@never_cache
@require_GET
def one(request: HttpRequest, code: str) -> HttpResponse:
    """Show one segment with its strategy and its people. 14 queries."""
    if code not in SEGMENTS:
        raise Http404
    today = desk.today()
    is_file = request.GET.get("as") == "xlsx"
    page = people.page(
        viewer=desk.viewer_of(request),
        today=today,
        since=today - timedelta(SINCE_DAYS),
        code=code,
        wanted={"area": request.GET.get("area", "")},
        number=1 if is_file else lists.page_number(request),
        is_file=is_file,
    )
    if is_file:
        return people.export(page)
    return render(request, "segments/segment.html", {"page": page})
