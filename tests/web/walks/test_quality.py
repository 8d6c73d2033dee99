"""F8 customer database, F10 quality assessment, F11 return visits, F12 supervision and chase."""

from datetime import timedelta

from lamplighter.action.service import rules as service_rules
from lamplighter.action.service import services as service
from tests import factories as f
from tests.action.service import making as m
from tests.web.console.calling import PHONE
from tests.web.test_every_page import pytestmark
from tests.web.walks.walking import Walk, in_chinese

__all__ = ["pytestmark"]


def test_the_archive_is_put_right_with_consent(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="我的联系电话换了, 请更新", type_code="ARCHIVE_CORRECTION")

    walk.does("ACCEPT", "VERIFY", "CORRECT", ACCEPT="VERIFY")
    walk.does("CONFIRM", "FILE", CONFIRM="YES")

    walk.is_closed()
    walk.sits("AGENT")
    walk.goes(f"/console/?caller={PHONE}")  # the next time they call, it is known
    walk.tab.get_by_role("link", name=walk.type_name("ARCHIVE_CORRECTION")).wait_for()


def test_service_is_assessed_and_the_station_improves(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.begins(words="十一月服务质量评价", type_code="QUALITY_ASSESSMENT")

    walk.does("SAMPLE", "LISTEN", "ASK", "REPORT", "ANSWER_BACK", "IMPROVE")

    walk.is_closed(by_customer=False)
    assert walk.promises() == {"REPORT_BY": "KEPT"}


def test_a_silent_customer_is_called_and_is_content(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="抢修后回访", type_code="RETURN_VISIT", channel="Internal")

    walk.does("LINK", "ASK", "FILE", LINK="SILENT", ASK="CONTENT")

    walk.is_closed()


@in_chinese
def test_who_is_not_content_is_heard_again(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="抢修后回访", type_code="RETURN_VISIT", channel="Internal")

    walk.does("LINK", "ASK", "REOPEN", LINK="SILENT", ASK="NOT_CONTENT")

    walk.order.refresh_from_db()
    assert walk.order.state == "CONFIRMING"


def test_the_supervisor_urges_a_late_order_on_the_record(walk: Walk) -> None:
    walk.order = m.open_one(walk.station)
    walk.clock.passes(minutes=50)
    service.sweep(
        now=walk.clock.now(),
        rules=service_rules.in_force(on=f.TODAY, zone=m.ZONE),
        actor="worker",
    )
    walk.sits("SUPERVISOR")
    walk.goes("/watch/")
    urge = walk.says("Chase %(number)s", number=walk.order.number)
    walk.tab.get_by_label(urge, exact=True).first.click()
    why = walk.says("Why %(number)s is chased", number=walk.order.number)
    walk.tab.get_by_label(why).first.fill("客户第二次来电, 还没人到")
    with walk.tab.expect_navigation():
        walk.tab.keyboard.press("Enter")
    walk.is_told("Chased, and recorded.")

    assert "CHASED" in walk.events()
    assert "service.order.chased" in walk.ledger()
    chased = walk.order.events.get(kind="CHASED")
    assert chased.reason == "客户第二次来电, 还没人到"
    assert chased.at - walk.order.opened_at == timedelta(minutes=50)


def test_a_customer_who_calls_again_has_the_order_chased(walk: Walk) -> None:
    first = m.open_one(walk.station, phone=PHONE)
    walk.clock.passes(minutes=5)
    walk.sits("AGENT")
    walk.shows(first.number)
    urge = walk.unfolds(walk.says("Chase"))
    urge.get_by_label(walk.says("What the customer asks for")).fill("还没人到")
    walk.presses(walk.says("Chase"), inside=urge)
    walk.is_told("Chased, and recorded.")
    walk.calls(words="我昨天报的修, 办到哪一步了, 帮我催一下", type_code="CHASE")

    walk.comes_to("RAISE", ORDER=first.number)
    walk.finishes("RAISE")
    walk.does("REPLY", "DECIDE", "TELL", DECIDE="ACCEPT")

    walk.is_closed(by_customer=False)
    assert walk.promises() == {"REPLY_BY": "KEPT"}
    assert "CHASED" in first.events.values_list("kind", flat=True)
