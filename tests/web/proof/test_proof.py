from datetime import timedelta

import pytest

from lamplighter.web.proof import views
from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 25


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def street():
    return signed_in.street()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_compares_with_last_month_and_defines_each_figure(
    street, language, django_assert_max_num_queries
):
    signed_in.household(street, night=factories.make_night())
    client = signed_in.client_of(street.head, language=language)

    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get("/proof/")

    page = answer.context["page"]
    assert "⚠" not in answer.content.decode()
    assert all(figure.definition for figure in page.figures)
    (area,) = page.areas
    assert (area.now, area.before) == (pytest.approx(0.3), pytest.approx(0.9))
    assert page.chart["bars"][0]["value"] == pytest.approx(0.9)


@pytest.mark.parametrize("who", ["stranger", "other_branch"])
def test_no_other_district_sees_anything(street, who):
    signed_in.household(street, night=factories.make_night())

    page = signed_in.client_of(getattr(street, who)).get("/proof/").context["page"]

    assert not page.has_anything
    assert (page.areas, page.outcomes, page.chart) == ((), (), None)


def test_says_what_is_needed_first(street):
    assert (
        "Nothing to prove yet" in signed_in.client_of(street.head).get("/proof/").content.decode()
    )


def test_exports(street):
    signed_in.household(street, night=factories.make_night())

    file = signed_in.client_of(street.head).get("/proof/", {"as": "xlsx"})

    assert file.content.startswith(b"PK")


def test_areas_come_page_by_page_with_the_same_total(street, monkeypatch):
    night = factories.make_night()
    signed_in.household(street, night=night)
    second = factories.make_account(area=street.other_area)
    factories.make_bill(account=second, issued_date=TODAY - timedelta(2), amount_cny="50.00")
    client = signed_in.client_of(street.head)
    monkeypatch.setattr(views, "AREAS_A_PAGE", 1)

    pages = [client.get("/proof/", {"page": n}).context["page"] for n in (1, 2)]

    assert [[line.name for line in page.areas] for page in pages] == [
        [street.other_area.name],  # least recovered
        [street.area.name],
    ]
    assert pages[0].summary == pages[1].summary
    assert pages[0].figures == pages[1].figures
