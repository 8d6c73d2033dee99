"""Two at one outage at once: one is right, the other is told, and nothing is doubled."""

import pytest

from lamplighter.action.outages import services as outages
from lamplighter.action.outages.models import Outage, OutageChange
from lamplighter.action.service.models import Incident, ServiceOrder
from lamplighter.ledger import queries as ledger
from tests.action.outages import making as o
from tests.action.service import making as m
from tests.action.service.test_races import at_once, kinds

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_request_sent_four_times_at_once_is_one_outage():
    station = m.make_station()

    found = at_once(
        *(lambda: o.record(station, o.draft(station), request_key="k").number for _ in range(4))
    )

    assert len({str(one) for one in found}) == 1
    assert Outage.objects.count() == ServiceOrder.objects.count() == 1
    assert Incident.objects.count() == 1
    assert ledger.first_broken_link() is None


def test_one_ends_it_and_another_calls_it_off():
    station = m.make_station()
    outage = o.record(station, o.fault(station))
    same = {"viewer": station.viewer("SUPERVISOR"), "number": outage.number, "now": m.NOON}

    found = at_once(
        lambda: outages.end_outage(**same, ended_at=m.NOON, rules=o.RULES, request_key="a"),
        lambda: outages.call_off(**same, reason="误报, 没有停电", rules=o.RULES, request_key="b"),
    )

    assert kinds(found) == ["NoneType", "OutageIsOver"]
    assert OutageChange.objects.count() == 2
