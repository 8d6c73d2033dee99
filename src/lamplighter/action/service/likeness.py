"""Past orders whose customers said something alike: what they were, how they ended, in time or not.

Words are sealed and shown to nobody here; the newest of each place within a window are compared in
memory, so the work does not grow with the orders that are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.models import Promise, ServiceOrder
from lamplighter.action.service.queries import lines
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts
from lamplighter.facts.network import queries as network
from lamplighter.findings.demand import likeness
from lamplighter.findings.demand.learnt import Known
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.loader import Policy

NEWEST = """
SELECT o.id, o.words_sealed FROM (
    SELECT one.id FROM unnest(%(places)s::bigint[]) AS here (id)
    CROSS JOIN unnest(%(types)s::text[]) AS kind (code)
    CROSS JOIN LATERAL (
        SELECT id, opened_at FROM service_serviceorder
        WHERE {place} = here.id AND type_code = kind.code
          AND opened_at BETWEEN %(since)s AND %(now)s
          AND closed_at IS NOT NULL AND words_sealed IS NOT NULL
        ORDER BY opened_at DESC LIMIT %(n)s) AS one
    ORDER BY one.opened_at DESC, one.id DESC LIMIT %(n)s) AS newest
JOIN service_serviceorder o ON o.id = newest.id
ORDER BY o.opened_at DESC, o.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    """An order that ended, whose customer said something alike."""

    line: OrderLine
    cosine: float  # 0 … 1
    is_confirmed: bool  # by the customer
    is_kept: bool | None  # every outward promise; None: it made none


def past_orders(
    *,
    viewer: Viewer,
    rules: Rules,
    now: datetime,
    text: str,
    type_codes: Sequence[str],
    known: Known,
    policy: Policy,
    field_key: bytes,
) -> list[PastOrder]:
    """Return the ended orders a person may see whose words are likest to a text. Five queries.

    Only orders of the types that the text may mean: by words alone a polite phrase is an echo.
    *policy* is ``demand``: how many days and orders are looked at, and how alike is alike.
    """
    if not text.strip() or not type_codes:
        return []
    rows = _newest(viewer, rules, now, policy, type_codes)
    matches = likeness.nearest(
        text=text,
        past=[sealing.unseal(bytes(sealed), field_key) for _pk, sealed in rows],
        known=known,
        n_wanted=policy.integer("past_orders_shown"),
        least=policy.number("past_orders_least"),
    )
    ids = [rows[match.number][0] for match in matches]
    confirmed = set(
        ServiceOrder.objects.filter(pk__in=ids, confirmed_at__isnull=False).values_list(
            "pk", flat=True
        )
    )
    kept = _kept(ids)
    return [
        PastOrder(
            line=line,
            cosine=match.cosine,
            is_confirmed=line.order_id in confirmed,
            is_kept=kept.get(line.order_id),
        )
        for line, match in zip(lines(ids), matches, strict=True)
    ]


def _newest(
    viewer: Viewer, rules: Rules, now: datetime, policy: Policy, type_codes: Sequence[str]
) -> list[tuple[int, bytes]]:
    if viewer.sees_own_areas_only:
        column = "area_id"
        places = list(
            network.areas_seen_by(viewer=viewer, on=rules.on).values_list("pk", flat=True)
        )
    else:
        column, places = "unit_id", list(posts.units_seen_by(viewer=viewer))
    asked: dict[str, Any] = {
        "places": places,
        "since": now - timedelta(days=policy.integer("past_orders_days")),
        "now": now,
        "types": list(type_codes),
        "n": policy.integer("past_orders_newest"),
    }
    with connection.cursor() as cursor:
        cursor.execute(NEWEST.format(place=column), asked)
        found: list[tuple[int, bytes]] = cursor.fetchall()
    return found


def _kept(ids: list[int]) -> dict[int, bool]:
    made = Promise.objects.filter(order__in=ids, is_outward=True, lapsed_at__isnull=True)
    counts = (
        made.order_by()
        .values_list("order_id")
        .annotate(n_missed=Count("pk", filter=Q(missed_at__isnull=False)))
    )
    return {order_id: n_missed == 0 for order_id, n_missed in counts}
