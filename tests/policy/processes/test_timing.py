"""Steps fit into promises whenever an order begins: held against a minute-by-minute walk."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.policy import service_hours
from lamplighter.policy.loader import Words
from lamplighter.policy.processes import flow, timing
from lamplighter.policy.processes.shapes import Arrival, Limit, Promise, Source, Step
from tests.policy.processes import samples

HOURS = service_hours.in_force(on=date(2020, 1, 1))
WORDS = Words(zh="字", en="word")
SOURCE = Source(code="own", text="trial", certainty="O")
DAY = 24 * 60
AMOUNTS = {
    "ALWAYS": st.integers(1, 3000),
    "OFFICE_HOURS": st.integers(1, 900),
    "HOTLINE_HOURS": st.integers(1, 1500),
    "WORKING_DAYS": st.one_of(st.integers(1, 2 * DAY), st.sampled_from([DAY, 2 * DAY])),
}


def counts(calendar: str, minute: int) -> bool:
    """Tell whether a minute counts; minute 0 begins a Monday, the eighth to tenth day are free."""
    hours = HOURS[calendar]
    day, of_day = divmod(minute, DAY)
    is_free = day % 7 in {5, 6} or day in {7, 8, 9}
    if hours.days == "WORKING" and is_free:
        return False
    return any(begin <= of_day < end for begin, end in hours.hours)


def walk(calendar: str, begin: int, minutes: int) -> int:
    """Return the minute at which an amount has passed, counting one minute after the other."""
    while minutes:
        minutes -= counts(calendar, begin)
        begin += 1
    return begin


def limit(calendar: str, minutes: float) -> Limit:
    return Limit(amount=minutes, unit="minutes", calendar=calendar, source=SOURCE, minutes=minutes)


def chain(amounts: list[tuple[str, int]]) -> tuple[Step, ...]:
    return tuple(
        Step(
            code=f"S{place}", title=WORDS, what=WORDS, who="AGENT", when=limit(calendar, minutes),
            where="SITE", why=WORDS, how=WORDS, script=None, fields=(),
            follows=(Arrival(step=f"S{place - 1}", answer=""),) if place else (),
            choice=None, is_end=False, pause="", customer=None, page_title=None, ola=None,
            term=None, apart_from=(),
        )
        for place, (calendar, minutes) in enumerate(amounts)
    )  # fmt: skip


def promise(calendar: str, minutes: float, until: str) -> Promise:
    return Promise(
        code="P", title=WORDS, is_outward=True, after="", until=until, by="ALL",
        cases={"ALL": limit(calendar, minutes)},
    )  # fmt: skip


amounts = st.lists(
    st.sampled_from(sorted(AMOUNTS)).flatmap(lambda c: st.tuples(st.just(c), AMOUNTS[c])),
    min_size=1,
    max_size=5,
)


@given(
    of=st.sampled_from(["WORKING_DAYS", "OFFICE_HOURS", "HOTLINE_HOURS", "ALWAYS"]),
    taken=amounts,
    begin=st.integers(0, 12 * DAY),
)
def test_no_beginning_takes_more_than_the_bound(of: str, taken: list[tuple[str, int]], begin: int):
    steps = chain(taken)
    try:
        path = timing.longest(
            promise=promise(of, 1, steps[-1].code),
            case="ALL",
            steps=steps,
            promises=(),
            hours=HOURS,
        )
    except timing.NoBound:
        assert HOURS[of].days == "EVERY"
        assert any(HOURS[calendar].days == "WORKING" for calendar, _ in taken)
        return
    now = begin
    for calendar, minutes in taken:
        now = walk(calendar, now, minutes)
    used = sum(counts(of, minute) for minute in range(begin, now))
    assert used <= path.minutes + 1e-6
    assert path.steps == tuple(step.code for step in steps)


@given(days=st.integers(1, 4), office_minutes=st.integers(1, 400))
def test_the_bound_is_reached(days: int, office_minutes: int):
    """Whole days and less than a day of an office: some beginning needs one day more."""
    steps = chain([("WORKING_DAYS", days * DAY), ("OFFICE_HOURS", office_minutes)])
    path = timing.longest(
        promise=promise("WORKING_DAYS", 1, "S1"), case="ALL", steps=steps, promises=(), hours=HOURS
    )
    assert path.minutes == (days + 1) * DAY


@given(process=samples.processes())
def test_the_longest_path_is_the_longest_of_all(process):
    def paths(code: str) -> list[list[str]]:
        follows = process.step(code).follows
        if not follows:
            return [[code]]
        return [[*before, code] for way in follows for before in paths(way.step)]

    wanted = process.promises[0]
    path = timing.longest(
        promise=wanted, case="ALL", steps=process.steps, promises=process.promises, hours=HOURS
    )

    every = paths(wanted.until)
    assert list(path.steps) in every
    assert path.minutes == pytest.approx(max(map(len, every)))  # a minute a step
    assert flow.before(code=wanted.until, steps=process.steps) == {c for p in every for c in p}
