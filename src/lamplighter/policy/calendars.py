"""The working days that the policy `workdays` lists, as a calendar to count by."""

from dataclasses import dataclass
from datetime import date

from lamplighter.kernel.workdays import WorkCalendar
from lamplighter.policy import loader


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEnd:
    """The last day that the calendar in force knows, where it is near or over."""

    last_day: date
    n_days_left: int  # negative: it has ended
    version: str


def work_calendar(*, on: date) -> WorkCalendar:
    """Return the calendar of working days in force on a day.

    Raises
    ------
    loader.PolicyUnknown
        No calendar was in force yet.
    """
    policy = loader.load(name="workdays", on=on)
    return WorkCalendar(
        first_year=policy.integer("first_year"),
        last_year=policy.integer("last_year"),
        holidays=frozenset(map(date.fromisoformat, policy.row("holidays").value)),
        worked=frozenset(map(date.fromisoformat, policy.row("worked").value)),
    )


def calendar_end(*, on: date) -> CalendarEnd | None:
    """Return the end of the calendar in force, once it is near enough to be told; else None.

    Raises
    ------
    loader.PolicyUnknown
        No calendar was in force yet.
    """
    policy = loader.load(name="workdays", on=on)
    last_day = date(policy.integer("last_year"), 12, 31)
    left = (last_day - on).days
    if left > loader.load(name="upkeep", on=on).integer("calendar_warned_days"):
        return None
    return CalendarEnd(last_day=last_day, n_days_left=left, version=policy.version)
