"""Orders from the first word to the customer's yes, through the services that everybody uses."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import (
    OrderEvent,
    OrderStep,
    ServiceFailure,
    ServiceOrder,
)
from lamplighter.action.service.services import opening
from lamplighter.kernel import sealing
from lamplighter.ledger.models import Event
from lamplighter.policy.processes import catalogue
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
RESTORED_WITHIN = timedelta(hours=4)  # in a rural area


class TestOpening:
    def test_the_promise_is_worked_back_into_steps_and_people_are_chosen(self):
        station = m.make_station()

        order = m.open_one(station)

        process = catalogue.in_force(code="FAULT_REPAIR", on=f.TODAY)
        assert order.process_version == process.version
        assert m.promise(order, "ARRIVAL").due_at == m.later(90)  # a rural area
        assert m.promise(order, "RESTORE").due_at is None  # counts from the arrival
        arrive = m.step(order, "ARRIVE")
        assert arrive.end_by_at == m.later(90)
        before = [way.step for way in process.step("ARRIVE").follows]
        assert {m.step(order, code).end_by_at for code in before} == {arrive.begin_by_at}
        first = m.step(order, process.first().code)
        assert (first.state, first.owner_id) == ("READY", station.staff["AGENT"].pk)
        assert order.owner_id == station.staff["AGENT"].pk

    def test_words_and_number_are_sealed_and_never_told_to_the_ledger(self):
        station = m.make_station()

        order = m.open_one(station, phone="19900001234", words="我家没电, 电话 19900001234")

        assert order.phone_masked == "199****1234"
        assert sealing.unseal(order.words_sealed, m.KEY).startswith("我家没电")
        event = Event.objects.get(name="service.order.opened")
        assert "19900001234" not in str(event.payload)
        assert (event.subject, event.payload["number"]) == (f"order:{order.pk}", order.number)
        assert OrderEvent.objects.get(order=order).detail["type"] == "FAULT_REPAIR"

    def test_the_same_request_twice_is_one_order(self):
        station = m.make_station()

        first = m.open_one(station, request_key="form-1")
        again = m.open_one(station, request_key="form-1")

        assert first == again
        assert Event.objects.filter(name="service.order.opened").count() == 1
        with pytest.raises(errors.KeyReused):
            m.open_one(station, "COMPLAINT", request_key="form-1")

    def test_undoes_the_order_when_the_ledger_cannot_be_written(self, monkeypatch):
        station = m.make_station()

        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        monkeypatch.setattr(opening.ledger, "record", full_disk)

        with pytest.raises(DatabaseError):
            m.open_one(station)

        assert not ServiceOrder.objects.exists()
        assert not OrderStep.objects.exists()

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"channel": "PIGEON"}, errors.ChannelUnknown),
            ({"priority": "NOW"}, errors.PriorityUnknown),
            ({"account_number": "nobody"}, errors.PlaceUnknown),
            ({"asked_at": m.later(1)}, errors.MomentGoesBack),
            ({"given_at": {"ARRIVAL": m.later(-1)}}, errors.PromiseImpossible),
            ({"given_at": {"MOON": m.later(9)}}, errors.PromiseUnknown),
            ({"account_number": "", "area_id": None}, errors.CaseMissing),
            ({"account_number": "", "area_id": 0}, errors.PlaceUnknown),
            ({"type_code": "TELEPORT"}, catalogue.ProcessUnknown),
        ],
    )
    def test_refuses_what_cannot_be_meant_and_leaves_no_trace(self, changed, error):
        station = m.make_station()

        with pytest.raises(error):
            m.open_one(station, **changed)

        assert not ServiceOrder.objects.exists()
        assert not Event.objects.exists()

    def test_an_anonymous_caller_names_a_place_only(self):
        station = m.make_station()

        order = m.open_one(station, account_number="", area_id=station.area.pk)

        assert (order.account_id, order.phone_index, order.unit_id) == (None, "", station.unit.pk)
        assert m.promise(order, "ARRIVAL").due_at == m.later(90)

    def test_a_megabyte_of_emoji_and_a_script_lose_nothing_else(self):
        station = m.make_station()

        with pytest.raises(errors.ReasonTooLong, match="at most 20000"):
            m.open_one(station, words="😀" * 262_144)
        loud = m.open_one(station, words="😀" * opening.WORDS_AT_MOST)
        sly = m.open_one(station, words="'; DROP TABLE service_serviceorder; --<script>\x00")

        assert len(sealing.unseal(loud.words_sealed, m.KEY)) == opening.WORDS_AT_MOST
        assert sealing.unseal(sly.words_sealed, m.KEY).endswith("--<script>")
        assert ServiceOrder.objects.count() == 2

    def test_a_fixed_moment_takes_the_place_of_an_amount(self):
        station = m.make_station()

        order = m.open_one(station, given_at={"ARRIVAL": m.later(200)})

        promise = m.promise(order, "ARRIVAL")
        assert (promise.due_at, promise.allowed, promise.calendar_code) == (m.later(200), None, "")
        assert m.step(order, "ARRIVE").end_by_at == m.later(200)


class TestSteps:
    def test_a_step_done_opens_the_next_and_starts_what_counts_from_it(self):
        station = m.make_station()
        order, head = m.open_one(station), station.viewer("STATION_HEAD")

        minutes = m.run(order, head, until="ARRIVE")
        service.begin_step(m.asking(order, head, minutes + 1), step_code="ARRIVE")
        service.complete_step(m.asking(order, head, 60), step_code="ARRIVE")

        arrival, restore = m.promise(order, "ARRIVAL"), m.promise(order, "RESTORE")
        assert (arrival.ended_at, arrival.missed_at) == (m.later(60), None)
        assert restore.due_at == m.later(60 + 240)
        assert m.step(order, "ARRIVE").begun_at == m.later(minutes + 1)

    def test_late_is_missed_at_the_moment_it_was_due_and_stays_so(self):
        station = m.make_station()
        order, head = m.open_one(station), station.viewer("STATION_HEAD")
        m.run(order, head, until="ARRIVE")

        service.complete_step(m.asking(order, head, 91), step_code="ARRIVE")

        assert m.promise(order, "ARRIVAL").missed_at == m.later(90)

    @pytest.mark.parametrize(
        ("minutes", "codes"),
        [
            (90, set()),
            (179, {"LATE_ARRIVAL"}),
            (180, {"LATE_ARRIVAL", "VERY_LATE_ARRIVAL"}),
        ],
    )
    def test_later_than_twice_the_promise_is_graver(self, minutes, codes):
        station = m.make_station()
        order, head = m.open_one(station), station.viewer("STATION_HEAD")
        m.run(order, head, until="ARRIVE")

        service.complete_step(m.asking(order, head, minutes), step_code="ARRIVE")

        failures = ServiceFailure.objects.filter(order=order)
        assert set(failures.values_list("code", flat=True)) == codes

    def test_the_same_tap_twice_is_one_and_another_is_refused(self):
        station = m.make_station()
        order, agent = m.open_one(station), station.viewer()
        first = "TAKE"

        for _ in range(2):
            service.complete_step(m.asking(order, agent, 1, "tap"), step_code=first, answer="NEW")

        assert OrderEvent.objects.filter(order=order, kind="COMPLETED").count() == 1
        with pytest.raises(errors.StepNotOpen):
            service.complete_step(m.asking(order, agent, 2, "other"), step_code=first, answer="NEW")
        with pytest.raises(errors.KeyReused):
            service.chase(m.asking(order, agent, 2, "tap"), reason="客户又打电话")

    def test_only_the_owner_or_who_may_do_for_others(self):
        station = m.make_station()
        order = m.open_one(station)

        with pytest.raises(errors.NotAllowed):
            service.complete_step(
                m.asking(order, station.viewer("CREW")), step_code="TAKE", answer="NEW"
            )
        stranger = m.make_station().viewer("STATION_HEAD")
        with pytest.raises(errors.OrderUnknown):
            service.complete_step(m.asking(order, stranger), step_code="TAKE", answer="NEW")

        assert m.step(order, "TAKE").state == "READY"
        assert not Event.objects.filter(name="service.order.completed").exists()

    def test_handing_over_inside_changes_no_promise_and_no_owner_of_the_order(self):
        station = m.make_station()
        order = m.open_one(station)
        other = f.make_staff(station=station.unit, post="AGENT")

        service.hand_over_step(
            m.asking(order, station.viewer(), 1), step_code="TAKE", staff_id=other.pk
        )

        assert m.step(order, "TAKE").owner_id == other.pk
        order.refresh_from_db()
        assert order.owner_id == station.staff["AGENT"].pk
        assert m.promise(order, "ARRIVAL").due_at == m.later(90)
        assert not OrderEvent.objects.get(order=order, kind="HANDED_OVER").is_outward
        with pytest.raises(errors.StaffUnknown):
            service.hand_over_step(
                m.asking(order, station.viewer("STATION_HEAD"), 2), step_code="TAKE", staff_id=0
            )

    def test_a_step_given_back_opens_the_one_before_with_the_reason(self):
        station = m.make_station()
        order, head = m.open_one(station), station.viewer("STATION_HEAD")
        service.complete_step(m.asking(order, head, 1), step_code="TAKE", answer="NEW")
        (following,) = OrderStep.objects.filter(order=order, state="READY")[:1]

        service.return_step(
            m.asking(order, head, 5), step_code=following.code, to_code="TAKE", reason="地址不清"
        )

        assert m.step(order, "TAKE").state == "READY"
        assert m.step(order, following.code).state == "AHEAD"
        event = OrderEvent.objects.get(order=order, kind="RETURNED")
        assert (event.reason, event.is_outward) == ("地址不清", False)
        assert "地址" not in str(Event.objects.get(name="service.order.returned").payload)
        with pytest.raises(errors.ReasonMissing):
            service.return_step(
                m.asking(order, head, 6), step_code="TAKE", to_code="TAKE", reason=" "
            )
        with pytest.raises(errors.NothingToReturnTo):
            service.return_step(
                m.asking(order, head, 6), step_code="TAKE", to_code="ARRIVE", reason="错了"
            )


class TestFailuresAndIncidents:
    def test_a_failure_is_weighed_by_who_may_and_told(self):
        station = m.make_station()
        order, boss = m.open_one(station), station.viewer("SUPERVISOR")
        said = {"content": "态度生硬", "method": "听录音", "step_code": "TAKE"}

        service.note_failure(
            m.asking(order, boss, 5, "f"), level="OBSTACLE", reputation=2, honour=1, **said
        )
        service.note_failure(m.asking(order, boss, 5, "f"), level="OBSTACLE", **said)

        failure = ServiceFailure.objects.get(order=order)
        assert (failure.level, failure.reputation, failure.honour) == ("OBSTACLE", 2, 1)
        assert "态度" not in str(Event.objects.get(name="service.order.failed").payload)
        for wrong in ({"level": "SHAME"}, {"level": "ERROR", "honour": 4}):
            with pytest.raises(errors.FailureUnknown):
                service.note_failure(m.asking(order, boss, 6), **said | wrong)
        with pytest.raises(errors.NotAllowed):
            service.note_failure(m.asking(order, station.viewer(), 6), level="ERROR", **said)

    def test_duplicates_of_a_fault_share_an_incident_and_keep_their_own_orders(self):
        station, elsewhere = m.make_station(), m.make_station()
        one, two, three = (m.open_one(station) for _ in range(3))
        agent = station.viewer()

        service.join_incident(m.asking(two, agent, 5), with_number=one.number)
        one.refresh_from_db()
        service.join_incident(m.asking(three, agent, 6), incident_number=one.incident.number)

        for order in (two, three):
            order.refresh_from_db()
            assert order.incident_id == one.incident_id
            assert m.promise(order, "ARRIVAL").due_at == m.later(90)
        stranger = m.open_one(elsewhere)
        for target in ({"incident_number": one.incident.number}, {"with_number": one.number}):
            with pytest.raises(errors.IncidentUnknown):
                service.join_incident(m.asking(stranger, elsewhere.viewer(), 7), **target)

    def test_what_another_system_has_done_step_by_step_stands_as_if_done_here(self):
        station, head = (one := m.make_station()), one.viewer("STATION_HEAD")
        told, done = [m.open_one(station, "NEW_HV_SINGLE") for _ in range(2)]
        minutes = m.run(done, head)
        moments = dict(done.steps.filter(state="DONE").values_list("code", "done_at"))
        report = service.Report(number=told.number, done_at=m.later(minutes), moments=moments)

        service.report_done(viewer=head, reports=[report], now=m.later(minutes), rules=m.RULES)

        def stands(order):
            order.refresh_from_db()
            return (
                (order.state, order.finished_at, order.closed_at),
                list(order.steps.order_by("code").values_list("code", "state", "done_at")),
                list(order.promises.order_by("code").values_list("code", "due_at", "ended_at")),
                list(
                    order.waits.order_by("begins_at").values_list("reason", "begins_at", "ends_at")
                ),
            )

        assert stands(told) == stands(done)
        assert len(set(moments.values())) > 10

    def test_what_another_system_has_done_is_reported_once(self):
        station = m.make_station()
        order, head = m.open_one(station), station.viewer("STATION_HEAD")
        reports = [service.Report(number=order.number, done_at=m.later(60))]

        done = [
            service.report_done(viewer=head, reports=reports, now=m.later(61), rules=m.RULES)
            for _ in range(2)
        ]

        order.refresh_from_db()
        assert done == [1, 0]
        assert (order.state, order.closed_at) == ("CLOSED", m.later(60))
        for wrong, error in (
            (service.Report(number="nobody", done_at=m.NOON), errors.OrderUnknown),
            (service.Report(number=order.number, done_at=m.later(99)), errors.MomentGoesBack),
        ):
            with pytest.raises(error):
                service.report_done(viewer=head, reports=[wrong], now=m.later(61), rules=m.RULES)
