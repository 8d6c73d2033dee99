"""The list of station areas for who sees many stations: units first, words, pages, sums."""

from decimal import Decimal

import pytest
from django.urls import reverse

from lamplighter.facts.network.models import OrgUnit
from lamplighter.web.areas import glance
from tests import factories as make
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 9
LIST = "/areas/"


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


class County:
    """Three stations under one county, the more areas and debts the later; another one beside."""

    def __init__(self, *, language="en"):
        self.county = OrgUnit.objects.create(code="C", kind="COUNTY", name="County C", path="/C/")
        self.night = make.make_night()
        self.stations = [make.make_station(parent=self.county) for _ in range(3)]
        self.managers = [make.make_staff(station=station) for station in self.stations]
        self.areas = [
            self.area(station, manager, n)
            for n, (station, manager) in enumerate(zip(self.stations, self.managers, strict=True))
            for _ in range(n + 1)
        ]
        other = make.make_station()
        self.foreign = self.area(other, make.make_staff(station=other), 9)
        make.sum_up_areas()
        self.client = signed_in.client_of(
            make.make_staff(station=self.county, post="SUPERVISOR"), language=language
        )

    def area(self, station, manager, n):
        area = make.make_area(station=station, staff=manager)
        money = Decimal(100 * (n + 1))
        make.make_finding(
            account=make.make_account(area=area),
            area=area,
            night=self.night,
            balance_due_cny=money,
            overdue_cny=money,
        )
        return area

    def page(self, **asked):
        answer = self.client.get(LIST, asked)
        assert answer.status_code == 200
        assert "⚠" not in answer.content.decode()
        return answer.context["page"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_stations_stand_first_with_their_areas_added_up(language):
    county = County(language=language)

    page = county.page()

    assert [(unit.name, unit.n_areas, unit.overdue_cny) for unit in page.units] == [
        (county.stations[2].name, 3, Decimal(900)),
        (county.stations[1].name, 2, Decimal(400)),
        (county.stations[0].name, 1, Decimal(100)),
    ]
    assert page.pager.total == 6
    assert county.foreign.code not in {line.code for line in page.areas}
    assert county.foreign.station.name not in county.client.get(LIST).content.decode()


def test_a_station_leads_to_its_own_areas_and_people():
    county = County()

    answer = county.client.get(county.page().units[0].url)

    page = answer.context["page"]
    assert page.units == ()
    assert {line.code for line in page.areas} == {area.code for area in county.areas[3:]}
    people = next(one for one in page.filters if one.name == "manager")
    assert [option.value for option in people.options] == ["", str(county.managers[2].pk)]
    assert "manager" not in {one.name for one in county.page().filters}


def test_words_find_areas_by_name_code_and_who_answers():
    county = County()
    wanted = county.areas[1]

    for words in (wanted.name.upper(), f" {wanted.code} ", wanted.code[2:]):
        assert wanted.code in {line.code for line in county.page(q=words).areas}, words
    assert [line.code for line in county.page(q=wanted.code).areas] == [wanted.code]
    assert county.page(q=county.managers[1].name, sort="code").pager.total >= 2
    assert county.page(q="100%_\\'").areas == ()
    assert county.page(q=county.foreign.code).areas == ()
    assert county.page(q="\x00").pager.total == 6


def test_orders_and_pages_are_those_of_the_whole_list(monkeypatch):
    county = County()
    monkeypatch.setattr(glance, "ROWS_A_PAGE", 4)
    codes = sorted(area.code for area in county.areas)

    for sort, wanted in (
        ("code", codes),
        ("owing", [*codes[3:], *codes[1:3], codes[0]]),
        ("overdue", [*codes[3:], *codes[1:3], codes[0]]),
        ("customers", codes),
        ("jumps", codes),
        ("recovery", codes),
    ):
        found = [line.code for n in (1, 2) for line in county.page(sort=sort, page=n).areas]
        assert found == wanted, sort


def test_a_unit_or_person_of_others_or_none_is_not_there():
    county = County()

    for asked in (
        {"unit": county.foreign.station.pk},
        {"unit": "x"},
        {"unit": "9" * 30},
        {"manager": "x"},
        {"setting": "MOON"},
        {"page": "0"},
    ):
        assert county.client.get(LIST, asked).status_code == 404, asked


def test_the_number_of_queries_does_not_grow_with_stations(django_assert_max_num_queries):
    county = County()

    for asked in ({}, {"unit": county.stations[1].pk}, {"q": "Area"}):
        with django_assert_max_num_queries(MOST_QUERIES):
            county.client.get(reverse("areas:list"), asked)
