"""The promise clock: what must hold of every clock, and each way in which others' clocks failed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.action.service import clock
from lamplighter.action.service.clock import Counting
from lamplighter.kernel import worktime

ZONE = ZoneInfo("Asia/Shanghai")
DESK = [(8 * 60 + 30, 12 * 60), (14 * 60, 17 * 60 + 30)]
LUNCH_AT = datetime(2026, 11, 4, 12, tzinfo=ZONE)  # a Wednesday


def made(*, hours, is_worked, next_day=False):
    return worktime.calendar(
        code="MADE", zone=ZONE, first_day=date(2026, 10, 1), end_day=date(2027, 1, 1),
        hours=hours, is_worked=is_worked, counts_from_next_day=next_day,
    )  # fmt: skip


def is_workday(day):
    return day.weekday() < 5 and not date(2026, 10, 1) <= day <= date(2026, 10, 7)


OFFICE = made(hours=DESK, is_worked=is_workday)
ALWAYS = made(hours=[(0, 1440)], is_worked=lambda day: True)
WORKDAYS = made(hours=[(0, 1440)], is_worked=is_workday, next_day=True)
HOLIDAY_OFF = made(hours=[(0, 1440)], is_worked=is_workday)
calendars = st.sampled_from([OFFICE, ALWAYS, WORKDAYS, HOLIDAY_OFF])
OPENED_AT = datetime(2026, 11, 2, 3, tzinfo=UTC)
amounts = st.integers(1, 5 * 24 * 60).map(lambda n: timedelta(minutes=n))
steps = st.lists(st.integers(0, 2 * 24 * 60), min_size=0, max_size=8)


def after(minutes):
    return OPENED_AT + timedelta(minutes=minutes)


def lived(of, minutes):
    """Pause and resume in turn, each so many minutes after the last."""
    now = 0
    for number, gap in enumerate(minutes):
        now += gap
        of = (clock.resumed if number % 2 else clock.paused)(of, at=after(now))
    return of, now


@st.composite
def clocks(draw):
    of = clock.opened(at=OPENED_AT, calendar=draw(calendars), allowed=draw(amounts))
    return lived(of, draw(steps))


@given(lived=clocks(), later=st.tuples(st.integers(0, 9_000), st.integers(0, 9_000)))
def test_what_is_used_never_shrinks_nor_falls_below_nothing(lived, later):
    of, now = lived
    first, last = sorted(now + n for n in later)

    assert timedelta() <= clock.used(of, at=after(first)) <= clock.used(of, at=after(last))
    assert clock.used(of, at=after(last)) <= after(last) - OPENED_AT


@given(lived=clocks(), later=st.integers(0, 9_000))
def test_every_minute_is_explained_once_and_the_counted_ones_are_what_is_used(lived, later):
    of, now = lived
    end = after(now + later)

    parts = clock.explained(of, at=end)

    ends = [OPENED_AT, *(part.ends_at for part in parts)]
    assert [part.begins_at for part in parts] == ends[:-1]
    assert ends[-1] == end or not parts
    counted = [p.ends_at - p.begins_at for p in parts if p.counting is Counting.COUNTED]
    assert sum(counted, timedelta()) == clock.used(of, at=end)


@given(lived=clocks(), wait=st.integers(1, 5_000), later=st.integers(0, 5_000))
def test_a_pause_uses_nothing_and_carries_over(lived, wait, later):
    """The time left when it is paused is the time left when it goes on, however long that was."""
    of, now = lived
    if not of.is_running:
        of = clock.resumed(of, at=after(now))

    waiting = clock.paused(of, at=after(now))
    again = clock.resumed(waiting, at=after(now + wait))

    assert clock.left(again, at=after(now + wait)) == clock.left(of, at=after(now))
    assert clock.left(waiting, at=after(now + wait + later)) == clock.left(of, at=after(now))


@given(lived=clocks())
def test_the_moment_it_is_due_is_the_moment_the_promise_is_used_up(lived):
    of, now = lived

    due_at = clock.due_at(of)

    if due_at is None:
        assert not of.is_running
        assert clock.left(of, at=after(now)) >= timedelta()
    else:
        assert clock.used(of, at=due_at) == of.allowed
        assert not clock.is_overdue(of, at=due_at)


@given(
    minutes=steps, first=calendars, then=calendars, amount=amounts, other=amounts,
    place=st.integers(0, 8),
)  # fmt: skip
def test_it_does_not_matter_when_calendar_and_amount_were_changed(
    minutes, first, then, amount, other, place
):
    begun = clock.opened(at=OPENED_AT, calendar=first, allowed=amount)
    before = clock.on_other_terms(begun, calendar=then, allowed=other)
    at_once, _ = lived(before, minutes)

    of, now = begun, 0
    for number, gap in enumerate(minutes):
        if number == place:
            of = clock.on_other_terms(of, calendar=then, allowed=other)
        now += gap
        of = (clock.resumed if number % 2 else clock.paused)(of, at=after(now))
    of = clock.on_other_terms(of, allowed=other, calendar=then)

    assert of == at_once


@given(lived=clocks(), amount=amounts)
def test_another_priority_keeps_the_time_used(lived, amount):
    of, now = lived

    changed = clock.on_other_terms(of, allowed=amount)

    assert clock.used(changed, at=after(now)) == clock.used(of, at=after(now))


@given(lived=clocks(), later=st.integers(0, 9_000))
def test_once_it_ended_no_time_passes(lived, later):
    of, now = lived

    done = clock.ended(of, at=after(now))

    assert clock.used(done, at=after(now + later)) == clock.used(of, at=after(now))
    assert clock.is_overdue(done, at=after(now + later)) == clock.is_overdue(of, at=after(now))


def test_refuses_what_does_not_fit():
    of = clock.opened(at=OPENED_AT, calendar=ALWAYS, allowed=timedelta(hours=1))
    waiting = clock.paused(of, at=after(5))
    done = clock.ended(of, at=after(9))

    with pytest.raises(clock.NoAmount):
        clock.opened(at=OPENED_AT, calendar=ALWAYS, allowed=timedelta())
    with pytest.raises(clock.NoAmount):
        clock.on_other_terms(of, allowed=timedelta())
    with pytest.raises(clock.IsRunning):
        clock.resumed(of, at=after(5))
    with pytest.raises(clock.IsNotRunning):
        clock.paused(waiting, at=after(6))
    with pytest.raises(clock.GoesBack):
        clock.resumed(waiting, at=after(4))
    with pytest.raises(clock.GoesBack):
        clock.paused(of, at=after(-1))
    for act in (clock.paused, clock.resumed, clock.ended):
        with pytest.raises(clock.HasEnded):
            act(done, at=after(10))


# Each of these went wrong in a product that people use; the numbers are theirs.


def test_a_lunch_break_is_not_counted():
    """Frappe Helpdesk #2212, Chatwoot #14009: one span of hours a day was not enough."""
    of = clock.opened(at=LUNCH_AT - timedelta(hours=1), calendar=OFFICE, allowed=timedelta(hours=2))

    assert clock.due_at(of) == LUNCH_AT + timedelta(hours=3)  # 15:00: one hour before, one after
    assert clock.left(of, at=LUNCH_AT + timedelta(minutes=40)) == timedelta(hours=1)


