"""Outages: recorded with notice or a reason, changed on record, ended once, seen by their areas."""

import dataclasses
import json
from datetime import timedelta

import pytest
from django.db import DatabaseError

from lamplighter.action.outages import errors
from lamplighter.action.outages import services as outages
from lamplighter.action.outages.models import Outage, OutageArea, OutageChange
from lamplighter.action.service import errors as service_errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import Incident, OrderEvent, OrderStep, ServiceOrder
from lamplighter.action.service.records.models import StepRecord
from lamplighter.facts.network.models import Area, Feeder
from lamplighter.kernel import sealing
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.action.outages import making as o
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
LATER = m.NOON + timedelta(minutes=30)


@pytest.fixture
def station():
    return m.make_station()


class TestRecording:
    def test_keeps_it_opens_its_release_and_an_incident_and_tells_the_ledger(self, station):
        outage = o.record(station, o.draft(station))

        assert outage.unit == station.unit
        assert [one.area for one in outage.areas.all()] == [station.area]
        order = ServiceOrder.objects.get(pk=outage.order_id)
        assert order.type_code == "RELEASE_OUTAGE"
        states = dict(OrderStep.objects.filter(order=order).values_list("code", "state"))
        assert (states["DRAFT"], states["CHECK"], states["PUBLISH"]) == ("DONE", "READY", "AHEAD")
        event = Event.objects.get(name="outages.outage.recorded")
        assert event.subject == f"outage:{outage.pk}"
        assert (event.payload["number"], event.payload["n_areas"]) == (outage.number, 1)

    def test_a_fault_is_released_at_once(self, station):
        outage = o.record(station, o.fault(station))

        step = OrderStep.objects.get(order=outage.order_id, code="PUBLISH")
        assert step.state == "READY"
        kept = StepRecord.objects.get(order=outage.order_id, step_code="DRAFT")
        said = json.loads(sealing.unseal(bytes(kept.values_sealed), m.KEY))
        assert said["UNTIL"] == outage.expected_end_at.isoformat()
        assert said["REASON"] == "故障 (原因查找中)"

    def test_a_form_that_cannot_be_filled_is_left_to_whoever_has_the_step(self, station):
        outage = o.record(station, o.fault(station, expected_end_at=None))

        step = OrderStep.objects.get(order=outage.order_id, code="DRAFT")
        assert (step.state, step.owner_id is not None) == ("READY", True)
        assert not StepRecord.objects.exists()

    @pytest.mark.parametrize(
        ("kind", "notice"),
        [("PLANNED", timedelta(days=7)), ("TEMPORARY", timedelta(hours=24))],
    )
    def test_announced_too_late_is_refused_unless_a_reason_is_given(self, station, kind, notice):
        times = {
            "begins_at": m.NOON + notice - timedelta(seconds=1),
            "expected_end_at": m.NOON + 9 * o.DAY,
        }

        with pytest.raises(errors.NoticeTooShort):
            o.record(station, o.draft(station, kind=kind, **times))
        assert not Outage.objects.exists()
        late = o.record(
            station, o.draft(station, kind=kind, notice_exception="变压器渗油, 必须处理", **times)
        )
        in_time = o.record(
            station, o.draft(station, kind=kind, **times | {"begins_at": m.NOON + notice})
        )

        assert late.notice_exception == "变压器渗油, 必须处理"
        assert in_time.notice_exception == ""

    def test_sent_twice_it_is_one_and_another_by_the_same_key_is_refused(self, station):
        first = o.record(station, o.draft(station, source_number="D-1"), request_key="k-1")

        again = o.record(station, o.draft(station, source_number="D-1"), request_key="k-1")
        by_source = o.record(station, o.draft(station, source_number="D-1"), request_key="k-2")

        assert {first.pk} == {again.pk, by_source.pk}
        assert ServiceOrder.objects.count() == 1
        with pytest.raises(errors.KeyReused):
            o.record(station, o.draft(station, cause="REBUILDING"), request_key="k-1")

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"kind": "SHORT"}, errors.KindUnknown),
            ({"cause": "MAGIC"}, errors.KindUnknown),
            ({"area_ids": []}, errors.PlaceUnknown),
            ({"area_ids": [2**31 - 1]}, errors.PlaceUnknown),
            ({"feeder_code": "none"}, errors.PlaceUnknown),
            ({"expected_end_at": None}, errors.TimesImpossible),
            ({"expected_end_at": m.NOON + 8 * o.DAY}, errors.TimesImpossible),
            ({"kind": "UNPLANNED"}, errors.TimesImpossible),
        ],
    )
    def test_what_cannot_be_is_refused_and_leaves_nothing(self, station, changed, refusal):
        with pytest.raises(refusal):
            o.record(station, o.draft(station, **changed))

        assert not Outage.objects.exists()
        assert not Event.objects.exists()

    @pytest.mark.parametrize("post", ["MANAGER", "AGENT", "CREW"])
    def test_who_does_not_answer_for_supply_records_none(self, station, post):
        with pytest.raises(errors.NotAllowed):
            o.record(station, o.draft(station), viewer=station.viewer(post))

    def test_a_whole_line_takes_its_areas_and_not_those_of_others(self, station):
        feeder = Feeder.objects.create(code="10-7", name="东关线", station=station.unit)
        more = f.make_area(station=station.unit)
        Area.objects.filter(pk__in=[station.area.pk, more.pk]).update(feeder=feeder)

        outage = o.record(station, o.draft(station, area_ids=[], feeder_code="10-7"))

        assert outage.feeder == feeder
        assert set(outage.areas.values_list("area", flat=True)) == {station.area.pk, more.pk}
        Area.objects.filter(pk=f.make_area(station=f.make_station()).pk).update(feeder=feeder)
        with pytest.raises(errors.PlaceUnknown):
            o.record(station, o.draft(station, area_ids=[], feeder_code="10-7"))

    def test_nothing_is_left_when_the_ledger_cannot_be_written(self, station, monkeypatch):
        from lamplighter.action.outages.services import recording

        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        monkeypatch.setattr(recording.ledger, "record", full_disk)

        with pytest.raises(DatabaseError):
            o.record(station, o.draft(station))

        assert not Outage.objects.exists()
        assert not ServiceOrder.objects.exists()
        assert not Incident.objects.exists()


