"""A night summed up by station area: what is in the sums, and what they may never say."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError

from lamplighter.findings import queries as findings
from lamplighter.findings.areas import queries, services
from lamplighter.findings.areas.models import AreaFinding
from lamplighter.findings.areas.queries import Narrowed
from lamplighter.findings.models import AccountFinding, Night
from lamplighter.ledger.models import Event
from tests import factories as make
from tests.factories import MORNING, TODAY
from tests.findings.contests.street import Street

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def summed_up():
    return services.sum_up(zone=ZONE, actor="test", now=MORNING)


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
