"""Working days as the state calendar says: weekends, public holidays, and weekend days worked."""

from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5


class OutsideCalendar(LookupError):
    """The calendar does not say whether a day is a working day."""


class NotACalendar(ValueError):
    """A day is both free and worked, or lies outside the calendar's own years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """Whole years of working days."""

    first_year: int
    last_year: int
    holidays: frozenset[date]  # public holidays, those on a weekend too
    worked: frozenset[date]  # weekend days that are worked

    def __post_init__(self) -> None:
        days = self.holidays | self.worked
        outside = [day for day in days if not self.first_year <= day.year <= self.last_year]
        if outside or self.holidays & self.worked:
            raise NotACalendar(f"{min(outside or self.holidays & self.worked)}")

    def is_workday(self, day: date) -> bool:
        """Tell whether a day is worked.

        Raises
        ------
        OutsideCalendar
            The calendar does not reach that day.
        """
        if not self.first_year <= day.year <= self.last_year:
            raise OutsideCalendar(f"{day}: {self.first_year} to {self.last_year}")
        if day in self.worked:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays


def workday_after(*, day: date, n_days: int, calendar: WorkCalendar) -> date:
    """Return the n-th working day after a day; the day itself does not count.

    >>> spring = WorkCalendar(
    ...     first_year=2026, last_year=2026, holidays=frozenset({date(2026, 1, 1)}),
    ...     worked=frozenset({date(2026, 1, 4)}),
    ... )
    >>> workday_after(day=date(2026, 1, 2), n_days=1, calendar=spring)  # a Friday; Sunday is worked
    datetime.date(2026, 1, 4)

    Raises
    ------
    OutsideCalendar
        The calendar ends before that day.
    ValueError
        Fewer than one day.
    """
    if n_days < 1:
        raise ValueError(f"{n_days} days")
    found = 0
    while found < n_days:
        day += timedelta(1)
        found += calendar.is_workday(day)
    return day


def workdays_between(*, first: date, last: date, calendar: WorkCalendar) -> int:
    """Return how many working days lie after *first* up to *last*; negative when last is earlier.

    Raises
    ------
    OutsideCalendar
        The calendar does not reach one of the days in between.
    """
    if last < first:
        return -workdays_between(first=last, last=first, calendar=calendar)
    days = (first + timedelta(n) for n in range(1, (last - first).days + 1))
    return sum(calendar.is_workday(day) for day in days)
