"""Which address leads to which page."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from lamplighter.gateway.webhooks.desk import Desk
from lamplighter.web.programs import urls as programs

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", login_not_required(set_language), name="set_language"),
    path("api/v1/", include("lamplighter.api.site")),
    path("", include("lamplighter.web.door.urls")),
    path("", include("lamplighter.web.today.urls")),
    path("console/", include("lamplighter.web.console.urls")),
    path("progress/", include("lamplighter.web.progress.urls")),
    path("report/", include("lamplighter.web.openline.urls")),
    path("programs/", include(programs.patterns(Desk()))),
    path("voices/", include("lamplighter.web.voices.urls")),
    path("watch/", include("lamplighter.web.watch.urls")),
    path("outages/", include("lamplighter.web.outages.urls")),
    path("processes/", include("lamplighter.web.processes.urls")),
    path("steps/", include("lamplighter.web.steps.urls")),
    path("orders/", include("lamplighter.web.orders.urls")),
    path("knowledge/", include("lamplighter.web.knowledge.urls")),
    path("search/", include("lamplighter.web.search.urls")),
    path("customers/", include("lamplighter.web.customers.urls")),
    path("imports/", include("lamplighter.web.imports.urls")),
    path("areas/", include("lamplighter.web.areas.urls")),
    path("staff/", include("lamplighter.web.staff.urls")),
    path("signals/", include("lamplighter.web.signals.urls")),
    path("arrears/", include("lamplighter.web.arrears.urls")),
    path("contests/", include("lamplighter.web.contests.urls")),
    path("segments/", include("lamplighter.web.segments.urls")),
    path("demand/", include("lamplighter.web.demand.urls")),
    path("policies/", include("lamplighter.web.policies.urls")),
    path("replay/", include("lamplighter.web.replay.urls")),
    path("proof/", include("lamplighter.web.proof.urls")),
]
