"""The whole console by keyboard in a real browser, in both languages and widths; and without a
script the form itself still opens an order."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from lamplighter.action.service.knowledge import services as knowledge
from lamplighter.action.service.knowledge import starting
from lamplighter.action.service.models import ServiceOrder
from lamplighter.config import catalogues
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.action.service import making as m
from tests.web.console.calling import PHONE, Hotline
from tests.web.test_every_page import SITE, chromium, faults, open_tab, pytestmark

__all__ = ["chromium", "open_tab", "pytestmark"]
LOOKS = [("zh-CN", 1440), ("en-GB", 1440), ("zh-CN", 390), ("en-GB", 390)]


@pytest.fixture(autouse=True)
def _noon(settings: Any, monkeypatch: Any, learnt_folder: Any) -> None:
    settings.DEMO_TODAY = f.TODAY
    settings.FIELD_KEY = m.KEY
    settings.LEARNT_FOLDER = learnt_folder
    monkeypatch.setattr(timezone, "now", lambda: m.NOON)
    catalogues.compile_all()


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_a_call_is_taken_without_the_mouse(open_tab, language, width):
    knowledge.publish_all(drafts=starting.drafts(), actor="test", now=f.MORNING)
    hotline = Hotline(language=language)
    neighbour = f.make_account(area=hotline.station.area)
    m.open_one(hotline.station, account_number=neighbour.number)
    tab, said = open_tab(hotline.agent, language=language, width=width)
    tab.goto(f"{SITE}/console/")
    keys = tab.keyboard

    keys.press("Alt+c")
    keys.type(PHONE)
    keys.press("Enter")
    tab.locator("#caller h2").wait_for()
    assert "王*明" in tab.locator("#caller").inner_text()
    keys.press("Alt+w")
    keys.type("家里没电了, 邻居家有电")
    tab.locator(".console-choice").first.wait_for()
    keys.press("Alt+1")
    assert tab.locator(".console-choice input").first.is_checked()
    keys.press("Alt+k")
    keys.type("电费")
    quote = tab.locator("#answers input[name=quote]").first
    quote.wait_for()
    code = quote.get_attribute("value")
    keys.press("Alt+6")
    assert tab.locator(f"#quote-{code}").is_checked()
    assert faults(tab) == []
    assert said == []
    keys.press("Alt+w")
    with tab.expect_response(f"{SITE}/console/open/") as sent:
        keys.press("Control+Enter")
    assert sent.value.status == 302  # a redirect leaves this test's network: it is opened by hand
    after = tab.context.new_page()
    after.goto(SITE + sent.value.headers["location"])

    assert faults(after) == []
    order = ServiceOrder.objects.latest("pk")
    assert (order.type_code, order.account_id) == ("FAULT_REPAIR", hotline.station.account.pk)
    quoted = Event.objects.get(name="service.knowledge.quoted")
    assert quoted.payload["article"] == code


def test_the_list_of_keys_opens_with_a_question_mark(open_tab):
    tab, _ = open_tab(Hotline().agent, language="en-GB")
    tab.goto(f"{SITE}/console/")

    tab.keyboard.press("?")

    assert "Quote an answer into the order" in tab.locator("#keys").inner_text()


def test_without_a_script_the_forms_alone_open_an_order():
    hotline = Hotline()
    popped = hotline.agent.post(reverse("console:console"), {"caller": PHONE})
    key = popped.context["page"].form["request_key"].value()
    said = hotline.sent(request_key=key, type_code="")
    read = hotline.agent.post(reverse("console:read"), said)
    first = read.context["page"].proposal.first

    answer = hotline.open(request_key=key, type_code="", proposed=first)

    assert answer.status_code == 302
    assert ServiceOrder.objects.get().type_code == "FAULT_REPAIR"


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en-GB", 390)])
def test_orders_and_knowledge_are_whole_in_each_look(open_tab, language, width):
    knowledge.publish_all(drafts=starting.drafts(), actor="test", now=f.MORNING)
    hotline = Hotline(language=language)
    order = m.open_one(hotline.station)
    m.open_one(hotline.station, "CLOSE", cases={"VOLTAGE": "LV"})
    tab, said = open_tab(hotline.clients["BRANCH"], language=language, width=width)
    code = starting.drafts()[0].code
    wrong: dict[str, list[str]] = {}

    for path in (
        "/orders/", f"/orders/{order.number}/", "/orders/?tab=mine", "/knowledge/?q=电费",
        f"/knowledge/{code}/", "/knowledge/new/", f"/console/?caller={PHONE}",
    ):  # fmt: skip
        said.clear()
        reply = tab.goto(SITE + path)
        here = faults(tab) + said
        if reply.status != 200:
            here.append(f"answered {reply.status}")
        if here:
            wrong[path] = here

    assert wrong == {}
