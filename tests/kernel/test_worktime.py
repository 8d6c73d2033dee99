"""Worked time: against counting minute by minute, and the properties sums must have."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.kernel import worktime

SHANGHAI, BOSTON = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
FIRST, END = date(2026, 2, 23), date(2026, 4, 6)  # the clocks of Boston change on 8 March
HOLIDAY = date(2026, 3, 17)
DESK = [(8 * 60 + 30, 12 * 60), (14 * 60, 17 * 60 + 30)]


def is_workday(day):
    return day.weekday() < 5 and day != HOLIDAY


def made(*, zone=SHANGHAI, hours=DESK, is_worked=is_workday, next_day=False):
    return worktime.calendar(
        code="MADE", zone=zone, first_day=FIRST, end_day=END, hours=hours, is_worked=is_worked,
        counts_from_next_day=next_day,
    )  # fmt: skip


CALENDARS = {
    "desk": made(),
    "desk in Boston": made(zone=BOSTON),
    "always": made(hours=[(0, 1440)], is_worked=lambda day: True),
    "night shift in Boston": made(zone=BOSTON, hours=[(0, 200), (1300, 1440)]),
    "whole working days": made(hours=[(0, 1440)]),
}
calendars = st.sampled_from(sorted(CALENDARS)).map(CALENDARS.__getitem__)
minutes_in = st.integers(24 * 60, 38 * 24 * 60)
amounts = st.integers(1, 30 * 60).map(lambda n: timedelta(minutes=n))


def at(minute):
    return datetime(2026, 2, 23, 6, tzinfo=UTC) + timedelta(minutes=minute)


def by_hand(calendar, hours, is_worked, begins_at, ends_at):
    """Count the minutes whose local clock stands within the hours of a worked day."""
    count, now = 0, begins_at
    while now < ends_at:
        local = now.astimezone(calendar.zone)
        minute = local.hour * 60 + local.minute
        count += is_worked(local.date()) and any(a <= minute < b for a, b in hours)
        now += timedelta(minutes=1)
    return timedelta(minutes=count)


@pytest.mark.parametrize("zone", [SHANGHAI, BOSTON], ids=str)
@pytest.mark.parametrize("hours", [DESK, [(0, 1440)], [(0, 200), (1300, 1440)]], ids=str)
def test_counts_what_counting_each_minute_gives(zone, hours):
    calendar = made(zone=zone, hours=hours)
    begins_at, ends_at = at(2_000), at(2_000 + 21 * 24 * 60)

    worked = worktime.worked(calendar=calendar, begins_at=begins_at, ends_at=ends_at)

    assert worked == by_hand(calendar, hours, is_workday, begins_at, ends_at)


@given(calendar=calendars, cut=st.lists(minutes_in, min_size=3, max_size=3).map(sorted))
def test_a_span_cut_up_is_worth_what_its_parts_are(calendar, cut):
    first, middle, last = map(at, cut)

    def worked(begins_at, ends_at):
        return worktime.worked(calendar=calendar, begins_at=begins_at, ends_at=ends_at)

    assert worked(first, middle) + worked(middle, last) == worked(first, last)
    assert timedelta() <= worked(first, middle) <= middle - first


@given(calendar=calendars, minute=st.integers(24 * 60, 20 * 24 * 60), amount=amounts)
def test_after_an_amount_exactly_that_much_was_worked_and_not_a_moment_before(
    calendar, minute, amount
):
    ends_at = worktime.after(calendar=calendar, begins_at=at(minute), amount=amount)

    def worked(until):
        return worktime.worked(calendar=calendar, begins_at=at(minute), ends_at=until)

    assert worked(ends_at) == amount
    assert worked(ends_at - timedelta(microseconds=1)) < amount


@given(calendar=calendars, minute=st.integers(25 * 24 * 60, 38 * 24 * 60), amount=amounts)
def test_before_leaves_exactly_that_much_and_is_the_last_moment_that_does(calendar, minute, amount):
    begins_at = worktime.before(calendar=calendar, ends_at=at(minute), amount=amount)

    def worked(since):
        return worktime.worked(calendar=calendar, begins_at=since, ends_at=at(minute))

    assert worked(begins_at) == amount
    assert worked(begins_at + timedelta(microseconds=1)) < amount


@given(calendar=calendars, cut=st.lists(minutes_in, min_size=2, max_size=2).map(sorted))
def test_the_stretches_add_up_to_what_was_worked(calendar, cut):
    begins_at, ends_at = map(at, cut)

    found = worktime.worked_stretches(calendar=calendar, begins_at=begins_at, ends_at=ends_at)

    total = sum((b - a for a, b in found), timedelta())
    assert total == worktime.worked(calendar=calendar, begins_at=begins_at, ends_at=ends_at)
    assert all(a < b for a, b in found)


def test_the_hour_that_spring_takes_is_not_worked_and_the_one_autumn_gives_is():
    nights = made(zone=BOSTON, hours=[(60, 240)], is_worked=lambda day: True)
    sunday = datetime(2026, 3, 8, 5, tzinfo=UTC)  # midnight in Boston, before the change

    worked = worktime.worked(
        calendar=nights, begins_at=sunday, ends_at=sunday + timedelta(hours=12)
    )

    assert worked == timedelta(hours=2)
    autumn = worktime.calendar(
        code="AUTUMN", zone=BOSTON, first_day=date(2026, 10, 31), end_day=date(2026, 11, 3),
        hours=[(0, 1440)], is_worked=lambda day: day == date(2026, 11, 1),
    )  # fmt: skip
    whole = worktime.worked(
        calendar=autumn,
        begins_at=datetime(2026, 10, 31, 12, tzinfo=UTC),
        ends_at=datetime(2026, 11, 2, 12, tzinfo=UTC),
    )
    assert whole == timedelta(hours=25)


@pytest.mark.parametrize(
    "ask",
    [
        lambda of: worktime.worked(calendar=of, begins_at=at(0) - timedelta(9), ends_at=at(9)),
        lambda of: worktime.worked(calendar=of, begins_at=at(9), ends_at=at(90 * 1440)),
        lambda of: worktime.after(calendar=of, begins_at=at(0), amount=timedelta(90)),
        lambda of: worktime.before(calendar=of, ends_at=at(0), amount=timedelta(90)),
    ],
)
def test_refuses_what_lies_outside_its_days_and_says_which_it_knows(ask):
    with pytest.raises(worktime.OutsideAxis, match="2026-02-23 to 2026-04-06"):
        ask(CALENDARS["always"])


@pytest.mark.parametrize(
    "hours", [[(600, 500)], [(0, 600), (500, 700)], [(0, 1441)], [(-5, 60)], [(60, 60)]]
)
def test_refuses_hours_that_are_no_spans_of_a_day(hours):
    with pytest.raises(worktime.NotSpansOfADay):
        made(hours=hours)


def test_a_calendar_that_never_works_leads_nowhere():
    never = made(is_worked=lambda day: False)

    assert worktime.worked(calendar=never, begins_at=at(0), ends_at=at(999)) == timedelta()
    with pytest.raises(worktime.OutsideAxis):
        worktime.after(calendar=never, begins_at=at(0), amount=timedelta(minutes=1))
