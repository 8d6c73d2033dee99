"""Time that counts: each calendar is an axis of worked time beside the line of moments.

A calendar says which stretches of time are worked. Every moment has a place on its axis: the time
worked since the axis begins. Time that passed between two moments is the difference of their
places, and the moment at which an amount of time will have passed is the place turned back into a
moment. So sums never depend on how a span was cut up, and daylight saving needs no case of its own.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from lamplighter.kernel import spans

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTES_A_DAY = 24 * 60


class OutsideAxis(LookupError):
    """A moment, or the moment an amount of time leads to, lies where the calendar says nothing."""


class NotSpansOfADay(ValueError):
    """The worked hours of a day overlap, are not in order, or leave the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The worked stretches between two days; all moments in microseconds since 1970, UTC."""

    code: str
    zone: ZoneInfo
    first_day: date
    end_day: date  # half open
    first_us: int  # the moment its first day begins
    end_us: int  # the moment its last day is over
    begins: tuple[int, ...]  # (n_stretches,) ascending
    ends: tuple[int, ...]  # (n_stretches,) each before the next one begins
    worked_before: tuple[int, ...]  # (n_stretches,) worked until each begins [µs]
    counts_from_next_day: bool  # the day on which a promise is given does not count


def calendar(
    *,
    code: str,
    zone: ZoneInfo,
    first_day: date,
    end_day: date,
    hours: Sequence[tuple[int, int]],
    is_worked: Callable[[date], bool],
    counts_from_next_day: bool = False,
) -> Calendar:
    """Return the calendar that works these hours on the days that are worked.

    Parameters
    ----------
    code
        Its name.
    zone
        Where its days begin and its clocks are read.
    first_day, end_day
        The days it knows, half open.
    hours
        Worked spans of a day, from and to in minutes after midnight, half open. [min]
    is_worked
        Tells of each day whether it is worked; may refuse.
    counts_from_next_day
        The day on which a promise is given does not count.

    Raises
    ------
    NotSpansOfADay
        The hours overlap, are not in order, or leave the day.

    Examples
    --------
    >>> desk = calendar(
    ...     code="DESK", zone=ZoneInfo("Asia/Shanghai"), first_day=date(2026, 11, 2),
    ...     end_day=date(2026, 11, 9), hours=[(510, 720), (840, 1050)],
    ...     is_worked=lambda day: day.weekday() < 5,
    ... )
    >>> monday = datetime(2026, 11, 2, 3, 30, tzinfo=UTC)  # 11:30 in Shanghai
    >>> print(after(calendar=desk, begins_at=monday, amount=timedelta(hours=1)))
    2026-11-02 06:30:00+00:00
    """
    edges = [0, *(minute for span in hours for minute in span), MINUTES_A_DAY]
    ordered = all(begin <= end for begin, end in pairwise(edges))
    if not ordered or any(begin == end for begin, end in hours):
        raise NotSpansOfADay(f"{code}: {list(hours)}")
    begins: list[int] = []
    ends: list[int] = []
    for day in spans.DaySpan(first_day=first_day, end_day=end_day):
        if not is_worked(day):
            continue
        for begin, end in hours:
            begins_us, ends_us = _moment(day, begin, zone), _moment(day, end, zone)
            if ends and ends[-1] == begins_us:
                ends[-1] = ends_us
            elif begins_us < ends_us:  # an hour that a clock change leaves out is not worked
                begins.append(begins_us)
                ends.append(ends_us)
    worked = [end - begin for begin, end in zip(begins, ends, strict=True)]
    return Calendar(
        code=code,
        zone=zone,
        first_day=first_day,
        end_day=end_day,
        first_us=microseconds(spans.start_of_day(day=first_day, zone=zone)),
        end_us=microseconds(spans.start_of_day(day=end_day, zone=zone)),
        begins=tuple(begins),
        ends=tuple(ends),
        worked_before=tuple(accumulate(worked, initial=0))[: len(begins)],
        counts_from_next_day=counts_from_next_day,
    )


def _moment(day: date, minute: int, zone: ZoneInfo) -> int:
    later, minute = divmod(minute, MINUTES_A_DAY)
    local = datetime.combine(day + timedelta(later), time(minute // 60, minute % 60), tzinfo=zone)
    return microseconds(local.astimezone(UTC))


def microseconds(at: datetime) -> int:
    """Return a moment in whole microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def moment(us: int) -> datetime:
    """Return the moment that many microseconds after 1970 began."""
    return EPOCH + us * MICROSECOND


