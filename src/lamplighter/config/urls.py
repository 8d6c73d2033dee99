"""Which address leads to which page."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("lamplighter.web.door.urls")),
    path("", include("lamplighter.web.today.urls")),
    path("imports/", include("lamplighter.web.imports.urls")),
]
