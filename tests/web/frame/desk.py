"""Renders the style guide as one person sees it."""

from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import resolve
from django.utils import translation

from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.web.frame import context, styleguide

VIEWER = Viewer(
    staff_id=1,
    staff_number="S-1",
    name="李明",
    role=Role.MANAGER,
    org_name="城关供电所",
    org_path="/61/6101/",
)


def styleguide_html(*, language: str, theme: str = "") -> str:
    """Return the style guide's document; the URLs of tests.web.frame.urls must be active."""
    request = RequestFactory().get("/signals/list/")
    request.viewer = VIEWER
    request.resolver_match = resolve("/signals/list/")
    if theme:
        request.COOKIES[context.THEME_COOKIE] = theme
    with translation.override(language):
        page = styleguide.styleguide_page()
        return render_to_string("frame/styleguide.html", {"page": page}, request=request)
