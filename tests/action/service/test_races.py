"""Two at once on a real PostgreSQL: one is right, the other is told, and nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, models

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderEvent, OrderStep, ServiceOrder, Wait
from lamplighter.ledger import queries as ledger
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run calls at the same moment, each with a connection of its own; what each returned."""
    gate = Barrier(len(calls))

    def run(call):
        gate.wait(timeout=30)
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        sent = [pool.submit(run, call) for call in calls]
    return [one.exception() or one.result() for one in sent]


def kinds(found: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in found)


def test_a_step_completed_by_two_is_completed_once():
    station = m.make_station()
    order, head = m.open_one(station), station.viewer("STATION_HEAD")

    found = at_once(
        *(
            lambda n=n: service.complete_step(
                m.asking(order, head, 1, f"tap-{n}"), step_code="TAKE", answer="NEW"
            )
            for n in range(4)
        )
    )

    assert kinds(found) == ["NoneType", *["StepNotOpen"] * 3]
    assert OrderEvent.objects.filter(order=order, kind="COMPLETED").count() == 1
    assert Event.objects.filter(name="service.order.completed").count() == 1
    assert ledger.first_broken_link() is None


def test_two_agents_close_one_order():
    station = m.make_station()
    order, head = m.open_one(station), station.viewer("STATION_HEAD")
    m.run(order, head, answers={"CONFIRM": "NO"})

    found = at_once(
        lambda: service.confirm(m.asking(order, head, 300)),
        lambda: service.cancel(m.asking(order, station.viewer(), 300), reason="不办了"),
    )

    assert kinds(found) == ["NoneType", "OrderIsClosed"]
    order.refresh_from_db()
    assert order.state in {"CLOSED", "CANCELLED"}
    assert OrderEvent.objects.filter(order=order, kind__in=["CONFIRMED", "CANCELLED"]).count() == 1


def test_the_same_form_sent_by_many_opens_one_order():
    station = m.make_station()

    found = at_once(*(lambda: m.open_one(station, request_key="form") for _ in range(4)))

    assert {order.pk for order in found} == {ServiceOrder.objects.get().pk}
    assert Event.objects.filter(name="service.order.opened").count() == 1


def test_a_breach_while_it_begins_to_wait_is_recorded_once():
    station = m.make_station()
    order, head = m.open_one(station), station.viewer("STATION_HEAD")
    m.run(order, head, until="ARRIVE")

    at_once(
        lambda: service.wait(m.asking(order, head, 91), reason="ACCESS", step_code="ARRIVE"),
        lambda: service.sweep(now=m.later(91), rules=m.RULES, actor="one"),
        lambda: service.sweep(now=m.later(91), rules=m.RULES, actor="two"),
    )

    assert m.promise(order, "ARRIVAL").missed_at == m.later(90)
    assert OrderEvent.objects.filter(order=order, kind="MISSED").count() == 1
    assert Wait.objects.filter(order=order).count() == 1


def test_sweeps_beside_each_other_do_each_thing_once():
    station = m.make_station()
    orders = [m.open_one(station) for _ in range(12)]

    found = at_once(
        *(
            lambda n=n: service.sweep(now=m.later(100), rules=m.RULES, actor=f"worker-{n}")
            for n in range(3)
        )
    )
    rest = service.sweep(now=m.later(100), rules=m.RULES, actor="last")

    assert sum(one.n_missed for one in [*found, rest]) == len(orders)
    assert OrderEvent.objects.filter(kind="MISSED").count() == len(orders)
    assert ledger.first_broken_link() is None


def test_two_wait_at_once():
    station = m.make_station()
    order, head = m.open_one(station), station.viewer("STATION_HEAD")
    m.run(order, head, until="ARRIVE")

    found = at_once(
        *(
            lambda: service.wait(m.asking(order, head, 50), reason="ACCESS", step_code="ARRIVE")
            for _ in range(2)
        )
    )

    assert kinds(found) == ["AlreadyWaiting", "NoneType"]


def test_orders_that_join_each_other_share_one_incident():
    station = m.make_station()
    one, two = m.open_one(station), m.open_one(station)
    agent = station.viewer()

    found = at_once(
        lambda: service.join_incident(m.asking(one, agent, 5), with_number=two.number),
        lambda: service.join_incident(m.asking(two, agent, 5), with_number=one.number),
    )

    assert kinds(found) == ["NoneType", "NoneType"]
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.incident_id == two.incident_id is not None
    with pytest.raises(errors.IncidentUnknown):
        service.join_incident(m.asking(one, agent, 6), with_number=one.number)


def test_who_has_steps_cannot_be_deleted_and_who_is_deleted_is_given_none():
    station = m.make_station()
    order = m.open_one(station)
    with pytest.raises(models.ProtectedError):
        station.staff["AGENT"].delete()

    gone = f.make_staff(station=station.unit, post="AGENT")
    gone_id = gone.pk
    gone.delete()
    with pytest.raises(errors.StaffUnknown):
        service.hand_over_step(
            m.asking(order, station.viewer(), 1), step_code="TAKE", staff_id=gone_id
        )

    assert OrderStep.objects.get(order=order, code="TAKE").owner_id == station.staff["AGENT"].pk
