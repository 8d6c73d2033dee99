"""F5, complaint, report and suggestion: found out, answered, put right, and asked by another."""

from tests import factories as f
from tests.web.test_every_page import pytestmark
from tests.web.walks.walking import Walk, in_chinese

__all__ = ["pytestmark"]


def test_a_complaint_is_upheld_and_another_than_who_took_it_asks_after_it(walk: Walk) -> None:
    f.make_staff(station=walk.station.unit, post="AGENT")
    walk.sits("AGENT")
    walk.calls(words="你们的人态度很差, 我要投诉", type_code="COMPLAINT")

    walk.does("TAKE", "ASSIGN", "CONTACT_STEP", "INVESTIGATE", INVESTIGATE="UPHELD")
    walk.does("REMEDY", "ANSWER_STEP", "REVISIT", "FILE", REVISIT="YES")

    walk.is_closed()
    assert walk.promises() == {"CONTACT": "KEPT", "ANSWER": "KEPT"}
    asked, took = walk.step("REVISIT").owner, walk.step("TAKE").owner
    assert asked != took


@in_chinese
def test_a_customer_who_is_not_content_is_heard_one_level_above(walk: Walk) -> None:
    f.make_staff(station=walk.station.unit, post="AGENT")
    walk.sits("AGENT")
    walk.calls(words="停电一整天没人管, 我要投诉", type_code="COMPLAINT")

    walk.does("TAKE", "ASSIGN", "CONTACT_STEP", "INVESTIGATE", INVESTIGATE="NOT_UPHELD")
    walk.does("ANSWER_STEP", "REVISIT", "REVIEW", REVISIT="REVIEW")

    walk.order.refresh_from_db()
    assert walk.order.state == "CONFIRMING"  # done by the branch; the customer has the last word
    walk.sits("BRANCH")
    walk.shows()
    walk.presses(walk.says("Close the order"))
    walk.is_closed()


@in_chinese
def test_a_report_of_conduct_goes_to_discipline_alone(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="我要举报你们员工吃拿卡要", type_code="REPORT")

    walk.does("TAKE", "INQUIRE", "ANSWER", "FILE", TAKE="STAFF")

    walk.is_closed(by_customer=False)
    assert walk.step("CHECK_SITE").state == "SKIPPED"


@in_chinese
def test_a_suggestion_is_considered_and_answered(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="建议营业厅周末也开门", type_code="SUGGESTION")

    walk.does("TAKE", "CONSIDER", "ANSWER", "CONFIRM", "FILE", TAKE="IDEA", CONFIRM="YES")

    walk.is_closed()
