from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from lamplighter.findings.models import SegmentChange
from lamplighter.insight.segments.terms import CONDITIONS, SEGMENTS
from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES_OF_ALL = 10
MOST_QUERIES_OF_ONE = 14
LATE = sum(1 << CONDITIONS.index(name) for name in ("IS_KNOWN", "PAYS_LATE"))


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def street():
    return signed_in.street()


@pytest.fixture
def segmented(street):
    """Two who pay late, one of whom has just come, and a business."""
    night = factories.make_night()
    of_late = {
        "segment": "PAYMENT_HELP",
        "segment_nature": "HOUSEHOLD",
        "segment_conditions": LATE,
        "value_growth_ratio": 0.1,
    }
    long, came = (
        signed_in.household(street, night=night, value_yearly_cny=Decimal(worth), **of_late)
        for worth in ("300.00", "900.00")
    )
    shop = signed_in.household(
        street,
        night=night,
        segment="BUSINESS_STEADY",
        segment_nature="BUSINESS",
        segment_conditions=1,
        value_yearly_cny=Decimal("5000.00"),
    )
    SegmentChange.objects.create(
        account=came,
        as_of_day=TODAY - timedelta(3),
        night=night,
        segment_before="HOME_SELF_SERVED",
        segment="PAYMENT_HELP",
    )
    asked_at = factories.at(TODAY - timedelta(40))
    factories.make_request(account=long, requested_at=asked_at, kind="CONSULTATION")
    factories.make_request(account=long, requested_at=asked_at, kind="COMPLAINT")
    return long, came, shop


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_shows_all_segments_and_one(street, segmented, language, django_assert_max_num_queries):
    client = signed_in.client_of(street.head, language=language)

    with django_assert_max_num_queries(MOST_QUERIES_OF_ALL):
        every = client.get("/segments/")
    with django_assert_max_num_queries(MOST_QUERIES_OF_ONE):
        one = client.get("/segments/PAYMENT_HELP/")

    rows = {row.code: row for row in every.context["page"].rows}
    assert tuple(rows) == SEGMENTS
    late = rows["PAYMENT_HELP"]
    assert (late.n_accounts, late.yearly_cny, late.n_came, late.n_left) == (2, 1200, 1, 0)
    assert rows["HOME_SELF_SERVED"].n_left == 1
    assert late.growth_ratio == pytest.approx(0.1)
    for answer in (every, one):
        assert "⚠" not in answer.content.decode()
    assert {"en": "Help with paying", "zh-hans": "缴费需帮扶"}[language] in one.content.decode()


def test_drills_down_to_people_with_the_reason(street, segmented):
    long, came, _shop = segmented

    page = signed_in.client_of(street.manager).get("/segments/PAYMENT_HELP/").context["page"]

    assert [person.account_number for person in page.people] == [came.number, long.number]
    assert page.people[0].why == ("Several of the last twelve bills paid late",)


def test_a_complaint_is_never_among_what_a_segment_asked_for(street, segmented):
    page = signed_in.client_of(street.head).get("/segments/PAYMENT_HELP/").context["page"]

    assert [(one.label, one.n) for one in page.asked] == [("Questions", 1)]


@pytest.mark.parametrize("who", ["stranger", "other_branch"])
def test_no_other_district_sees_anything(street, segmented, who):
    client = signed_in.client_of(getattr(street, who))

    every = client.get("/segments/").context["page"]
    one = client.get("/segments/PAYMENT_HELP/").context["page"]

    assert sum(row.n_accounts + row.n_came + row.n_left for row in every.rows) == 0
    assert (one.people, one.asked, one.line.n_accounts) == ((), (), 0)
    assert client.get("/segments/", {"area": street.area.code}).status_code == 404


def test_filters_by_area_and_exports(street, segmented):
    client = signed_in.client_of(street.head)

    here = client.get("/segments/", {"area": street.area.code}).context["page"]
    there = client.get("/segments/", {"area": street.other_area.code}).context["page"]

    assert sum(row.n_accounts for row in here.rows) == 3
    assert sum(row.n_accounts for row in there.rows) == 0
    for path in ("/segments/", "/segments/PAYMENT_HELP/"):
        assert client.get(path, {"as": "xlsx"}).content.startswith(b"PK")


def test_says_when_no_night_has_run_and_knows_no_other_segment(street):
    client = signed_in.client_of(street.manager)

    assert "No night has run yet" in client.get("/segments/").content.decode()
    assert client.get("/segments/LAZY_PEOPLE/").status_code == 404
    assert Client().get("/segments/").status_code == 302
