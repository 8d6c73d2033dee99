"""Half-open spans, held by properties."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.kernel import spans

DAYS = st.dates(date(1990, 1, 1), date(2098, 12, 31))
LENGTHS = st.integers(0, 800)
ZONES = st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London"), ZoneInfo("UTC")])


@given(first=DAYS, length=LENGTHS)
def test_a_span_holds_its_first_day_and_not_its_end(first: date, length: int):
    span = spans.DaySpan(first_day=first, end_day=first + timedelta(length))

    assert span.n_days == length == len(list(span))
    assert (first in span) is (length > 0)
    assert span.end_day not in span
    assert all(day in span for day in span)


def test_a_span_cannot_end_before_it_starts():
    with pytest.raises(spans.SpanEndsBeforeItStarts, match="2026-01-02"):
        spans.DaySpan(first_day=date(2026, 1, 2), end_day=date(2026, 1, 1))


@given(day=DAYS, n_days=st.integers(1, 400))
def test_the_last_days_end_with_the_day(day: date, n_days: int):
    span = spans.last_days(up_to=day, n_days=n_days)

    assert span.n_days == n_days
    assert list(span)[-1] == day


@given(day=DAYS)
def test_months_follow_each_other_without_gap(day: date):
    month = spans.month_span(day=day)

    assert day in month
    assert month.first_day.day == 1
    assert {d.month for d in month} == {day.month}
    assert spans.month_span(day=month.end_day).first_day == month.end_day


@given(day=DAYS, n_months=st.integers(-240, 0))
def test_a_month_later_is_the_same_day_or_the_months_last(day: date, n_months: int):
    later = spans.months_after(day=day, n_months=n_months)

    months = (later.year - day.year) * 12 + later.month - day.month
    assert months == n_months
    assert later.day == day.day or (later + timedelta(1)).day == 1


@given(day=DAYS, zone=ZONES)
def test_a_local_day_begins_where_the_last_one_ended(day: date, zone: ZoneInfo):
    begin = spans.start_of_day(day=day, zone=zone)
    end = spans.end_of_day(day=day, zone=zone)

    assert begin.tzinfo is UTC
    assert begin.astimezone(zone).date() == day
    assert end == spans.start_of_day(day=day + timedelta(1), zone=zone)
    assert end - begin in {timedelta(hours=hours) for hours in (23, 24, 25)}


def test_a_day_of_a_clock_change_has_its_own_length():
    zone = ZoneInfo("Europe/London")
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)

    def hours(day: date) -> float:
        span = spans.end_of_day(day=day, zone=zone) - spans.start_of_day(day=day, zone=zone)
        return span / timedelta(hours=1)

    assert (hours(spring), hours(autumn)) == (23.0, 25.0)
    assert spans.start_of_day(day=date(2026, 11, 25), zone=ZoneInfo("Asia/Shanghai")) == datetime(
        2026, 11, 24, 16, tzinfo=UTC
    )
