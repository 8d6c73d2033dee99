"""What every template may use of the frame."""

from dataclasses import dataclass
from typing import Any, Protocol, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from lamplighter.web.frame import navigation

THEME_COOKIE = "lamp_theme"
THEMES = frozenset({"light", "dark"})


class Viewer(Protocol):
    """Who looks, as far as the frame shows them."""

    name: str
    role: str
    org_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The frame around one page."""

    navigation: tuple[navigation.ShownPart, ...]
    viewer: Viewer | None
    theme: str  # "light", "dark", or "" where the device decides
    search_url: str
    sign_out_url: str
    language_url: str
    security_url: str


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates the navigation, the viewer and the chosen theme.

    Someone not signed in gets a frame without navigation. It is made once a template asks for it:
    a part of a page stands in no frame.

    Raises
    ------
    django.urls.NoReverseMatch
        The project has no URL of a name the frame needs.
    """
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> Frame:
    viewer = cast("Viewer | None", getattr(request, "viewer", None))
    match = request.resolver_match
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return Frame(
        navigation=navigation.shown(role=viewer.role, view_name=match.view_name if match else "")
        if viewer
        else (),
        viewer=viewer,
        theme=chosen if chosen in THEMES else "",
        search_url=reverse(navigation.SEARCH),
        sign_out_url=reverse(navigation.SIGN_OUT),
        security_url=reverse(navigation.SECURITY),
        language_url=reverse(navigation.SET_LANGUAGE),
    )
