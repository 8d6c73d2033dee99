"""Days: holidays, school terms and the billing calendar of S4-03."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

FIRST_READING_DAY, READING_DAYS, BILL_DAY = 17, 4, 22

SPRING_FESTIVAL = {
    2020: date(2020, 1, 25),
    2021: date(2021, 2, 12),
    2022: date(2022, 2, 1),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
}
MID_AUTUMN = {
    2020: date(2020, 10, 1),
    2021: date(2021, 9, 21),
    2022: date(2022, 9, 10),
    2023: date(2023, 9, 29),
    2024: date(2024, 9, 17),
    2025: date(2025, 10, 6),
    2026: date(2026, 9, 25),
    2027: date(2027, 9, 15),
    2028: date(2028, 10, 3),
    2029: date(2029, 9, 22),
    2030: date(2030, 9, 12),
}


class YearNotInCalendar(ValueError):
    """The twin knows no lunar holidays of this year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days of a station's life, as arrays of one entry a day."""

    first: date
    last: date
    dates: tuple[date, ...]
    epoch_day: npt.NDArray[np.int32]  # days since 1970-01-01
    is_off: npt.NDArray[np.bool_]  # weekend or holiday
    spring: npt.NDArray[np.float32]  # 0..1: how many of those who work away are at home
    holiday_week: npt.NDArray[np.bool_]  # National Day and Labour Day
    school_break: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.dates)

    def index(self, day: date) -> int:
        """Return the place of a day; outside the life it is negative or too large."""
        return (day - self.first).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One month's bill: when it is issued and due, and when each reading group was read."""

    issued: date
    due: date
    readings: tuple[date, ...]  # by reading group


def days_of(*, last: date, days: int) -> Days:
    """Return the calendar of a life of so many days that ends on a day.

    Raises
    ------
    YearNotInCalendar
        A year of the life is not in the lunar table.
    """
    first = last - timedelta(days=days - 1)
    for year in range(first.year, last.year + 2):
        if year not in SPRING_FESTIVAL:
            raise YearNotInCalendar(f"{year} is not in {min(SPRING_FESTIVAL)}-2030")
    dates = tuple(first + timedelta(days=n) for n in range(days))
    epoch = np.array([(day - date(1970, 1, 1)).days for day in dates], dtype=np.int32)
    week = np.array([_in_holiday_week(day) for day in dates])
    spring = np.array([_at_home(day) for day in dates], dtype=np.float32)
    weekend = np.array([day.weekday() >= 5 for day in dates])
    return Days(
        first=first,
        last=last,
        dates=dates,
        epoch_day=epoch,
        is_off=weekend | week | (spring >= 0.99),
        spring=spring,
        holiday_week=week,
        school_break=np.array([_in_school_break(day) for day in dates]),
    )


def cycles_of(*, days: Days) -> tuple[Cycle, ...]:
    """Return the cycles whose bill is issued within the life."""
    cycles = []
    year, month = days.first.year, days.first.month
    while date(year, month, BILL_DAY) <= days.last:
        readings = tuple(date(year, month, FIRST_READING_DAY + n) for n in range(READING_DAYS))
        if readings[0] > days.first:
            due = date(year, month, calendar.monthrange(year, month)[1])
            cycles.append(Cycle(issued=date(year, month, BILL_DAY), due=due, readings=readings))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return tuple(cycles)


def festivals() -> npt.NDArray[np.int64]:
    """Return the days on which families meet and old bills get paid, as epoch days."""
    days = [*SPRING_FESTIVAL.values(), *MID_AUTUMN.values()]
    days += [date(year, month, 2) for year in SPRING_FESTIVAL for month in (5, 10)]
    return np.array(sorted((day - date(1970, 1, 1)).days for day in days), dtype=np.int64)


def _at_home(day: date) -> float:
    festival = SPRING_FESTIVAL[day.year]
    distance = (day - festival).days
    if -14 <= distance < -4:
        return (distance + 15) / 11
    if -4 <= distance <= 7:
        return 1.0
    return max(0.0, 1.0 - (distance - 7) / 10) if distance > 7 else 0.0


def _in_holiday_week(day: date) -> bool:
    return (day.month == 10 and day.day <= 7) or (day.month == 5 and day.day <= 5)


def _in_school_break(day: date) -> bool:
    winter = -18 <= (day - SPRING_FESTIVAL[day.year]).days <= 12
    return winter or (day.month == 7 and day.day >= 5) or day.month == 8
