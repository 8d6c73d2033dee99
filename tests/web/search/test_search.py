"""The search: found by what one remembers, within one's own areas only."""

import re

import pytest
from django.db import connection
from django.urls import reverse
from psycopg import sql

from lamplighter.facts.customers import search_entries
from lamplighter.facts.customers.models import Identity
from lamplighter.facts.customers.search import ENOUGH
from lamplighter.facts.network.models import Area
from lamplighter.findings.models import AccountFinding
from tests import factories as make
from tests.web.contests.desks import Desk
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
PALETTE = {"hx-request": "true", "hx-target": "palette-results"}


@pytest.fixture(autouse=True)
def _today(settings):
    settings.DEMO_TODAY = make.TODAY


@pytest.fixture
def town():
    """A manager with one account named 王小明 that has a grade."""
    station = make.make_station()
    manager = make.make_staff(station=station)
    area = make.make_area(station=station, staff=manager)
    account = make.make_account(area=area)
    Identity.objects.filter(customer=account.customer).update(name="王小明")
    make.make_finding(account=account, area=area, night=make.make_night(), grade="B")
    with connection.cursor() as cursor:
        search_entries.rebuild(
            cursor=cursor, accounts=sql.SQL("SELECT id FROM customers_account").format()
        )
    return manager, account


def found(client, text: str, *, headers=None, **more):
    return client.post(reverse("search:search"), {"q": text, **more}, headers=headers or {})


@pytest.mark.parametrize("text", ["王小明", "小明", "wxm", "wangxiaoming"])
def test_finds_by_name_and_sound_with_grade_and_place(town, text):
    manager, account = town

    page = found(client_of(manager), text).context["page"]

    assert [r.account_number for g in page.groups for r in g.results] == [account.number]
    assert page.groups[0].results[0].grade == "B"


def test_says_why_each_group_was_found(town):
    manager, account = town
    client = client_of(manager)

    assert found(client, "王小明").context["page"].groups[0].title == "By name"
    assert found(client, account.number).context["page"].groups[0].title == "By account number"


@pytest.mark.parametrize("headers", [{}, PALETTE])
def test_a_grade_that_a_person_corrected_stands_in_place_of_the_night_s(headers):
    desk = Desk(grade="C")

    def grades():
        answer = found(desk.clients["MANAGER"], desk.account.number, headers=headers)
        return re.findall(r'class="grade grade-(\w)"', answer.content.decode())

    before = grades()
    desk.contest()
    desk.decide(value="B")

    assert (before, grades()) == (["c"], ["b"])


@pytest.mark.parametrize("post", ["MANAGER", "AGENT"])
def test_a_grade_found_at_a_place_the_viewer_does_not_see_is_not_shown(town, post):
    manager, account = town
    colleague = make.make_staff(station=manager.org_unit, post=post)
    viewer = manager if post == "MANAGER" else colleague
    AccountFinding.objects.update(area=make.make_area(station=make.make_station()))

    (group,) = found(client_of(viewer), "王小明").context["page"].groups

    assert [(r.account_number, r.grade) for r in group.results] == [(account.number, "")]


def test_the_palette_gets_links_alone(town):
    manager, account = town

    text = found(client_of(manager), "王小明", headers=PALETTE).content.decode()

    assert 'class="result"' in text
    assert account.number in text
    assert "<html" not in text


def test_an_empty_page_teaches_what_one_can_type(town):
    text = client_of(town[0]).get(reverse("search:search")).content.decode()

    assert "wxm" in text
    assert "⚠" not in text


def test_nothing_found_says_what_to_try(town):
    assert "Nobody found" in found(client_of(town[0]), "zzzz").content.decode()


@pytest.mark.parametrize("post", ["MANAGER", "AGENT", "STATION_HEAD", "BRANCH"])
@pytest.mark.parametrize("headers", [{}, PALETTE])
def test_no_other_station_finds_anybody(town, post, headers):
    client = client_of(make.make_staff(station=make.make_station(), post=post))

    for text in ("王小明", town[1].number, "wxm"):
        answer = found(client, text, headers=headers)
        assert "row-link" not in answer.content.decode()
        assert 'class="result"' not in answer.content.decode()


def test_makes_at_most_six_queries_beside_signing_in(town, django_assert_max_num_queries):
    client = client_of(town[0])

    with django_assert_max_num_queries(3 + 6):
        found(client, "王小明")


def test_no_form_of_ours_puts_the_text_into_an_address(town):
    text = client_of(town[0]).get(reverse("search:search")).content.decode()

    assert "hx-get" not in text
    assert 'method="get"' not in text


def test_a_name_that_many_bear_offers_the_rest(town):
    manager, _ = town
    area = Area.objects.get()
    for _ in range(ENOUGH):
        Identity.objects.filter(customer=make.make_account(area=area).customer).update(
            name="王小明"
        )
    client = client_of(manager)

    first, rest = found(client, "王小明"), found(client, "王小明", wide="1")
    part = found(client, "王小明", headers={"hx-request": "true"}).content.decode()

    assert 'name="wide"' in first.content.decode()
    assert 'name="wide"' in part
    assert "csrfmiddlewaretoken" not in part  # the page that htmx puts it in sends the token
    assert 'name="wide"' not in rest.content.decode()
    assert len(first.context["page"].groups[0].results) == ENOUGH + 1
