"""The promise worked back into steps: against walking every path by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.action.service import limits
from lamplighter.action.service.limits import Step
from lamplighter.kernel import worktime

ZONE = ZoneInfo("Asia/Shanghai")
DUE_AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def made(hours):
    return worktime.calendar(
        code="MADE", zone=ZONE, first_day=date(2026, 9, 1), end_day=date(2027, 1, 1), hours=hours,
        is_worked=lambda day: day.weekday() < 5,
    )  # fmt: skip


CALENDARS = [made([(510, 720), (840, 1050)]), made([(0, 1440)])]


@st.composite
def plans(draw):
    codes = [f"S{n}" for n in range(draw(st.integers(1, 7)))]
    return [
        Step(
            code=code,
            needs=timedelta(minutes=draw(st.integers(1, 600))),
            calendar=draw(st.sampled_from(CALENDARS)),
            follows=draw(st.frozensets(st.sampled_from(codes[:n]), max_size=3))
            if n
            else frozenset(),
        )
        for n, code in enumerate(codes)
    ]


def paths(steps, code):
    after = [step.code for step in steps if code in step.follows]
    return [[code, *rest] for next_one in after for rest in paths(steps, next_one)] or [[code]]


@given(steps=plans())
def test_a_step_may_begin_as_late_as_the_tightest_path_to_the_end_allows(steps):
    by_code = {step.code: step for step in steps}

    found = limits.worked_back(steps=steps, due_at=DUE_AT)

    for code in by_code:
        latest = []
        for path in paths(steps, code):
            at = DUE_AT
            for name in reversed(path):
                step = by_code[name]
                at = worktime.before(calendar=step.calendar, ends_at=at, amount=step.needs)
            latest.append(at)
        assert found[code].begin_by == min(latest)


@given(steps=plans())
def test_whoever_keeps_each_limit_keeps_the_promise(steps):
    found = limits.worked_back(steps=steps, due_at=DUE_AT)

    for step in steps:
        limit = found[step.code]
        done = worktime.after(calendar=step.calendar, begins_at=limit.begin_by, amount=step.needs)
        assert done <= limit.end_by <= DUE_AT
        assert all(found[before].end_by <= limit.begin_by for before in step.follows)


@given(steps=plans(), shuffled=st.randoms())
def test_the_order_in_which_steps_are_written_does_not_matter(steps, shuffled):
    other = list(steps)
    shuffled.shuffle(other)

    assert limits.worked_back(steps=other, due_at=DUE_AT) == limits.worked_back(
        steps=steps, due_at=DUE_AT
    )


def test_refuses_a_ring_and_a_step_that_there_is_not():
    with pytest.raises(limits.NotAPlan, match="A, B wait for each other"):
        limits.in_order(follows={"A": frozenset("B"), "B": frozenset("A"), "C": frozenset()})
    with pytest.raises(limits.NotAPlan, match="X is no step"):
        limits.in_order(follows={"A": frozenset("X")})
