"""What the pages of the outages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from lamplighter.action.outages.lines import RUNNING, OutageLine
from lamplighter.web.frame import formats, outage_words

HIGHEST_X = 100.0
LEAST_WIDTH = 0.6  # percent of the picture
TICK_DAYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An outage in the list."""

    number: str
    url: str
    kind: str
    cause: str
    state: str
    tone: str
    where: str
    span: str
    is_over_time: bool
    is_late_notice: bool
    order_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One outage in its line's lane; places in percent of the picture."""

    x: str
    width: str
    tone: str
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A line, or a unit where no whole line is off."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is off and will be: time across, lines down."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[str, str], ...]  # place, day
    now_x: str


def row(line: OutageLine, *, now: datetime) -> Row:
    """Return an outage as a row. No query."""
    state = line.state(now=now)
    return Row(
        number=line.number,
        url=reverse("outages:outage", args=[line.number]),
        kind=str(outage_words.KINDS[line.kind]),
        cause=str(outage_words.CAUSES[line.cause]),
        state=str(outage_words.STATES[state]),
        tone=outage_words.TONES[state],
        where=where(line),
        span=outage_words.span(line=line),
        is_over_time=line.is_over_time(now=now),
        is_late_notice=bool(line.notice_exception),
        order_number=line.order_number,
    )


def where(line: OutageLine) -> str:
    """Say whose and which line."""
    return " · ".join(part for part in (line.unit_name, line.feeder_name) if part)


def picture(lines: Sequence[OutageLine], *, now: datetime, ahead: timedelta) -> Picture | None:
    """Return a lane for each line, the first to begin on top; None where nothing is off."""
    if not lines:
        return None
    first = min([now, *(line.begins_at for line in lines)])
    first = max(first, now - ahead / 2)
    whole = now + ahead - first

    def place(moment: datetime) -> float:
        return min(max(HIGHEST_X * ((moment - first) / whole), 0.0), HIGHEST_X)

    lanes: dict[str, list[Bar]] = {}
    for line in lines:
        until = line.expected_end_at or now
        if line.state(now=now) == RUNNING:
            until = max(until, now)
        x, end = place(line.begins_at), place(until)
        lanes.setdefault(where(line), []).append(
            Bar(
                x=f"{min(x, HIGHEST_X - LEAST_WIDTH):.2f}%",
                width=f"{max(end - x, LEAST_WIDTH):.2f}%",
                tone="running" if line.state(now=now) == RUNNING else "coming",
                url=reverse("outages:outage", args=[line.number]),
                title=f"{line.number} {outage_words.span(line=line)}",
            )
        )
    day = timezone.localtime(first).replace(hour=0, minute=0, second=0, microsecond=0)
    ticks = []
    while (day := day + timedelta(days=TICK_DAYS)) < now + ahead:
        if 3 <= place(day) <= 97:
            ticks.append((f"{place(day):.2f}%", formats.day(value=day.date())))
    return Picture(
        lanes=tuple(Lane(name=name, bars=tuple(bars)) for name, bars in lanes.items()),
        ticks=tuple(ticks),
        now_x=f"{place(now):.2f}%",
    )
