"""What people see of orders: by slack, whole, only where they may look, and who kept promises."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamplighter.action.service import queries, shares
from lamplighter.action.service import services as service
from lamplighter.action.service.clock import Counting
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db


def queued(viewer):
    return [line.number for line in queries.queue(viewer=viewer, rules=m.RULES, limit=50)]


def test_the_queue_begins_with_the_least_slack_and_ends_with_what_waits():
    station = m.make_station()
    complaint = m.open_one(station, "COMPLAINT")
    fault = m.open_one(station)
    waiting = m.open_one(station)
    head = station.viewer("STATION_HEAD")
    m.run(waiting, head, until="ARRIVE")
    service.wait(m.asking(waiting, head, 20), reason="ACCESS", step_code="ARRIVE")

    found = queries.queue(viewer=head, rules=m.RULES, limit=50)

    assert [line.number for line in found] == [fault.number, complaint.number, waiting.number]
    assert found[0].slack(now=m.later(100)) == timedelta(minutes=-10)
    assert (found[2].due_at, found[2].waits_for) == (None, "ACCESS")
    pages = [
        queries.queue(viewer=head, rules=m.RULES, limit=1, offset=n)[0].number for n in range(3)
    ]
    assert pages == [line.number for line in found]
    assert queries.queue(viewer=head, rules=m.RULES, limit=1, offset=3) == []


@pytest.mark.parametrize("post", ["MANAGER", "AGENT", "CREW", "SUPERVISOR", "STATION_HEAD"])
def test_another_district_sees_nothing(post):
    station, elsewhere = m.make_station(), m.make_station()
    order = m.open_one(station, phone="19900001234")
    m.run(order, station.viewer("STATION_HEAD"), until="ARRIVE")
    stranger = elsewhere.viewer(post)
    see = {"viewer": stranger, "rules": m.RULES}

    assert queued(stranger) == []
    assert queries.order(number=order.number, now=m.NOON, field_key=m.KEY, **see) is None
    assert queries.of_account(account_id=station.account.pk, limit=9, **see) == []
    assert queries.of_customer(customer_id=station.account.customer_id, limit=9, **see) == []
    assert queries.of_phone(number="19900001234", field_key=m.KEY, limit=9, **see) == []
    assert (
        queries.open_at_area(area_id=station.area.pk, type_codes=["FAULT_REPAIR"], limit=9, **see)
        == []
    )
    assert queries.my_steps(viewer=stranger, limit=9) == []
    assert queries.open_step_codes(number=order.number, **see) == []
    assert queries.steps_without_owner(limit=9, **see) == []
    assert queries.silent_steps(limit=9, **see) == []
    assert queries.about_to_miss(now=m.later(80), limit=9, **see) == []
    assert queries.overdue(now=m.later(100), limit=9, **see) == []
    assert queries.missed_numbers(at=m.later(100), since=m.NOON, **see) == frozenset()
    assert shares.by_type(outward_only=False, since=m.NOON, now=m.later(100), **see) == []
    assert shares.by_unit(outward_only=False, since=m.NOON, now=m.later(100), **see) == []
    assert shares.by_step(type_code="FAULT_REPAIR", since=m.NOON, now=m.later(100), **see) == []


def test_a_manager_sees_their_areas_and_what_they_were_given():
    station = m.make_station()
    other = f.make_staff(station=station.unit, post="MANAGER")
    order = m.open_one(station)

    assert queued(station.viewer("MANAGER")) == [order.number]
    assert queued(f.viewer_for(other)) == []

    service.hand_over_step(
        m.asking(order, station.viewer(), 1), step_code="TAKE", staff_id=other.pk
    )
    assert queued(f.viewer_for(other)) == [order.number]


def test_a_county_sees_its_stations():
    county = f.make_station()
    station = f.make_station(parent=county)
    head = f.viewer_for(f.make_staff(station=county, post="BRANCH"))
    area = f.make_area(station=station)
    service.open_order(
        viewer=head,
        request=service.Request(
            type_code="FAULT_REPAIR", channel="WEB", asked_at=m.NOON, area_id=area.pk
        ),
        now=m.NOON,
        rules=m.RULES,
        field_key=m.KEY,
    )

    (line,) = queries.queue(viewer=head, rules=m.RULES, limit=9)

    assert (line.unit_name, line.account_number) == (station.name, "")
    (step,) = queries.steps_without_owner(viewer=head, rules=m.RULES, limit=9)
    assert step.step_code == "TAKE"  # no agent in the county


def test_one_order_tells_every_minute_of_its_clock():
    station = m.make_station()
    order, head = m.open_one(station, words="没电了"), station.viewer("STATION_HEAD")
    m.run(order, head, until="ARRIVE")
    service.wait(m.asking(order, head, 30), reason="ACCESS", step_code="ARRIVE")
    service.go_on(m.asking(order, head, 50))

    whole = queries.order(
        viewer=head, rules=m.RULES, number=order.number, now=m.later(70), field_key=m.KEY
    )

    arrival = whole.promises[0]
    assert [(part.counting, part.ends_at - part.begins_at) for part in arrival.minutes] == [
        (Counting.COUNTED, timedelta(minutes=30)),
        (Counting.WAITING, timedelta(minutes=20)),
        (Counting.COUNTED, timedelta(minutes=20)),
    ]
    assert (arrival.used, arrival.left) == (timedelta(minutes=50), timedelta(minutes=40))
    assert (arrival.outcome, arrival.due_at) == ("RUNNING", m.later(110))
    assert whole.words == "没电了"
    assert [event.kind for event in whole.events][:1] == ["OPENED"]
    assert [event.kind for event in whole.events][-2:] == ["WAITING", "GONE_ON"]
    assert whole.line.account_number == station.account.number
    assert len(whole.steps) == 13
    assert queries.open_step_codes(viewer=head, rules=m.RULES, number=order.number) == ["ARRIVE"]


def test_who_asked_before_is_found_by_account_customer_number_and_place():
    station = m.make_station()
    old = m.open_one(station, phone="+86 199 0000 1234")
    service.cancel(m.asking(old, station.viewer(), 1), reason="打错了")
    new = m.open_one(station, phone="19900001234")
    see = {"viewer": station.viewer(), "rules": m.RULES, "limit": 9}

    for found in (
        queries.of_account(account_id=station.account.pk, **see),
        queries.of_customer(customer_id=station.account.customer_id, **see),
        queries.of_phone(number="19900001234", field_key=m.KEY, **see),
    ):
        assert [line.number for line in found] == [new.number, old.number]
    here = queries.open_at_area(area_id=station.area.pk, type_codes=["FAULT_REPAIR"], **see)
    assert [line.number for line in here] == [new.number]


def test_what_a_call_asks_of_a_door_names_only_who_asks_and_where():
    """A limit or a list among the values, and PostgreSQL plans the statement at every call."""
    station = m.make_station()
    order = m.open_one(station)

    own, near = queries.at_door(
        viewer=station.viewer("AGENT"),
        rules=m.RULES,
        account_id=station.account.pk,
        limit=8,
        area_id=station.area.pk,
        type_codes=["FAULT_REPAIR", "VOLTAGE_COMPLAINT"],
        limit_of_area=7,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT parameter_types::text[] FROM pg_prepared_statements"
            " WHERE statement LIKE '%VOLTAGE_COMPLAINT%' ORDER BY prepare_time DESC"
        )
        values = cursor.fetchall()[0][0]

    assert [line.number for line in (*own, *near)] == [order.number, order.number]
    assert sorted(values) == ["bigint", "bigint", "bigint", "text"]  # door, area, who, their unit


def test_what_will_be_late_and_what_is():
    station = m.make_station()
    order = m.open_one(station)
    see = {"viewer": station.viewer("SUPERVISOR"), "rules": m.RULES, "limit": 9}

    assert [o.number for o in queries.about_to_miss(now=m.NOON, **see)] == [order.number]
    assert queries.about_to_miss(now=m.later(-240), **see) == []
    assert queries.overdue(now=m.later(90), **see) == []
    assert [o.number for o in queries.overdue(now=m.later(91), **see)] == [order.number]


def test_the_share_of_promises_kept_counts_what_is_late_and_open_as_missed():
    station = m.make_station()
    head = station.viewer("STATION_HEAD")
    kept, late, still = (m.open_one(station) for _ in range(3))
    for order, minutes in ((kept, 60), (late, 95)):
        m.run(order, head, until="ARRIVE")
        service.complete_step(m.asking(order, head, minutes), step_code="ARRIVE")
    see = {"viewer": head, "rules": m.RULES, "since": m.NOON}

    (early,) = shares.by_type(outward_only=True, now=m.later(89), **see)
    (share,) = shares.by_type(outward_only=True, now=m.later(96), **see)

    # kept: one arrival; missed: one late, one late and open; the two restorations run
    assert (share.n_kept, share.n_missed, share.n_running) == (1, 2, 2)
    assert share.kept_ratio == pytest.approx(1 / 3)
    assert early.n_missed == 1  # the one that was recorded late
    assert [one.group for one in shares.by_unit(outward_only=True, now=m.later(96), **see)] == [
        station.unit.name
    ]
    steps = shares.by_step(type_code="FAULT_REPAIR", now=m.later(96), **see)
    arrive = next(one for one in steps if one.group == "ARRIVE")
    assert (arrive.n_kept, arrive.n_missed) == (1, 2)
    assert m.promise(still, "ARRIVAL").missed_at is None  # nobody swept: the query knows anyway


def test_lists_ask_as_often_however_long_they_are(django_assert_max_num_queries):
    station = m.make_station()
    for _ in range(6):
        m.open_one(station)
    agent = station.viewer()

    with django_assert_max_num_queries(2):
        assert len(queries.queue(viewer=agent, rules=m.RULES, limit=6)) == 6
    with django_assert_max_num_queries(4):
        assert len(queries.queue(viewer=agent, rules=m.RULES, limit=9)) == 6
    with django_assert_max_num_queries(2):
        assert len(queries.my_steps(viewer=agent, limit=9)) == 6
    number = queries.queue(viewer=agent, rules=m.RULES, limit=1)[0].number
    with django_assert_max_num_queries(9):
        queries.order(viewer=agent, rules=m.RULES, number=number, now=m.later(5), field_key=m.KEY)


def test_orders_at_more_areas_are_opened_with_no_more_questions():
    station = m.make_station()

    def asked(n_areas):
        areas = [
            f.make_area(station=station.unit, staff=station.staff["MANAGER"])
            for _ in range(n_areas)
        ]
        requests = [
            m.request(station, account_number="", area_id=area.pk, request_key=f"{area.pk}-{n}")
            for area in areas
            for n in range(2)
        ]
        with CaptureQueriesContext(connection) as found:
            service.open_orders(
                viewer=station.viewer(), requests=requests, now=m.NOON, rules=m.RULES,
                field_key=m.KEY,
            )  # fmt: skip
        return len(found)

    assert asked(16) == asked(8)
