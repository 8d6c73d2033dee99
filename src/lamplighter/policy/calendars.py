"""The working days that the policy `workdays` lists, as a calendar to count by."""

from datetime import date

from lamplighter.kernel.workdays import WorkCalendar
from lamplighter.policy import loader


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