class TestChanging:
    def test_each_expected_end_stays_on_record(self, station):
        outage = o.record(station, o.fault(station))

        o.change(station, outage, expected_end_at=m.NOON + 3 * o.HOUR)
        o.change(station, outage, expected_end_at=m.NOON + 5 * o.HOUR, request_key="k")
        o.change(station, outage, expected_end_at=m.NOON + 5 * o.HOUR, request_key="k")

        kept = OutageChange.objects.order_by("pk").values_list("expected_end_at", flat=True)
        assert list(kept) == [m.NOON + n * o.HOUR for n in (2, 3, 5)]
        assert outage.expected_end_at == m.NOON + 5 * o.HOUR

    def test_a_begin_that_is_moved_is_announced_anew(self, station):
        outage = o.record(station, o.draft(station))
        soon = {"begins_at": m.NOON + 2 * o.DAY, "expected_end_at": m.NOON + 3 * o.DAY}

        with pytest.raises(errors.NoticeTooShort):
            o.change(station, outage, **soon)
        o.change(station, outage, notice_exception="配合抢险, 提前实施", now=LATER, **soon)

        assert (outage.published_at, outage.begins_at) == (LATER, soon["begins_at"])
        assert outage.notice_exception == "配合抢险, 提前实施"

    def test_a_longer_plan_needs_no_new_notice(self, station):
        outage = o.record(station, o.draft(station))

        o.change(station, outage, expected_end_at=outage.expected_end_at + o.HOUR)

        assert (outage.published_at, outage.notice_exception) == (m.NOON, "")

    def test_areas_come_and_go_and_come_back(self, station):
        outage, more = o.record(station, o.fault(station)), f.make_area(station=station.unit)

        o.change(station, outage, area_ids=[more.pk])
        left = dict(OutageArea.objects.values_list("area_id", "left_at"))
        o.change(station, outage, area_ids=[station.area.pk, more.pk])

        assert left == {station.area.pk: m.NOON, more.pk: None}
        assert not OutageArea.objects.filter(left_at__isnull=False).exists()

    def test_further_areas_of_a_plan_are_announced_anew(self, station):
        outage, more = o.record(station, o.draft(station)), f.make_area(station=station.unit)
        both, late = [station.area.pk, more.pk], m.NOON + 3 * o.DAY

        with pytest.raises(errors.NoticeTooShort):
            o.change(station, outage, area_ids=both, now=late)
        assert not OutageArea.objects.filter(area=more).exists()
        o.change(station, outage, area_ids=both, now=LATER)
        o.change(station, outage, area_ids=[station.area.pk], now=late)

        assert (outage.published_at, outage.notice_exception) == (LATER, "")

    def test_a_reason_is_needed(self, station):
        outage = o.record(station, o.fault(station))

        with pytest.raises(errors.ReasonMissing):
            o.change(station, outage, reason=" ")

        assert OutageChange.objects.count() == 1

    def test_it_ends_once_and_nothing_comes_after(self, station):
        outage = o.record(station, o.fault(station))

        with pytest.raises(errors.TimesImpossible):
            o.end(station, outage, ended_at=LATER)
        o.end(station, outage, request_key="k")
        o.end(station, outage, request_key="k")

        assert outage.ended_at == m.NOON
        assert Event.objects.filter(name="outages.outage.ended").count() == 1
        assert Incident.objects.get().closed_at == m.NOON
        assert Event.objects.filter(name="service.incident.ended").count() == 1
        with pytest.raises(errors.OutageIsOver):
            o.change(station, outage)
        with pytest.raises(errors.OutageIsOver):
            o.end(station, outage)

    def test_a_plan_called_off_is_over_and_its_incident_takes_nobody(self, station):
        outage = o.record(station, o.draft(station))

        outages.call_off(
            viewer=station.viewer("SUPERVISOR"),
            number=outage.number,
            reason="天气原因改期",
            now=m.NOON,
            rules=o.RULES,
            request_key="",
        )

        outage.refresh_from_db()
        assert (outage.called_off_at, outage.ended_at) == (m.NOON, None)
        assert Incident.objects.get().closed_at == outage.begins_at

    def test_another_unit_changes_nothing(self, station):
        outage, other = o.record(station, o.fault(station)), m.make_station()

        for call in (o.change, o.end):
            with pytest.raises(errors.OutageUnknown):
                call(other, outage)

        assert OutageChange.objects.count() == 1


