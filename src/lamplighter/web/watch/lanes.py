"""The picture of limits: a lane for each unit, time across, a mark where promises fall due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from lamplighter.action.service.watching import Due
from lamplighter.policy.processes import catalogue
from lamplighter.web.frame import lists, service_words

BINS_AN_HOUR = 2
TICK_HOURS = 3
SMALLEST, LARGEST = 5, 14  # px, radius


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What falls due within one bin of one lane."""

    x: str  # percent of the lane
    radius: int
    n: int
    url: str
    since_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One unit."""

    unit: str
    n: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A full hour under the lanes."""

    x: str
    text: str


def lanes(*, due: Sequence[Due], since: datetime, hours: int) -> tuple[Lane, ...]:
    """Return a lane for each unit, the one with most to keep first."""
    width = timedelta(hours=1) / BINS_AN_HOUR
    counts: dict[tuple[int, str], dict[int, int]] = {}
    for one in due:
        bins = counts.setdefault((one.unit_id, one.unit_name), {})
        place = (one.due_at - since) // width
        bins[place] = bins.get(place, 0) + 1
    found = [
        Lane(
            unit=name,
            n=sum(bins.values()),
            marks=tuple(
                _mark(place, bins[place], unit_id=unit_id, since=since, width=width, hours=hours)
                for place in sorted(bins)
            ),
        )
        for (unit_id, name), bins in counts.items()
    ]
    return tuple(sorted(found, key=lambda lane: (-lane.n, lane.unit)))


def ticks(*, since: datetime, hours: int) -> tuple[Tick, ...]:
    """Return every third full hour of the local day."""
    local = timezone.localtime(since)
    first = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    found = []
    for n in range(hours):
        at = first + timedelta(hours=n)
        x = 100 * ((at - local) / timedelta(hours=hours))
        if at.hour % TICK_HOURS == 0 and 2 <= x <= 96:
            found.append(Tick(x=f"{x:.2f}%", text=f"{at:%H:%M}"))
    return tuple(found)


def moment(text: str) -> datetime:
    """Read a moment of an address.

    Raises
    ------
    Http404
        It is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if found.tzinfo is None:
        raise Http404
    return found


def promise_name(*, type_code: str, code: str) -> str:
    """Return the name of a promise, as the newest process of its type gives it."""
    for process in reversed(catalogue.versions(code=type_code)):
        for promise in process.promises:
            if promise.code == code:
                return service_words.own(promise.title)
    return code


def _mark(
    place: int, n: int, *, unit_id: int, since: datetime, width: timedelta, hours: int
) -> Mark:
    begins, ends = since + place * width, since + (place + 1) * width
    middle = (place + 0.5) / (BINS_AN_HOUR * hours)
    return Mark(
        x=f"{100 * middle:.2f}%",
        radius=min(LARGEST, SMALLEST + round(2 * n**0.5)),
        n=n,
        url=lists.address(
            reverse("watch:due"),
            unit=unit_id,
            since=begins.astimezone(UTC).isoformat(),
            until=ends.astimezone(UTC).isoformat(),
        ),
        since_at=begins,
        until_at=ends,
    )
