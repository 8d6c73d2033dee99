"""Bills, payments, debits and reminders of many accounts at once, as arrays.

For the nightly foresight only: nothing here is scoped to a viewer, and no page may call it.
Days are days since 1970-01-01 in local time; amounts are whole fen.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from lamplighter.facts.billing.columns import (
    METHODS,
    OUTCOMES,
    Bills,
    Debits,
    Payments,
    Reminders,
)
from lamplighter.facts.intake.columns import fetch_columns

EPOCH = "DATE '1970-01-01'"


def bills(*, account_ids: Sequence[int], up_to: date, known_at: datetime) -> Bills:
    """Return the bills issued up to a day, as known at a moment."""
    table = _columns(
        table="billing_bill",
        columns={
            "account_id": "account_id",
            "first_day": f"first_day - {EPOCH}",
            "last_day": f"last_day - {EPOCH}",
            "issued_day": f"issued_date - {EPOCH}",
            "due_day": f"due_date - {EPOCH}",
            "amount_fen": "(amount_cny * 100)::bigint",
            "energy_kwh": "coalesce(energy_kwh::float8, 'NaN')",
        },
        day="issued_date",
        order="account_id, issued_date, last_day, id",
        account_ids=account_ids,
        up_to=up_to,
        known_at=known_at,
    )
    return Bills(**table)


def payments(*, account_ids: Sequence[int], up_to: date, known_at: datetime, zone: str) -> Payments:
    """Return the payments received up to a day, as known at a moment."""
    table = _columns(
        table="billing_payment",
        columns={
            "account_id": "account_id",
            "day": f"{local_day('paid_at', zone)} - {EPOCH}",
            "amount_fen": "(amount_cny * 100)::bigint",
            "method": place_of("method", METHODS),
        },
        day=local_day("paid_at", zone),
        order="account_id, paid_at, id",
        account_ids=account_ids,
        up_to=up_to,
        known_at=known_at,
    )
    return Payments(**table)


def debits(*, account_ids: Sequence[int], up_to: date, known_at: datetime, zone: str) -> Debits:
    """Return the debit attempts made up to a day, as known at a moment."""
    table = _columns(
        table="billing_debitattempt",
        columns={
            "account_id": "account_id",
            "day": f"{local_day('attempted_at', zone)} - {EPOCH}",
            "outcome": place_of("outcome", OUTCOMES),
        },
        day=local_day("attempted_at", zone),
        order="account_id, attempted_at, id",
        account_ids=account_ids,
        up_to=up_to,
        known_at=known_at,
    )
    return Debits(**table)


def reminders(
    *, account_ids: Sequence[int], up_to: date, known_at: datetime, zone: str
) -> Reminders:
    """Return the reminders sent up to a day, as known at a moment."""
    table = _columns(
        table="billing_reminder",
        columns={
            "account_id": "account_id",
            "day": f"{local_day('sent_at', zone)} - {EPOCH}",
            "is_delivered": "is_delivered::int",
        },
        day=local_day("sent_at", zone),
        order="account_id, sent_at, id",
        account_ids=account_ids,
        up_to=up_to,
        known_at=known_at,
    )
    delivered = table.pop("is_delivered").astype(np.bool_)
    return Reminders(**table, is_delivered=delivered)


def local_day(column: str, zone: str) -> str:
    quoted = connection.ops.quote_name(zone).strip('"').replace("'", "")
    return f"({column} AT TIME ZONE '{quoted}')::date"


def place_of(column: str, words: Sequence[str]) -> str:
    listed = ",".join(f"'{word}'" for word in words)
    return f"array_position(ARRAY[{listed}]::text[], {column}::text) - 1"


def _columns(
    *,
    table: str,
    columns: dict[str, str],
    day: str,
    order: str,
    account_ids: Sequence[int],
    up_to: date,
    known_at: datetime,
) -> dict[str, npt.NDArray[Any]]:
    """Read columns of the rows known at a moment, up to a day."""
    selected = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    # Only constants of this module and checked words stand in the text; values are parameters.
    query = (
        f"SELECT {selected} FROM {table}"  # noqa: S608 # no value stands in the text
        " WHERE account_id = ANY(%s) AND recorded_at <= %s"
        f" AND (superseded_at IS NULL OR superseded_at > %s) AND {day} <= %s ORDER BY {order}"
    )
    kinds = {name: "float8" if name == "energy_kwh" else "int8" for name in columns}
    parameters = (list(account_ids), known_at, known_at, up_to)
    return fetch_columns(query=query, parameters=parameters, columns=kinds)
