"""Orders go up by policy: once a level, to the right post, whatever runs beside it or is killed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from lamplighter.action.service import errors as service_errors
from lamplighter.action.service import happenings
from lamplighter.action.service import services as service
from lamplighter.action.service.escalations import errors, ladder, queries, reaching
from lamplighter.action.service.escalations import services as escalations
from lamplighter.action.service.escalations.models import Escalation
from lamplighter.action.service.models import OrderEvent
from lamplighter.ledger import queries as ledger
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests import factories as f
from tests.action.service import making as m
from tests.action.service.test_races import at_once

LADDER = ladder.in_force(on=f.TODAY, rules=m.RULES)


def escalate(minutes):
    return escalations.escalate(now=m.later(minutes), rules=m.RULES, ladder=LADDER, actor="worker")


def found(order):
    rows = Escalation.objects.filter(order=order).order_by("level")
    return [(row.post, row.staff_id, row.cause, row.code) for row in rows]


def taking(order, viewer, minutes, *, level=1, key=""):
    asking = m.asking(order, viewer, minutes, key)
    return escalations.Taking(asking=asking, level=level, ladder=LADDER)


@pytest.mark.django_db
class TestGoingUp:
    def test_a_promise_goes_up_by_the_share_that_is_used_once_a_level(self):
        station = m.make_station()
        order = m.open_one(station)
        m.run(order, station.viewer("STATION_HEAD"), until="ARRIVE", every=1)

        raised = [escalate(minute) for minute in (80, 81, 82, 89, 90, 91, 179, 180, 181)]

        assert raised == [0, 1, 0, 0, 1, 0, 0, 1, 0]  # 0.9, 1.0 and 2.0 of ninety minutes
        staff = station.staff
        assert [(post, staff_id) for post, staff_id, *_ in found(order)] == [
            (post, staff[post].pk) for post in ("SUPERVISOR", "STATION_HEAD", "BRANCH")
        ]
        assert {(cause, code) for *_, cause, code in found(order)} == {("PROMISE", "ARRIVAL")}

    def test_what_was_not_looked_at_for_long_goes_up_all_the_way_at_once(self):
        order = m.open_one(m.make_station())

        assert (escalate(600), escalate(600)) == (3, 0)

        told = OrderEvent.objects.filter(order=order, kind="ESCALATED").order_by("pk")
        assert [event.detail["post"] for event in told] == ["SUPERVISOR", "STATION_HEAD", "BRANCH"]
        row = Event.objects.get(name="service.orders.escalated")
        assert [one[:3] for one in row.payload["escalated"]] == [
            [order.pk, level, post]
            for level, post in enumerate(("SUPERVISOR", "STATION_HEAD", "BRANCH"), start=1)
        ]

    def test_days_off_count_nothing_of_a_promise_in_working_days(self):
        order = m.open_one(m.make_station(), "METER_TEST")
        promise = m.promise(order, "RESULT")
        patient = tuple(replace(one, step_late=timedelta(999)) for one in LADDER.levels)
        only_promises = replace(LADDER, levels=patient)

        def up(at):
            escalations.escalate(now=at, rules=m.RULES, ladder=only_promises, actor="worker")
            return [post for post, *_ in found(order)]

        twice_on_the_wall = promise.due_at + promise.allowed
        assert order.pk in reaching.candidates(ladder=only_promises, now=twice_on_the_wall)
        assert up(twice_on_the_wall) == ["SUPERVISOR", "STATION_HEAD"]  # a weekend lies in it
        assert up(twice_on_the_wall + timedelta(days=2)) == ["SUPERVISOR", "STATION_HEAD", "BRANCH"]

    def test_a_late_step_goes_up_though_the_promise_still_holds(self):
        station = m.make_station()
        order = m.open_one(station)
        late = (m.step(order, "TAKE").end_by_at - m.NOON) / timedelta(minutes=1)

        assert (escalate(late + 29), escalate(late + 30)) == (0, 1)

        assert found(order) == [("SUPERVISOR", station.staff["SUPERVISOR"].pk, "STEP", "TAKE")]

    def test_chased_again_and_again_goes_up_unless_something_moves(self):
        station = m.make_station()
        moved, stuck = m.open_one(station, "METER_TEST"), m.open_one(station, "METER_TEST")
        for order in (moved, stuck):
            service.chase(m.asking(order, station.viewer(), 1), reason="客户又来电")
        service.begin_step(m.asking(moved, station.viewer("STATION_HEAD"), 2), step_code="ACCEPT")
        for order in (moved, stuck):
            service.chase(m.asking(order, station.viewer(), 3), reason="客户又来电")

        assert escalate(4) == 1

        assert (found(moved), [one[2] for one in found(stuck)]) == ([], ["CHASED"])

    def test_what_waits_for_its_customer_or_is_over_does_not_go_up(self):
        station = m.make_station()
        waits, over = m.open_one(station), m.open_one(station)
        head = station.viewer("STATION_HEAD")
        m.run(waits, head, until="ARRIVE", every=1)
        service.wait(m.asking(waits, head, 30), reason="ACCESS", step_code="ARRIVE")
        service.cancel(m.asking(over, head, 1), reason="打错了")

        assert escalate(5_000) == 0

    def test_nobody_there_leaves_it_open_to_who_holds_the_post(self):
        station = m.make_station()
        order = m.open_one(station)
        for post in ("SUPERVISOR", "STATION_HEAD"):
            service.record_absence(
                viewer=station.viewer("BRANCH"), staff_id=station.staff[post].pk,
                begins_at=m.NOON, ends_at=m.later(9_000), now=m.NOON, rules=m.RULES,
            )  # fmt: skip

        escalate(90)

        assert [one[1] for one in found(order)] == [None, None]
        escalations.take(taking(order, station.viewer("BRANCH"), 95), words="我来协调")
        assert Escalation.objects.get(level=1).taken_by == station.staff["BRANCH"]

    def test_programs_read_it_as_a_happening_of_the_order(self):
        station = m.make_station()
        order = m.open_one(station)
        escalate(82)

        told = happenings.told(
            viewer=station.viewer("SUPERVISOR"), rules=m.RULES, after_id=0, limit=100
        )

        (one,) = [item for item in told.items if item.name == "service.order.escalated"]
        assert (one.order_number, one.detail["post"]) == (order.number, "SUPERVISOR")

    def test_killed_half_way_leaves_nothing_half_done(self, monkeypatch):
        station = m.make_station()
        for _ in range(3):
            m.open_one(station)
        monkeypatch.setattr(escalations, "ORDERS_AT_ONCE", 1)
        wanted, calls = escalations.ledger.record, []

        def killed(*args, **kwargs):
            calls.append(args)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return wanted(*args, **kwargs)

        monkeypatch.setattr(escalations.ledger, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            escalate(82)
        assert (
            Escalation.objects.count() == OrderEvent.objects.filter(kind="ESCALATED").count() == 1
        )

        monkeypatch.setattr(escalations.ledger, "record", wanted)
        assert escalate(82) == 2
        assert (
            Escalation.objects.count() == OrderEvent.objects.filter(kind="ESCALATED").count() == 3
        )


@pytest.mark.django_db
class TestInHand:
    @pytest.fixture
    def raised(self):
        station = m.make_station()
        order = m.open_one(station)
        escalate(82)
        return station, order

    def test_it_is_taken_with_a_word_and_ends_when_taken_care_of(self, raised):
        station, order = raised
        supervisor = station.viewer("SUPERVISOR")
        for _ in range(2):
            escalations.take(taking(order, supervisor, 90, key="k"), words="加派一组人")
        escalations.settle(taking(order, supervisor, 120), words="已到现场")

        (line,) = queries.listed(viewer=supervisor, rules=m.RULES, since=m.NOON, limit=9)

        assert (line.state, line.taken_words, line.settled_words) == (
            "OVER", "加派一组人", "已到现场",
        )  # fmt: skip
        assert (line.taken_at, line.ended_at) == (m.later(90), m.later(120))
        tally = queries.tally(viewer=supervisor, rules=m.RULES, since=m.NOON)
        assert (tally.n_raised, tally.usual_wait) == (1, timedelta(minutes=8))
        assert Event.objects.filter(name="service.order.taken_up").count() == 1
        kinds = OrderEvent.objects.filter(order=order).values_list("kind", flat=True)
        assert {"ESCALATED", "TAKEN_UP", "SETTLED"} <= set(kinds)

    def test_it_ends_with_its_order(self, raised):
        station, order = raised
        head = station.viewer("STATION_HEAD")
        service.cancel(m.asking(order, head, 100), reason="客户撤单")

        assert queries.waiting(viewer=head, rules=m.RULES, limit=9) == []
        (line,) = queries.listed(viewer=head, rules=m.RULES, since=m.NOON, limit=9)
        assert (line.state, line.ended_at, line.taken_at) == ("OVER", m.later(100), None)
        assert queries.tally(viewer=head, rules=m.RULES, since=m.NOON).n_never_taken == 1
        with pytest.raises(service_errors.OrderIsClosed):
            escalations.take(taking(order, head, 101), words="我来")

    @pytest.mark.parametrize(
        ("post", "level", "words", "refusal"),
        [
            ("AGENT", 1, "我来", service_errors.NotAllowed),
            ("SUPERVISOR", 2, "我来", errors.EscalationUnknown),
            ("SUPERVISOR", 1, " ", service_errors.ReasonMissing),
        ],
    )
    def test_a_wrong_taking_is_refused_and_nothing_kept(self, raised, post, level, words, refusal):
        station, order = raised

        with pytest.raises(refusal):
            escalations.take(taking(order, station.viewer(post), 90, level=level), words=words)

        assert Escalation.objects.get().taken_at is None
        assert not OrderEvent.objects.filter(kind="TAKEN_UP").exists()

    def test_taken_twice_or_settled_before_it_is_taken(self, raised):
        station, order = raised
        head = station.viewer("STATION_HEAD")
        with pytest.raises(errors.NotTaken):
            escalations.settle(taking(order, head, 85), words="好了")
        escalations.take(taking(order, head, 90), words="我来")
        with pytest.raises(errors.TakenAlready):
            escalations.take(taking(order, station.viewer("SUPERVISOR"), 91), words="我来")
        escalations.settle(taking(order, head, 92), words="好了")
        with pytest.raises(errors.SettledAlready):
            escalations.settle(taking(order, head, 93), words="好了")

    def test_another_district_neither_sees_nor_takes_it(self, raised):
        _station, order = raised
        stranger = m.make_station().viewer("BRANCH")

        assert queries.listed(viewer=stranger, rules=m.RULES, since=m.NOON, limit=9) == []
        assert queries.waiting(viewer=stranger, rules=m.RULES, limit=9) == []
        assert queries.tally(viewer=stranger, rules=m.RULES, since=m.NOON).n_raised == 0
        with pytest.raises(service_errors.OrderUnknown):
            escalations.take(taking(order, stranger, 90), words="我来")


@pytest.mark.django_db(transaction=True)
def test_sweeps_beside_each_other_raise_once_and_two_who_take_it_are_one():
    station = m.make_station()
    order = m.open_one(station)

    at_once(*(lambda: escalate(82) for _ in range(4)))
    assert len(found(order)) == 1
    taken = at_once(
        *(
            lambda post=post: escalations.take(
                taking(order, station.viewer(post), 90), words="我来"
            )
            for post in ("SUPERVISOR", "STATION_HEAD")
        )
    )

    assert sorted(type(one).__name__ for one in taken) == ["NoneType", "TakenAlready"]
    assert ledger.first_broken_link() is None


@pytest.mark.django_db(transaction=True)
def test_an_order_that_somebody_holds_is_passed_by_and_found_again():
    order = m.open_one(m.make_station())

    def held():
        with transaction.atomic():
            m.ServiceOrder.objects.select_for_update().get(pk=order.pk)
            (n,) = at_once(lambda: escalate(82))
            return n

    assert (held(), escalate(82)) == (0, 1)


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("promise_used_ratio.SUPERVISOR", 0.5),
        ("promise_used_ratio.BRANCH", 0.95),
        ("step_late_hours.STATION_HEAD", 0.1),
        ("chased_times.SUPERVISOR", 0),
    ],
)
def test_a_ladder_that_cannot_be_is_refused(monkeypatch, row, value):
    real = loader.load(name=ladder.NAME, on=f.TODAY)
    rows = tuple(replace(one, value=value) if one.key == row else one for one in real.rows)
    changed = replace(real, rows=rows)
    monkeypatch.setattr(ladder.loader, "load", lambda **_asked: changed)

    with pytest.raises(errors.LadderImpossible, match="escalation/"):
        ladder.in_force(on=f.TODAY, rules=m.RULES)
