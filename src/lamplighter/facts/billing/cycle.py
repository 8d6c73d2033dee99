"""The billing month: when meters are read, when the bill is out, how long there is to collect."""

from dataclasses import dataclass
from datetime import date, timedelta

from lamplighter.kernel.spans import DaySpan, month_span
from lamplighter.policy import loader


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """The billing month as a policy sets it; half-open spans of days."""

    policy_version: str
    reading: DaySpan
    bill_day: date
    window: DaySpan  # from the day the bill is out to the end of the month


def cycle_of(*, month: date) -> Cycle:
    """Return the cycle of the month that holds a day, by the policy in force on its first day.

    >>> cycle_of(month=date(2026, 11, 3)).window
    DaySpan(first_day=datetime.date(2026, 11, 22), end_day=datetime.date(2026, 12, 1))

    Raises
    ------
    loader.PolicyUnknown
        No calendar is in force in that month.
    """
    days = month_span(day=month)
    policy = loader.load(name="billing_calendar", on=days.first_day)
    bill_day = days.first_day.replace(day=policy.integer("bill_day"))
    return Cycle(
        policy_version=policy.version,
        reading=DaySpan(
            first_day=days.first_day.replace(day=policy.integer("first_reading_day")),
            end_day=days.first_day.replace(day=policy.integer("last_reading_day")) + timedelta(1),
        ),
        bill_day=bill_day,
        window=DaySpan(first_day=bill_day, end_day=days.end_day),
    )


def last_window(*, on: date) -> Cycle:
    """Return the newest cycle whose bills are out on a day.

    >>> last_window(on=date(2026, 11, 21)).bill_day
    datetime.date(2026, 10, 22)
    """
    cycle = cycle_of(month=on)
    return cycle if cycle.bill_day <= on else cycle_of(month=on.replace(day=1) - timedelta(1))
