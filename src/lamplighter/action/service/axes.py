"""The calendars of the policy as axes of worked time, in the station's zone.

Where the working days of a year are not announced yet, every day counts: a promise that reaches
beyond can only fall earlier than it will, never later. It is kept as provisional, and worked out
again once the days are announced.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from lamplighter.kernel import spans, worktime
from lamplighter.kernel.workdays import WorkCalendar
from lamplighter.kernel.worktime import Calendar
from lamplighter.policy import calendars, loader, service_hours

YEARS_BEYOND = 2  # no promise is longer


class CalendarUnknown(LookupError):
    """The policy has no such calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """All calendars as one policy gives them."""

    zone: ZoneInfo
    calendars: dict[str, Calendar]
    hours: dict[str, service_hours.ServiceHours]
    announced_until: datetime  # beyond, working days are provisional

    def calendar(self, code: str) -> Calendar:
        """Return one calendar.

        Raises
        ------
        CalendarUnknown
            There is none of this code.
        """
        try:
            return self.calendars[code]
        except KeyError:
            raise CalendarUnknown(code) from None

    def is_provisional(self, code: str, due_at: datetime | None) -> bool:
        """Tell whether a moment was counted by days that are not announced yet."""
        until = self.known_until(code)
        return until is not None and due_at is not None and due_at > until

    def known_until(self, code: str) -> datetime | None:
        """Return until when a calendar's days are announced; None where it counts every day."""
        by_workdays = code in self.hours and self.hours[code].days == service_hours.WORKING
        return self.announced_until if by_workdays else None


def in_force(*, on: date, zone: ZoneInfo) -> Axes:
    """Return the axes by the policies in force on a day.

    >>> axes = in_force(on=date(2026, 11, 27), zone=ZoneInfo("Asia/Shanghai"))
    >>> print(axes.announced_until)
    2026-12-31 16:00:00+00:00

    Raises
    ------
    loader.PolicyUnknown
        No calendar was in force yet.
    """
    return _made(
        loader.load(name=service_hours.NAME, on=on).valid_from,
        loader.load(name="workdays", on=on).valid_from,
        zone,
    )


@cache
def _made(hours_from: date, workdays_from: date, zone: ZoneInfo) -> Axes:
    return made(
        hours=service_hours.in_force(on=hours_from),
        workdays=calendars.work_calendar(on=workdays_from),
        zone=zone,
    )


def made(
    *, hours: dict[str, service_hours.ServiceHours], workdays: WorkCalendar, zone: ZoneInfo
) -> Axes:
    """Return axes by given hours and working days, as after an announcement."""

    def is_worked(day: date) -> bool:
        return day.year > workdays.last_year or workdays.is_workday(day)

    first_day = date(workdays.first_year, 1, 1)
    end_day = date(workdays.last_year + 1, 1, 1)
    return Axes(
        zone=zone,
        hours=hours,
        announced_until=spans.start_of_day(day=end_day, zone=zone),
        calendars={
            code: worktime.calendar(
                code=code,
                zone=zone,
                first_day=first_day,
                end_day=end_day.replace(year=end_day.year + YEARS_BEYOND),
                hours=one.hours,
                is_worked=is_worked if one.days == service_hours.WORKING else _every_day,
                counts_from_next_day=one.counts_from_next_day,
            )
            for code, one in hours.items()
        },
    )


def _every_day(_day: date) -> bool:
    return True
