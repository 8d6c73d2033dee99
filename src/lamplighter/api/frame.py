"""What stands around the interface: nothing too large comes in, every error goes out alike."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from lamplighter.action.service.attachments import services as attachments
from lamplighter.api import problems
from lamplighter.facts.network.tokens import services as tokens
from lamplighter.policy import loader

PREFIX, FILES = "/api/", "/attachments"


class ApiMiddleware:
    """Refuses large bodies before they are read, and tells every error as problem details."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if _is_too_large(request):
            return problems.problem(request, status=413)
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and not _is_problem(response):
            told = problems.problem(request, status=response.status_code)
            for name in ("Allow", "Retry-After"):
                if name in response:
                    told[name] = response[name]
            response = told
        response.setdefault("Cache-Control", "no-store")
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _is_too_large(request: HttpRequest) -> bool:
    """Tell whether a body is longer than it may be, or does not say how long it is.

    Files are read as a stream that counts for itself; here only what they say is looked at.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    on = settings.DEMO_TODAY or timezone.localdate()
    at_most = loader.load(name=tokens.POLICY, on=on).integer("body_bytes_at_most")
    if request.path_info.endswith(FILES) and request.method == "POST":
        at_most = loader.load(name=attachments.POLICY, on=on).integer("bytes_at_most")
    return not length.isdecimal() or int(length) > at_most


def _is_problem(response: HttpResponseBase) -> bool:
    return response.get("Content-Type", "").startswith(problems.MEDIA_TYPE)


def unknown(request: HttpRequest) -> HttpResponse:
    """Answer an address below the interface that there is not."""
    return problems.problem(request, status=404)
