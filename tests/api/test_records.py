"""Failures, faults of many and customers' words, for programs."""

import pytest
from django.utils import timezone

from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderEvent
from tests.action.service import making as m
from tests.action.service.progress import test_links as links
from tests.action.service.progress.test_voices import closed, object_to
from tests.api.programs import all_of, program_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(settings, monkeypatch):
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    monkeypatch.setattr(timezone, "now", lambda: m.later(200))


def test_failures_are_listed_and_weighed_once_a_key(clock):
    station = m.make_station()
    order = m.open_one(station)
    service.sweep(now=m.later(199), rules=m.RULES, actor="test")
    program = program_of(station.staff["SUPERVISOR"])

    graver, lighter = all_of(program, "/failures", limit=1)
    path = f"/orders/{order.number}/failures/{graver['id']}/weigh"
    losses = {"economic_cny": "80.00", "political": 0, "reputation": 1, "honour": 0,
              "remedy": "a night crew"}  # fmt: skip
    weighed = [program.post(path, losses, key="weigh-it-once") for _ in range(2)]
    unknown = program.post(path.replace(f"/{graver['id']}/", "/999999/"), losses)

    assert (graver["level"], lighter["level"]) == ("OBSTACLE", "ERROR")
    assert [answer.status_code for answer in weighed] == [200, 200]
    assert weighed[1]["Idempotency-Replayed"] == "true"
    (found,) = all_of(program, "/failures", is_weighed=True)
    assert (found["economic_cny"], found["remedy"]) == ("80.00", "a night crew")
    assert unknown.status_code == 422


def test_a_fault_of_many_is_ended_and_answers_its_orders(clock):
    station = m.make_station()
    orders = [m.open_one(station) for _ in range(2)]
    service.join_incident(m.asking(orders[1], station.viewer(), 1), with_number=orders[0].number)
    program = program_of(station.staff["STATION_HEAD"])

    (fault,) = all_of(program, "/incidents")
    body = {"cause": "a fuse", "restored_at": m.later(60).isoformat()}
    ended = program.post(f"/incidents/{fault['number']}/end", body)
    again = program.post(f"/incidents/{fault['number']}/end", body)

    assert fault["n_open"] == 2
    assert ended.json() == {"number": fault["number"], "n_orders": 2}
    assert again.status_code == 404
    assert all_of(program, "/incidents") == []
    assert [one["cause"] for one in all_of(program, "/incidents", is_open=False)] == ["a fuse"]
    assert OrderEvent.objects.filter(kind="RESTORED").count() == 2
    told = {one["name"] for one in all_of(program, "/events")}
    assert "service.order.restored" in told


def test_what_customers_said_is_listed_without_their_words(clock):
    station = m.make_station()
    order, minutes = closed(station)
    object_to(order, minutes + 10, words="还是没电")
    program = program_of(station.staff["AGENT"])

    answer = program.get("/voices", kind="OBJECTED")

    (voice,) = answer.json()["items"]
    assert (voice["order_number"], voice["replied_at"]) == (order.number, None)
    assert voice["follow_up_number"]
    assert "还是没电" not in answer.content.decode()
    assert program_of(station.staff["CREW"]).get("/voices").status_code == 403
    assert links.NONCE not in answer.content.decode()


def test_a_customer_is_answered_once(clock):
    station = m.make_station()
    order, minutes = closed(station)
    object_to(order, minutes + 10)
    program = program_of(station.staff["SUPERVISOR"])
    (voice,) = all_of(program, "/voices", kind="OBJECTED")
    path = f"/orders/{order.number}/voices/{voice['id']}/reply"

    answers = [
        program.post(path, {"words": "今天再派人去看"}, key=key) for key in ("reply-one",) * 2
    ]
    again = program.post(path, {"words": "另一个答复"})
    unknown = program.post(path.replace(str(voice["id"]), "999999"), {"words": "今天再派人去看"})

    assert [one.status_code for one in (*answers, again, unknown)] == [200, 200, 409, 404]
    (told,) = all_of(program, "/voices", kind="OBJECTED")
    assert told["replied_at"]
