"""Every address the frame leads to, each answered by the style guide."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path

from lamplighter.web.frame import navigation, styleguide


def show(request: HttpRequest) -> HttpResponse:
    return render(request, "frame/styleguide.html", {"page": styleguide.styleguide_page()})


def _at(url_name: str) -> URLPattern | URLResolver:
    namespace, _, name = url_name.rpartition(":")
    here = path(f"{url_name.replace(':', '/')}/", show, name=name)
    return path("", include(([here], namespace), namespace=namespace)) if namespace else here


_NAMES = [item.url_name for part in navigation.NAVIGATION for item in part.items]
_DOOR = [
    path("door/sign-out/", show, name="sign-out"),
    path("door/security/", show, name="security"),
]
urlpatterns = [
    path("", include((_DOOR, "door"), namespace="door")),
    *[_at(name) for name in [*_NAMES, navigation.SET_LANGUAGE]],
]
