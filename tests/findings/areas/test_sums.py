"""A night summed up by station area: what is in the sums, and what they may never say."""

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection

from lamplighter.facts.billing import bookkeeping
from lamplighter.facts.network import queries as network
from lamplighter.findings import queries as findings
from lamplighter.findings.areas import months, queries, services
from lamplighter.findings.areas.models import AreaFinding, AreaMonth
from lamplighter.findings.areas.queries import Narrowed
from lamplighter.findings.models import AccountFinding, Night
from lamplighter.kernel.spans import two_months
from lamplighter.ledger.models import Event
from tests import factories as make
from tests.factories import MORNING, TODAY
from tests.findings.contests.street import Street

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def summed_up():
    return make.sum_up_areas()


def line_of(street):
    (line,) = queries.lines(viewer=street.head, on=TODAY, narrowed=Narrowed(), sort="code", limit=9)
    return line


@pytest.fixture
def street():
    """One station with one area and one account that has a finding."""
    return Street()


def test_sums_are_those_of_the_accounts(street):
    for due, overdue in (("30.50", "10.25"), ("0.00", "0.00"), ("-7.00", "0.00")):
        make.make_finding(
            account=make.make_account(area=street.area),
            area=street.area,
            night=street.night,
            balance_due_cny=Decimal(due),
            overdue_cny=Decimal(overdue),
        )

    assert summed_up() == AreaFinding.objects.count()

    health = findings.areas_health(viewer=street.head, on=TODAY)[street.area.pk]
    line = line_of(street)
    assert (line.n_accounts, line.n_owing) == (4, health.n_owing) == (4, 2)
    assert (line.due_cny, line.overdue_cny) == (health.due_cny, health.overdue_cny)
    assert line.due_cny == Decimal("150.50")  # a credit of one is no money of another
    (event,) = Event.objects.filter(name="area_findings.night.summed_up")
    assert event.subject == f"night:{street.night.pk}"
    assert queries.as_of_day() == street.night.as_of_day


def test_before_the_first_night_there_is_nothing_to_sum_up():
    make.make_area(station=make.make_station())

    assert summed_up() == 0
    assert queries.as_of_day() is None
    assert not Event.objects.exists()


def test_a_night_that_goes_on_changes_no_sum_before_it_has_ended(street):
    summed_up()
    later = make.make_night(as_of_day=TODAY)
    Night.objects.filter(pk=later.pk).update(finished_at=None)

    AccountFinding.objects.update(balance_due_cny=Decimal("999.00"))
    before = line_of(street).due_cny
    Night.objects.filter(pk=later.pk).update(finished_at=MORNING)
    summed_up()
    summed_up()  # the same again changes nothing

    assert (before, line_of(street).due_cny) == (Decimal("120.00"), Decimal("999.00"))
    assert queries.as_of_day() == TODAY


def test_an_area_that_came_after_the_night_is_listed_with_nothing(street):
    summed_up()

    make.make_area(station=street.area.station)

    found = queries.lines(
        viewer=street.head, on=TODAY, narrowed=Narrowed(), sort="customers", limit=9
    )
    assert [line.n_accounts for line in found] == [1, 0]
    assert [line.recovered_ratio for line in found] == [None, None]


def test_what_a_person_decided_is_listed_at_once(street):
    make.make_signal(account=street.account, area=street.area, night=street.night)
    summed_up()
    assert line_of(street).n_jumps == 1

    street.decide(street.open())
    contest = street.open(about="CHANGE", wish="NO_AUTOMATION")
    street.decide(contest, outcome="AUTOMATION_REFUSED", value="")

    assert line_of(street).n_jumps == 0
    graded = queries.grades(viewer=street.head, on=TODAY, area_ids=[street.area.pk])
    assert graded == {street.area.pk: {"B": 1}}


