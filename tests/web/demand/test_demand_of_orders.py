"""Demand counted over service orders: every way, beyond chance, with the orders behind it."""

from datetime import timedelta
from io import BytesIO

import pytest
import python_calamine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamplighter.action.service import services as service
from lamplighter.facts.customers.models import Agreement
from lamplighter.web.demand import views
from tests import factories as f
from tests.action.service import making as m
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
WAYS = ("type", "area", "unit", "category", "segment")
MOST_QUERIES = 11
NEWEST = m.NOON - timedelta(days=2)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.DEMO_TODAY = f.TODAY
    settings.FIELD_KEY = m.KEY


def opened(station, type_code, n, *, days_ago=2.0, **changed):
    """Open orders that were asked for some days ago."""
    at = m.NOON - timedelta(days=days_ago)
    requests = [
        m.request(station, type_code, asked_at=at - timedelta(minutes=k), **changed)
        for k in range(n)
    ]
    service.open_orders(
        viewer=station.viewer(), requests=requests, now=m.NOON, rules=m.RULES, field_key=m.KEY
    )


def supplied(account, category, **changed):
    """Give an account terms of supply, in force unless something came in their place."""
    Agreement.objects.create(
        account=account,
        category=category,
        tariff_code="T",
        is_prepaid=False,
        payment_method="CASH",
        recorded_at=f.LONG_AGO,
        recorded_by="test",
        **changed,
    )


class Desk:
    """Half a year of a few faults a week, and a week in which meter tests rose."""

    def __init__(self, *, post="STATION_HEAD", language="en"):
        self.station = m.make_station()
        self.client = client_of(self.station.staff[post], language=language)
        for week in range(26):
            opened(self.station, "FAULT_REPAIR", 3, days_ago=2 + 7 * week)
        opened(self.station, "METER_TEST", 14)

    def page(self, path="", **asked):
        answer = self.client.get(f"/demand/{path}", asked)
        assert answer.status_code == 200
        return answer.context["page"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_types_are_counted_week_by_week_and_what_moved_is_marked(language):
    desk = Desk(language=language)

    page = desk.page()

    rows = {row.n_all: row for row in page.rows}
    fault, test = rows[78], rows[14]
    assert fault.weeks == (3,) * 26
    assert (fault.n_new, fault.n_before, fault.moved) == (12, 12, "")
    assert (test.n_new, test.n_before, test.change, test.moved) == (14, 0, None, "UP")
    assert fault.share + test.share == pytest.approx(1.0)
    assert [bar.n for bar in page.bars] == [3] * 25 + [17]
    assert "⚠" not in desk.client.get("/demand/").content.decode()


def test_what_rose_at_an_area_is_named_with_the_orders_behind_it():
    desk = Desk()

    (rise,) = desk.page().rises

    assert (rise.area, rise.n) == (desk.station.area.name, 14)
    behind = desk.client.get(rise.url).context["page"]
    assert (behind.pager.total, len(behind.lines)) == (14, 14)
    assert {line.where.split(" · ")[0] for line in behind.lines} == {desk.station.area.name}


@pytest.mark.parametrize("by", WAYS)
def test_each_way_counts_every_order_once_and_leads_to_those_behind(by):
    desk = Desk()
    f.make_finding(
        account=desk.station.account,
        area=desk.station.area,
        night=f.make_night(),
        segment="HOME_STAR",
    )
    old = f.make_account(area=desk.station.area)
    supplied(desk.station.account, "RESIDENTIAL")
    for account in (old, desk.station.account):
        supplied(account, "GENERAL", superseded_at=m.NOON)
    opened(desk.station, "COMPLAINT", 2, account_number=old.number)
    opened(desk.station, "COMPLAINT", 1, account_number="", area_id=desk.station.area.pk)

    page = desk.page(by=by)

    assert sum(row.n_all for row in page.rows) == 78 + 14 + 3
    linked = [row for row in page.rows if row.url]
    assert linked
    for row in linked:
        behind = desk.client.get(row.url).context["page"]
        assert behind.pager.total == row.n_new


def test_filters_narrow_all_numbers():
    desk = Desk()
    more = f.make_area(station=desk.station.unit)
    opened(desk.station, "COMPLAINT", 4, account_number="", area_id=more.pk)

    narrowed = desk.page(area=more.code)

    assert [(row.n_all, row.share) for row in narrowed.rows] == [(4, 1.0)]
    assert desk.client.get("/demand/", {"area": "999999"}).status_code == 404
    assert desk.client.get("/demand/", {"by": "grade"}).status_code == 404
    assert desk.client.get("/demand/orders/", {"weeks": "x"}).status_code == 404


def test_our_own_work_is_no_demand():
    desk = Desk()
    opened(desk.station, "RELEASE_TARIFF", 5, account_number="", area_id=desk.station.area.pk)

    assert sum(row.n_all for row in desk.page().rows) == 78 + 14


@pytest.mark.parametrize("by", WAYS)
def test_the_number_of_queries_does_not_grow(by):
    desk = Desk()

    with CaptureQueriesContext(connection) as asked:
        desk.page(by=by)

    assert len(asked) <= MOST_QUERIES


def test_the_export_holds_every_week():
    answer = Desk().client.get("/demand/", {"as": "xlsx"})

    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.content))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert len(head) == 7 + 26
    assert sorted((row[6], sum(row[7:])) for row in rows) == [(14, 14), (78, 78)]


@pytest.mark.parametrize("post", ["MANAGER", "AGENT", "BRANCH"])
def test_another_district_sees_nothing(post):
    ours = Desk()
    stranger = client_of(m.make_station().staff[post])

    for by in WAYS:
        page = stranger.get("/demand/", {"by": by}).context["page"]
        assert (page.rows, page.rises) == ((), ())
    behind = stranger.get("/demand/orders/", {"unit": ours.station.unit.pk, "weeks": 26})
    assert behind.context["page"].lines == ()


def test_a_manager_counts_only_their_own_areas():
    desk = Desk(post="MANAGER")
    other = f.make_area(station=desk.station.unit)
    opened(desk.station, "COMPLAINT", 4, account_number="", area_id=other.pk)

    assert sum(row.n_all for row in desk.page().rows) == 78 + 14


def test_areas_come_page_by_page_and_all_in_the_file(monkeypatch):
    desk = Desk()
    monkeypatch.setattr(views, "GROUPS_SHOWN", 2)
    for n in (3, 2, 1):
        more = f.make_area(station=desk.station.unit)
        opened(desk.station, "COMPLAINT", n, account_number="", area_id=more.pk)

    pages = [desk.page(by="area", page=n) for n in (1, 2)]
    file = desk.client.get("/demand/", {"by": "area", "as": "xlsx"})

    assert [[row.n_all for row in page.rows] for page in pages] == [[92, 3], [2, 1]]
    assert pages[0].bars == pages[1].bars
    assert pages[0].summary == pages[1].summary
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(file.content))
    assert len(book.get_sheet_by_index(0).to_python()) == 1 + 4
