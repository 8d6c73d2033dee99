"""F7, faults and doubts: repair, a neighbour's call that joins it, meter test, doubt of a bill."""

from lamplighter.action.service.progress.models import CustomerAnswer
from tests import factories as f
from tests.action.service import making as m
from tests.web.console.calling import known
from tests.web.test_every_page import pytestmark
from tests.web.walks.walking import Walk, in_chinese

__all__ = ["pytestmark"]
WORDS = "家里没电了, 邻居家有电"
NEIGHBOUR = "19900005678"


def test_a_fault_is_repaired_and_the_customer_says_so_by_the_link(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words=WORDS, type_code="FAULT_REPAIR")

    walk.does("TAKE", "DISPATCH", "ACCEPT", "ARRIVE", "DIAGNOSE", TAKE="NEW", DIAGNOSE="OURS")
    walk.does("TELL", "REPAIR", "POWER_BACK")
    walk.sits("AGENT")
    walk.says_yes(stars=5)
    walk.does("FILE")

    walk.is_closed()
    assert walk.promises() == {"ARRIVAL": "KEPT", "RESTORE": "KEPT"}
    rated = CustomerAnswer.objects.get(order=walk.order, kind="RATED")
    assert rated.stars == 5
    assert walk.events().count("ATTACHED") >= 1


@in_chinese
def test_a_second_caller_joins_the_fault_of_the_first(walk: Walk) -> None:
    neighbour = f.make_account(area=walk.station.area)
    known(neighbour, number=NEIGHBOUR, name="赵小云")
    first = m.open_one(walk.station, account_number=neighbour.number)
    walk.sits("AGENT")

    walk.calls(words=WORDS, type_code="FAULT_REPAIR", join=first.number)
    first.refresh_from_db()
    assert walk.order.incident is not None
    assert walk.order.incident == first.incident
    walk.does("TAKE", "INFORM", "CONFIRM", "FILE", TAKE="KNOWN", CONFIRM="YES")

    walk.is_closed()
    assert "JOINED" in walk.events()
    assert walk.promises() == {"ARRIVAL": "LAPSED", "RESTORE": "LAPSED"}  # one crew serves both
    assert first.state == "OPEN"


@in_chinese
def test_a_meter_is_tested_in_the_laboratory(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="我觉得电表走得太快, 要求校表", type_code="METER_TEST")

    walk.does("ACCEPT", "COLLECT", "LAB", "TELL", ACCEPT="LAB", TELL="RIGHT")
    walk.does("CONFIRM", "FILE", CONFIRM="YES")

    walk.is_closed()
    assert walk.promises() == {"RESULT": "KEPT"}


@in_chinese
def test_a_doubtful_bill_is_verified_and_settled(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="这个月的电费账单不对, 多收了我的钱", type_code="BILL_DOUBT")

    walk.does("ACCEPT", "VERIFY", VERIFY="YES")
    colleague = f.make_staff(station=walk.station.unit)
    walk.hands_over("VISIT", to=colleague)
    walk.does("VISIT", "TELL", TELL="WRONG")
    walk.does("SETTLE", "CONFIRM", "FILE", CONFIRM="YES")

    walk.is_closed()
    assert walk.step("VISIT").owner == colleague
    assert not walk.order.events.get(kind="HANDED_OVER").is_outward  # one mouth outward
    assert walk.promises() == {"RESULT": "KEPT"}