def test_nothing_is_summed_up_where_the_ledger_cannot_be_written(street, monkeypatch):
    def full_disk(*_args, **_kwargs):
        raise DatabaseError

    monkeypatch.setattr(services.ledger, "record", full_disk)

    with pytest.raises(DatabaseError):
        summed_up()

    assert not AreaFinding.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"n_owing": 2}, "area_finding_counts_agree"),
        ({"n_owing": -1}, "area_finding_counts_agree"),
        ({"received_cny": Decimal("5.01")}, "area_finding_receives_what_was_billed"),
        ({"received_cny": Decimal("-1.00")}, "area_finding_receives_what_was_billed"),
    ],
)
def test_the_table_holds_no_sums_that_cannot_be(street, wrong, name):
    values = {
        "n_accounts": 1,
        "n_owing": 1,
        "due_cny": Decimal("5.00"),
        "overdue_cny": Decimal("0.00"),
        "billed_cny": Decimal("5.00"),
        "received_cny": Decimal("0.00"),
    }

    with pytest.raises(IntegrityError, match=name):
        AreaFinding.objects.create(area=street.area, night=street.night, **values | wrong)


class TestMonths:
    def asked(self, street, *, as_of=None):
        spans = two_months(up_to=as_of or street.night.as_of_day)
        return spans, queries.months(viewer=street.head, on=TODAY, spans=spans)

    def lived_in(self):
        """Two areas with bills, payments and reminders in two months; a third without."""
        street = Street()
        second = make.make_area(station=street.station)
        make.make_account(area=make.make_area(station=street.station))
        for n, area in enumerate((street.area, second)):
            account = make.make_account(area=area)
            for days_ago, paid in ((3, "40.25"), (33, "90.00")):
                day = TODAY - timedelta(days_ago)
                make.make_bill(account=account, issued_date=day, amount_cny=f"{100 + n}.00")
                make.make_payment(account=account, paid_at=make.at(day), amount_cny=paid)
        return street

    def test_kept_months_are_those_computed_anew(self):
        street = self.lived_in()
        summed_up()

        spans, kept = self.asked(street)

        areas = network.areas_in_charge(viewer=street.head, on=TODAY)
        anew = tuple(
            months.computed(area_ids=[area.area_id for area in areas], days=days, zone=ZONE)
            for days in spans
        )
        assert kept == anew
        assert [[row.n_billed for row in rows] for rows in kept] == [[1, 1], [1, 1]]
        assert [row.billed_cny for row in kept[0]] == [Decimal(100), Decimal(101)]

    def test_another_day_has_none(self):
        street = self.lived_in()
        summed_up()

        _spans, kept = self.asked(street, as_of=TODAY)

        assert kept is None

    def test_nobody_is_given_those_of_others(self):
        self.lived_in()
        summed_up()
        foreign = Street()

        _spans, kept = self.asked(foreign)

        assert kept == ([], [])

    @pytest.mark.parametrize(
        ("wrong", "name"),
        [
            ({"n_billed": -1}, "area_month_counts_agree"),
            ({"n_reminders": -1}, "area_month_counts_agree"),
            ({"received_cny": Decimal("5.01")}, "area_month_receives_what_was_billed"),
            ({"until_day": date(2026, 10, 31)}, "area_month_ends_after_it_begins"),
            ({}, "area_month_once"),
        ],
    )
    def test_the_table_holds_no_month_that_cannot_be(self, street, wrong, name):
        values = {
            "area": street.area,
            "month_day": date(2026, 11, 1),
            "until_day": date(2026, 11, 24),
            "n_billed": 1,
            "billed_cny": Decimal("5.00"),
            "received_cny": Decimal("5.00"),
            "n_reminders": 0,
            "paid_cny": Decimal("-1.00"),
        }
        if not wrong:
            AreaMonth.objects.create(**values)

        with pytest.raises(IntegrityError, match=name):
            AreaMonth.objects.create(**values | wrong)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lock", [services.SUMS_LOCK, bookkeeping.BOOKS_LOCK])
def test_whoever_sums_up_waits_for_who_is_at_it_or_keeps_the_books(street, lock):
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")

        with pytest.raises(OperationalError, match="lock timeout"):
            summed_up()

        assert not AreaFinding.objects.exists()

    assert summed_up() == AreaFinding.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (0,)
