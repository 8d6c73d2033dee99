"""The calendars by which promises and steps count, as the policy `calendars` gives them."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from lamplighter.policy import loader

NAME = "calendars"
EVERY, WORKING = "EVERY", "WORKING"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHours:
    """On which days, and in which hours of them, time counts."""

    code: str
    about: loader.Words
    days: str  # EVERY, or WORKING: the days that the policy `workdays` works
    hours: tuple[tuple[int, int], ...]  # from and to, in minutes after midnight, half open
    counts_from_next_day: bool  # the day of the request itself does not count

    @property
    def minutes_a_day(self) -> int:
        """Return how much of a day counts. [min]"""
        return sum(end - begin for begin, end in self.hours)


@cache
def in_force(*, on: date) -> dict[str, ServiceHours]:
    """Return the calendars in force on a day, by their code.

    >>> office = in_force(on=date(2026, 11, 27))["OFFICE_HOURS"]
    >>> office.hours, office.minutes_a_day
    (((510, 720), (840, 1050)), 420)

    Raises
    ------
    loader.PolicyUnknown
        None was in force yet.
    loader.PolicyFileWrong
        Days are neither EVERY nor WORKING, or the hours overlap or leave the day.
    """
    policy = loader.load(name=NAME, on=on)
    codes = dict.fromkeys(row.key.split(".")[0] for row in policy.rows)
    return {code: _calendar(policy, code) for code in codes}


def _calendar(policy: loader.Policy, code: str) -> ServiceHours:
    days = policy.row(f"{code}.days")
    if days.value not in {EVERY, WORKING}:
        raise loader.PolicyFileWrong(
            f"{policy.version}: {code}.days is {EVERY} or {WORKING}",
            f"{policy.version}: {code}.days 只能是 {EVERY} 或 {WORKING}",
        )
    hours = tuple(_span(policy, code, text) for text in policy.row(f"{code}.hours").value)
    edges = [minute for span in hours for minute in span]
    if not hours or edges != sorted(set(edges)) or edges[-1] > 24 * 60:
        raise loader.PolicyFileWrong(
            f"{policy.version}: {code}.hours overlap or leave the day",
            f"{policy.version}: {code}.hours 各时段不能重叠, 也不能超出一天",
        )
    return ServiceHours(
        code=code,
        about=days.about,
        days=str(days.value),
        hours=hours,
        counts_from_next_day=policy.flag(f"{code}.counts_from_next_day"),
    )


def _span(policy: loader.Policy, code: str, text: str) -> tuple[int, int]:
    try:
        begin, end = (
            int(hour) * 60 + int(minute)
            for hour, minute in (moment.split(":") for moment in text.split("-"))
        )
    except ValueError as error:
        raise loader.PolicyFileWrong(
            f"{policy.version}: {code}.hours: {text!r} is not like 08:30-12:00",
            f"{policy.version}: {code}.hours: {text!r} 应写成 08:30-12:00 的样子",
        ) from error
    return begin, end
