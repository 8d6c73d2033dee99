"""Whom an order is for: an account with its customer, where it is supplied now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from lamplighter.facts.network import queries as network
from lamplighter.facts.network.posts import Place
from lamplighter.kernel.viewer import Viewer
from lamplighter.storage import prepared

PARTIES = """
SELECT a.number, a.id, a.customer_id, p.id, area.id, area.setting, unit.id, unit.path,
       (SELECT g.category FROM customers_agreement g
        WHERE g.account_id = a.id AND g.superseded_at IS NULL ORDER BY g.id LIMIT 1)
FROM customers_account a
JOIN customers_premise p ON p.account_id = a.id AND p.superseded_at IS NULL
JOIN network_area area ON area.id = p.area_id
JOIN network_orgunit unit ON unit.id = area.station_id
WHERE a.number = ANY(%(numbers)s) AND {seen}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An account as an order names it."""

    account_id: int
    account_number: str
    customer_id: int
    premise_id: int
    place: Place
    category: str  # of the agreement now; empty where none is known


def parties(*, viewer: Viewer, on: date, account_numbers: Sequence[str]) -> dict[str, Party]:
    """Return accounts by their numbers, those that lie where the viewer may look. One query."""
    seen, values = network.seen_by_hand(viewer=viewer, on=on)
    with connection.cursor() as cursor:
        asked = {"numbers": list(account_numbers), **values}
        prepared.execute(cursor, PARTIES.format(seen=seen), asked)
        return {
            row[0]: Party(
                account_id=row[1],
                account_number=row[0],
                customer_id=row[2],
                premise_id=row[3],
                place=Place(area_id=row[4], setting=row[5], unit_id=row[6], unit_path=row[7]),
                category=row[8] or "",
            )
            for row in cursor.fetchall()
        }
