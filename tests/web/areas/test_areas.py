import io
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from lamplighter.findings.models import Learning
from lamplighter.web.areas import glance
from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES_OF_THE_LIST = 9
MOST_QUERIES_OF_ONE = 38


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def street():
    return signed_in.street()


@pytest.fixture
def lived_in(street):
    night = factories.make_night()
    for _ in range(3):
        account = signed_in.household(street, night=night)
        factories.make_signal(account=account, area=street.area, night=night)
        factories.make_signal(
            account=account,
            area=street.area,
            night=night,
            kind="",
            list="HIGH_USE",
            level_after_kwh_per_day=117.3,
        )
    factories.sum_up_areas()
    return account


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_shows_all_areas_and_one(street, lived_in, language, django_assert_max_num_queries):
    client = signed_in.client_of(street.head, language=language)

    with django_assert_max_num_queries(MOST_QUERIES_OF_THE_LIST):
        every = client.get("/areas/")
    with django_assert_max_num_queries(MOST_QUERIES_OF_ONE):
        one = client.get(f"/areas/{street.area.code}/")

    assert every.status_code == one.status_code == 200
    for answer in (every, one):
        text = answer.content.decode()
        assert "⚠" not in text
        assert street.area.name in text
    (line,) = [line for line in every.context["page"].areas if line.n_accounts]
    assert (line.n_owing, line.n_jumps, line.grades["C"]) == (3, 3, 3)
    assert line.recovery == pytest.approx(0.30)
    page = one.context["page"]
    assert page.recovery == pytest.approx(0.30)
    assert page.burn_down["window"] == [22, 30]
    assert [box.n_all for box in page.boxes] == [3, 3]
    assert {line.kwh_per_day for line in page.boxes[1].lines} == {117.3}  # used, not above others
    assert len(page.doors["doors"]) == 3
    assert lived_in.number in one.content.decode()


def test_says_which_colour_is_which_grade(street, lived_in):
    shown = signed_in.client_of(street.head).get("/areas/")

    hues = {piece.hue for area in shown.context["page"].areas for piece in area.pieces}
    named = {entry.hue: str(entry.label) for entry in shown.context["page"].grade_key}
    assert hues <= named.keys()
    assert all(f"<span>{label}</span>" in shown.content.decode() for label in named.values())


def test_counts_the_money_that_settles_the_oldest_bill_first(street):
    signed_in.household(street, night=factories.make_night())

    page = signed_in.client_of(street.head).get(f"/areas/{street.area.code}/").context["page"]

    # Of 40.00 paid this month, 10.00 settle what stayed open from the month before.
    assert page.recovery == pytest.approx(0.30)


@pytest.mark.parametrize("who", ["stranger", "other_branch"])
def test_no_other_district_sees_anything(street, lived_in, who):
    client = signed_in.client_of(getattr(street, who))

    every = client.get("/areas/").content.decode()

    assert not re.search(rf"\b{re.escape(street.area.code)}\b", every)
    assert client.get(f"/areas/{street.area.code}/").status_code == 404


def test_says_what_to_do_before_the_first_night(street):
    client = signed_in.client_of(street.manager)

    assert "has not run yet" in client.get("/areas/").content.decode()
    assert "has not run yet" in client.get(f"/areas/{street.area.code}/").content.decode()


def test_orders_filters_and_exports(street, lived_in):
    client = signed_in.client_of(street.head)

    page = client.get("/areas/", {"manager": street.manager.pk, "sort": "code"}).context["page"]
    file = client.get("/areas/", {"as": "xlsx"})

    assert [line.code for line in page.areas] == [street.area.code]
    assert file["Content-Disposition"].endswith('.xlsx"')
    assert file.content.startswith(b"PK")
    assert client.get("/areas/", {"sort": "shame"}).status_code == 404


def test_shows_a_page_at_a_time_and_exports_all(street, lived_in, monkeypatch):
    client = signed_in.client_of(street.head)
    made = [
        factories.make_area(station=street.manager.org_unit, staff=street.manager) for _ in "ab"
    ]
    codes = sorted(area.code for area in (street.area, street.other_area, *made))
    monkeypatch.setattr(glance, "ROWS_A_PAGE", 2)

    pages = [
        client.get("/areas/", {"sort": "code", "page": n}).context["page"].areas for n in (1, 2)
    ]
    file = client.get("/areas/", {"as": "xlsx"})

    assert [[area.code for area in areas] for areas in pages] == [codes[:2], codes[2:]]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0)
    assert set(codes) <= {row[0] for row in rows.to_python()}


def test_asks_strangers_to_sign_in():
    assert Client().get("/areas/").status_code == 302


def test_shows_what_the_area_is_worth_and_how_it_may_grow(street, lived_in):
    outlook = {
        "n_accounts": 3,
        "n_new": 1,
        "n_lost": 0,
        "last_year_kwh": 3000.0,
        "year_before_kwh": 2500.0,
        "new_kwh": 400.0,
        "lost_kwh": 0.0,
        "changed_kwh": 100.0,
        "past_growth": 0.04,
        "growth": 0.0,
        "growth_low": -0.1,
        "growth_high": 0.1,
    }
    Learning.objects.create(
        month_day=TODAY.replace(day=1),
        known_at=factories.LONG_AGO,
        policies={},
        kernels={},
        content={"areas": {str(street.area.pk): outlook}},
    )

    page = signed_in.client_of(street.head).get(f"/areas/{street.area.code}/").context["page"]

    assert [(part.code, part.text.split()[-2]) for part in page.outlook.bands] == [("LOW", "3")]
    bar = page.outlook.chart["bars"][-1]
    assert (bar["low"], bar["value"], bar["high"]) == (2715, 3000, 3316)
    assert "2,715 kWh" in page.outlook.sentence
    assert [driver.energy_kwh for driver in page.outlook.drivers] == [400.0, 100.0, 0.0]


def test_carries_the_month_on_as_past_months_went_on(street):
    account = signed_in.household(street, night=factories.make_night())
    issued = date(2026, 11, 22)
    for months in range(1, 10):
        past = date(2026, 11 - months, 22) if months < 11 else issued
        factories.make_bill(account=account, issued_date=past, amount_cny="100.00")
        paid = factories.at(past + timedelta(1))
        factories.make_payment(account=account, paid_at=paid, amount_cny="50.00")
        paid = factories.at(past + timedelta(7))
        factories.make_payment(account=account, paid_at=paid, amount_cny="50.00")

    page = signed_in.client_of(street.head).get(f"/areas/{street.area.code}/").context["page"]

    band = page.burn_down["forecast"]
    assert band["first_day_of_month"] == 24
    assert len(band["low_cny"]) == 7  # from today to the 30th
    assert band["low_cny"][0] == band["high_cny"][0] == page.burn_down["unpaid_cny"][23]
    assert all(low <= high for low, high in zip(band["low_cny"], band["high_cny"], strict=True))
    assert page.unpaid_ahead
