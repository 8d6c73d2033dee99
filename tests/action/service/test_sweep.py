"""The sweep: once each, relieving who is silent or away, whatever runs beside it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model

from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderEvent, OrderStep, ServiceFailure, ServiceOrder
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
ROWS = m.RULES.policy.rows


def sweep(minutes):
    return service.sweep(now=m.later(minutes), rules=m.RULES, actor="worker")


def test_a_breach_is_recorded_once_at_the_moment_it_happened():
    order = m.open_one(m.make_station())

    assert sweep(90).n_missed == 0  # the very moment is still kept
    assert sweep(91).n_missed == 1
    assert sweep(92).n_missed == 0

    promise = m.promise(order, "ARRIVAL")
    assert (promise.missed_at, promise.ended_at) == (m.later(90), None)
    failure = ServiceFailure.objects.get(order=order)
    assert (failure.code, failure.level) == ("LATE_ARRIVAL", "ERROR")
    assert OrderEvent.objects.filter(order=order, kind="MISSED").count() == 1
    (told,) = [e for e in Event.objects.filter(name="service.clocks.swept") if e.payload["missed"]]
    assert told.payload["missed"] == [[order.pk, "ARRIVAL"]]


def test_a_warning_comes_before_and_once():
    order = m.open_one(m.make_station())

    assert sweep(71).n_warned == 0
    assert sweep(72).n_warned == 1  # four fifths of ninety minutes
    assert sweep(73).n_warned == 0

    assert m.promise(order, "ARRIVAL").warned_at == m.later(72)


def test_what_waits_is_neither_warned_of_nor_missed():
    station = m.make_station()
    order, head = m.open_one(station), station.viewer("STATION_HEAD")
    m.run(order, head, until="ARRIVE")
    service.wait(m.asking(order, head, 30), reason="ACCESS", step_code="ARRIVE")

    swept = sweep(5_000)

    assert (swept.n_warned, swept.n_missed) == (0, 0)


def test_a_silent_owner_is_relieved_and_the_customer_notices_nothing():
    station = m.make_station()
    other = f.make_staff(station=station.unit, post="AGENT")
    order = m.open_one(station)
    owner_id = m.step(order, "TAKE").owner_id

    assert sweep(119).n_reassigned == 0
    assert sweep(120).n_reassigned == 1

    step = m.step(order, "TAKE")
    assert {owner_id, step.owner_id} == {station.staff["AGENT"].pk, other.pk}
    assert (step.assigned_at, step.n_reassigned) == (m.later(120), 1)
    assert not OrderEvent.objects.get(order=order, kind="REASSIGNED").is_outward
    assert m.promise(order, "ARRIVAL").due_at == m.later(90)


def test_who_has_begun_is_not_silent_and_who_is_alone_keeps_it():
    station = m.make_station()
    order = m.open_one(station)
    assert sweep(500).n_reassigned == 0  # nobody else could take it

    f.make_staff(station=station.unit, post="AGENT")
    service.begin_step(m.asking(order, station.viewer(), 501), step_code="TAKE")

    assert sweep(5_000).n_reassigned == 0


def test_the_night_is_no_silence_of_who_works_by_day():
    station = m.make_station()
    f.make_staff(station=station.unit, post="SUPERVISOR")
    order, head = m.open_one(station, "COMPLAINT"), station.viewer("STATION_HEAD")
    evening = datetime(2026, 11, 25, 9, 20, tzinfo=UTC)  # 17:20 in Shanghai
    service.complete_step(
        service.Asking(viewer=head, number=order.number, now=evening, rules=m.RULES),
        step_code="TAKE",
    )
    owner_id = m.step(order, "ASSIGN").owner_id

    early = service.sweep(now=evening + timedelta(hours=15), rules=m.RULES, actor="worker")
    assert early.n_reassigned == 0  # 08:20: ten minutes at work, of a hundred and twenty
    later = service.sweep(now=evening + timedelta(hours=17, minutes=1), rules=m.RULES, actor="w")

    assert later.n_reassigned == 1  # 10:21
    assert m.step(order, "ASSIGN").owner_id != owner_id


def test_steps_of_who_is_away_go_to_others_and_none_comes_to_them():
    station = m.make_station()
    agent = station.staff["AGENT"]
    order = m.open_one(station)
    other = f.make_staff(station=station.unit, post="AGENT")

    for _ in range(2):
        service.record_absence(
            viewer=station.viewer(), staff_id=agent.pk, begins_at=m.later(1),
            ends_at=m.later(600), now=m.NOON, rules=m.RULES,
        )  # fmt: skip
    assert sweep(2).n_reassigned == 1
    second = m.open_one(station, now=m.later(3), asked_at=m.later(3))

    assert m.step(order, "TAKE").owner_id == m.step(second, "TAKE").owner_id == other.pk
    assert Event.objects.filter(name="service.absence.recorded").count() == 1


def test_who_may_no_longer_sign_in_is_given_nothing():
    station = m.make_station()
    agent = station.staff["AGENT"]
    agent.user = get_user_model().objects.create(username="gone", is_active=False)
    agent.save()

    order = m.open_one(station)
    assert m.step(order, "TAKE").owner_id is None
    new = f.make_staff(station=station.unit, post="AGENT")
    assert sweep(1).n_reassigned == 1

    assert m.step(order, "TAKE").owner_id == new.pk


def test_who_leaves_for_good_leaves_no_work_behind_though_it_was_begun():
    station = m.make_station()
    agent = station.staff["AGENT"]
    order = m.open_one(station)
    service.begin_step(m.asking(order, station.viewer(), 1), step_code="TAKE")
    other = f.make_staff(station=station.unit, post="AGENT")
    agent.user = get_user_model().objects.create(username="left", is_active=False)
    agent.save()

    assert sweep(2).n_reassigned == 2  # the step, and the order
    assert sweep(3).n_reassigned == 0

    order.refresh_from_db()
    assert (m.step(order, "TAKE").owner_id, order.owner_id) == (other.pk, other.pk)
    assert OrderEvent.objects.filter(order=order, kind="REASSIGNED").count() == 2


def test_work_is_shared_by_what_each_has_and_the_hours_of_their_day():
    station = m.make_station()
    half = f.make_staff(station=station.unit, post="AGENT", minutes_per_day=210)

    orders = [m.open_one(station) for _ in range(9)]

    owners = [m.step(order, "TAKE").owner_id for order in orders]
    assert owners.count(half.pk) == 3  # of nine, with half the hours of the other


def test_who_has_more_than_is_counted_is_full_and_the_full_take_turns():
    station = m.make_station()
    f.make_staff(station=station.unit, post="AGENT", minutes_per_day=210)
    rows = [replace(r, value=4) if r.key == "load_counted_at_most" else r for r in ROWS]
    rules = replace(m.RULES, policy=replace(m.RULES.policy, rows=tuple(rows)))

    orders = [m.open_one(station, rules=rules) for _ in range(18)]
    idle = f.make_staff(station=station.unit, post="AGENT")
    last = m.open_one(station, rules=rules)

    owners = [m.step(order, "TAKE").owner_id for order in orders]
    assert sorted(owners[:8].count(one) for one in set(owners)) == [4, 4]
    assert sorted(owners[8:].count(one) for one in set(owners)) == [5, 5]
    assert m.step(last, "TAKE").owner_id == idle.pk


def test_a_finished_order_without_an_answer_is_closed_without_a_yes():
    station = m.make_station()
    order, head = m.open_one(station), station.viewer("STATION_HEAD")
    m.run(order, head, answers={"CONFIRM": "NO"})
    finished = (order.finished_at - m.NOON) / timedelta(minutes=1)

    assert sweep(finished + 7 * 24 * 60 - 1).n_closed == 0
    assert sweep(finished + 7 * 24 * 60).n_closed == 1
    assert sweep(finished + 8 * 24 * 60).n_closed == 0

    order.refresh_from_db()
    assert (order.state, order.confirmed_at) == ("CLOSED", None)


def test_words_and_numbers_go_when_their_time_is_over_and_the_order_stays():
    station = m.make_station()
    told = {"account_number": "", "area_id": station.area.pk, "place": "村口小卖部"}
    order = m.open_one(station, phone="19900001234", **told)
    going_on = m.open_one(station, phone="19900001234")
    assert order.place_sealed is not None
    service.cancel(m.asking(order, station.viewer(), 1), reason="打错了")

    def erase(day):
        return service.erase_expired(today=day, now=m.later(2), actor="worker")

    assert order.words_expire_date == date(2028, 11, 25)
    assert [erase(date(2028, 11, day)) for day in (24, 25, 26)] == [0, 1, 0]

    order.refresh_from_db()
    going_on.refresh_from_db()
    assert (order.words_sealed, order.phone_sealed, order.phone_index) == (None, None, "")
    assert order.place_sealed is None
    assert order.opened_at == m.NOON
    assert going_on.words_sealed is not None
    assert Event.objects.get(name="service.words.erased").payload == {"n_orders": 1}


def test_a_sweep_killed_half_way_leaves_nothing_half_done(monkeypatch):
    station = m.make_station()
    orders = [m.open_one(station) for _ in range(3)]
    from lamplighter.action.service.services import sweeping

    monkeypatch.setattr(sweeping, "ORDERS_AT_ONCE", 1)
    wanted, calls = sweeping.ledger.record, []

    def killed(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return wanted(*args, **kwargs)

    monkeypatch.setattr(sweeping.ledger, "record", killed)
    with pytest.raises(KeyboardInterrupt):
        sweep(100)
    assert OrderEvent.objects.filter(kind="MISSED").count() == 1

    monkeypatch.setattr(sweeping.ledger, "record", wanted)
    assert sweep(100).n_missed == 2

    assert OrderEvent.objects.filter(kind="MISSED").count() == len(orders)
    assert ServiceOrder.objects.count() == OrderStep.objects.filter(code="TAKE").count() == 3
