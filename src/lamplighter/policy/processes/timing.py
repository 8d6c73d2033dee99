"""Whether the steps of a process fit into its promises, whenever an order begins.

Limits of different calendars cannot be added as they stand. Each is turned into the most that it
can take from the promise's own calendar, over all moments at which it may begin:

- round the clock, m minutes take at most m;
- k working days of whole days take k days;
- b minutes of an office that works H minutes a day take at most ceil(b / H) days.

Where only one office's hours stand beside whole working days, its minutes are added up first: time
that passes at any hour takes no more of the office's time than itself. An amount that counts on
fewer days than the promise has no bound, holidays can be of any length, and is refused.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lamplighter.policy.processes import flow
from lamplighter.policy.processes.shapes import Limit, Promise, Share, Step
from lamplighter.policy.service_hours import EVERY, WORKING, ServiceHours

MINUTES_A_DAY = 24 * 60
_TINY = 1e-6  # minutes; shares that add up to one


class NoBound(ValueError):
    """An amount counts on fewer days than the promise, so nothing bounds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The steps that take longest to reach a promise, and what they take of it at most."""

    steps: tuple[str, ...]
    minutes: float  # of the promise's calendar


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a path takes of a promise. [min]"""

    at_most: float  # each step at most, added up
    whole: float  # whole days of the promise's own calendar
    odd: float  # what passes at any hour, parts of such days among it
    offices: tuple[float, ...]  # by each calendar that works part of the day
    steps: tuple[str, ...]

    def is_within(self, other: "_Taken") -> bool:
        return (
            self.at_most <= other.at_most
            and self.whole <= other.whole
            and self.odd <= other.odd
            and all(a <= b for a, b in zip(self.offices, other.offices, strict=True))
        )


def amount(
    *, when: Limit | Share, case: str, promise: Promise, promises: Sequence[Promise]
) -> tuple[float, str]:
    """Return (minutes, calendar) of a step's limit in one case of a promise.

    A share of a promise given by another dimension counts with the longest of its cases.
    """
    if isinstance(when, Limit):
        return when.minutes, when.calendar
    other = next(one for one in promises if one.code == when.of)
    if other.by in {promise.by, "ALL"}:
        limit = other.limit(case=case)
    else:
        limit = max(other.cases.values(), key=lambda one: one.minutes)
    return when.share * limit.minutes, limit.calendar


def at_most(*, minutes: float, calendar: str, of: str, hours: Mapping[str, ServiceHours]) -> float:
    """Return the most that an amount can take of another calendar. [min]

    Raises
    ------
    NoBound
        It counts on fewer days.
    """
    theirs, ours = hours[calendar], hours[of]
    if calendar == of:
        return minutes
    if theirs.days == WORKING and ours.days == EVERY:
        raise NoBound(f"{calendar} counts on fewer days than {of}")
    if theirs.minutes_a_day == MINUTES_A_DAY:
        if theirs.days == EVERY:
            return minutes
        days, odd = divmod(minutes, MINUTES_A_DAY)
        return days * ours.minutes_a_day + min(odd, ours.minutes_a_day)
    return _up(minutes / theirs.minutes_a_day) * ours.minutes_a_day


def longest(
    *,
    promise: Promise,
    case: str,
    steps: Sequence[Step],
    promises: Sequence[Promise],
    hours: Mapping[str, ServiceHours],
) -> Path:
    """Return the path through a promise's steps that takes longest; steps as `flow.ordered`.

    Raises
    ------
    NoBound
        A step counts on fewer days than the promise.
    """
    inside = flow.before(code=promise.until, steps=steps)
    if promise.after:
        inside &= flow.behind(code=promise.after, steps=steps)
    of = promise.cases[case].calendar
    nothing = _Taken(0.0, 0.0, 0.0, (0.0,) * len(hours), ())
    reached: dict[str, list[_Taken]] = {}
    for step in steps:
        if step.code not in inside:
            continue
        before = [one for way in step.follows for one in reached.get(way.step, [])]
        taken = (0.0, of)
        if step.when is not None:
            taken = amount(when=step.when, case=case, promise=promise, promises=promises)
        reached[step.code] = _largest(
            _and(one, step=step.code, taken=taken, of=of, hours=hours)
            for one in before or [nothing]
        )
    paths = [
        Path(steps=one.steps, minutes=_bound(one, of=of, hours=hours))
        for one in reached[promise.until]
    ]
    return max(paths, key=lambda path: path.minutes)


def fits(*, minutes: float, limit: Limit) -> bool:
    """Tell whether an amount of a limit's calendar is within it."""
    return minutes <= limit.minutes + _TINY


def _and(
    path: _Taken, *, step: str, taken: tuple[float, str], of: str, hours: Mapping[str, ServiceHours]
) -> _Taken:
    minutes, calendar = taken
    is_office = calendar != of and hours[calendar].minutes_a_day < MINUTES_A_DAY
    odd = 0.0 if is_office else minutes
    if not is_office and hours[calendar].days == WORKING:
        odd = minutes % MINUTES_A_DAY
    return _Taken(
        path.at_most + at_most(minutes=minutes, calendar=calendar, of=of, hours=hours),
        path.whole + (0.0 if is_office else minutes - odd),
        path.odd + odd,
        tuple(
            before + (minutes if is_office and code == calendar else 0.0)
            for code, before in zip(hours, path.offices, strict=True)
        ),
        (*path.steps, step),
    )


def _largest(paths: Iterable[_Taken]) -> list[_Taken]:
    """Return the paths that no other one outdoes in everything."""
    kept: list[_Taken] = []
    for path in paths:
        if not any(path.is_within(other) for other in kept):
            kept = [other for other in kept if not other.is_within(path)] + [path]
    return kept


def _bound(path: _Taken, *, of: str, hours: Mapping[str, ServiceHours]) -> float:
    ours = hours[of]
    used = [
        (minutes, hours[code].minutes_a_day)
        for code, minutes in zip(hours, path.offices, strict=True)
        if minutes
    ]
    if ours.days == EVERY or ours.minutes_a_day < MINUTES_A_DAY or len(used) != 1:
        return path.at_most
    minutes, a_day = used[0]
    together = _up((minutes + path.odd) / a_day) * MINUTES_A_DAY
    return min(path.at_most, path.whole + together)


def _up(value: float) -> int:
    return math.ceil(value - _TINY)
