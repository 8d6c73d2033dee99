"""The promise clock: how much of a promise is used up, when it is due, and each minute explained.

A clock is the stretches of time during which it ran; nothing else is kept. Everything is read off
them through the calendar and the amount in force now. So it cannot matter in which order a pause, a
new owner, another priority and another calendar came: none of them touches the stretches.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lamplighter.kernel import worktime
from lamplighter.kernel.worktime import Calendar


class ClockRefuses(ValueError):
    """What was asked does not fit the clock; the subclass says why."""


class IsNotRunning(ClockRefuses):
    """It waits or has ended."""


class IsRunning(ClockRefuses):
    """It runs already."""


class HasEnded(ClockRefuses):
    """It has ended."""


class GoesBack(ClockRefuses):
    """The moment lies before something that was recorded already."""


class NoAmount(ClockRefuses):
    """A promise of no time, or of less."""


class Counting(StrEnum):
    """What a minute of the clock was."""

    COUNTED = "COUNTED"
    NOT_WORKED = "NOT_WORKED"  # the calendar does not work then
    NOT_YET = "NOT_YET"  # the day of the request does not count
    WAITING = "WAITING"  # for what only the customer can do


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The clock ran from one moment to another, or runs still."""

    begins_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One promise of one order."""

    opened_at: datetime
    calendar: Calendar
    allowed: timedelta  # worked time
    stretches: tuple[Stretch, ...]  # in order, apart; only the last may run still
    ended_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.stretches[-1].ends_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """A part of the clock's life and what it was; the parts have no gaps."""

    begins_at: datetime
    ends_at: datetime
    counting: Counting


def opened(*, at: datetime, calendar: Calendar, allowed: timedelta) -> Clock:
    """Return a clock that runs from a moment on.

    Raises
    ------
    NoAmount
        Nothing was promised.
    """
    _check_amount(allowed)
    return Clock(
        opened_at=at,
        calendar=calendar,
        allowed=allowed,
        stretches=(Stretch(begins_at=at, ends_at=None),),
    )


def paused(clock: Clock, *, at: datetime) -> Clock:
    """Return the clock, waiting from a moment on.

    Raises
    ------
    IsNotRunning
        It waits already.
    HasEnded
        It has ended.
    GoesBack
        It was set going only later.
    """
    _check_alive(clock)
    if not clock.is_running:
        raise IsNotRunning("it waits already")
    return replace(clock, stretches=_closed(clock, at))


def resumed(clock: Clock, *, at: datetime) -> Clock:
    """Return the clock, running again from a moment on.

    Raises
    ------
    IsRunning
        It runs.
    HasEnded
        It has ended.
    GoesBack
        It waits only since later.
    """
    _check_alive(clock)
    last = clock.stretches[-1].ends_at
    if last is None:
        raise IsRunning("it runs")
    if at < last:
        raise GoesBack(f"{at.isoformat()}: it waits since {last.isoformat()}")
    if at == last:  # a wait of no time leaves no trace
        begins_at = clock.stretches[-1].begins_at
        return replace(
            clock, stretches=(*clock.stretches[:-1], Stretch(begins_at=begins_at, ends_at=None))
        )
    return replace(clock, stretches=(*clock.stretches, Stretch(begins_at=at, ends_at=None)))


def ended(clock: Clock, *, at: datetime) -> Clock:
    """Return the clock, stopped for good.

    Raises
    ------
    HasEnded
        It has ended already.
    GoesBack
        Something later was recorded.
    """
    _check_alive(clock)
    last = clock.stretches[-1].ends_at
    if last is None:
        return replace(clock, stretches=_closed(clock, at), ended_at=at)
    if at < last:
        raise GoesBack(f"{at.isoformat()}: it waits since {last.isoformat()}")
    return replace(clock, ended_at=at)


def on_other_terms(
    clock: Clock, *, calendar: Calendar | None = None, allowed: timedelta | None = None
) -> Clock:
    """Return the clock by another calendar or amount; the time it ran stays what it was.

    Raises
    ------
    NoAmount
        Nothing is promised.
    """
    amount = clock.allowed if allowed is None else allowed
    _check_amount(amount)
    return replace(clock, calendar=calendar or clock.calendar, allowed=amount)


