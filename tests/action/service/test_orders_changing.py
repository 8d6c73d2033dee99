"""Orders that wait, end, begin again and change, through the services that everybody uses."""

from datetime import timedelta

import pytest

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import (
    OrderEvent,
    OrderStep,
    Wait,
)
from lamplighter.ledger.models import Event
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
RESTORED_WITHIN = timedelta(hours=4)  # in a rural area


class TestWaiting:
    def arrived(self):
        station = m.make_station()
        order, head = m.open_one(station), station.viewer("STATION_HEAD")
        m.run(order, head, until="ARRIVE")
        return station, order, head

    def test_a_wait_moves_the_due_moment_by_its_own_length(self):
        _, order, head = self.arrived()

        service.wait(m.asking(order, head, 40), reason="ACCESS", step_code="ARRIVE")
        assert m.promise(order, "ARRIVAL").due_at is None
        assert m.step(order, "ARRIVE").end_by_at is None
        service.go_on(m.asking(order, head, 70))

        assert m.promise(order, "ARRIVAL").due_at == m.later(120)
        assert m.step(order, "ARRIVE").end_by_at == m.later(120)

    def test_what_is_late_when_it_begins_to_wait_stays_late(self):
        _, order, head = self.arrived()

        service.wait(m.asking(order, head, 95), reason="ACCESS", step_code="ARRIVE")

        assert m.promise(order, "ARRIVAL").missed_at == m.later(90)

    def test_only_for_what_the_process_says(self):
        _, order, head = self.arrived()

        with pytest.raises(errors.WaitNotAllowed):
            service.wait(m.asking(order, head, 40), reason="PAYMENT", step_code="ARRIVE")
        with pytest.raises(errors.NotWaiting):
            service.go_on(m.asking(order, head, 41))
        service.wait(m.asking(order, head, 40), reason="ACCESS", step_code="ARRIVE")
        with pytest.raises(errors.AlreadyWaiting):
            service.wait(m.asking(order, head, 41), reason="ACCESS", step_code="ARRIVE")
        with pytest.raises(errors.MomentGoesBack):
            service.go_on(m.asking(order, head, 39))

        assert Wait.objects.filter(order=order).count() == 1


class TestEnding:
    def opened(self):
        station = m.make_station()
        return station, m.open_one(station), station.viewer("STATION_HEAD")

    def test_the_customer_was_asked_by_the_last_step_and_said_yes(self):
        _, order, head = self.opened()

        m.run(order, head)

        assert order.state == "CLOSED"
        assert order.confirmed_at == m.step(order, "CONFIRM").done_at
        with pytest.raises(errors.OrderIsClosed):
            service.confirm(m.asking(order, head, 201))

    def test_the_customer_who_said_no_is_waited_for(self):
        _, order, head = self.opened()

        m.run(order, head, answers={"CONFIRM": "NO"})

        assert (order.state, order.closed_at) == ("CONFIRMING", None)
        assert order.finished_at is not None
        with pytest.raises(errors.OrderIsOpen):
            service.go_on(m.asking(order, head, 199))

        service.confirm(m.asking(order, head, 200))

        order.refresh_from_db()
        assert (order.state, order.confirmed_at) == ("CLOSED", m.later(200))

    def test_nothing_is_confirmed_before_it_is_finished(self):
        _, order, head = self.opened()

        with pytest.raises(errors.OrderIsOpen):
            service.confirm(m.asking(order, head, 1))

    def test_what_is_opened_again_goes_on_by_the_same_clock(self):
        _, order, head = self.opened()
        m.run(order, head, answers={"CONFIRM": "NO"})
        restore, finished = m.promise(order, "RESTORE"), order.finished_at
        assert (restore.missed_at, restore.due_at) == (None, restore.starts_at + RESTORED_WITHIN)

        service.reopen(m.asking(order, head, 500), step_code="POWER_BACK", reason="还是没电")

        restore.refresh_from_db()
        order.refresh_from_db()
        assert (order.state, order.finished_at) == ("OPEN", None)
        assert m.step(order, "POWER_BACK").state == "READY"
        assert restore.ended_at is None
        waited = m.later(500) - finished
        assert restore.due_at == restore.starts_at + RESTORED_WITHIN + waited
        assert m.promise(order, "ARRIVAL").ended_at is not None

    def test_cancelling_ends_it_and_says_why(self):
        station = m.make_station()
        order = m.open_one(station)

        service.cancel(m.asking(order, station.viewer(), 5), reason="客户自己修好了")

        order.refresh_from_db()
        assert order.state == "CANCELLED"
        assert not OrderStep.objects.filter(order=order, state__in=["READY", "AHEAD"]).exists()
        assert m.promise(order, "ARRIVAL").lapsed_at == m.later(5)
        with pytest.raises(errors.OrderIsClosed):
            service.complete_step(
                m.asking(order, station.viewer(), 6), step_code="TAKE", answer="NEW"
            )


class TestChanging:
    def test_priority_tightens_the_steps_and_leaves_the_promise(self):
        station = m.make_station()
        order = m.open_one(station)

        service.change_priority(m.asking(order, station.viewer(), 10), priority="URGENT")

        assert m.promise(order, "ARRIVAL").due_at == m.later(90)
        assert m.step(order, "ARRIVE").end_by_at == m.later(63)
        with pytest.raises(errors.PriorityUnknown):
            service.change_priority(m.asking(order, station.viewer(), 11), priority="MAX")

    def test_another_type_keeps_the_time_that_was_used(self):
        station = m.make_station()
        order = m.open_one(station, "COMPLAINT")

        service.change_type(m.asking(order, station.viewer(), 30), type_code="FAULT_REPAIR")

        order.refresh_from_db()
        assert (order.type_code, order.round) == ("FAULT_REPAIR", 2)
        assert m.promise(order, "ARRIVAL").due_at == m.later(90)  # since the request, not since now
        assert OrderStep.objects.filter(order=order, round=1, state="SKIPPED").exists()

    def test_another_amount_or_moment_keeps_it_too(self):
        station = m.make_station()
        order, head = m.open_one(station), station.viewer("STATION_HEAD")

        service.change_promise(
            m.asking(order, head, 30),
            promise_code="ARRIVAL",
            allowed=timedelta(hours=2),
            reason="大雪封路",
        )
        assert m.promise(order, "ARRIVAL").due_at == m.later(120)
        service.change_promise(
            m.asking(order, head, 40), promise_code="ARRIVAL", given_at=m.later(99), reason="约好了"
        )
        assert m.promise(order, "ARRIVAL").due_at == m.later(99)

        for wrong in (
            {},
            {"allowed": timedelta()},
            {"calendar_code": "MOON"},
            {"given_at": m.later(-1)},
            {"allowed": timedelta(1), "given_at": m.later(50)},
        ):
            with pytest.raises(errors.PromiseImpossible):
                service.change_promise(
                    m.asking(order, head, 41), promise_code="ARRIVAL", reason="改期", **wrong
                )

    def test_a_chase_is_on_the_record(self):
        station = m.make_station()
        order = m.open_one(station)

        service.chase(m.asking(order, station.viewer(), 20), reason="客户催问")

        assert OrderEvent.objects.get(order=order, kind="CHASED").reason == "客户催问"
        assert Event.objects.filter(name="service.order.chased").count() == 1
