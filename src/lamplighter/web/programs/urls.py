"""Addresses of the programs' page; whoever wires them says who keeps the subscriptions."""

from django.urls import URLPattern, path

from lamplighter.action.service.subscribers import Subscribers
from lamplighter.web.programs import views

app_name = "programs"


def patterns(subscribers: Subscribers) -> tuple[list[URLPattern], str]:
    """Return the addresses, each view with the port to the subscriptions."""
    port = {"subscribers": subscribers}
    found = [
        path("", views.programs, port, name="list"),
        path("tokens/", views.issue, port, name="issue"),
        path("tokens/<int:token_id>/end/", views.revoke, name="revoke"),
        path("webhooks/", views.subscribe, port, name="subscribe"),
        path("webhooks/<int:subscription_id>/end/", views.end, port, name="end"),
        path("webhooks/<int:subscription_id>/replay/", views.replay, port, name="replay"),
    ]
    return found, app_name
