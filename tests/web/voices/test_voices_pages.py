"""What customers said: to be answered by who may, seen by nobody of another district."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamplighter.action.service.progress import services
from lamplighter.action.service.progress.models import CustomerAnswer
from tests import factories as f
from tests.action.service import making as m
from tests.action.service.progress import test_links as links
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
PAGE = "/voices/"


@pytest.fixture
def said(settings, monkeypatch):
    """One station, an objection and a low rating of one order, and the order."""
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    station = m.make_station()
    order, minutes = links.finished(station)
    links.given(order, station, minutes=minutes)
    monkeypatch.setattr(timezone, "now", lambda: m.later(minutes + 20))
    holder = links.holder(order, minutes=minutes + 1)
    services.rate(holder, stars=1, words="太慢 <b>", field_key=m.KEY)
    services.object_to(holder, words="还是没电 <i>", field_key=m.KEY)
    return station, order


def page_for(station, post="SUPERVISOR", language="en"):
    return client_of(station.staff[post], language=language)


def test_objections_wait_ratings_are_counted_and_words_are_text(said):
    station, order = said
    client = page_for(station)

    answer = client.get(PAGE)
    page = answer.context["page"]

    (objection,) = page.objections
    assert (objection.number, objection.words) == (order.number, "还是没电 <i>")
    assert objection.slack.text.endswith("left")
    assert [row.stars for row in page.ratings] == [1]
    assert [table.rows[0].n for table in page.tables] == [1, 1, 1]
    assert page.summary.startswith("1 objection waits for an answer. 1 customer rated")
    assert "<b>" not in answer.content.decode().split("<main", 1)[1].split("太慢", 1)[1][:20]


def test_an_answer_is_kept_once_and_read_by_the_customer(said):
    station, _order = said
    client = page_for(station)
    (row,) = client.get(PAGE).context["page"].objections

    sent = {"reply": "抢修队在路上", "page_key": "k"}
    answers = [client.post(row.reply_url, sent).status_code for _ in range(2)]
    again = client.post(row.reply_url, {"reply": "我也来"})
    short = client.post(row.reply_url, {"reply": ""})

    assert answers == [302, 302]
    assert (again.status_code, short.status_code) == (422, 422)
    assert "answered already" in again.context["page"].fault
    assert client.get(PAGE).context["page"].objections == ()
    assert CustomerAnswer.objects.filter(replied_at__isnull=False).count() == 1


def test_an_agent_sees_that_there_is_something_but_not_the_words(said):
    station, order = said

    text = page_for(station, "AGENT").get(PAGE).content.decode()

    assert order.number in text
    assert "还是没电" not in text
    assert page_for(station, "CREW").get(PAGE).status_code == 403


def test_another_district_sees_nothing(said):
    station, order = said
    stranger = client_of(f.make_staff(station=m.make_station().unit, post="SUPERVISOR"))
    number = CustomerAnswer.objects.get(kind="OBJECTED").pk

    text = stranger.get(PAGE).content.decode()
    refused = stranger.post(f"{PAGE}{order.number}/{number}/reply/", {"reply": "mine now"})

    assert order.number not in text
    assert station.unit.name not in text
    assert "还是没电" not in text
    assert refused.status_code == 404


def test_a_file_a_wrong_filter_and_few_questions(said):
    client = page_for(said[0])

    assert "spreadsheet" in client.get(PAGE, {"as": "xlsx"})["content-type"]
    assert client.get(PAGE, {"days": "8"}).status_code == 404
    assert client.get(PAGE, {"type": "TELEPORT"}).status_code == 404
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    assert len(asked) <= 8, [query["sql"][:90] for query in asked]


def test_the_page_speaks_chinese(said):
    text = page_for(said[0], language="zh-hans").get(PAGE).content.decode()

    assert "待答复异议 1 条" in text
    assert "⚠" not in text