def used(clock: Clock, *, at: datetime) -> timedelta:
    """Return the worked time that counted until a moment; never less than nothing.

    Raises
    ------
    worktime.OutsideAxis
        The calendar does not reach that moment.

    Examples
    --------
    >>> from datetime import UTC, date
    >>> from zoneinfo import ZoneInfo
    >>> always = worktime.calendar(
    ...     code="24X7", zone=ZoneInfo("Asia/Shanghai"), first_day=date(2026, 1, 1),
    ...     end_day=date(2027, 1, 1), hours=[(0, 1440)], is_worked=lambda day: True,
    ... )
    >>> begins_at = datetime(2026, 11, 2, 8, tzinfo=UTC)
    >>> of = opened(at=begins_at, calendar=always, allowed=timedelta(minutes=45))
    >>> of = paused(of, at=begins_at + timedelta(minutes=10))
    >>> print(used(of, at=begins_at + timedelta(hours=5)))
    0:10:00
    """
    return sum(
        (
            worktime.worked(calendar=clock.calendar, begins_at=begins_at, ends_at=ends_at)
            for begins_at, ends_at in _counted(clock, at)
        ),
        timedelta(),
    )


def left(clock: Clock, *, at: datetime) -> timedelta:
    """Return the worked time that is left at a moment; below nothing once it is overdue.

    Raises
    ------
    worktime.OutsideAxis
        The calendar does not reach that moment.
    """
    return clock.allowed - used(clock, at=at)


def due_at(clock: Clock) -> datetime | None:
    """Return the moment at which the promise is used up, past or to come.

    None: the clock waits, or ended, with time left; then there is no such moment.

    Raises
    ------
    worktime.OutsideAxis
        The calendar ends before the promise does.
    """
    remaining = clock.allowed
    for stretch in clock.stretches:
        begins_at = _begin_of_count(clock, stretch)
        if stretch.ends_at is None:
            return worktime.after(calendar=clock.calendar, begins_at=begins_at, amount=remaining)
        if stretch.ends_at <= begins_at:
            continue
        counted = worktime.worked(
            calendar=clock.calendar, begins_at=begins_at, ends_at=stretch.ends_at
        )
        if counted > remaining:
            return worktime.after(calendar=clock.calendar, begins_at=begins_at, amount=remaining)
        remaining -= counted
    return None


def is_overdue(clock: Clock, *, at: datetime) -> bool:
    """Tell whether more than the promise is used up at a moment.

    Raises
    ------
    worktime.OutsideAxis
        The calendar does not reach that moment.
    """
    return left(clock, at=at) < timedelta()


def explained(clock: Clock, *, at: datetime) -> list[Minutes]:
    """Return what every minute of the clock was until a moment, without gaps.

    The counted parts add up to what is used.

    Raises
    ------
    worktime.OutsideAxis
        The calendar does not reach that moment.
    """
    end = at if clock.ended_at is None else min(at, clock.ended_at)
    found: list[Minutes] = []
    reached = clock.opened_at
    for stretch in clock.stretches:
        begins_at, ends_at = min(stretch.begins_at, end), min(stretch.ends_at or end, end)
        _add(found, reached, begins_at, Counting.WAITING)
        counts_at = min(max(_begin_of_count(clock, stretch), begins_at), ends_at)
        _add(found, begins_at, counts_at, Counting.NOT_YET)
        reached = counts_at
        for work_at, rest_at in worktime.worked_stretches(
            calendar=clock.calendar, begins_at=counts_at, ends_at=ends_at
        ):
            _add(found, reached, work_at, Counting.NOT_WORKED)
            _add(found, work_at, rest_at, Counting.COUNTED)
            reached = rest_at
        _add(found, reached, ends_at, Counting.NOT_WORKED)
        reached = ends_at
    _add(found, reached, end, Counting.WAITING)
    return found


def _add(found: list[Minutes], begins_at: datetime, ends_at: datetime, counting: Counting) -> None:
    if begins_at < ends_at:
        found.append(Minutes(begins_at=begins_at, ends_at=ends_at, counting=counting))


def _counted(clock: Clock, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    for stretch in clock.stretches:
        begins_at = _begin_of_count(clock, stretch)
        ends_at = at if stretch.ends_at is None else min(stretch.ends_at, at)
        if begins_at < ends_at:
            yield begins_at, ends_at


def _begin_of_count(clock: Clock, stretch: Stretch) -> datetime:
    """Return the moment from which a stretch counts: never on the day of the request, if so."""
    first = worktime.counted_from(calendar=clock.calendar, begins_at=clock.opened_at)
    return max(stretch.begins_at, first)


def _closed(clock: Clock, at: datetime) -> tuple[Stretch, ...]:
    last = clock.stretches[-1]
    if at < last.begins_at:
        raise GoesBack(f"{at.isoformat()}: it runs since {last.begins_at.isoformat()}")
    return (*clock.stretches[:-1], Stretch(begins_at=last.begins_at, ends_at=at))


def _check_alive(clock: Clock) -> None:
    if clock.ended_at is not None:
        raise HasEnded(f"at {clock.ended_at.isoformat()}")


def _check_amount(allowed: timedelta) -> None:
    if allowed <= timedelta():
        raise NoAmount(f"{allowed}")
