"""Who may sit at the supervisor's desk, its views, and the spans they look back over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy
from lamplighter.web import desk
from lamplighter.web.frame import lists

KEY_LETTERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who looks, when, and by which rules."""

    viewer: Viewer
    rules: Rules
    policy: Policy
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One view of the desk."""

    label: str
    url: str
    is_current: bool
    count: int | None = None


def desk_of(request: HttpRequest) -> Desk:
    """Return the desk of whoever looks.

    Raises
    ------
    PermissionDenied
        The policy does not let this role watch.
    """
    viewer = desk.viewer_of(request)
    policy = loader.load(name="watch", on=desk.today())
    if viewer.role not in policy.row("may_watch").value:
        raise PermissionDenied(f"{viewer.role} may_watch ({policy.version})")
    return Desk(viewer=viewer, rules=desk.service_rules(), policy=policy, now=desk.now())


def tabs(*, current: str) -> tuple[Tab, ...]:
    """Return the views of the desk."""
    labels = {
        "ahead": _("Due and late"),
        "escalated": _("Escalated"),
        "chases": _("Chases"),
        "kept": _("Promises kept"),
        "people": _("People"),
        "failures": _("Service failures"),
        "incidents": _("Shared faults"),
    }
    return tuple(
        Tab(label=label, url=reverse(f"watch:{name}"), is_current=name == current)
        for name, label in labels.items()
    )


def span(request: HttpRequest, *, at: Desk) -> tuple[int, datetime]:
    """Return over how many days a view looks back, and since when.

    Raises
    ------
    Http404
        It is none of the spans of the policy.
    """
    days, _spans = desk.span_days(request)
    return days, at.now - timedelta(days=days)


def span_filter(*, at: Desk, days: int, label: str) -> lists.Filter:
    """Return the filter that chooses a span."""
    spans = at.policy.row("spans_days").value
    options = [(str(n), ngettext("%(n)d day", "%(n)d days", n) % {"n": n}) for n in spans]
    return lists.Filter(
        name="days",
        label=label,
        options=tuple(
            lists.Option(value=value, label=text, is_chosen=value == str(days))
            for value, text in options
        ),
    )


def where(order: OrderLine, *, viewer: Viewer) -> str:
    """Say where an order is."""
    place = (order.area_name, order.account_number)
    return desk.beside_unit(*place, unit=order.unit_name, viewer=viewer) or order.unit_name
