"""The demo opens with contests that wait for a person, each written down by somebody, once."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from lamplighter.config import demo_contests
from lamplighter.findings.contests.models import Contest
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.web import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = f.TODAY


def person(station, post):
    staff = f.make_staff(station=station, post=post)
    staff.user = get_user_model().objects.create(username=staff.number)
    staff.save(update_fields=["user"])
    return staff


@pytest.fixture
def station():
    return f.make_station()


@pytest.fixture
def people(station):
    return {post: person(station, post) for post in ("AGENT", "MANAGER")}


@pytest.fixture
def found(station, people):
    """Five accounts whom a night has graded and found at risk, one of them with a sudden jump."""
    area, night = f.make_area(station=station, staff=people["MANAGER"]), f.make_night()
    accounts = [f.make_account(area=area) for _ in range(5)]
    for account in accounts:
        f.make_finding(account=account, area=area, night=night)
    f.make_signal(account=accounts[0], area=area, night=night)
    return accounts


def contested(people):
    names = [staff.number for staff in people.values()]
    demo_contests.contested(user_names=names, now=f.MORNING)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_three_customers_contest_what_was_found_and_nobody_has_decided(
    station, people, found, language
):
    contested(people)
    n_events = Event.objects.count()
    contested(people)

    opened = Contest.objects.order_by("opened_at")
    assert [(one.about, one.wish) for one in opened] == [
        *(("RISK", "NO_AUTOMATION"), ("GRADE", "REVIEW"), ("CHANGE", "REVIEW"))
    ]
    assert len({one.account_id for one in opened}) == 3
    assert {one.decided_at for one in opened} == {None}
    assert f.MORNING - timedelta(6) < opened[0].opened_at < opened[2].opened_at < f.MORNING
    manager, agent = people["MANAGER"], people["AGENT"]
    assert [one.opened_by for one in opened] == [agent, agent, manager]
    assert opened[1].machine["value"] == "C"  # as the customer says
    assert Event.objects.filter(name="contests.contest.opened").count() == 3
    assert Event.objects.count() == n_events
    supervisor = f.make_staff(station=station, post="SUPERVISOR")
    client = signed_in.client_of(supervisor, language=language)
    text = client.get(reverse("contests:list")).content.decode()
    assert all(said.words in text for said in demo_contests.SAID)


def test_what_was_decided_is_not_opened_again(people, found):
    contested(people)
    Contest.objects.update(decided_at=f.MORNING)

    contested(people)

    assert Contest.objects.count() == 3


def test_a_station_without_findings_has_no_contests(people):
    contested(people)

    assert not Contest.objects.exists()
    assert not Event.objects.exists()
