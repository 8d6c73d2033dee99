"""Reading the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lamplighter.ledger.chain import FIRST_HASH, hash_of
from lamplighter.ledger.models import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One row of the ledger."""

    name: str
    subject: str
    actor: str
    at: datetime
    payload: dict[str, Any]


def about(*, subject: str, limit: int) -> list[Happening]:
    """Return what happened to one subject, newest first."""
    events = Event.objects.filter(subject=subject).order_by("-id")[:limit]
    return [
        Happening(name=e.name, subject=e.subject, actor=e.actor, at=e.at, payload=e.payload)
        for e in events
    ]


def happenings(
    *, names: Sequence[str], subjects: Sequence[str], until: datetime
) -> list[Happening]:
    """Return what happened, of some kinds, to several subjects up to a moment; oldest first."""
    events = Event.objects.filter(name__in=names, subject__in=subjects, at__lte=until)
    return [
        Happening(name=e.name, subject=e.subject, actor=e.actor, at=e.at, payload=e.payload)
        for e in events.order_by("id")
    ]


def first_broken_link() -> int | None:
    """Return the id of the first event whose hash does not fit, or None when the chain is whole."""
    previous = FIRST_HASH
    for event in Event.objects.order_by("id").iterator(chunk_size=5_000):
        if event.previous_hash != previous or event.hash != hash_of(event):
            return event.pk
        previous = event.hash
    return None
