"""Writing the ledger."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection
from psycopg.types.json import Jsonb

from lamplighter.ledger.chain import FIRST_HASH, hash_of
from lamplighter.ledger.models import Event

CHAIN_LOCK = 0x1A3B  # one writer at a time, until its transaction ends
# The second statement looks once the first has waited: it sees what it waited for.
HOLD_CHAIN = """
SELECT pg_advisory_xact_lock(%s);
SELECT hash FROM ledger_event ORDER BY id DESC LIMIT 1
"""
APPEND = """
INSERT INTO ledger_event (name, subject, actor, at, payload, previous_hash, hash)
VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
"""


class NoTransaction(RuntimeError):
    """A ledger row was to be written outside the transaction of its change."""


def record(name: str, *, subject: str, actor: str, at: datetime, **payload: Any) -> int:
    """Write what happened, inside the transaction of the change itself.

    Call it last: from here to the commit no other transaction can write the ledger.

    Raises
    ------
    NoTransaction
        There is no open transaction.
    """
    if not connection.in_atomic_block:
        raise NoTransaction(name)
    event = Event(name=name, subject=subject, actor=actor, at=at, payload=payload)
    with connection.cursor() as cursor:
        cursor.execute(HOLD_CHAIN, [CHAIN_LOCK])
        cursor.nextset()
        newest = cursor.fetchone()
        event.previous_hash = newest[0] if newest else FIRST_HASH
        event.hash = hash_of(event)
        said: list[Any] = [
            name,
            subject,
            actor,
            at,
            Jsonb(payload),
            event.previous_hash,
            event.hash,
        ]
        cursor.execute(APPEND, said)
        (event_id,) = cursor.fetchone()
    return int(event_id)


def violates(error: IntegrityError, constraint: str) -> bool:
    """Tell whether an error of the database names this constraint."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return diagnosis is not None and diagnosis.constraint_name == constraint
