"""Failures grow while a promise is open, are weighed by a person, and incidents come to an end."""

from decimal import Decimal

import pytest
from django.db import DatabaseError

from lamplighter.action.service import errors, failing, incidents
from lamplighter.action.service import services as service
from lamplighter.action.service.models import Incident, OrderEvent, ServiceFailure
from lamplighter.ledger import queries as ledger
from lamplighter.ledger.models import Event
from tests.action.service import making as m
from tests.action.service.test_races import at_once
from tests.action.service.test_sweep import sweep

EVERY = failing.Wanted()


def weight(**changed):
    values = {
        "economic_cny": Decimal("120.50"), "political": 0, "reputation": 2, "honour": 1,
        "method": "联席评审", "remedy": "加派夜班",
    }  # fmt: skip
    return service.Weight(**values | changed)


@pytest.mark.django_db
class TestGrowing:
    def test_what_stays_open_grows_graver_once_and_the_ledger_says_so(self):
        order = m.open_one(m.make_station())

        found = [sweep(minute).n_graver for minute in (91, 179, 180, 181)]

        assert found == [0, 0, 1, 0]  # twice ninety minutes
        codes = set(ServiceFailure.objects.filter(order=order).values_list("code", "level"))
        assert codes == {("LATE_ARRIVAL", "ERROR"), ("VERY_LATE_ARRIVAL", "OBSTACLE")}
        (row,) = [
            e for e in Event.objects.filter(name="service.clocks.swept") if e.payload["graver"]
        ]
        assert row.payload["graver"] == [[order.pk, "VERY_LATE_ARRIVAL"]]
        assert OrderEvent.objects.get(order=order, kind="FAILED").detail["level"] == "OBSTACLE"

    def test_ended_later_it_is_noted_no_second_time(self):
        station = m.make_station()
        order = m.open_one(station)
        sweep(200)

        m.run(order, station.viewer("BRANCH"), every=60)

        graver = ServiceFailure.objects.filter(order=order, code="VERY_LATE_ARRIVAL")
        assert graver.count() == 1

    def test_time_that_the_customer_takes_makes_nothing_graver(self):
        station = m.make_station()
        order, head = m.open_one(station), station.viewer("STATION_HEAD")
        m.run(order, head, until="ARRIVE", every=1)
        sweep(100)
        service.wait(m.asking(order, head, 101), reason="ACCESS", step_code="ARRIVE")

        assert sweep(5_000).n_graver == 0

    def test_only_the_gravest_of_one_promise_is_counted(self):
        station = m.make_station()
        order = m.open_one(station)
        sweep(91)
        sweep(200)
        service.note_failure(
            m.asking(order, station.viewer("SUPERVISOR"), 201), level="ERROR",
            content="态度生硬", method="录音", economic_cny=Decimal(30),
        )  # fmt: skip
        asked = {"viewer": station.viewer("SUPERVISOR"), "rules": m.RULES, "wanted": EVERY}

        for by, group in (
            ("MONTH", "2026-11"), ("UNIT", station.unit.name), ("TYPE", "FAULT_REPAIR"),
        ):  # fmt: skip
            (row,) = failing.counted(**asked, by=by)
            assert row.group == group
            assert row.n_by_level == {"ERROR": 1, "OBSTACLE": 1, "ACCIDENT": 0}
            assert row.economic_cny == Decimal(30)
        grown = {line.failure.code: line.has_grown for line in failing.listed(**asked, limit=9)}
        assert grown == {"LATE_ARRIVAL": True, "VERY_LATE_ARRIVAL": False, "": False}


@pytest.mark.django_db
class TestWeighing:
    @pytest.fixture
    def failed(self):
        station = m.make_station()
        order = m.open_one(station)
        sweep(91)
        return station, order, ServiceFailure.objects.get().pk

    def test_losses_and_remedy_are_kept_once_and_the_latest_holds(self, failed):
        station, order, failure_id = failed
        supervisor = station.viewer("SUPERVISOR")
        for key, cost in (("k", "120.50"), ("k", "120.50"), ("l", "80.00")):
            service.weigh_failure(
                m.asking(order, supervisor, 100, key), failure_id=failure_id,
                weight=weight(economic_cny=Decimal(cost)),
            )  # fmt: skip

        (line,) = failing.listed(
            viewer=supervisor, rules=m.RULES, wanted=failing.Wanted(is_weighed=True), limit=9
        )
        assert line.failure.losses == ("80.00", 0, 2, 1)
        assert (line.failure.remedy, line.failure.weighed_at) == ("加派夜班", m.later(100))
        rows = Event.objects.filter(name="service.order.weighed").order_by("pk")
        assert [row.payload["economic_cny"] for row in rows] == ["120.50", "80.00"]

    @pytest.mark.parametrize(
        ("post", "changed", "refusal"),
        [
            ("AGENT", {}, errors.NotAllowed),
            ("SUPERVISOR", {"honour": 4}, errors.FailureUnknown),
            ("SUPERVISOR", {"economic_cny": Decimal(-1)}, errors.FailureUnknown),
            ("SUPERVISOR", {"remedy": " "}, errors.ReasonMissing),
            ("SUPERVISOR", {"staff_id": 10**6}, errors.StaffUnknown),
        ],
    )
    def test_a_wrong_weighing_is_refused(self, failed, post, changed, refusal):
        station, order, failure_id = failed

        with pytest.raises(refusal):
            service.weigh_failure(
                m.asking(order, station.viewer(post), 100), failure_id=failure_id,
                weight=weight(**changed),
            )  # fmt: skip

        assert ServiceFailure.objects.get().weighed_at is None

    def test_another_district_sees_and_weighs_nothing(self, failed):
        _station, order, failure_id = failed
        stranger = m.make_station().viewer("BRANCH")

        found = failing.listed(viewer=stranger, rules=m.RULES, wanted=EVERY, limit=9)
        counts = failing.counted(viewer=stranger, rules=m.RULES, wanted=EVERY, by="UNIT")
        assert (found, counts) == ([], [])
        with pytest.raises(errors.OrderUnknown):
            service.weigh_failure(
                m.asking(order, stranger, 100), failure_id=failure_id, weight=weight()
            )


