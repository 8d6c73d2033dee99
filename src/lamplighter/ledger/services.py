"""Writing the ledger."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection

from lamplighter.ledger.chain import FIRST_HASH, hash_of
from lamplighter.ledger.models import Event

CHAIN_LOCK = 0x1A3B  # one writer at a time, until its transaction ends


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    newest = Event.objects.order_by("-id").values_list("hash", flat=True).first()
    previous = newest or FIRST_HASH
    event = Event(name=name, subject=subject, actor=actor, at=at, payload=payload)
    event.previous_hash = previous
    event.hash = hash_of(event)
    Event.objects.bulk_create([event])
    return event.pk


def violates(error: IntegrityError, constraint: str) -> bool:
    """Tell whether an error of the database names this constraint."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return diagnosis is not None and diagnosis.constraint_name == constraint
