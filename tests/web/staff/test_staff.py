from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from lamplighter.facts.network import queries as network
from lamplighter.web.staff import views
from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 9


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def street():
    return signed_in.street()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_uncovered_areas_stand_first(street, language, django_assert_max_num_queries):
    bare = factories.make_area(station=street.head.org_unit)
    client = signed_in.client_of(street.head, language=language)

    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get("/staff/")

    page = answer.context["page"]
    assert next(line.code for line in page.areas) == bare.code
    assert page.n_uncovered == 1
    assert "⚠" not in answer.content.decode()


def test_the_head_hands_an_area_over(street):
    client = signed_in.client_of(street.head)
    day = TODAY + timedelta(3)

    answer = client.post(
        "/staff/hand-over/",
        {"area": street.area.pk, "staff": street.stranger.pk, "from_day": day.isoformat()},
    )

    assert answer.status_code == 302
    line = next(
        line
        for line in client.get("/staff/").context["page"].areas
        if line.code == street.area.code
    )
    assert (line.staff_name, line.until_day) == (street.manager.name, day - timedelta(1))
    assert (line.next_name, line.next_day) == (street.stranger.name, day)


def test_refuses_yesterday_and_the_same_person(street):
    client = signed_in.client_of(street.head)
    asked = {"area": street.area.pk, "staff": street.manager.pk}

    past = client.post("/staff/hand-over/", {**asked, "from_day": "2026-11-24"})
    same = client.post("/staff/hand-over/", {**asked, "from_day": "2026-11-25"})

    assert past.status_code == same.status_code == 422
    viewer = factories.viewer_for(street.head)
    areas = network.areas_in_charge(viewer=viewer, on=TODAY)
    assert {a.staff_name for a in areas} == {street.manager.name, street.stranger.name}


@pytest.mark.parametrize("who", ["manager", "stranger", "other_branch"])
def test_only_the_head_hands_over(street, who):
    client = signed_in.client_of(getattr(street, who))
    asked = {"area": street.area.pk, "staff": street.stranger.pk, "from_day": "2026-11-25"}

    assert client.post("/staff/hand-over/", asked).status_code == 403
    assert client.get("/staff/").context["page"].form is None


def test_a_head_cannot_hand_over_an_area_of_another_station(street):
    head = factories.make_staff(station=street.other_branch.org_unit, post="STATION_HEAD")
    asked = {"area": street.area.pk, "staff": street.manager.pk, "from_day": "2026-11-25"}

    assert signed_in.client_of(head).post("/staff/hand-over/", asked).status_code == 422


@pytest.mark.parametrize("who", ["stranger", "other_branch"])
def test_no_other_district_sees_the_area(street, who):
    page = signed_in.client_of(getattr(street, who)).get("/staff/").context["page"]

    assert street.area.code not in {line.code for line in page.areas}


def test_areas_come_page_by_page_and_all_in_the_file(street, monkeypatch):
    bare = [factories.make_area(station=street.head.org_unit) for _ in "ab"]
    client = signed_in.client_of(street.head)
    monkeypatch.setattr(views, "AREAS_A_PAGE", 3)
    wanted = [area.code for area in (*bare, street.area, street.other_area)]

    pages = [client.get("/staff/", {"page": n}).context["page"] for n in (1, 2)]
    file = client.get("/staff/", {"as": "xlsx"})

    assert [[line.code for line in page.areas] for page in pages] == [wanted[:3], wanted[3:]]
    assert {page.n_uncovered for page in pages} == {2}
    people = {line.number: line.n_areas for line in pages[1].people}
    assert people[street.manager.number] == people[street.stranger.number] == 1
    assert [one.area_id for one in pages[1].form.picker.options] == sorted(
        area.pk for area in (street.area, street.other_area, *bare)
    )
    rows = CalamineWorkbook.from_filelike(BytesIO(file.content)).get_sheet_by_index(0)
    assert [row[0] for row in rows.to_python()[1:]] == wanted