def incident(station, n=2):
    """Return orders that share an incident."""
    orders = [m.open_one(station) for _ in range(n)]
    for order in orders[1:]:
        asking = m.asking(order, station.viewer(), 1)
        service.join_incident(asking, with_number=orders[0].number)
    return orders


def end(station, minutes, *, restored=30, cause="变压器熔丝熔断", viewer=None):
    return service.close_incident(
        viewer=viewer or station.viewer("SUPERVISOR"), number=Incident.objects.get().number,
        cause=cause, restored_at=m.later(restored), now=m.later(minutes), rules=m.RULES,
    )  # fmt: skip


@pytest.mark.django_db
class TestIncidents:
    def test_by_hand_it_answers_its_orders_and_each_customer_is_still_asked(self):
        station = m.make_station()
        orders = incident(station, 3)
        m.run(orders[1], station.viewer("BRANCH"), until="ARRIVE", every=1)
        service.cancel(m.asking(orders[2], station.viewer(), 5), reason="打错了")

        assert end(station, 40) == 2

        for order in orders[:2]:
            assert m.step(order, "POWER_BACK").done_at == m.later(30)
            assert m.promise(order, "RESTORE").missed_at is None
            confirm = m.step(order, "CONFIRM")
            assert (confirm.state, confirm.owner_id is not None) == ("READY", True)
            event = OrderEvent.objects.get(order=order, kind="RESTORED")
            assert (event.reason, event.is_outward) == ("变压器熔丝熔断", True)
        found = Incident.objects.get()
        assert (found.restored_at, found.closed_at) == (m.later(30), m.later(40))
        with pytest.raises(errors.IncidentUnknown):
            end(station, 41)
        assert Event.objects.filter(name="service.incident.ended").count() == 1

    def test_restored_late_the_promise_is_missed_and_stays_so(self):
        station = m.make_station()
        first, _second = incident(station)

        end(station, 200, restored=150)

        assert m.promise(first, "ARRIVAL").missed_at == m.later(90)

    def test_it_ends_with_the_last_of_its_orders(self):
        station = m.make_station()
        first, second = incident(station)
        service.cancel(m.asking(first, station.viewer(), 5), reason="打错了")
        assert sweep(6).n_incidents == 0
        service.cancel(m.asking(second, station.viewer(), 8), reason="打错了")

        assert [sweep(minute).n_incidents for minute in (9, 10)] == [1, 0]

        found = Incident.objects.get()
        assert (found.closed_at, found.closed_by, found.restored_at) == (m.later(8), "clock", None)

    @pytest.mark.parametrize(
        ("post", "changed", "refusal"),
        [
            ("AGENT", {}, errors.NotAllowed),
            ("SUPERVISOR", {"cause": ""}, errors.ReasonMissing),
            ("SUPERVISOR", {"restored": -1}, errors.MomentGoesBack),
            ("SUPERVISOR", {"restored": 41}, errors.MomentGoesBack),
        ],
    )
    def test_a_wrong_end_is_refused(self, post, changed, refusal):
        station = m.make_station()
        incident(station)

        with pytest.raises(refusal):
            end(station, 40, viewer=station.viewer(post), **changed)

        assert Incident.objects.get().closed_at is None

    def test_another_district_neither_sees_nor_ends_it(self):
        station = m.make_station()
        incident(station)
        stranger = m.make_station().viewer("BRANCH")

        assert incidents.listed(viewer=stranger, is_open=True, limit=9) == []
        with pytest.raises(errors.IncidentUnknown):
            end(station, 40, viewer=stranger)

    def test_nothing_is_kept_when_the_ledger_cannot_be_written(self, monkeypatch):
        from lamplighter.action.service.services import mending

        station = m.make_station()
        incident(station)

        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        monkeypatch.setattr(mending.ledger, "record", full_disk)
        with pytest.raises(DatabaseError):
            end(station, 40)

        assert Incident.objects.get().closed_at is None
        assert not OrderEvent.objects.filter(kind="RESTORED").exists()


@pytest.mark.django_db(transaction=True)
def test_an_incident_ended_by_two_at_once_ends_once_beside_a_neighbour_who_joins():
    station = m.make_station()
    first, _second = incident(station)
    neighbour = m.open_one(station)

    found = at_once(
        lambda: end(station, 40),
        lambda: end(station, 40),
        lambda: service.join_incident(
            m.asking(neighbour, station.viewer(), 40), with_number=first.number
        ),
    )

    names = sorted(type(one).__name__ for one in found[:2])
    assert names == ["IncidentUnknown", "int"]
    neighbour.refresh_from_db()
    answered = OrderEvent.objects.filter(kind="RESTORED").values_list("order_id", flat=True)
    assert (neighbour.pk in answered) == (neighbour.incident_id is not None)
    assert ledger.first_broken_link() is None
