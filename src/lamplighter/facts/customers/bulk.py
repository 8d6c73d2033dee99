"""Terms, protection and contacts of many accounts at once, as arrays.

For the nightly foresight only: nothing here is scoped to a viewer, and no page may call it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.facts.customers.kinds import CATEGORIES, KINDS
from lamplighter.facts.customers.models import PAYMENT_METHODS
from lamplighter.facts.intake.columns import fetch_columns

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
       coalesce(array_position(%(categories)s::text[], g.category::text) - 1, -1),
       coalesce(array_position(%(tariffs)s::text[], g.tariff_code::text) - 1, -1),
       coalesce(array_position(%(kinds)s::text[], i.kind::text) - 1, -1),
       (c.account_id IS NOT NULL OR coalesce(f.alone, false))::int,
       coalesce(f.dispute, false)::int,
       coalesce(f.hardship, false)::int,
       coalesce(f.theft, false)::int
FROM customers_account a
LEFT JOIN customers_premise p ON p.account_id = a.id AND {KNOWN.format("p")}
LEFT JOIN customers_agreement g ON g.account_id = a.id AND {KNOWN.format("g")}
LEFT JOIN customers_identity i ON i.customer_id = a.customer_id AND {KNOWN.format("i")}
LEFT JOIN (SELECT DISTINCT account_id FROM customers_contact c
           WHERE c.role = 'CHILD_AWAY' AND c.withdrawn_at IS NULL
             AND (c.expires_date IS NULL OR c.expires_date >= %(on)s) AND {KNOWN.format("c")}
          ) c ON c.account_id = a.id
LEFT JOIN (SELECT account_id, bool_or(kind = 'ELDERLY_ALONE') AS alone,
                  bool_or(kind = 'HOLD_DISPUTE') AS dispute,
                  bool_or(kind = 'HARDSHIP') AS hardship,
                  bool_or(kind = 'THEFT_VERIFIED') AS theft
           FROM customers_flag f WHERE {IN_FORCE} AND {KNOWN.format("f")} GROUP BY account_id
          ) f ON f.account_id = a.id
WHERE %(ids)s::bigint[] IS NULL OR a.id = ANY(%(ids)s::bigint[])
ORDER BY a.id
"""  # noqa: S608 # built from the constants above; every value is a parameter
COLUMNS = {
    "account_id": "int8",
    "area_id": "int8",
    "capacity_kva": "float8",
    "method": "int8",
    "category": "int8",
    "tariff": "int8",
    "kind": "int8",
    "has_family_away": "int2",
    "has_dispute": "int2",
    "has_hardship": "int2",
    "has_theft": "int2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What bears on an account's bills and their causes; arrays by account, ascending."""

    account_id: Integers
    area_id: Integers  # −1 where there is none
    capacity_kva: npt.NDArray[np.float64]  # NaN where the agreement does not say
    method: Integers  # place in models.PAYMENT_METHODS; −1 without an agreement
    category: Integers  # place in models.CATEGORIES; −1 without an agreement
    tariff: Integers  # place in the codes asked for; −1: none of them
    kind: Integers  # place in models.KINDS; −1 unknown
    has_family_away: Booleans
    has_dispute: Booleans
    has_hardship: Booleans
    has_theft: Booleans


def terms_of(
    *,
    account_ids: Sequence[int] | None,
    on: date,
    known_at: datetime,
    tariff_codes: Sequence[str] = (),
) -> Terms:
    """Return the terms of accounts on a day, as known at a moment; of all when *None*."""
    values: dict[str, Any] = {
        "ids": None if account_ids is None else list(account_ids),
        "on": on,
        "known_at": known_at,
        "methods": PAYMENT_METHODS,
        "categories": CATEGORIES,
        "kinds": KINDS,
        "tariffs": list(tariff_codes),
    }
    found = fetch_columns(query=QUERY, parameters=values, columns=COLUMNS)
    flags: dict[str, Any] = {
        name: found.pop(name).astype(np.bool_) for name in COLUMNS if name.startswith("has_")
    }
    return Terms(**found, **flags)


def areas_now() -> tuple[Integers, Integers]:
    """Return every account whose premise lies in a station area now, ascending, and the area."""
    found = fetch_columns(
        query="SELECT account_id, area_id FROM customers_premise"
        " WHERE superseded_at IS NULL AND area_id IS NOT NULL ORDER BY account_id",
        columns={"account_id": "int8", "area_id": "int8"},
    )
    return found["account_id"], found["area_id"]
