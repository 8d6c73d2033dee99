"""The knowledge base through its pages: found, in force, in versions, and who may write."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lamplighter.action.service.knowledge import services, starting
from lamplighter.action.service.knowledge.models import ArticleVersion
from tests import factories as f
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
MOST_QUERIES = 7
POSTS = ("AGENT", "SUPERVISOR", "BRANCH")


@pytest.fixture(autouse=True)
def _today(settings):
    settings.DEMO_TODAY = f.TODAY


class Desk:
    """A station with three people at their desks, and the articles that come along."""

    def __init__(self, *, language="en"):
        self.drafts = starting.drafts()
        services.publish_all(drafts=self.drafts, actor="operator:test", now=f.MORNING)
        self.station = f.make_station()
        self.clients = {
            post: client_of(f.make_staff(station=self.station, post=post), language=language)
            for post in POSTS
        }
        self.code = self.drafts[0].code
        self.url = reverse("knowledge:article", args=[self.code])

    def page(self, post="AGENT"):
        return self.clients[post].get(self.url).context["page"]

    def written(self, post="BRANCH", **changed):
        form = self.page(post).form
        values = {name: form[name].value() for name in form.fields}
        said = {name: "" if value is None else value for name, value in values.items()}
        return {**said, "until_date": "", "from_date": f.TODAY.isoformat(), **changed}

    def publish(self, post="BRANCH", **changed):
        return self.clients[post].post(f"{self.url}publish/", self.written(post, **changed))

    def withdraw(self, post="BRANCH", number=1, **changed):
        said = {"from_date": f.TODAY.isoformat(), "because": "the rule ended",
                "after_number": number, "request_key": "w1", **changed}  # fmt: skip
        sent = {f"withdraw-{name}": value for name, value in said.items()}
        return self.clients[post].post(f"{self.url}withdraw/", sent)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_answer_is_found_read_and_stands_in_its_versions(language):
    desk = Desk(language=language)
    agent, words = desk.clients["AGENT"], desk.drafts[0].title.zh

    listed = agent.get(reverse("knowledge:list"))
    hits = agent.get(reverse("knowledge:list"), {"q": words})
    part = agent.get(reverse("knowledge:list"), {"q": words}, headers={"hx-request": "true"})
    article = agent.get(desk.url)

    assert desk.url in [one.url for one in listed.context["page"].titled if one.is_in_force]
    assert hits.context["page"].lines[0].code == desk.code
    assert "<html" not in part.content.decode()
    page = article.context["page"]
    assert [one.is_in_force for one in page.versions] == [True]
    assert (page.form, page.withdraw_form) == (None, None)
    for answer in (listed, hits, part, article):
        assert answer.status_code == 200
        assert "⚠" not in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "foreign"), [("en", r"[\u4e00-\u9fff]"), ("zh-hans", r"[A-Za-z]{3}")]
)
def test_where_an_answer_comes_from_is_said_in_the_language_of_the_page(language, foreign):
    desk = Desk(language=language)
    urls = [reverse("knowledge:article", args=[draft.code]) for draft in desk.drafts]
    pages = [desk.clients["AGENT"].get(url).context["page"] for url in urls]

    assert len(pages) > 20
    assert [page.code for page in pages if re.search(foreign, page.in_force.source)] == []


def test_another_version_takes_its_place_on_its_day_and_the_form_twice_is_one():
    desk = Desk()
    said = desk.written(answer_en="Another answer.", from_date=f.TODAY.isoformat())
    client = desk.clients["BRANCH"]

    first = client.post(f"{desk.url}publish/", said)
    again = client.post(f"{desk.url}publish/", said)
    desk.publish(answer_en="Next month's.", from_date=(f.TODAY + timedelta(30)).isoformat())

    assert (first.status_code, again.status_code) == (302, 302)
    versions = desk.page().versions
    assert [(one.number, one.is_in_force, one.is_to_come) for one in versions] == [
        (3, False, True),
        (2, True, False),
        (1, False, False),
    ]
    assert desk.page().in_force.answer == "Another answer."


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten():
    desk = Desk()
    said = desk.written(answer_en="Mine.")
    desk.publish(answer_en="Theirs.")

    answer = desk.clients["BRANCH"].post(f"{desk.url}publish/", said)

    assert answer.status_code == 422
    assert "Somebody published" in answer.content.decode()
    assert "Mine." in answer.content.decode()
    assert desk.page().in_force.answer == "Theirs."


def test_a_supervisor_publishes_for_the_own_units_only():
    desk, there = Desk(), f.make_station()
    stranger = client_of(f.make_staff(station=there, post="AGENT"))

    assert desk.publish("SUPERVISOR", answer_en="Here only.").status_code == 302
    refused = desk.withdraw("SUPERVISOR")

    assert desk.page().in_force.answer == "Here only."
    assert stranger.get(desk.url).context["page"].in_force.answer != "Here only."
    assert "Here only." not in stranger.get(desk.url).content.decode()
    assert refused.status_code in {302, 422}


def test_withdrawn_it_answers_nothing_from_its_day_on():
    desk = Desk()

    silent = desk.withdraw(because=" ")
    done = desk.withdraw()

    assert (silent.status_code, done.status_code) == (422, 302)
    page = desk.page()
    assert page.in_force is None
    assert "the rule ended" in page.versions[0].source


def test_an_agent_and_a_stranger_may_not_write():
    desk = Desk()
    said = desk.written()

    assert desk.clients["AGENT"].post(f"{desk.url}publish/", said).status_code == 403
    assert desk.withdraw("AGENT").status_code == 403
    assert desk.clients["AGENT"].get(reverse("knowledge:new")).status_code == 403
    assert ArticleVersion.objects.filter(article__code=desk.code).count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"answer_en": ""}, "required"),
        ({"answer_en": "x" * 401}, "At most 400 characters"),
        ({"until_date": "2020-01-01"}, "before the first"),
        ({"certainty": "Z"}, "not one of"),
    ],
)
def test_a_wrong_part_is_named_and_the_rest_is_kept(changed, said):
    desk = Desk()

    answer = desk.publish(title_en="<b>Kept</b>", **changed)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert "&lt;b&gt;Kept&lt;/b&gt;" in text
    assert "<b>Kept</b>" not in text


def test_a_new_article_is_written_once():
    desk = Desk()
    client, url = desk.clients["BRANCH"], reverse("knowledge:new")
    form = client.get(url).context["page"].form
    said = {"code": "NIGHT-RATE", "title_zh": "低谷电价", "title_en": "Night rate",
            "answer_zh": "每晚十点到早八点.", "answer_en": "From ten to eight.", "source": "test",
            "certainty": "O", "from_date": f.TODAY.isoformat(), "after_number": 0,
            "request_key": form["request_key"].value()}  # fmt: skip

    answers = [client.post(url, said), client.post(url, said)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert ArticleVersion.objects.filter(article__code="NIGHT-RATE").count() == 1


@pytest.mark.parametrize("text", ["😀" * 2000, "'; DROP TABLE x; --", "<script>x</script>", "\x00"])
def test_any_question_is_only_a_question(text):
    answer = Desk().clients["AGENT"].get(reverse("knowledge:list"), {"q": text})

    assert answer.status_code == 200
    assert "<script>x" not in answer.content.decode()


def test_nobody_finds_what_is_not_there():
    desk = Desk()

    assert desk.clients["AGENT"].get(reverse("knowledge:article", args=["GONE"])).status_code == 404


def test_the_pages_ask_few_questions():
    desk = Desk()

    listed = reverse("knowledge:list")
    for url in (listed, f"{listed}?q=电费", desk.url):
        with CaptureQueriesContext(connection) as asked:
            desk.clients["BRANCH"].get(url)
        assert len(asked) <= MOST_QUERIES, [query["sql"][:90] for query in asked]