def test_a_request_after_hours_begins_with_the_next_working_morning():
    """Zammad #47, osTicket #1168: evenings and weekends were counted."""
    friday_evening = datetime(2026, 11, 6, 21, tzinfo=ZONE)
    of = clock.opened(at=friday_evening, calendar=OFFICE, allowed=timedelta(hours=1))

    assert clock.due_at(of) == datetime(2026, 11, 9, 9, 30, tzinfo=ZONE)


def test_a_wait_that_spans_the_end_of_the_day_is_not_charged_twice():
    """Zammad #3140, Odoo: time on hold over a night came off the next day's hours."""
    of = clock.opened(
        at=datetime(2026, 11, 4, 16, tzinfo=ZONE), calendar=OFFICE, allowed=timedelta(hours=3)
    )
    of = clock.paused(of, at=datetime(2026, 11, 4, 17, tzinfo=ZONE))
    of = clock.resumed(of, at=datetime(2026, 11, 5, 10, tzinfo=ZONE))

    assert clock.due_at(of) == datetime(2026, 11, 5, 12, tzinfo=ZONE)


def test_going_on_hold_on_a_holiday_changes_nothing():
    """Dynamics: a case put on hold on a holiday lost the time of the whole holiday."""
    holiday = datetime(2026, 10, 5, 11, tzinfo=ZONE)
    of = clock.opened(
        at=datetime(2026, 10, 2, 9, tzinfo=ZONE), calendar=OFFICE, allowed=timedelta(hours=4)
    )
    of = clock.paused(of, at=holiday)
    of = clock.resumed(of, at=holiday + timedelta(hours=3))

    assert clock.used(of, at=holiday + timedelta(hours=4)) == timedelta()
    assert clock.due_at(of) == datetime(2026, 10, 8, 14, 30, tzinfo=ZONE)


def test_several_waits_are_all_carried_over():
    """GLPI #15605: only the last wait was taken off."""
    of = clock.opened(at=OPENED_AT, calendar=ALWAYS, allowed=timedelta(hours=1))
    for begin in (10, 100, 1_000):
        of = clock.paused(of, at=after(begin))
        of = clock.resumed(of, at=after(begin + 50))

    assert clock.due_at(of) == after(60 + 100)


def test_the_other_calendar_applies_from_the_beginning():
    """GLPI #15429: after a change of calendar the time was counted by neither."""
    of = clock.opened(
        at=datetime(2026, 11, 6, 17, tzinfo=ZONE), calendar=ALWAYS, allowed=timedelta(hours=2)
    )
    of = clock.on_other_terms(of, calendar=OFFICE)

    assert clock.due_at(of) == datetime(2026, 11, 9, 10, tzinfo=ZONE)


def test_a_higher_priority_does_not_start_the_clock_again():
    """Zammad #5177, OCA helpdesk: changing priority gave the whole time anew."""
    of = clock.opened(at=OPENED_AT, calendar=ALWAYS, allowed=timedelta(hours=8))
    of = clock.on_other_terms(of, allowed=timedelta(hours=2))

    assert clock.left(of, at=after(90)) == timedelta(minutes=30)


def test_five_working_days_end_with_the_fifth_after_the_day_of_the_request():
    of = clock.opened(
        at=datetime(2026, 11, 5, 9, tzinfo=ZONE), calendar=WORKDAYS, allowed=timedelta(days=5)
    )

    assert clock.due_at(of) == datetime(2026, 11, 13, tzinfo=ZONE)  # 6, 9, 10, 11, 12 November
    assert clock.used(of, at=datetime(2026, 11, 5, 23, tzinfo=ZONE)) == timedelta()


def test_a_promise_beyond_the_end_of_the_calendar_is_refused_aloud():
    of = clock.opened(
        at=datetime(2026, 12, 30, 9, tzinfo=ZONE), calendar=WORKDAYS, allowed=timedelta(days=5)
    )

    with pytest.raises(worktime.OutsideAxis, match="2027-01-01"):
        clock.due_at(of)