def worked(*, calendar: Calendar, begins_at: datetime, ends_at: datetime) -> timedelta:
    """Return the worked time between two moments, negative when the second is earlier.

    Raises
    ------
    OutsideAxis
        The calendar does not reach one of them.
    """
    return (_place(calendar, ends_at) - _place(calendar, begins_at)) * MICROSECOND


def after(*, calendar: Calendar, begins_at: datetime, amount: timedelta) -> datetime:
    """Return the first moment by which an amount of worked time has passed.

    Raises
    ------
    OutsideAxis
        The calendar does not reach that far.
    """
    place = _place(calendar, begins_at) + amount // MICROSECOND
    if amount == timedelta():
        return begins_at
    row = bisect_left(calendar.worked_before, place) - 1
    if row < 0 or place > _worked_in_all(calendar):
        raise OutsideAxis(_reach(calendar, f"{amount} after {begins_at.isoformat()}"))
    return moment(calendar.begins[row] + place - calendar.worked_before[row])


def before(*, calendar: Calendar, ends_at: datetime, amount: timedelta) -> datetime:
    """Return the last moment from which an amount of worked time can still pass until another.

    Raises
    ------
    OutsideAxis
        The calendar does not reach that far back.
    """
    place = _place(calendar, ends_at) - amount // MICROSECOND
    if amount == timedelta():
        return ends_at
    row = bisect_right(calendar.worked_before, place) - 1
    if place < 0 or row < 0:
        raise OutsideAxis(_reach(calendar, f"{amount} before {ends_at.isoformat()}"))
    return moment(calendar.begins[row] + place - calendar.worked_before[row])


def counted_from(*, calendar: Calendar, begins_at: datetime) -> datetime:
    """Return the moment from which a promise given at another counts.

    >>> days = calendar(
    ...     code="DAYS", zone=ZoneInfo("Asia/Shanghai"), first_day=date(2026, 11, 2),
    ...     end_day=date(2026, 11, 9), hours=[(0, 1440)], is_worked=lambda day: True,
    ...     counts_from_next_day=True,
    ... )
    >>> given = datetime(2026, 11, 2, 3, 30, tzinfo=UTC)
    >>> print(counted_from(calendar=days, begins_at=given))
    2026-11-02 16:00:00+00:00
    """
    if not calendar.counts_from_next_day:
        return begins_at
    return spans.end_of_day(day=begins_at.astimezone(calendar.zone).date(), zone=calendar.zone)


def worked_stretches(
    *, calendar: Calendar, begins_at: datetime, ends_at: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the worked stretches between two moments, in order.

    Raises
    ------
    OutsideAxis
        The calendar does not reach one of them.
    """
    begin, end = _inside(calendar, begins_at), _inside(calendar, ends_at)
    first, last = bisect_right(calendar.ends, begin), bisect_left(calendar.begins, end)
    found = (
        (max(calendar.begins[row], begin), min(calendar.ends[row], end))
        for row in range(first, last)
    )
    return [(moment(a), moment(b)) for a, b in found if a < b]


def _place(calendar: Calendar, at: datetime) -> int:
    """Return the time worked until a moment. [µs]"""
    us = _inside(calendar, at)
    row = bisect_right(calendar.begins, us) - 1
    if row < 0:
        return 0
    return calendar.worked_before[row] + min(us, calendar.ends[row]) - calendar.begins[row]


def _inside(calendar: Calendar, at: datetime) -> int:
    us = microseconds(at)
    if not calendar.first_us <= us <= calendar.end_us:
        raise OutsideAxis(_reach(calendar, at.isoformat()))
    return us


def _worked_in_all(calendar: Calendar) -> int:
    if not calendar.begins:
        return 0
    return calendar.worked_before[-1] + calendar.ends[-1] - calendar.begins[-1]


def _reach(calendar: Calendar, what: str) -> str:
    return f"{calendar.code}: {what}; it knows {calendar.first_day} to {calendar.end_day}"
