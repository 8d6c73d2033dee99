"""Server time of the pages a manager opens most, against a view that reads one row.

Through Django's whole stack in one process (middleware, session, sign-in, template), without the
network; every page is asked for by a signed-in person on the whole demo station.
"""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import demo_home

N_REQUESTS = 120
SEED = 7
DOORS = """
SELECT a.id, a.number, i.name, p.address FROM customers_account a
JOIN customers_identity i ON i.customer_id = a.customer_id AND i.superseded_at IS NULL
JOIN customers_premise p ON p.account_id = a.id AND p.superseded_at IS NULL ORDER BY 1
"""


def run() -> dict[str, Any]:
    """Return p50 and p95 [ms], queries and the ratio to the bare view, by page."""
    demo_home.set_up(demo_home.station())
    from django.db import connection  # Django has to be set up first
    from django.test import Client, override_settings

    chance = random.Random(SEED)
    with connection.cursor() as cursor:
        cursor.execute(DOORS)
        doors = chance.sample(cursor.fetchall(), N_REQUESTS)
        cursor.execute("SELECT s.user_id, s.post FROM network_staff s WHERE s.user_id IS NOT NULL")
        users = {post: user for user, post in cursor.fetchall()}
    head, manager = _client(Client, users["STATION_HEAD"]), _client(Client, users["MANAGER"])
    wanted: dict[str, Callable[[tuple[Any, ...]], Any]] = {
        "bare view (one row)": lambda door: head.get(f"/bare/{door[0]}/"),
        "customer": lambda door: head.get(f"/customers/{door[1]}/"),
        "today (manager)": lambda _door: manager.get("/"),
        "search by name": lambda door: head.post("/search/", {"q": door[2]}),
        "search by address": lambda door: head.post("/search/", {"q": door[3][-8:]}),
        "search by account number": lambda door: head.post("/search/", {"q": door[1][-6:]}),
        "search by pinyin initials": lambda _door: head.post("/search/", {"q": "wxm"}),
    }
    result: dict[str, Any] = {"requests a page": N_REQUESTS, "accounts": _count(connection)}
    with override_settings(ROOT_URLCONF="benchmarks.bare_urls", ALLOWED_HOSTS=["*"]):
        for name, ask in wanted.items():
            result[name] = _measure(ask, doors, connection)
    floor = result["bare view (one row)"]["p95_ms"]
    for name in wanted:
        result[name]["p95_over_bare"] = round(result[name]["p95_ms"] / floor, 1)
    return result


def _client(maker: Any, user_id: int) -> Any:
    from django.contrib.auth.models import User  # Django has to be set up first

    client = maker()
    client.force_login(
        User.objects.get(pk=user_id), backend="lamplighter.web.door.backend.StaffBackend"
    )
    return client


def _count(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_account")
        return int(cursor.fetchone()[0])


def _measure(ask: Any, doors: list[tuple[Any, ...]], connection: Any) -> dict[str, Any]:
    from django.test.utils import CaptureQueriesContext  # Django has to be set up first

    for door in doors[:3]:
        answer = ask(door)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} {answer.get('Location', '')}")
    with CaptureQueriesContext(connection) as queries:
        ask(doors[0])
    n_queries = len(queries)
    times = []
    for door in doors:
        started = time.perf_counter()
        ask(door)
        times.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(times, n=20)
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(cuts[-1], 1),
        "queries": n_queries,
    }
