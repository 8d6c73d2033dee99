"""The interface against its own description: whatever is sent, the answer is one it describes.

Bounded and the same each run; schemathesis makes the requests from the description.
"""

from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lamplighter.api.site import API
from tests.action.service import making as m
from tests.api.programs import program_of

pytestmark = pytest.mark.django_db
ALWAYS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 6
CHECKS = {
    GenerationMode.POSITIVE: ALWAYS,
    GenerationMode.NEGATIVE: [*ALWAYS, negative_data_rejection],
}
DESCRIPTION = "/api/v1/openapi.json"
CALLS = sorted(
    (method, path)
    for path, calls in API.get_openapi_schema(path_prefix="/api/v1/")["paths"].items()
    for method in calls
)


@pytest.fixture(autouse=True)
def as_elsewhere(settings):
    """Keep the test's own connection open between requests, as Django's test client does."""
    settings.FIELD_KEY = m.KEY
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@cache
def described() -> Any:
    """Return the interface as it describes itself; read once, within a test."""
    return schemathesis.openapi.from_wsgi(DESCRIPTION, get_wsgi_application())


@pytest.mark.parametrize(("method", "path"), CALLS, ids=lambda part: part)
def test_every_answer_is_as_described(method, path):
    operation = described()[path][method.upper()]
    station = m.make_station()
    program = program_of(station.staff["BRANCH"])
    known = {
        "number": m.open_one(station).number, "step": "TAKE", "promise": "ARRIVAL", "level": 1,
        "failure": 1, "voice": 1,
    }  # fmt: skip
    fixed = {name: known[name] for name in known if f"{{{name}}}" in path}
    parts = {"path_parameters": fixed} if fixed else {}

    for mode, checks in CHECKS.items():
        cases = operation.as_strategy(generation_mode=mode, **parts)
        _send_each(cases, checks=checks, headers=program.headers)


def _send_each(cases: Any, *, checks: list[Any], headers: dict[str, str]) -> None:
    @bounds(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def send(case: Any) -> None:
        case.headers = {**(case.headers or {}), **headers}
        case.validate_response(case.call(), checks=checks)

    send()


def test_the_description_is_openapi_3_1_and_names_the_key_on_every_write():
    described = API.get_openapi_schema(path_prefix="/api/v1/")

    assert described["openapi"] == "3.1.0"
    for method, path in CALLS:
        names = {p["name"] for p in described["paths"][path][method].get("parameters", [])}
        assert ("Idempotency-Key" in names) == (method != "get"), path
        assert described["paths"][path][method]["security"] == [{"TokenAuth": []}]
