"""What a line about an account says of it: its grade, and what is open."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from lamplighter.facts.customers.search import Beside
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.storage import prepared

OWED = """
SELECT f.balance_due_cny, f.overdue_cny, f.days_overdue
FROM findings_accountfinding f
JOIN network_area area ON area.id = f.area_id
JOIN network_orgunit unit ON unit.id = area.station_id
WHERE f.account_id = %(account)s AND {seen}
"""
GRADE = """
(SELECT coalesce(
    (SELECT r.value FROM contests_ruling r
     WHERE r.account_id = f.account_id AND r.about = 'GRADE' AND r.ended_at IS NULL
       AND (r.valid_until_date IS NULL OR r.valid_until_date >= %(grade_on)s::date)
     LIMIT 1), f.grade)
 FROM findings_accountfinding f
 JOIN network_area area ON area.id = f.area_id
 JOIN network_orgunit unit ON unit.id = area.station_id
 WHERE f.account_id = account.id AND {seen})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What an account owes, as the newest night knows it."""

    balance_due_cny: Decimal
    overdue_cny: Decimal
    days_overdue: int


def owed(*, viewer: Viewer, on: date, account_id: int) -> Owed | None:
    """Return what an account owes, or None where the viewer may not see it. One query."""
    seen, scope = network.seen_by_hand(viewer=viewer, on=on)
    with connection.cursor() as cursor:
        prepared.execute(cursor, OWED.format(seen=seen), {"account": account_id, **scope})
        row = cursor.fetchone()
    return None if row is None else Owed(**dict(zip(Owed.__dataclass_fields__, row, strict=True)))


def grade_beside(*, viewer: Viewer, on: date) -> Beside:
    """Return the grade of each hit of a search as it is shown, where the viewer may see it.

    A person's ruling stands in place of the night's grade.
    """
    seen, scope = network.seen_by_hand(viewer=viewer, on=on)
    return Beside(column=GRADE.format(seen=seen), values={"grade_on": on, **scope})
