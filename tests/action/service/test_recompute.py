"""All clocks at once are the clocks one by one, and a change of the calendar moves what it must."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamplighter.action.service import axes, clock, columns, flat, loading, planning, recount
from lamplighter.action.service import rules as service_rules
from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderStep, Promise, ServiceOrder, Wait
from lamplighter.action.service.whole import stretches
from lamplighter.kernel import worktime
from lamplighter.kernel.workdays import WorkCalendar
from lamplighter.ledger.models import Event
from lamplighter.policy import service_hours
from tests import factories as f
from tests.action.service import making as m

ALL = m.RULES.axes.calendars
minutes = st.integers(0, 20_000)


@given(
    code=st.sampled_from(sorted(ALL)),
    lives=st.lists(
        st.tuples(minutes, st.integers(1, 9_000), st.lists(st.integers(0, 3_000), max_size=6)),
        min_size=1,
        max_size=6,
    ),
)
def test_due_moments_in_columns_are_those_of_single_clocks(code, lives):
    """Each clock pauses and goes on in turn, after so many minutes each."""
    waits, starts = [], []
    for begins, _, gaps in lives:
        starts.append(m.later(begins))
        moments = [starts[-1] + timedelta(minutes=sum(gaps[: n + 1])) for n in range(len(gaps))]
        pairs = [moments[n : n + 2] for n in range(0, len(moments), 2)]
        waits.append([Wait(begins_at=a, ends_at=(b or [None])[0]) for a, *b in pairs])
    single = [
        clock.due_at(
            clock.Clock(
                opened_at=at,
                calendar=ALL[code],
                allowed=timedelta(minutes=allowed),
                stretches=stretches(starts_at=at, waits=its),
            )
        )
        for at, (_, allowed, _), its in zip(starts, lives, waits, strict=True)
    ]

    runs = [stretches(starts_at=at, waits=its) for at, its in zip(starts, waits, strict=True)]
    found = columns.due(
        columns.axis(ALL[code]),
        starts_us=columns.as_us(starts),
        allowed_us=np.array([allowed * 60_000_000 for _, allowed, _ in lives]),
        stretches=[
            (
                columns.as_us([run[n].begins_at if n < len(run) else None for run in runs]),
                columns.as_us([run[n].ends_at if n < len(run) else None for run in runs]),
            )
            for n in range(max(map(len, runs)))
        ],
    )

    assert columns.as_moments(found) == single


@given(code=st.sampled_from(sorted(ALL)), at=minutes, amount=st.integers(0, 50_000))
def test_a_place_in_columns_is_the_place_of_one(code, at, amount):
    one, moment, time = ALL[code], m.later(at), timedelta(minutes=amount)
    us, span = columns.as_us([moment]), np.array([amount * 60_000_000])

    after = columns.after(columns.axis(one), begins_us=us, amount_us=span)
    until = columns.until(columns.axis(one), ends_us=us, amount_us=span)

    assert columns.as_moments(after) == [
        worktime.after(calendar=one, begins_at=moment, amount=time)
    ]
    assert columns.as_moments(until) == [worktime.before(calendar=one, ends_at=moment, amount=time)]


def test_what_lies_outside_is_refused_and_nothing_is_nothing():
    one = columns.axis(ALL["OFFICE_HOURS"])
    early = columns.as_us([datetime(1999, 1, 1, tzinfo=UTC)])
    none = np.array([], dtype=np.int64)

    for refused in (
        lambda: columns.places(one, early),
        lambda: columns.after(one, begins_us=columns.as_us([m.NOON]), amount_us=np.array([10**16])),
        lambda: columns.until(one, ends_us=columns.as_us([m.NOON]), amount_us=np.array([10**16])),
    ):
        with pytest.raises(columns.OutsideColumns):
            refused()
    assert columns.due(one, starts_us=none, allowed_us=none, stretches=[]).size == 0


def deadlines():
    promises = Promise.objects.order_by("pk").values_list("due_at", "warn_at", "is_provisional")
    steps = OrderStep.objects.order_by("pk")
    return list(promises), list(steps.values_list("begin_by_at", "end_by_at", "inner_by_at"))


@pytest.mark.django_db
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_all_orders_at_once_are_the_orders_one_by_one(data):
    station = m.make_station()
    head = station.viewer("STATION_HEAD")
    cases = {"VOLTAGE": "HV", "CUSTOMER_KIND": "OTHER", "HV_SOURCES": "HV_DOUBLE"}
    types = ["FAULT_REPAIR", "COMPLAINT", "NEW_HV_DOUBLE", "CHANGE_VOLTAGE", "CONSULTATION"]
    for _ in range(data.draw(st.integers(1, 5))):
        order = m.open_one(
            station,
            data.draw(st.sampled_from(types)),
            cases=cases,
            priority=data.draw(st.sampled_from(["NORMAL", "URGENT"])),
        )
        for n in range(data.draw(st.integers(0, 5))):
            opened = OrderStep.objects.filter(order=order, state="READY").order_by("position")
            if not opened:
                break
            (whole,) = loading.wholes(orders=[order])
            card = whole.process.step(opened[0].code)
            pauses = [p.code for p in whole.process.pauses if card.code in p.steps]
            now = m.asking(order, head, 31 * (n + 1))
            if pauses and whole.open_wait() is None and data.draw(st.booleans()):
                service.wait(now, reason=pauses[0], step_code=card.code)
                continue
            answers = [one.code for one in card.choice.answers] if card.choice else [""]
            service.complete_step(
                now, step_code=card.code, answer=data.draw(st.sampled_from(answers))
            )

    ids = list(ServiceOrder.objects.filter(unit=station.unit).values_list("pk", flat=True))
    one_by_one = loading.wholes(orders=list(ServiceOrder.objects.filter(pk__in=ids)))
    for whole in one_by_one:
        planning.replan(whole, terms=m.RULES.terms)
    at_once = {order.id: order for order in flat.locked(order_ids=ids)}
    recount.replan_all(list(at_once.values()), terms=m.RULES.terms)

    for whole in one_by_one:
        order = at_once.pop(whole.order.pk, None)
        if order is None:
            assert whole.order.closed_at is not None
            continue
        assert {
            code: (step.begin_by_at, step.end_by_at, step.inner_by_at)
            for code, step in whole.live_steps().items()
        } == {
            code: tuple(columns.as_moments(np.array(step.limits())))
            for code, step in order.steps.items()
        }
        assert {p.code: (p.due_at, p.warn_at, p.is_provisional) for p in whole.live_promises()} == {
            code: (*columns.as_moments(np.array([p.due_us, p.warn_us])), p.is_provisional)
            for code, p in order.promises.items()
        }
    assert at_once == {}


def announced(*, last_year, holidays):
    """Return the rules once another year's working days are known."""
    from lamplighter.policy import calendars

    now = calendars.work_calendar(on=f.TODAY)
    workdays = WorkCalendar(
        first_year=now.first_year,
        last_year=last_year,
        holidays=now.holidays | holidays,
        worked=now.worked,
    )
    made = axes.made(hours=service_hours.in_force(on=f.TODAY), workdays=workdays, zone=m.ZONE)
    return service_rules.Rules(on=f.TODAY, zone=m.ZONE, policy=m.RULES.policy, axes=made)


