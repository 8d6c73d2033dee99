"""Who asks, when, and by which rules; and answering a write once."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language_from_request
from ninja import Header
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer
from pydantic import StringConstraints

from lamplighter.action.service import rules as service_rules
from lamplighter.facts.network.tokens import services as tokens
from lamplighter.kernel import spans
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger.answers import services as answers
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy

NO_NUL = r"^[^\x00]*$"  # the database keeps no NUL, and nobody means one
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_]+$")]
Line = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=NO_NUL)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="Of your choice, one for each write.",
        min_length=8,
        max_length=answers.KEY_AT_MOST,
        pattern=r"^[A-Za-z0-9._:-]+$",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks by which token, and the day on which they do."""

    viewer: Viewer
    token_id: int
    now: datetime  # in a demo, on the day the demo takes for today
    today: date
    zone: ZoneInfo
    language: str
    policy: Policy  # of the interface itself

    @property
    def rules(self) -> service_rules.Rules:
        """The rules by which orders are worked today."""
        return service_rules.in_force(on=self.today, zone=self.zone)


class ApiRequest(HttpRequest):
    """A request with a good token."""

    auth: Caller


class TokenAuth(HttpBearer):
    """A token in the header ``Authorization: Bearer …``; a browser's session opens nothing."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """Return who asks, or None; count the use."""
        now, zone = timezone.now(), ZoneInfo(settings.TIME_ZONE)
        demo: date | None = settings.DEMO_TODAY
        today = demo or now.astimezone(zone).date()
        policy = loader.load(name=tokens.POLICY, on=today)
        try:
            bearer = tokens.use(secret=token, now=now, policy=policy)
        except tokens.TokenUnknown:
            return None
        return Caller(
            viewer=bearer.viewer,
            token_id=bearer.token_id,
            now=spans.demo_moment(moment=now, day=demo, ahead=settings.DEMO_CLOCK_AHEAD, zone=zone),
            today=today,
            zone=zone,
            language="zh" if get_language_from_request(request).startswith("zh") else "en",
            policy=policy,
        )


class Utf8(JSONRenderer):
    """JSON with Chinese as it is written."""

    json_dumps_params = {"ensure_ascii": False}


def once(
    request: ApiRequest,
    *,
    key: str,
    write: Callable[[], dict[str, Any]],
    status: int = 200,
    content_sha256: str = "",
) -> HttpResponse:
    """Do a write unless its key was answered before, and answer it.

    *content_sha256* stands for the body where that was read as a stream.

    Raises
    ------
    answers.KeyReused
        The key came before with another request.
    """
    body = content_sha256.encode() if content_sha256 else request.body
    said = b"\n".join([(request.method or "").encode(), request.get_full_path().encode(), body])

    def answered() -> answers.Answer:
        return answers.Answer(status=status, body=json.dumps(write(), ensure_ascii=False))

    answer = answers.once(
        sender=f"token:{request.auth.token_id}",
        key=key,
        request_sha256=hashlib.sha256(said).hexdigest(),
        write=answered,
        now=timezone.now(),
    )
    response = HttpResponse(
        answer.body, status=answer.status, content_type="application/json; charset=utf-8"
    )
    if answer.is_repeated:
        response["Idempotency-Replayed"] = "true"
    return response


def request_key(request: ApiRequest, *, key: str) -> str:
    """Return the key by which the services below know a write: no two tokens share one."""
    return hashlib.sha256(f"{request.auth.token_id}:{key}".encode()).hexdigest()[:40]
