"""What customers ask for: read at once, by type and week, and what is new."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from lamplighter.findings.demand import services as requests
from lamplighter.ledger.models import Event
from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 9
USUAL = ["这个月电费多少", "家里没电, 隔壁有电", "想过户要带什么材料", "阶梯电价怎么算"]
NEW = "换了新表以后闸门发热"


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def street(settings, learnt_folder):
    settings.LEARNT_FOLDER = learnt_folder
    return signed_in.street()


@pytest.fixture
def asked(street):
    """Half a year of requests, with something new in the last seven days."""
    account = signed_in.household(street, night=factories.make_night())
    for age in range(180):
        factories.make_request(
            account=account,
            requested_at=factories.at(TODAY - timedelta(1 + age)),
            content=USUAL[age % len(USUAL)],
            kind="CONSULTATION",
        )
    for n in range(8):
        factories.make_request(
            account=account,
            requested_at=factories.at(TODAY - timedelta(1 + n % 6)),
            content=f"{NEW}, 我电话13800001111",
        )
    return account


def sort(learnt_folder):
    return requests.sort_requests(
        as_of=TODAY - timedelta(1),
        learnt_folder=learnt_folder,
        zone=ZoneInfo("Asia/Shanghai"),
        actor="test",
        now=factories.MORNING,
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_shows_types_and_what_is_new(
    street, asked, learnt_folder, language, django_assert_max_num_queries
):
    sort(learnt_folder)
    client = signed_in.client_of(street.head, language=language)

    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get("/demand/words/")

    page = answer.context["page"]
    assert page.n_all == 188
    assert sum(line.n_all for line in page.lines) == 188
    assert all(len(line.weeks) == 26 for line in page.lines)
    phrases = [topic for topic in page.topics if topic.is_phrase]
    assert phrases
    assert any(topic.name in NEW for topic in phrases)
    text = answer.content.decode()
    assert "13800001111" not in text
    assert "⚠" not in text
    assert "{{" not in text


def test_sorts_once_and_again_only_what_changed(street, asked, learnt_folder):
    first, second = sort(learnt_folder), sort(learnt_folder)
    factories.make_request(
        account=asked, requested_at=factories.at(TODAY - timedelta(2)), content="电表黑屏了"
    )
    third = sort(learnt_folder)

    assert (first.n_sorted, second.n_sorted, third.n_sorted) == (188, 0, 1)
    assert first.n_topics == second.n_topics
    assert Event.objects.filter(name="demand.requests.sorted").count() == 3


@pytest.mark.parametrize("who", ["stranger", "other_branch"])
def test_no_other_district_sees_anything(street, asked, learnt_folder, who):
    sort(learnt_folder)

    page = signed_in.client_of(getattr(street, who)).get("/demand/words/").context["page"]

    assert (page.lines, page.topics, page.n_all) == ((), (), 0)


def test_an_area_of_others_is_no_filter(street, asked):
    client = signed_in.client_of(street.stranger)

    assert client.get("/demand/words/", {"area": street.area.code}).status_code == 404
    assert client.get("/demand/words/", {"category": "NOWHERE"}).status_code == 404


def test_filters_and_exports(street, asked, learnt_folder):
    sort(learnt_folder)
    client = signed_in.client_of(street.head)

    here = client.get("/demand/words/", {"area": street.area.code}).context["page"]
    there = client.get("/demand/words/", {"area": street.other_area.code}).context["page"]
    farms = client.get("/demand/words/", {"category": "AGRICULTURE"}).context["page"]

    assert (here.n_all, there.n_all, farms.n_all) == (188, 0, 0)
    assert client.get("/demand/words/", {"as": "xlsx"}).content.startswith(b"PK")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_reads_a_request_and_keeps_nothing(street, language):
    client = signed_in.client_of(street.manager, language=language)

    text = client.post(
        "/demand/read/", {"text": "我家沒電了, 鄰居都有電"}, headers={"hx-request": "true"}
    ).content.decode()

    assert "<html" not in text
    assert ("单户无电" if language == "zh-hans" else "No power in one home") in text
    assert "<mark>" in text
    assert not Event.objects.exists()


def test_answers_with_the_whole_page_where_nothing_runs_in_the_browser(street):
    answer = signed_in.client_of(street.manager).post("/demand/read/", {"text": "想开发票"})

    assert "<html" in answer.content.decode()
    assert answer.context["page"].text == "想开发票"
    assert answer.context["answer"].is_sure


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\x00\x00",
        "😀" * 10_000,
        "' OR 1=1; --",
        "<script>alert(1)</script>",
        "13800001111",
        "ありがとう",
        "没电" * 9_000,
    ],
)
def test_any_text_is_answered_and_none_runs(street, text):
    answer = signed_in.client_of(street.manager).post(
        "/demand/read/", {"text": text}, headers={"hx-request": "true"}
    )

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_says_when_nothing_was_sorted(street):
    page = signed_in.client_of(street.manager).get("/demand/words/")

    assert "No request has been sorted yet" in page.content.decode()
