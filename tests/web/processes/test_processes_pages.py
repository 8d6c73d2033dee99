"""The catalogue of processes: every type, its picture, its cards, its sources and its file."""

from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lamplighter.policy.processes import catalogue, codes
from tests import factories as f
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
MOST_QUERIES = 5


@pytest.fixture(autouse=True)
def _today(settings):
    settings.DEMO_TODAY = f.TODAY


def client(*, post="AGENT", language="en"):
    return client_of(f.make_staff(station=f.make_station(), post=post), language=language)


def test_every_type_stands_under_its_function():
    page = client().get("/processes/").context["page"]

    urls = {entry.url for function in page.functions for entry in function.entries}
    assert urls == {f"/processes/{code}/" for code in codes.TYPES}
    used = {catalogue.in_force(code=code, on=f.TODAY).function for code in codes.TYPES}
    assert [one.code for one in page.functions] == [one for one in codes.FUNCTIONS if one in used]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_process_is_shown_with_all_its_steps_promises_and_sources(language):
    browser = client(language=language)
    for code in codes.TYPES:
        process = catalogue.in_force(code=code, on=f.TODAY)

        answer = browser.get(f"/processes/{code}/")

        page, text = answer.context["page"], answer.content.decode()
        assert [card.code for card in page.cards] == [step.code for step in process.steps]
        assert len(page.promises) == sum(len(one.cases) for one in process.promises)
        assert all(said.source and said.certainty for said in (*page.promises, *page.rules))
        assert '<svg class="process"' in text or "<svg" in page.picture
        assert "⚠" not in text


def test_a_version_is_chosen_by_its_day_and_others_are_none():
    browser = client()
    first = catalogue.versions(code="FAULT_REPAIR")[0].valid_from.isoformat()

    page = browser.get("/processes/FAULT_REPAIR/", {"version": first}).context["page"]

    assert page.version.isoformat() == first
    for url in ("/processes/TELEPORT/", "/processes/FAULT_REPAIR/?version=1999-01-01",
                "/processes/FAULT_REPAIR/?version=../../x", "/processes/TELEPORT/x.bpmn",
                "/processes/FAULT_REPAIR/1999-01-01.bpmn"):  # fmt: skip
        assert browser.get(url).status_code == 404


def test_the_file_opens_as_bpmn():
    browser = client()
    page = browser.get("/processes/FAULT_REPAIR/").context["page"]

    answer = browser.get(page.file_url)

    assert "attachment" in answer["Content-Disposition"]
    root = ET.fromstring(answer.content)
    assert root.tag == "{http://www.omg.org/spec/BPMN/20100524/MODEL}definitions"
    tasks = root.findall(".//{http://www.omg.org/spec/BPMN/20100524/MODEL}userTask")
    assert len(tasks) == len(page.cards)


@pytest.mark.parametrize("path", ["/processes/", "/processes/FAULT_REPAIR/"])
def test_the_pages_ask_nothing_but_who_looks(path):
    browser = client()
    browser.get(path)

    with CaptureQueriesContext(connection) as asked:
        browser.get(path)

    assert len(asked) <= MOST_QUERIES, [query["sql"][:90] for query in asked]


def test_everybody_of_the_staff_may_read_and_nobody_else():
    for post in ("CREW", "MANAGER", "BRANCH"):
        assert client(post=post).get("/processes/SUSPEND/").status_code == 200
    assert Client().get("/processes/SUSPEND/").status_code == 302
