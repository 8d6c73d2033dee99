"""A hundred agents who pop callers and search, beside a bare view that reads the same row."""

import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from benchmarks import county, crowd
from benchmarks.county import County, Door
from benchmarks.crowd import Asked

BARE, POP, KNOWN, SEARCH, BY_NUMBER, BY_NAME = (
    *("bare view by phone", "pop by phone", "what is known, right after the pop"),
    *("search by phone", "search by account number", "search by name"),
)
BARE_NAMES = "bare view by name"
BARE_OF = {BARE_NAMES: BARE_NAMES, BY_NAME: BARE_NAMES}  # the others read one row, as by phone
WORKERS, THREADS = 2, 4  # as ./lamp run serves
TOKEN = "a" * 32  # against forged requests: the same in the cookie and the header


def measured(
    *, made: County, n_rounds: int, pause_seconds: float, field_key: bytes, seed: int
) -> dict[str, Any]:
    """Return the medians of each kind of request, and what each costs over the bare view."""
    turns = [
        _turn(session, made=made, n_rounds=n_rounds, field_key=field_key, seed=seed + place)
        for place, session in enumerate(_sessions(made.user_ids))
    ]
    with crowd.server(
        application="benchmarks.timed_wsgi:application", workers=WORKERS, threads=THREADS
    ) as port:
        crowd.ask(port=port, turns=[turn[:5] for turn in turns[:20]], pause_seconds=0)  # warms up
        answers = crowd.ask(port=port, turns=turns, pause_seconds=pause_seconds)
    found = crowd.medians(answers)
    for name, line in found.items():
        floor = found[BARE_OF.get(name, BARE)]
        for key in ("server_ms", "processor_ms"):
            line[f"{key.removesuffix('_ms')}_over_bare"] = round(line[key] / floor[key], 2)
    return {"users": len(turns), "pause_seconds": pause_seconds, "median": found}


def _sessions(user_ids: Sequence[int]) -> list[str]:
    """Sign people in, and return the keys of their sessions."""
    from django.contrib.auth.models import User  # noqa: PLC0415, RUF100 - after the setup
    from django.test import Client  # noqa: PLC0415, RUF100

    keys = []
    for user in User.objects.filter(pk__in=user_ids).order_by("pk"):
        client = Client()
        client.force_login(user, backend="lamplighter.web.door.backend.StaffBackend")
        keys.append(client.cookies["sessionid"].value)
    return keys


def _turn(session: str, *, made: County, n_rounds: int, field_key: bytes, seed: int) -> list[Asked]:
    chance = random.Random(seed)
    asked: list[Asked] = []
    for _ in range(n_rounds):
        n = chance.randint(1, made.n_customers // county.FINDINGS_EVERY) * county.FINDINGS_EVERY
        asked += _requests(made.door(n), session=session, field_key=field_key)
    return asked


def _requests(door: Door, *, session: str, field_key: bytes) -> list[Asked]:
    from lamplighter.facts.customers import personal  # noqa: PLC0415, RUF100 - after the setup
    from lamplighter.kernel import sealing  # noqa: PLC0415, RUF100

    index = sealing.blind_index(door.phone, field_key, personal.PHONE)
    number = door.number.encode()

    def posted(path: str, **sent: str) -> bytes:
        body = urlencode(sent).encode()
        more = f"HX-Request: true\r\nX-CSRFToken: {TOKEN}\r\n"
        more += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}"
        return _head("POST", path, session=session, more=f"{more}\r\n") + body

    return [
        Asked(
            name=BARE,
            content=_head("GET", f"/bare/phone/{index}/", session=session, more=""),
            expected=number,
        ),
        Asked(name=POP, content=posted("/console/", caller=door.phone), expected=number),
        Asked(name=KNOWN, content=posted("/console/known/", caller=door.phone), expected=b"icon"),
        Asked(name=SEARCH, content=posted("/search/", q=door.phone), expected=number),
        Asked(name=BY_NUMBER, content=posted("/search/", q=door.number), expected=number),
        Asked(
            name=BARE_NAMES, content=posted("/bare/name/", q=door.name), expected=door.name.encode()
        ),
        Asked(name=BY_NAME, content=posted("/search/", q=door.name), expected=b"results"),
    ]


def _head(method: str, path: str, *, session: str, more: str) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\n{more}\r\n"
    ).encode()
