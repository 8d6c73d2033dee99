"""Half-open spans of days and moments."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class SpanEndsBeforeItStarts(ValueError):
    """A span's end lies before its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySpan:
    """Days from *first_day* up to, but without, *end_day*."""

    first_day: date
    end_day: date

    def __post_init__(self) -> None:
        if self.end_day < self.first_day:
            raise SpanEndsBeforeItStarts(f"{self.first_day} to {self.end_day}")

    @property
    def n_days(self) -> int:
        return (self.end_day - self.first_day).days

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day < self.end_day

    def __iter__(self) -> Iterator[date]:
        return (self.first_day + timedelta(n) for n in range(self.n_days))


def last_days(*, up_to: date, n_days: int) -> DaySpan:
    """Return the *n_days* days that end with *up_to*.

    >>> last_days(up_to=date(2026, 11, 24), n_days=2).first_day
    datetime.date(2026, 11, 23)
    """
    return DaySpan(first_day=up_to - timedelta(n_days - 1), end_day=up_to + timedelta(1))


def month_span(*, day: date) -> DaySpan:
    """Return the calendar month that holds *day*.

    >>> month_span(day=date(2026, 12, 5)).end_day
    datetime.date(2027, 1, 1)
    """
    first = day.replace(day=1)
    return DaySpan(first_day=first, end_day=(first + timedelta(32)).replace(day=1))


def two_months(*, up_to: date) -> tuple[DaySpan, DaySpan]:
    """Return the month of a day up to it, and the one before up to the same day of the month.

    A shorter month ends earlier.

    >>> two_months(up_to=date(2026, 3, 31))[1].end_day
    datetime.date(2026, 3, 1)
    """
    first = month_span(day=up_to).first_day
    last = month_span(day=first - timedelta(1))
    same_day = last.first_day + timedelta((up_to - first).days + 1)
    now = DaySpan(first_day=first, end_day=up_to + timedelta(1))
    return now, DaySpan(first_day=last.first_day, end_day=min(same_day, last.end_day))


def months_after(*, day: date, n_months: int) -> date:
    """Return the same day of a later month, or that month's last day where it is shorter.

    >>> months_after(day=date(2026, 1, 31), n_months=1)
    datetime.date(2026, 2, 28)
    """
    years, month = divmod(day.month - 1 + n_months, 12)
    first = date(day.year + years, month + 1, 1)
    n_days = month_span(day=first).n_days
    return first.replace(day=min(day.day, n_days))


def start_of_day(*, day: date, zone: ZoneInfo) -> datetime:
    """Return the moment the local *day* begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def end_of_day(*, day: date, zone: ZoneInfo) -> datetime:
    """Return the moment the local *day* is over, in UTC."""
    return start_of_day(day=day + timedelta(1), zone=zone)


def demo_moment(
    *, moment: datetime, day: date | None, ahead: timedelta | None, zone: ZoneInfo
) -> datetime:
    """Return the moment that a demo takes for now; outside a demo (no *day*), the moment itself.

    By *ahead* the clock runs on evenly, over midnight too; without it, it is the time of day on
    the demo's day, which jumps back at midnight.

    >>> utc, midnight = ZoneInfo("UTC"), datetime(2027, 3, 2, tzinfo=UTC)
    >>> given = {"moment": midnight, "day": date(2026, 11, 25), "zone": utc}
    >>> demo_moment(**given, ahead=datetime(2026, 11, 26, tzinfo=UTC) - midnight).isoformat()
    '2026-11-26T00:00:00+00:00'
    >>> demo_moment(**given, ahead=None).isoformat()
    '2026-11-25T00:00:00+00:00'
    """
    if day is None:
        return moment
    return on_day(moment=moment, day=day, zone=zone) if ahead is None else moment + ahead


def on_day(*, moment: datetime, day: date, zone: ZoneInfo) -> datetime:
    """Return the same time of day on another local day.

    >>> shanghai = ZoneInfo("Asia/Shanghai")
    >>> noon = datetime(2027, 3, 1, 4, tzinfo=UTC)
    >>> on_day(moment=noon, day=date(2026, 11, 25), zone=shanghai).isoformat()
    '2026-11-25T04:00:00+00:00'
    """
    return datetime.combine(day, moment.astimezone(zone).time(), tzinfo=zone).astimezone(UTC)
