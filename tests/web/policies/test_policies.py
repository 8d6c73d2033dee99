import pytest

from lamplighter.policy import loader
from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 3  # the session, the user, the person


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


def client_as(post, language="en"):
    staff = factories.make_staff(station=factories.make_station(), post=post)
    return signed_in.client_of(staff, language=language)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_policy_is_readable(language, django_assert_max_num_queries):
    client = client_as("MANAGER", language)

    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/policies/").context["page"]

    assert page.policies
    for line in page.policies:
        answer = client.get(line.url)
        assert answer.status_code == 200
        assert "⚠" not in answer.content.decode()
        policy = loader.load(name=line.name, on=TODAY)
        assert len(answer.context["page"].rules) == len(policy.rows)


def test_is_searched_in_both_languages():
    client = client_as("SUPERVISOR")

    for text in ("提醒", "reminder"):
        assert client.get("/policies/", {"q": text}).context["page"].found
    assert "No rule says this" in client.get("/policies/", {"q": "xyzzy"}).content.decode()


def test_shows_a_version_and_refuses_an_unknown_one():
    client = client_as("STATION_HEAD")
    version = loader.versions(name="grading")[0].valid_from.isoformat()

    assert client.get("/policies/grading/", {"from": version}).status_code == 200
    assert client.get("/policies/grading/", {"from": "1999-01-01"}).status_code == 404
    assert client.get("/policies/nothing/").status_code == 404


@pytest.mark.parametrize("post", ["AGENT", "CREW"])
def test_is_not_for_the_field(post):
    assert client_as(post).get("/policies/").status_code == 403


def test_says_that_the_impact_assessment_waits_for_approval_or_is_out_of_date(settings):
    client = client_as("STATION_HEAD")

    fresh = client.get("/policies/").context["page"].assessment_note
    settings.DEMO_TODAY = TODAY.replace(year=2028)
    late = client.get("/policies/").context["page"].assessment_note

    assert fresh.startswith("Nobody has approved")
    assert late.endswith("by 1 Nov 2027.")
