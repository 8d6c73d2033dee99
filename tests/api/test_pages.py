"""Lists by cursor: none lost, none told twice, whatever is added meanwhile."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lamplighter.action.service import happenings
from lamplighter.action.service import services as service
from lamplighter.api import paging
from tests.action.service import making as m
from tests.api.programs import all_of, program_of

pytestmark = pytest.mark.django_db


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    n_before=some.integers(0, 4),
    limit=some.integers(1, 4),
    adds=some.lists(some.integers(0, 2), max_size=4),
)
def test_orders_that_were_there_are_told_once_while_others_are_added(db, n_before, limit, adds):
    station = m.make_station()
    program = program_of(station.staff["AGENT"])
    standing = [m.open_one(station).number for _ in range(n_before)]
    told, after, added = [], "", iter(adds)
    while True:
        page = program.get("/orders", limit=limit, after=after).json()
        assert len(page["items"]) <= limit
        told += [order["number"] for order in page["items"]]
        for _ in range(next(added, 0)):
            m.open_one(station)
        if page["next"] is None:
            break
        after = page["next"]

    assert [number for number in told if number in standing] == standing[::-1]
    assert len(set(told)) == len(told)


def test_the_feed_tells_all_that_is_added_while_it_is_read():
    station = m.make_station()
    program = program_of(station.staff["AGENT"])
    opened, told, after = [], [], ""
    for _ in range(4):
        opened.append(m.open_one(station).number)
        page = program.get("/events", limit=1, after=after).json()
        told += page["items"]
        after = page["next"]
    told += program.get("/events", after=after).json()["items"]

    assert [item["order_number"] for item in told] == opened
    assert len({item["id"] for item in told}) == 4
    last = program.get("/events", after=after).json()
    assert program.get("/events", after=last["next"]).json() == {
        "items": [],
        "next": last["next"],
        "is_last": True,
    }


def test_the_feed_tells_what_the_clock_found_of_each_order():
    station = m.make_station()
    order = m.open_one(station)
    m.open_one(m.make_station())
    service.sweep(now=m.later(91), rules=m.RULES, actor="test")

    told = all_of(program_of(station.staff["AGENT"]), "/events")

    assert {item["order_number"] for item in told} == {order.number}
    names = [item["name"] for item in told]
    assert names[0] == happenings.OPENED
    assert happenings.MISSED in names
    assert set(names) <= set(happenings.TOLD)


def test_orders_are_filtered():
    station = m.make_station()
    program = program_of(station.staff["AGENT"])
    repair, complaint = m.open_one(station), m.open_one(station, "COMPLAINT")
    m.open_one(station, account_number="", area_id=station.area.pk)

    def numbers(**query):
        return {order["number"] for order in all_of(program, "/orders", **query)}

    assert numbers(type="COMPLAINT") == {complaint.number}
    assert numbers(account=station.account.number) == {repair.number, complaint.number}
    assert numbers(state="CLOSED") == set()
    assert len(numbers(is_open="true")) == 3
    assert numbers(opened_before="2026-11-25T03:59:59Z") == set()
    assert len(numbers(opened_from="2026-11-25T12:00:00+08:00")) == 3


@pytest.mark.parametrize("after", ["x", "b3JkZXJz", "====", paging.cursor(of="steps", place=1)])
def test_a_cursor_of_another_list_is_refused(after):
    refused = program_of(m.make_station().staff["AGENT"]).get("/orders", after=after)

    assert refused.status_code == 422


@given(place=some.integers(0, paging.LARGEST))
@settings(max_examples=30, derandomize=True)
def test_a_cursor_comes_back_as_it_went(place):
    assert paging.place(of="orders", text=paging.cursor(of="orders", place=place)) == place
