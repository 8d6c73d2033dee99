"""Calendars and clocks as columns: many clocks read at once, to the same microsecond as one by one.

A calendar is two sorted columns, where worked stretches begin and end, with the time worked before
each. The place of a moment is a search in them, and so is the moment of a place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from lamplighter.kernel import worktime
from lamplighter.kernel.worktime import Calendar

Integers = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max  # no such moment


class OutsideColumns(LookupError):
    """A moment, or what an amount leads to, lies where the calendar says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A calendar in columns of microseconds since 1970."""

    calendar: Calendar
    begins: Integers  # (n_stretches,)
    ends: Integers  # (n_stretches,)
    before: Integers  # (n_stretches,) worked until each begins


def axis(calendar: Calendar) -> Axis:
    """Return a calendar in columns."""
    return Axis(
        calendar=calendar,
        begins=np.array(calendar.begins, dtype=np.int64),
        ends=np.array(calendar.ends, dtype=np.int64),
        before=np.array(calendar.worked_before, dtype=np.int64),
    )


def places(of: Axis, at_us: Integers) -> Integers:
    """Return the time worked until each moment.

    Parameters
    ----------
    of
        The calendar.
    at_us : (n,) int64
        Moments. [µs since 1970]

    Returns
    -------
    (n,) int64
        Time worked since the calendar begins. [µs]

    Raises
    ------
    OutsideColumns
        The calendar does not reach one of them.
    """
    if at_us.size and (at_us.min() < of.calendar.first_us or at_us.max() > of.calendar.end_us):
        raise OutsideColumns(of.calendar.code)
    row = np.searchsorted(of.begins, at_us, side="right") - 1
    known = np.maximum(row, 0)
    within = np.minimum(at_us, of.ends[known]) - of.begins[known]
    return np.where(row < 0, 0, of.before[known] + within)


def after(of: Axis, *, begins_us: Integers, amount_us: Integers) -> Integers:
    """Return the first moment by which each amount of worked time has passed since its begin.

    Parameters
    ----------
    of
        The calendar.
    begins_us : (n,) int64
        Moments. [µs since 1970]
    amount_us : (n,) int64
        Worked time, not negative. [µs]

    Returns
    -------
    (n,) int64
        Moments. [µs since 1970]

    Raises
    ------
    OutsideColumns
        The calendar does not reach that far.
    """
    place = places(of, begins_us) + amount_us
    whole = of.before[-1] + of.ends[-1] - of.begins[-1]
    row = np.searchsorted(of.before, place, side="left") - 1
    moves = amount_us > 0
    if np.any(moves & ((row < 0) | (place > whole))):
        raise OutsideColumns(of.calendar.code)
    known = np.maximum(row, 0)
    return np.where(moves, of.begins[known] + place - of.before[known], begins_us)


def until(of: Axis, *, ends_us: Integers, amount_us: Integers) -> Integers:
    """Return the last moment from which each amount of worked time can still pass until its end.

    Parameters
    ----------
    of
        The calendar.
    ends_us : (n,) int64
        Moments. [µs since 1970]
    amount_us : (n,) int64
        Worked time, not negative. [µs]

    Returns
    -------
    (n,) int64
        Moments. [µs since 1970]

    Raises
    ------
    OutsideColumns
        The calendar does not reach that far back.
    """
    place = places(of, ends_us) - amount_us
    row = np.searchsorted(of.before, place, side="right") - 1
    moves = amount_us > 0
    if np.any(moves & ((place < 0) | (row < 0))):
        raise OutsideColumns(of.calendar.code)
    known = np.maximum(row, 0)
    return np.where(moves, of.begins[known] + place - of.before[known], ends_us)


def counted_from(of: Axis, starts_us: Integers) -> Integers:
    """Return the moment from which each promise given at a moment counts. [µs since 1970]"""
    if not of.calendar.counts_from_next_day or not starts_us.size:
        return starts_us
    zone = of.calendar.zone
    first = worktime.moment(int(starts_us.min())).astimezone(zone).date()
    last = worktime.moment(int(starts_us.max())).astimezone(zone).date()
    midnights = np.array(
        [
            worktime.microseconds(datetime.combine(first + timedelta(n), time(), tzinfo=zone))
            for n in range((last - first).days + 2)
        ],
        dtype=np.int64,
    )
    return midnights[np.searchsorted(midnights, starts_us, side="right")]


def due(
    of: Axis,
    *,
    starts_us: Integers,
    allowed_us: Integers,
    stretches: Sequence[tuple[Integers, Integers]],
) -> Integers:
    """Return when each promise is used up; `clock.due_at` for many.

    Parameters
    ----------
    of
        The calendar of all of them.
    starts_us : (n,) int64
        Moments from which they are given. [µs since 1970]
    allowed_us : (n,) int64
        Worked time promised. [µs]
    stretches : sequence of ((n,) int64, (n,) int64)
        The first, second … stretch in which each clock ran: begins and ends [µs since 1970]. An end
        of NEVER: it runs still; a begin of NEVER: there is none.

    Returns
    -------
    (n,) int64
        Moments; NEVER where the clock waits with time left. [µs since 1970]

    Raises
    ------
    OutsideColumns
        The calendar does not reach that far.
    """
    remaining, found = allowed_us.copy(), np.full(len(starts_us), NEVER)
    counts_us = counted_from(of, starts_us)
    is_open = np.ones(len(starts_us), dtype=bool)
    for begins_us, ends_us in stretches:
        begins = np.maximum(begins_us, counts_us)
        here = is_open & (begins_us != NEVER) & ((ends_us == NEVER) | (ends_us > begins))
        rows = np.flatnonzero(here)
        still = ends_us[rows] == NEVER
        counted = np.full(len(rows), NEVER)
        closed = rows[~still]
        counted[~still] = places(of, ends_us[closed]) - places(of, begins[closed])
        over = still | (counted > remaining[rows])
        last = rows[over]
        found[last] = after(of, begins_us=begins[last], amount_us=remaining[last])
        is_open[last] = False
        rest = rows[~over]
        remaining[rest] -= counted[~over]
    return found


def as_moments(us: Integers) -> list[datetime | None]:
    """Return moments, None for NEVER."""
    epoch, one = worktime.EPOCH, worktime.MICROSECOND
    return [None if number == NEVER else epoch + number * one for number in us.tolist()]


def as_us(moments: Sequence[datetime | None]) -> Integers:
    """Return microseconds since 1970, NEVER for None."""
    return np.array(
        [NEVER if at is None else worktime.microseconds(at) for at in moments], dtype=np.int64
    )
