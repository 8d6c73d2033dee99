"""F6, business acceptance: new supply low and high, suspension by its rules, a change of name."""

import re

from lamplighter.action.service.models import Wait
from lamplighter.action.service.records.models import StepRecord
from lamplighter.findings.models import AccountFinding
from tests.web.test_every_page import pytestmark
from tests.web.walks.walking import Walk, in_chinese

__all__ = ["pytestmark"]
LV, HV = {"VOLTAGE": "LV"}, {"VOLTAGE": "HV"}


def test_a_home_gets_power_within_the_promise(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="新房子要装电表", type_code="NEW_LV_RESIDENT")

    walk.does("ACCEPT", ACCEPT="VISIT")
    walk.lets_wait("SURVEY", reason="ACCESS")
    walk.clock.passes(days=1)
    walk.goes_on("SURVEY")
    walk.does("SURVEY", "LINE", "CONTRACT", "INSTALL", "POWER_ON", SURVEY="BUILD")
    walk.does("CONFIRM", "FILE", CONFIRM="YES")

    walk.is_closed()
    assert walk.promises() == {"SUPPLY": "KEPT"}
    assert [wait.reason for wait in Wait.objects.filter(order=walk.order)] == ["ACCESS"]


@in_chinese
def test_a_works_gets_high_voltage_and_its_own_works_do_not_count(walk: Walk) -> None:
    AccountFinding.objects.filter(account=walk.station.account).update(grade="A")
    walk.sits("AGENT")
    walk.calls(words="工厂要报装高压用电", type_code="NEW_HV_SINGLE")
    walk.tab.get_by_text(walk.says("Green channel")).wait_for()

    walk.does("ACCEPT", "SURVEY", "SCHEME")
    zone = walk.customer(walk.gives_link())  # what is done, promised and waited for, at any hour
    (waits,) = [pause for pause in walk.process.pauses if pause.code == "CUSTOMER_WORKS"]
    zone.get_by_text(walk.own(waits.customer)).wait_for()
    zone.get_by_text(re.compile(walk.own(walk.process.promises[0].title))).wait_for()
    walk.customer_does("DESIGN", days=10)
    walk.does("REVIEW", "CONTRACT")
    walk.customer_does("BUILD", days=30)
    walk.does("MID_CHECK")
    walk.customer_does("COMPLETE", days=20)
    walk.does("COMPLETION", "METER", "POWER_ON")
    walk.does("CONFIRM", "FILE", CONFIRM="YES")

    walk.is_closed()
    assert walk.promises() == {"SUPPLY": "KEPT"}  # though two months went by
    assert Wait.objects.filter(order=walk.order, reason="CUSTOMER_WORKS").count() == 3


@in_chinese
def test_a_suspension_is_refused_while_its_days_break_a_rule(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="厂里停产, 申请暂停变压器", type_code="SUSPEND")

    walk.comes_to("ACCEPT", FROM_DATE="2026-12-01", UNTIL_DATE="2026-12-11")
    walk.finishes("ACCEPT", answer="FITS")
    walk.is_refused(
        "%(rule)s: %(limit)s. Here it would be %(found)s.",
        rule=walk.own(walk.process.rules[0].about),
        limit=walk.in_language(zh="15 天", en="15 days"),
        found=walk.in_language(zh="10 天", en="10 days"),
    )
    assert walk.step("ACCEPT").state == "READY"
    walk.place = walk.card("ACCEPT")
    walk.fills("ACCEPT", FROM_DATE="2026-12-01", UNTIL_DATE="2026-12-11")
    walk.finishes("ACCEPT", answer="NOT")
    walk.does("EXPLAIN")

    walk.order.refresh_from_db()
    assert walk.order.state == "CONFIRMING"
    assert StepRecord.objects.get(order=walk.order).answer == "NOT"


@in_chinese
def test_a_suspension_within_the_rules_is_sealed_settled_and_reminded_of(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="厂里停产, 申请暂停变压器", type_code="SUSPEND")

    walk.comes_to("ACCEPT", FROM_DATE="2026-12-01", UNTIL_DATE="2026-12-31")
    walk.finishes("ACCEPT", answer="FITS")
    walk.does("SEAL", "SETTLE", "REMIND", "CONFIRM", "FILE", CONFIRM="YES")

    walk.is_closed()
    kept = StepRecord.objects.get(order=walk.order, step_code="ACCEPT")
    assert (kept.until_date - kept.first_date).days == 30


@in_chinese
def test_a_name_is_changed(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="户名写错, 要改户名", type_code="RENAME", cases={"CUSTOMER_KIND": "RESIDENT"})

    walk.does("ACCEPT", "CONTRACT", "CONFIRM", "FILE", CONFIRM="YES")

    walk.is_closed()
    assert walk.promises() == {"DONE_BY": "KEPT"}
