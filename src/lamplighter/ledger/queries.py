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
    *, names: Sequence[str], until: datetime, subjects: Sequence[str] | None = None
) -> list[Happening]:
    """Return what happened, of some kinds, up to a moment; to some subjects only, or to all."""
    events = Event.objects.filter(name__in=names, at__lte=until)
    if subjects is not None:
        events = events.filter(subject__in=subjects)
    return [
        Happening(name=e.name, subject=e.subject, actor=e.actor, at=e.at, payload=e.payload)
        for e in events.order_by("id")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the ledger. Its hash stands for everything that was written until then."""

    event_id: int
    hash: str


BEGINNING = Place(event_id=0, hash=FIRST_HASH)


def newest_place() -> Place:
    """Return where the ledger stands now.

    Events are committed in the order of their numbers: whoever writes one holds the chain until
    the end of the transaction. Nothing before this place is still to come.
    """
    newest = Event.objects.order_by("-id").values_list("id", "hash").first()
    return BEGINNING if newest is None else Place(event_id=newest[0], hash=newest[1])


def has_place(*, place: Place) -> bool:
    """Tell whether this ledger went through a place."""
    if place == BEGINNING:
        return True
    return Event.objects.filter(pk=place.event_id, hash=place.hash).exists()


def told_between(*, names: Sequence[str], after: Place, until: Place) -> list[Happening]:
    """Return what happened, of some kinds, after a place and up to another; oldest first."""
    events = Event.objects.filter(
        name__in=names, id__gt=after.event_id, id__lte=until.event_id
    ).order_by("id")
    return [
        Happening(name=e.name, subject=e.subject, actor=e.actor, at=e.at, payload=e.payload)
        for e in events
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """One row of the ledger with its number."""

    event_id: int
    happening: Happening


def numbered(*, names: Sequence[str], after_id: int, limit: int) -> list[Numbered]:
    """Return the first happenings of some kinds behind a row, in the order they were written.

    Whoever goes on behind the last number misses nothing; see `newest_place`.
    """
    events = Event.objects.filter(name__in=names, id__gt=after_id).order_by("id")[:limit]
    return [
        Numbered(
            event_id=e.pk,
            happening=Happening(
                name=e.name, subject=e.subject, actor=e.actor, at=e.at, payload=e.payload
            ),
        )
        for e in events
    ]


def first_broken_link() -> int | None:
    """Return the id of the first event whose hash does not fit, or None when the chain is whole."""
    previous = FIRST_HASH
    for event in Event.objects.order_by("id").iterator(chunk_size=5_000):
        if event.previous_hash != previous or event.hash != hash_of(event):
            return event.pk
        previous = event.hash
    return None
