"""The clock of a promise, every minute explained: as sums, as a bar, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise as Later
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from lamplighter.action.service.clock import Counting, Minutes
from lamplighter.action.service.lines import PromiseFound
from lamplighter.policy import service_hours
from lamplighter.policy.processes import wording
from lamplighter.policy.processes.shapes import Process
from lamplighter.web import desk
from lamplighter.web.frame import formats, service_words
from lamplighter.web.frame.service_words import Slack

WIDTH = 1000  # of the bar, in its own units
COUNTINGS: dict[Counting, str | Later] = {
    Counting.COUNTED: later("counts"),
    Counting.NOT_WORKED: later("outside working hours"),
    Counting.NOT_YET: later("the day of the request"),
    Counting.WAITING: later("waits for the customer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of the bar."""

    x: str
    width: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A stretch of the clock."""

    begins_at: datetime
    ends_at: datetime
    length: str
    what: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How long one thing lasted in all."""

    what: str
    length: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A promise as the page shows it."""

    code: str
    title: str
    is_outward: bool
    outcome: str
    outcome_words: str
    amount: str
    calendar: str
    slack: Slack | None
    starts_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    is_provisional: bool
    used: str
    left: str
    pieces: tuple[Piece, ...]
    due_x: str  # empty: beyond what is drawn
    begins_at: datetime | None
    until_at: datetime | None
    sums: tuple[Sum, ...]
    rows: tuple[Row, ...]


def clocks(
    *, promises: Sequence[PromiseFound], process: Process, now: datetime, soon: timedelta
) -> tuple[Clock, ...]:
    """Return the promises of an order, those made to the customer first."""
    ordered = sorted(promises, key=lambda one: not one.is_outward)
    return tuple(_clock(one, process=process, now=now, soon=soon) for one in ordered)


def _clock(one: PromiseFound, *, process: Process, now: datetime, soon: timedelta) -> Clock:
    is_running = one.outcome in {"RUNNING", "MISSED"} and one.ended_at is None
    is_running = is_running and one.lapsed_at is None
    pieces, due_x = _bar(one.minutes, due_at=one.due_at)
    hours = service_hours.in_force(on=desk.today())
    return Clock(
        code=one.code,
        title=service_words.own(process.promise(one.code).title),
        is_outward=one.is_outward,
        outcome=one.outcome,
        outcome_words=_outcome(one),
        amount=_amount(one, process=process),
        calendar=service_words.own(hours[one.calendar_code].about)
        if one.calendar_code in hours
        else "",
        slack=service_words.slack(due_at=one.due_at, now=now, soon=soon) if is_running else None,
        starts_at=one.starts_at,
        due_at=one.due_at,
        ended_at=one.ended_at,
        is_provisional=one.is_provisional,
        used=service_words.duration(span=one.used) if one.used is not None else "",
        left=service_words.duration(span=max(one.left, timedelta()))
        if one.left is not None
        else "",
        pieces=pieces,
        due_x=due_x,
        begins_at=one.minutes[0].begins_at if one.minutes else None,
        until_at=one.minutes[-1].ends_at if one.minutes else None,
        sums=_sums(one.minutes),
        rows=tuple(
            Row(
                begins_at=part.begins_at,
                ends_at=part.ends_at,
                length=service_words.duration(span=part.ends_at - part.begins_at),
                what=str(COUNTINGS[part.counting]),
                kind=part.counting.lower(),
            )
            for part in one.minutes
        ),
    )


def _amount(one: PromiseFound, *, process: Process) -> str:
    """Return what was promised, in the unit in which the process says it."""
    if one.allowed is None:
        return _("a fixed moment")
    for limit in process.promise(one.code).cases.values():
        if timedelta(minutes=limit.minutes) == one.allowed:
            return wording.limit(limit, language=get_language() or "")
    return service_words.duration(span=one.allowed)


def _outcome(one: PromiseFound) -> str:
    if one.outcome == "KEPT":
        return _("Kept")
    if one.outcome == "MISSED":
        return _("Missed")
    if one.outcome == "LAPSED":
        return _("No longer applies")
    if one.starts_at is None:
        return _("Not begun")
    return _("Paused") if one.due_at is None else _("Running")


def _bar(minutes: Sequence[Minutes], *, due_at: datetime | None) -> tuple[tuple[Piece, ...], str]:
    """Return the bar from the first minute to the last, or to the deadline where that is later."""
    if not minutes:
        return (), ""
    first, last = minutes[0].begins_at, minutes[-1].ends_at
    end = max(last, due_at) if due_at else last
    whole = max(end - first, timedelta(seconds=1))

    def x(at: datetime) -> float:
        return WIDTH * ((at - first) / whole)

    pieces = [
        Piece(
            x=f"{x(part.begins_at):.1f}",
            width=f"{max(x(part.ends_at) - x(part.begins_at), 1.0):.1f}",
            kind=part.counting.lower(),
        )
        for part in minutes
    ]
    due = f"{min(x(due_at), WIDTH - 2):.1f}" if due_at and due_at >= first else ""
    return tuple(pieces), due


def _sums(minutes: Sequence[Minutes]) -> tuple[Sum, ...]:
    lengths: dict[Counting, timedelta] = {}
    for part in minutes:
        spent = part.ends_at - part.begins_at
        lengths[part.counting] = lengths.get(part.counting, timedelta()) + spent
    return tuple(
        Sum(
            what=str(COUNTINGS[counting]),
            length=service_words.duration(span=lengths[counting]),
            kind=counting.lower(),
        )
        for counting in Counting
        if counting in lengths
    )


def promised(*, clock: Clock) -> str:
    """Say one promise and how it stands, in a sentence."""
    when = formats.deadline(value=clock.due_at) if clock.due_at else ""
    if clock.slack is not None and when:
        said = _("%(promise)s by %(when)s: %(slack)s.")
        return said % {"promise": clock.title, "when": when, "slack": clock.slack.text}
    return _("%(promise)s: %(outcome)s.") % {
        "promise": clock.title,
        "outcome": clock.outcome_words,
    }
