"""F3 market survey, F4 publicity, F9 release of outage, policy and tariff information."""

import pytest

from tests.web.test_every_page import pytestmark
from tests.web.walks.walking import Walk, in_chinese

__all__ = ["pytestmark"]


def test_customers_are_asked_what_they_need_and_told_what_came_of_it(walk: Walk) -> None:
    walk.sits("SUPERVISOR")
    walk.begins(words="下季度居民用电需求调查", type_code="MARKET_SURVEY")

    walk.does("PLAN", "SAMPLE", "ASK", "REPORT", "ACT", "TELL")

    walk.is_closed(by_customer=False)
    assert walk.promises() == {"REPORT_BY": "KEPT"}


def test_safe_use_of_power_is_made_known_and_its_effect_looked_at(walk: Walk) -> None:
    walk.sits("MANAGER")
    walk.begins(words="入冬安全用电进社区", type_code="PUBLICITY")

    walk.does("PLAN", "WRITE", "CHECK", "DELIVER", "EFFECT")

    walk.is_closed(by_customer=False)
    assert walk.promises() == {"OUT_BY": "KEPT"}


def test_a_planned_outage_is_announced_and_its_end_told(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.begins(words="线路检修计划停电", type_code="RELEASE_OUTAGE")

    walk.does("DRAFT", "CHECK", "PUBLISH", "DOOR", "BACK", "FILE", DRAFT="PLANNED")

    walk.is_closed(by_customer=False)
    assert walk.promises() == {"OUT_BY": "KEPT"}


@in_chinese
@pytest.mark.parametrize("type_code", ["RELEASE_POLICY", "RELEASE_TARIFF"])
def test_a_new_rule_or_tariff_is_checked_and_published(walk: Walk, type_code: str) -> None:
    walk.sits("SUPERVISOR")
    walk.begins(words="新的分时电价执行", type_code=type_code)

    walk.does("DRAFT", "CHECK", "PUBLISH")
    if type_code == "RELEASE_TARIFF":
        walk.does("SYSTEM")  # the new price is in the bills before anybody asks
    walk.does("SEEN")

    walk.is_closed(by_customer=False)
    assert walk.promises() == {"OUT_BY": "KEPT"}
