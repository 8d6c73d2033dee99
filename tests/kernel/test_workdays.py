"""Working days: against the days that people know, and against counting by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.kernel import workdays
from lamplighter.policy import calendars

CHINA = calendars.work_calendar(on=date(2026, 11, 25))
days = st.dates(min_value=date(2014, 1, 1), max_value=date(2026, 11, 1))


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 10), True),  # a Saturday worked in exchange
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2026, 11, 25), True),
        (date(2026, 11, 28), False),
        (date(2024, 2, 18), True),  # the Sunday after the Spring Festival of 2024
    ],
)
def test_knows_the_days_of_the_state_calendar(day, is_worked):
    assert CHINA.is_workday(day) is is_worked


@pytest.mark.parametrize(("year", "n_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_counts_the_working_days_of_a_year_as_published(year, n_days):
    first, last = date(year - 1, 12, 31), date(year, 12, 31)

    assert workdays.workdays_between(first=first, last=last, calendar=CHINA) == n_days


@given(day=days, n_days=st.integers(1, 15))
def test_the_nth_day_is_worked_and_n_are_counted_up_to_it(day, n_days):
    found = workdays.workday_after(day=day, n_days=n_days, calendar=CHINA)

    assert CHINA.is_workday(found)
    counted = [d for d in (day + timedelta(n) for n in range(1, 60)) if CHINA.is_workday(d)]
    assert counted[n_days - 1] == found
    assert workdays.workdays_between(first=day, last=found, calendar=CHINA) == n_days
    assert workdays.workdays_between(first=found, last=day, calendar=CHINA) == -n_days


@pytest.mark.parametrize("day", [date(2013, 12, 31), date(2027, 1, 1)])
def test_refuses_a_day_it_knows_nothing_of(day):
    with pytest.raises(workdays.OutsideCalendar):
        CHINA.is_workday(day)


def test_refuses_a_span_that_leaves_the_calendar_and_fewer_than_one_day():
    with pytest.raises(workdays.OutsideCalendar):
        workdays.workday_after(day=date(2026, 12, 30), n_days=3, calendar=CHINA)
    with pytest.raises(ValueError, match="0 days"):
        workdays.workday_after(day=date(2026, 11, 25), n_days=0, calendar=CHINA)


@pytest.mark.parametrize(
    ("holidays", "worked"),
    [({date(2026, 1, 1)}, {date(2026, 1, 1)}), ({date(2025, 1, 1)}, set())],
)
def test_a_calendar_that_contradicts_itself_is_none(holidays, worked):
    with pytest.raises(workdays.NotACalendar):
        workdays.WorkCalendar(
            first_year=2026,
            last_year=2026,
            holidays=frozenset(holidays),
            worked=frozenset(worked),
        )
