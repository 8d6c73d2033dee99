"""A program with a token, and stations beside each other."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from lamplighter.facts.network.models import Staff
from lamplighter.facts.network.tokens import services as tokens
from lamplighter.policy import loader

_keys = count(1)


def token_for(staff: Staff, *, n_days: int | None = None) -> tokens.Issued:
    now = timezone.now()
    return tokens.issue(
        staff_number=staff.number,
        name="test",
        n_days=n_days,
        actor="test",
        now=now,
        policy=loader.load(name=tokens.POLICY, on=now.date()),
    )


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program that acts as a person."""

    secret: str
    language: str = "en"

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}", "accept-language": self.language}

    def get(self, path: str, **query: Any) -> HttpResponse:
        return Client(headers=self.headers).get(f"/api/v1{path}", query)

    def post(self, path: str, body: Any = None, *, key: str = "") -> HttpResponse:
        """Send a write; without a key of the test's own, with a new one."""
        return Client(headers=self.headers, raise_request_exception=True).post(
            f"/api/v1{path}",
            data=json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"idempotency-key": key or f"test-key-{next(_keys)}"},
        )


def program_of(staff: Staff, *, language: str = "en") -> Program:
    return Program(secret=token_for(staff).secret, language=language)


def all_of(program: Program, path: str, **query: Any) -> list[dict[str, Any]]:
    """Read a whole list by its cursors."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = program.get(path, after=after, **query).json()
        found += page["items"]
        if page["next"] is None or page.get("is_last"):
            return found
        after = page["next"]