class TestAnswering:
    """The end of an outage answers the orders that joined it."""

    def joined(self, station, n=2):
        outage = o.record(station, o.fault(station))
        number = Incident.objects.get().number
        orders = [m.open_one(station) for _ in range(n)]
        for order in orders:
            service.join_incident(m.asking(order, station.viewer()), incident_number=number)
        return outage, orders

    def test_each_customer_is_asked_and_told_since_when_and_why(self, station):
        outage, orders = self.joined(station)
        service.cancel(m.asking(orders[1], station.viewer(), 5), reason="打错了")

        o.end(station, outage, ended_at=m.later(30), now=m.later(40), request_key="k")
        o.end(station, outage, ended_at=m.later(30), now=m.later(50), request_key="k")

        assert m.step(orders[0], "POWER_BACK").done_at == m.later(30)
        assert m.step(orders[0], "CONFIRM").state == "READY"
        told = OrderEvent.objects.get(kind="RESTORED")
        assert (told.order_id, told.is_outward) == (orders[0].pk, True)
        assert told.detail == {"restored_at": m.later(30).isoformat()}
        incident = Incident.objects.get()
        assert (incident.restored_at, incident.closed_at) == (m.later(30), m.later(40))

    def test_where_policy_says_so_the_crew_confirms_first(self, station):
        outage, (order,) = self.joined(station, 1)
        row = dataclasses.replace(o.RULES.policy.row("end_is_confirmed_by"), value="CREW")
        others = tuple(one for one in o.RULES.policy.rows if one.key != row.key)
        policy = dataclasses.replace(o.RULES.policy, rows=(*others, row))
        rules = dataclasses.replace(o.RULES, policy=policy)

        o.end(station, outage, ended_at=m.later(30), now=m.later(40), rules=rules)

        states = [m.step(order, code).state for code in ("REPAIR", "POWER_BACK", "CONFIRM")]
        assert states == ["DONE", "READY", "AHEAD"]

    def test_its_incident_has_no_other_end(self, station):
        _outage, (order,) = self.joined(station, 1)

        with pytest.raises(service_errors.EndsWithItsOutage):
            service.close_incident(
                viewer=station.viewer("SUPERVISOR"), number=Incident.objects.get().number,
                cause="熔丝熔断", restored_at=m.NOON, now=m.later(5), rules=m.RULES,
            )  # fmt: skip

        assert m.step(order, "POWER_BACK").state == "AHEAD"

    def test_nothing_is_answered_when_the_end_cannot_be_written(self, station, monkeypatch):
        outage, (order,) = self.joined(station, 1)

        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        monkeypatch.setattr("lamplighter.action.outages.services.recording.tell", full_disk)
        with pytest.raises(DatabaseError):
            o.end(station, outage, ended_at=m.later(30), now=m.later(40))

        assert m.step(order, "POWER_BACK").state == "AHEAD"
        assert Incident.objects.get().closed_at is None
