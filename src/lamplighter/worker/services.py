"""Taking a job, so that nobody else does it meanwhile, and giving it back."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from lamplighter.worker.models import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a job stands."""

    name: str
    next_at: datetime
    holder: str
    done_at: datetime | None
    failure: str


def know(*, name: str, first_at: datetime) -> None:
    """Write a job down, unless it is known; it is due first at a moment."""
    Job.objects.get_or_create(
        name=name, defaults={"next_at": first_at, "holder": "", "failure": ""}
    )


def take(*, name: str, holder: str, now: datetime, until_at: datetime) -> bool:
    """Take a job that is due and that nobody is at; tell whether it is ours now.

    A holder whose time is over is taken to be gone: one that was killed gives nothing back.
    """
    free = Q(holder="") | Q(held_until_at__lte=now)
    due = Job.objects.filter(free, name=name, next_at__lte=now)
    return bool(due.update(holder=holder, held_until_at=until_at))


def give_back(
    *, name: str, holder: str, now: datetime, next_at: datetime, failure: str = ""
) -> bool:
    """Say that a job is done, or failed, and when it is due again; tell whether it was ours."""
    mine = Job.objects.filter(name=name, holder=holder)
    done = {} if failure else {"done_at": now}
    return bool(
        mine.update(holder="", held_until_at=None, next_at=next_at, failure=failure, **done)
    )


def standings() -> list[Standing]:
    """Return how all jobs stand, by name. One query."""
    return [
        Standing(
            name=row.name,
            next_at=row.next_at,
            holder=row.holder,
            done_at=row.done_at,
            failure=row.failure,
        )
        for row in Job.objects.order_by("name")
    ]
