"""Forms of steps: kept with the step or not at all, once, sealed, and let go of in time."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderEvent, ServiceOrder
from lamplighter.action.service.records import queries, services
from lamplighter.action.service.records.errors import FileUnknown, NothingToChase, TermRefused
from lamplighter.action.service.records.models import StepRecord
from lamplighter.ledger.models import Event
from lamplighter.policy.processes import filling, terms
from tests import factories as f
from tests.action.service import making as m

TAKEN = {"SYMPTOM": "PART", "LIFE_SUPPORT": "NO", "CALL_BACK": "19900001234"}
ASKED = {"ID_CHECKED": "YES", "TRANSFORMER": "1 号", "FROM_DATE": "2026-12-01"}


def complete(station, order, code="TAKE", *, post="AGENT", answer="NEW", key="", **said):
    services.complete(
        m.asking(order, station.viewer(post), 1, key),
        step_code=code,
        answer=answer,
        said=said,
        field_key=m.KEY,
    )


def suspend(station, *, until="2026-12-31", answer="FITS", **changed):
    order = m.open_one(station, "SUSPEND")
    complete(station, order, "ACCEPT", answer=answer, UNTIL_DATE=until, **ASKED | changed)
    return order


@pytest.mark.django_db
class TestKeeping:
    def test_what_was_written_is_kept_sealed_with_the_step(self):
        station = m.make_station()
        order = m.open_one(station)

        complete(station, order, **TAKEN)

        row = StepRecord.objects.get()
        assert m.step(order, "TAKE").state == "DONE"
        assert b"19900001234" not in bytes(row.values_sealed)
        found = queries.of_order(
            viewer=station.viewer(), rules=m.RULES, number=order.number, field_key=m.KEY
        )
        assert found[1, "TAKE"].values == TAKEN
        assert "19900001234" not in str(list(Event.objects.values_list("payload", flat=True)))

    def test_a_form_that_cannot_be_kept_leaves_the_step_undone(self):
        station = m.make_station()
        order = m.open_one(station)

        with pytest.raises(filling.FieldWrong):
            complete(station, order, **TAKEN | {"SYMPTOM": ""})

        assert m.step(order, "TAKE").state == "READY"
        assert OrderEvent.objects.filter(order=order, kind="COMPLETED").count() == 0

    def test_the_same_form_twice_is_kept_once(self):
        station = m.make_station()
        order = m.open_one(station)

        for _ in range(2):
            complete(station, order, key="form-1", **TAKEN)

        assert StepRecord.objects.count() == 1

    def test_a_step_done_again_has_a_further_record_and_the_newest_counts(self):
        station = m.make_station()
        order = m.open_one(station)
        complete(station, order, key="a", **TAKEN)
        service.return_step(
            m.asking(order, station.viewer("SUPERVISOR"), 2),
            step_code="DISPATCH", to_code="TAKE", reason="the number is wrong",
        )  # fmt: skip
        services.complete(
            m.asking(order, station.viewer(), 3),
            step_code="TAKE", answer="NEW", field_key=m.KEY,
            said=TAKEN | {"CALL_BACK": "19900009999"},
        )  # fmt: skip

        found = queries.of_order(
            viewer=station.viewer(), rules=m.RULES, number=order.number, field_key=m.KEY
        )

        assert StepRecord.objects.count() == 2
        assert found[1, "TAKE"].values["CALL_BACK"] == "19900009999"

    def test_a_file_of_another_order_is_none_of_this_one(self):
        station = m.make_station()
        order = m.open_one(station)
        m.run(order, station.viewer("BRANCH"), until="ARRIVE")

        with pytest.raises(FileUnknown):
            services.complete(
                m.asking(order, station.viewer("CREW"), 60),
                step_code="ARRIVE", answer="", field_key=m.KEY,
                said={"ARRIVED_AT": "2026-11-25T12:50", "PHOTO": "17"},
            )  # fmt: skip

    def test_another_district_neither_writes_nor_reads(self):
        station, there = m.make_station(), m.make_station()
        order = m.open_one(station)

        with pytest.raises(errors.OrderUnknown):
            complete(there, order, **TAKEN)
        with pytest.raises(errors.OrderUnknown):
            queries.of_order(
                viewer=there.viewer("BRANCH"), rules=m.RULES, number=order.number, field_key=m.KEY
            )

    def test_it_is_let_go_of_when_its_time_is_over_and_the_order_has_ended(self):
        station = m.make_station()
        order = m.open_one(station)
        complete(station, order, **TAKEN)
        last = StepRecord.objects.get().expires_date
        erase = {"now": m.later(9), "actor": "night"}

        assert services.erase_expired(today=last, **erase) == 0  # it is not ended
        service.cancel(m.asking(order, station.viewer(), 2), reason="taken back")
        assert services.erase_expired(today=last - timedelta(1), **erase) == 0
        assert services.erase_expired(today=last, **erase) == 1
        assert services.erase_expired(today=last, **erase) == 0
        assert StepRecord.objects.get().values_sealed is None
        assert Event.objects.get(name="service.records.erased").payload["n_records"] == 1


@pytest.mark.django_db
class TestChasing:
    def test_an_order_that_asks_for_a_chase_chases_the_order_it_names_once(self):
        station = m.make_station()
        late, asks = m.open_one(station), m.open_one(station, "CHASE")
        said = {"ORDER": late.number, "SAID": "客户很着急"}

        for _ in range(2):
            complete(station, asks, "RAISE", answer="", key="k", **said)

        event = OrderEvent.objects.get(order=late, kind="CHASED")
        assert event.reason == f"{asks.number} 客户很着急"
        assert m.step(asks, "RAISE").state == "DONE"

    def test_nothing_is_done_where_there_is_nothing_to_chase(self):
        station, far = m.make_station(), m.make_station()
        asks, elsewhere, over = (
            m.open_one(station, "CHASE"), m.open_one(far), m.open_one(station),
        )  # fmt: skip
        service.cancel(m.asking(over, station.viewer(), 0), reason="打错了")

        for number in (elsewhere.number, over.number, asks.number, "250101"):
            with pytest.raises(NothingToChase):
                complete(station, asks, "RAISE", answer="", ORDER=number)

        assert m.step(asks, "RAISE").state == "READY"
        assert not OrderEvent.objects.filter(kind="CHASED").exists()


@pytest.mark.django_db
class TestTerms:
    def test_days_that_break_a_rule_are_refused_where_the_answer_says_they_keep_it(self):
        station = m.make_station()

        with pytest.raises(TermRefused) as refused:
            suspend(station, until="2026-12-10")

        assert (refused.value.broken.rule.code, refused.value.broken.found) == (
            "EACH_MORE_THAN", 9,
        )  # fmt: skip
        suspend(station, until="2026-12-10", answer="NOT")
        row = StepRecord.objects.get()
        assert (row.first_date, row.until_date) == (date(2026, 12, 1), date(2026, 12, 10))

    def test_what_other_orders_gave_counts_and_what_was_refused_or_taken_back_does_not(self):
        station = m.make_station()
        refused = suspend(station, answer="NOT")
        gone = suspend(station)
        service.cancel(m.asking(gone, station.viewer(), 2), reason="taken back")
        for _ in range(2):
            suspend(station)

        with pytest.raises(TermRefused) as third:
            suspend(station)

        assert third.value.broken.rule.code == "TIMES_A_YEAR"
        assert refused.pk != gone.pk

    def test_days_that_end_before_they_begin_are_refused_by_any_answer(self):
        station = m.make_station()

        with pytest.raises(terms.TermImpossible):
            suspend(station, until="2026-11-30", answer="NOT")


@pytest.mark.django_db(transaction=True)
def test_two_orders_at_once_do_not_both_get_the_last_time():
    station = m.make_station()
    suspend(station)
    orders = [m.open_one(station, "SUSPEND") for _ in range(2)]
    said, start = [], threading.Barrier(2)

    def ask(order: ServiceOrder) -> None:
        start.wait()
        try:
            complete(station, order, "ACCEPT", answer="FITS", UNTIL_DATE="2026-12-31", **ASKED)
            said.append("kept")
        except TermRefused as error:
            said.append(error.broken.rule.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["TIMES_A_YEAR", "kept"]


@pytest.mark.django_db
class TestApart:
    def told(self):
        """A complaint that was answered, at a station with one agent more than took it."""
        station = m.make_station()
        other = f.make_staff(station=station.unit, post="AGENT")
        order = m.open_one(station, "COMPLAINT")
        minutes = m.run(order, station.viewer("BRANCH"), until="REVISIT")
        return station, other, order, minutes

    def test_the_return_visit_goes_to_somebody_who_had_no_part(self):
        station, other, order, _ = self.told()

        assert m.step(order, "TAKE").owner == station.staff["AGENT"]
        assert m.step(order, "REVISIT").owner == other

    def test_whoever_took_part_is_not_handed_it_and_may_not_do_it(self):
        station, other, order, minutes = self.told()
        by = f.viewer_for(other)

        with pytest.raises(errors.SamePerson):
            service.hand_over_step(
                m.asking(order, by, minutes + 1),
                step_code="REVISIT", staff_id=station.staff["AGENT"].pk,
            )  # fmt: skip
        with pytest.raises(errors.SamePerson):
            service.complete_step(
                m.asking(order, station.viewer("SUPERVISOR"), minutes + 1),
                step_code="REVISIT", answer="YES",
            )  # fmt: skip
        service.complete_step(m.asking(order, by, minutes + 1), step_code="REVISIT", answer="YES")
        assert m.step(order, "REVISIT").state == "DONE"
