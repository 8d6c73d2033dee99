"""The whole interface: every resource at its address, with one door."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from lamplighter.api import frame, problems
from lamplighter.api.attachments.routes import router as attachments
from lamplighter.api.door import TokenAuth, Utf8
from lamplighter.api.escalations.routes import router as escalations
from lamplighter.api.events.routes import router as events
from lamplighter.api.failures.routes import router as failures
from lamplighter.api.incidents.routes import router as incidents
from lamplighter.api.knowledge.routes import router as knowledge
from lamplighter.api.orders.routes import router as orders
from lamplighter.api.outages.routes import router as outages
from lamplighter.api.processes.routes import router as processes
from lamplighter.api.steps.routes import router as steps
from lamplighter.api.voices.routes import router as voices

ABOUT = """\
The service centre for programs. Every write names an `Idempotency-Key`; lists go on by `next`;
errors are problem details (RFC 9457) in Chinese or English, as `Accept-Language` asks.
"""
NAMESPACE = "api-1"
REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422, 429)


class Interface(NinjaAPI):
    """An interface whose description also tells how each call may be refused."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the description of all calls (OpenAPI 3.1)."""
        described = super().get_openapi_schema(**options)
        described["components"]["responses"] = {"Problem": problems.DESCRIBED}
        described["components"]["schemas"]["Problem"] = problems.SHAPE
        for ways in described["paths"].values():
            for call in ways.values():
                for status in REFUSALS:
                    call["responses"][status] = {"$ref": "#/components/responses/Problem"}
        return described


def _interface() -> NinjaAPI:
    api = Interface(
        title="Lamplighter",
        version="1",
        description=ABOUT,
        auth=TokenAuth(),
        renderer=Utf8(),
        docs_url=None,
        urls_namespace=NAMESPACE,
    )
    problems.add_handlers(api)
    api.add_router("/orders", orders)
    api.add_router("/orders", attachments)
    api.add_router("/steps", steps)
    api.add_router("/escalations", escalations)
    api.add_router("/failures", failures)
    api.add_router("/incidents", incidents)
    api.add_router("/voices", voices)
    api.add_router("/events", events)
    api.add_router("/knowledge", knowledge)
    api.add_router("/processes", processes)
    api.add_router("/outages", outages)
    return api


def _urls() -> list[URLPattern | URLResolver]:
    """Return the addresses; none of them asks for a browser's session."""
    found, _, _ = API.urls
    for pattern in found:
        if isinstance(pattern, URLPattern) and pattern.callback is not None:
            login_not_required(pattern.callback)
    return [*found, re_path(r"^", login_not_required(frame.unknown))]


app_name = NAMESPACE
API = _interface()
urlpatterns = _urls()
