"""Terms, protection and contacts of many accounts at once, as arrays.

For the nightly foresight only: nothing here is scoped to a viewer, and no page may call it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from lamplighter.facts.customers.models import PAYMENT_METHODS

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

KNOWN = (
    "{0}.recorded_at <= %(known_at)s"
    " AND ({0}.superseded_at IS NULL OR {0}.superseded_at > %(known_at)s)"
)
IN_FORCE = "f.first_day <= %(on)s AND (f.last_day IS NULL OR f.last_day >= %(on)s)"
QUERY = f"""
SELECT a.id,
       coalesce(p.area_id, -1),
       coalesce(g.capacity_kva::float8, 'NaN'::float8),
       coalesce(array_position(%(methods)s::text[], g.payment_method::text) - 1, -1),
       EXISTS (SELECT FROM customers_contact c
               WHERE c.account_id = a.id AND c.role = 'CHILD_AWAY' AND c.withdrawn_at IS NULL
                 AND (c.expires_date IS NULL OR c.expires_date >= %(on)s) AND {KNOWN.format("c")})
         OR EXISTS (SELECT FROM customers_flag f WHERE f.account_id = a.id
                    AND f.kind = 'ELDERLY_ALONE' AND {IN_FORCE} AND {KNOWN.format("f")}),
       EXISTS (SELECT FROM customers_flag f WHERE f.account_id = a.id
               AND f.kind = 'HOLD_DISPUTE' AND {IN_FORCE} AND {KNOWN.format("f")}),
       EXISTS (SELECT FROM customers_flag f WHERE f.account_id = a.id
               AND f.kind = 'HARDSHIP' AND {IN_FORCE} AND {KNOWN.format("f")}),
       EXISTS (SELECT FROM customers_flag f WHERE f.account_id = a.id
               AND f.kind = 'THEFT_VERIFIED' AND {IN_FORCE} AND {KNOWN.format("f")})
FROM customers_account a
LEFT JOIN customers_premise p ON p.account_id = a.id AND {KNOWN.format("p")}
LEFT JOIN customers_agreement g ON g.account_id = a.id AND {KNOWN.format("g")}
WHERE a.id = ANY(%(ids)s)
ORDER BY a.id
"""  # noqa: S608 # built from the constants above; every value is a parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What bears on an account's bills and their causes; arrays by account, ascending."""

    account_id: Integers
    area_id: Integers  # −1 where there is none
    capacity_kva: npt.NDArray[np.float64]  # NaN where the agreement does not say
    method: Integers  # place in models.PAYMENT_METHODS; −1 without an agreement
    has_family_away: Booleans
    has_dispute: Booleans
    has_hardship: Booleans
    has_theft: Booleans


def terms_of(*, account_ids: Sequence[int], on: date, known_at: datetime) -> Terms:
    """Return the terms of accounts on a day, as known at a moment."""
    values: dict[str, Any] = {
        "ids": list(account_ids),
        "on": on,
        "known_at": known_at,
        "methods": PAYMENT_METHODS,
    }
    with connection.cursor() as cursor:
        cursor.execute(QUERY, values)
        rows = cursor.fetchall()
    columns: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * 8
    return Terms(
        account_id=np.array(columns[0], np.int64),
        area_id=np.array(columns[1], np.int64),
        capacity_kva=np.array(columns[2], np.float64),
        method=np.array(columns[3], np.int64),
        has_family_away=np.array(columns[4], np.bool_),
        has_dispute=np.array(columns[5], np.bool_),
        has_hardship=np.array(columns[6], np.bool_),
        has_theft=np.array(columns[7], np.bool_),
    )