@pytest.mark.django_db
def test_a_promise_beyond_the_calendar_is_provisional_until_the_year_is_announced():
    station = m.make_station()
    cases = {"VOLTAGE": "HV", "CUSTOMER_KIND": "OTHER", "HV_SOURCES": "HV_DOUBLE"}
    long = m.open_one(station, "NEW_HV_DOUBLE", cases=cases)
    short = m.open_one(station)
    before = m.promise(long, "SUPPLY")
    assert before.is_provisional  # 32 working days from late November
    assert not m.promise(short, "ARRIVAL").is_provisional

    rules = announced(last_year=2027, holidays=frozenset({date(2027, 1, 1)}))
    found = service.recompute(now=m.later(60), rules=rules, actor="operator")

    after = m.promise(long, "SUPPLY")
    assert (found.n_orders, found.n_changed) == (2, 1)
    assert not after.is_provisional
    assert after.due_at > before.due_at  # weekends and the holiday no longer count
    assert m.promise(short, "ARRIVAL").due_at == m.later(90)
    event = Event.objects.get(name="service.clocks.recomputed")
    assert event.payload["order_ids"] == [long.pk]

    stood = deadlines()
    assert service.recompute(now=m.later(61), rules=rules, actor="operator").n_changed == 0
    assert deadlines() == stood


@pytest.mark.django_db
def test_a_pass_that_was_killed_leaves_whole_parts_and_the_next_one_does_the_rest():
    station = m.make_station()
    cases = {"VOLTAGE": "HV", "CUSTOMER_KIND": "OTHER", "HV_SOURCES": "HV_DOUBLE"}
    orders = [m.open_one(station, "NEW_HV_DOUBLE", cases=cases) for _ in range(5)]
    rules = announced(last_year=2027, holidays=frozenset({date(2027, 1, 1)}))
    now, ids = m.later(60), [order.pk for order in orders]

    def killed(n_orders):
        if n_orders == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.recompute(now=now, rules=rules, actor="operator", at_once=2, on_progress=killed)
    done = [not m.promise(order, "SUPPLY").is_provisional for order in orders]
    found = service.recompute(now=now, rules=rules, actor="operator", at_once=2)

    assert done == [True, True, True, True, False]
    assert (found.n_orders, found.n_changed) == (5, 1)
    told = Event.objects.filter(name="service.clocks.recomputed").order_by("pk")
    assert [event.payload["order_ids"] for event in told] == [ids[:2], ids[2:4], ids[4:]]
    stood = deadlines()
    assert service.recompute(now=now, rules=rules, actor="operator").n_changed == 0
    assert deadlines() == stood
