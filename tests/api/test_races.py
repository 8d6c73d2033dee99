"""Two programs at once on a real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.http import HttpResponse

from lamplighter.action.service.models import OrderEvent, ServiceOrder
from lamplighter.ledger.answers.models import KeptAnswer
from lamplighter.ledger.models import Event
from tests.action.service import making as m
from tests.api.programs import program_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], HttpResponse]) -> list[HttpResponse]:
    gate = Barrier(len(calls))

    def run(call: Callable[[], HttpResponse]) -> HttpResponse:
        gate.wait(timeout=30)
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(run, call) for call in calls]]


def test_of_two_agents_who_close_one_order_the_second_is_told():
    station = m.make_station()
    order = m.open_one(station)
    programs = [program_of(station.staff[post]) for post in ("SUPERVISOR", "STATION_HEAD")]
    body = {"reason": "taken back by the customer"}

    found = at_once(*(lambda p=p: p.post(f"/orders/{order.number}/cancel", body) for p in programs))

    assert sorted(one.status_code for one in found) == [200, 409]
    (refused,) = [one for one in found if one.status_code == 409]
    assert refused.json()["type"] == "urn:lamplighter:problem:order-is-closed"
    assert OrderEvent.objects.filter(order=order, kind="CANCELLED").count() == 1
    assert Event.objects.filter(name="service.order.cancelled").count() == 1


def test_the_same_write_sent_four_times_at_once_is_done_once():
    station = m.make_station()
    program = program_of(station.staff["AGENT"])
    body = {"type": "FAULT_REPAIR", "channel": "PHONE", "account_number": station.account.number}

    found = at_once(*(lambda: program.post("/orders", body, key="form-0001") for _ in range(4)))

    assert [one.status_code for one in found] == [201] * 4
    assert len({one.json()["number"] for one in found}) == 1
    assert ServiceOrder.objects.count() == KeptAnswer.objects.count() == 1
    assert sorted("Idempotency-Replayed" in one for one in found) == [False, True, True, True]
