"""What the pages of the outages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lamplighter.action.outages.lines import AREAS_NAMED, RUNNING, OutageLine
from lamplighter.kernel.viewer import Viewer
from lamplighter.web import desk
from lamplighter.web.frame import formats, outage_words

HIGHEST_X = 100.0
LEAST_WIDTH = 0.6  # percent of the picture
TICK_HOURS = (1, 2, 3, 6, 12, 24, 48, 96, 192)
MOST_TICKS = 4  # their words stand beside each other on a telephone
MARGIN = 0.06  # of the picture, behind what ends last


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
    """A line, or areas where no whole line is off."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is off and will be: time across, lines down."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[str, str], ...]  # place, day
    now_x: str


def row(line: OutageLine, *, now: datetime, viewer: Viewer) -> Row:
    """Return an outage as a row. No query."""
    state = line.state(now=now)
    return Row(
        number=line.number,
        url=reverse("outages:outage", args=[line.number]),
        kind=str(outage_words.KINDS[line.kind]),
        cause=str(outage_words.CAUSES[line.cause]),
        state=str(outage_words.STATES[state]),
        tone=outage_words.TONES[state],
        where=where(line, viewer=viewer),
        span=outage_words.span(line=line),
        is_over_time=line.is_over_time(now=now),
        is_late_notice=bool(line.notice_exception),
        order_number=line.order_number,
    )


def where(line: OutageLine, *, viewer: Viewer) -> str:
    """Say which line, or some of the areas, and whose where the viewer works elsewhere."""
    named = formats.listed(texts=line.area_names[:AREAS_NAMED])
    if len(line.area_names) > AREAS_NAMED:
        named = _("%(areas)s and others") % {"areas": named}
    place = line.feeder_name or named
    return desk.beside_unit(place, unit=line.unit_name, viewer=viewer) or line.unit_name


def picture(
    lines: Sequence[OutageLine], *, now: datetime, ahead: timedelta, viewer: Viewer
) -> Picture | None:
    """Return a lane for each line, the first to begin on top; None where nothing is off."""
    if not lines:
        return None
    first = max(min([now, *(line.begins_at for line in lines)]), now - ahead / 2)
    last = min(max([now, *map(partial(_until, now=now), lines)]), now + ahead)
    whole = max(last - first, timedelta(hours=1)) * (1 + MARGIN)

    def place(moment: datetime) -> float:
        return min(max(HIGHEST_X * ((moment - first) / whole), 0.0), HIGHEST_X)

    lanes: dict[str, list[Bar]] = {}
    for line in lines:
        x, end = place(line.begins_at), place(_until(line, now=now))
        lanes.setdefault(where(line, viewer=viewer), []).append(
            Bar(
                x=f"{min(x, HIGHEST_X - LEAST_WIDTH):.2f}%",
                width=f"{max(end - x, LEAST_WIDTH):.2f}%",
                tone="running" if line.state(now=now) == RUNNING else "coming",
                url=reverse("outages:outage", args=[line.number]),
                title=f"{line.number} {outage_words.span(line=line)}",
            )
        )
    ticks = [(f"{place(at):.2f}%", _tick(at)) for at in _ticks(first, whole) if place(at) >= 3]
    return Picture(
        lanes=tuple(Lane(name=name, bars=tuple(bars)) for name, bars in lanes.items()),
        ticks=tuple(ticks),
        now_x=f"{place(now):.2f}%",
    )


def _until(line: OutageLine, *, now: datetime) -> datetime:
    """Return until when an outage lasts as far as is known: what runs still lasts till now."""
    until = line.expected_end_at or now
    return max(until, now) if line.state(now=now) == RUNNING else until


def _ticks(first: datetime, whole: timedelta) -> list[datetime]:
    """Return round moments of the local day across the picture."""
    hours = next(
        (n for n in TICK_HOURS if whole / timedelta(hours=n) <= MOST_TICKS), TICK_HOURS[-1]
    )
    at = timezone.localtime(first).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while (at := at + timedelta(hours=hours)) < first + whole * (1 - MARGIN / 2):
        if at > first:
            found.append(at)
    return found


def _tick(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.hour else formats.day(value=local.date())
