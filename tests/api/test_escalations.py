"""What was escalated, for programs: listed by cursor, taken in hand once a key."""

import pytest
from django.utils import timezone

from lamplighter.action.service.escalations import ladder
from lamplighter.action.service.escalations import services as escalations
from tests import factories as f
from tests.action.service import making as m
from tests.api.programs import all_of, program_of

pytestmark = pytest.mark.django_db


def test_what_went_up_is_listed_taken_once_and_refused_in_words(settings, monkeypatch):
    settings.DEMO_TODAY = None
    monkeypatch.setattr(timezone, "now", lambda: m.later(90))
    station = m.make_station()
    orders = [m.open_one(station) for _ in range(3)]
    levels = ladder.in_force(on=f.TODAY, rules=m.RULES)
    escalations.escalate(now=m.later(82), rules=m.RULES, ladder=levels, actor="test")
    program = program_of(station.staff["STATION_HEAD"])

    listed = all_of(program, "/escalations", limit=2)
    path = f"/orders/{orders[0].number}/escalations/1"
    words = {"reason": "a second crew"}
    early = program.post(f"{path}/settle", words)
    taken = [program.post(f"{path}/take", words, key="take-it-once") for _ in range(2)]
    again = program.post(f"{path}/take", words)

    assert {one["order_number"] for one in listed} == {order.number for order in orders}
    assert {(one["post"], one["state"]) for one in listed} == {("SUPERVISOR", "NEW")}
    assert [answer.status_code for answer in taken] == [200, 200]
    assert taken[1]["Idempotency-Replayed"] == "true"
    assert [answer.json()["type"].rpartition(":")[2] for answer in (early, again)] == [
        "not-taken",
        "taken-already",
    ]
    assert program.post(f"/orders/{orders[0].number}/escalations/2/take", words).status_code == 404
    assert [one["order_number"] for one in all_of(program, "/escalations", state="TAKEN")] == [
        orders[0].number
    ]
