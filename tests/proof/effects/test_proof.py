"""The figures of the Proof page against sums by hand."""

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist import services as worklist
from lamplighter.action.worklist.models import Item
from lamplighter.facts.billing.models import Payment
from lamplighter.policy import loader
from lamplighter.proof.effects import queries
from tests import factories as f

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
POLICY = loader.load(name="proof", on=f.TODAY)


def page_for(staff, *, as_of=f.TODAY):
    return queries.proof(viewer=f.viewer_for(staff), as_of=as_of, policy=POLICY, zone=ZONE)


@pytest.fixture
def town():
    station = f.make_station()
    manager = f.make_staff(station=station)
    return station, manager, f.make_area(station=station, staff=manager)


def test_money_settles_the_oldest_bill_first_and_months_are_compared_at_the_same_age(town):
    _, manager, area = town
    in_debt, prompt = f.make_account(area=area), f.make_account(area=area)
    f.make_bill(account=in_debt, issued_date=date(2026, 9, 22), amount_cny="30.00")
    for account in (in_debt, prompt):
        f.make_bill(account=account, issued_date=date(2026, 10, 22), amount_cny="100.00")
        f.make_bill(account=account, issued_date=date(2026, 11, 22), amount_cny="100.00")
    f.make_payment(account=prompt, paid_at=f.at(date(2026, 10, 23)), amount_cny="100.00")
    f.make_payment(account=in_debt, paid_at=f.at(date(2026, 10, 28)), amount_cny="130.00")
    f.make_payment(account=prompt, paid_at=f.at(date(2026, 11, 23)), amount_cny="100.00")
    f.make_payment(account=in_debt, paid_at=f.at(date(2026, 11, 24)), amount_cny="40.00")
    f.make_payment(account=in_debt, paid_at=f.at(date(2026, 11, 26)), amount_cny="60.00")

    row = page_for(manager).recovery_total

    assert (row.now.part, row.now.whole, row.now.n) == (Decimal(140), Decimal(200), 2)
    assert (row.before.part, row.before.whole) == (Decimal(100), Decimal(200))
    assert row.now.is_small
    earlier = page_for(manager, as_of=date(2026, 11, 23)).recovery_total
    assert earlier.now.part == Decimal(100)


def test_a_payment_near_midnight_counts_on_its_local_day(town):
    _, manager, area = town
    account = f.make_account(area=area)
    f.make_bill(account=account, issued_date=date(2026, 11, 22), amount_cny="50.00")
    f.make_payment(account=account, paid_at=f.at(date(2026, 11, 24), 17), amount_cny="50.00")

    by_day = [
        page_for(manager, as_of=date(2026, 11, day)).recovery_total.now.part for day in (24, 25)
    ]

    assert by_day == [0, 50]


def test_outcomes_are_counted_with_the_payments_that_came_after(town):
    _, manager, area = town
    night = f.make_night(as_of_day=f.TODAY - timedelta(9))
    day = f.TODAY - timedelta(8)
    accounts = [f.make_account(area=area) for _ in range(3)]
    for account in accounts:
        f.make_finding(account=account, area=area, night=night)
    worklist.plan_day(
        staff_id=manager.pk,
        day=day,
        night_id=night.pk,
        rules=worklist_rules.rules_in_force(on=day),
        zone=ZONE,
        now=f.at(day, 0),
        actor="test",
    )
    for account in accounts[:2]:
        worklist.record_outcome(
            viewer=f.viewer_for(manager),
            item_id=Item.objects.get(account=account).pk,
            outcome="DONE",
            promised_date=None,
            note="",
            now=f.at(day),
        )
    f.make_payment(account=accounts[0], paid_at=f.at(day + timedelta(6)), amount_cny="120.00")
    f.make_payment(account=accounts[1], paid_at=f.at(day, 1), amount_cny="20.00")
    f.make_reminder(account=accounts[2], sent_at=f.at(day))

    page = page_for(manager)

    (row,) = page.outcomes
    assert (row.n_lines, row.n_by_outcome) == (3, {"DONE": 2, "": 1})
    assert (row.paid_after.part, row.paid_after.whole) == (1, 2)
    assert (page.contacts_now.n_reminders, page.contacts_now.n_contacts) == (1, 2)
    assert page.contacts_now.per_1000_cny == pytest.approx(3 / 140 * 1000)


def test_complaints_are_per_10000_customers_a_year_and_undecided_ones_judge_nobody(town):
    _, manager, area = town
    account = f.make_account(area=area)
    for days, is_upheld in ((10, True), (20, False), (30, None), (400, True)):
        moment = f.at(f.TODAY - timedelta(days))
        f.make_request(account=account, requested_at=moment, is_upheld=is_upheld)

    page = page_for(manager)

    assert page.complaints_now.counted.n_complaints == 3
    assert page.complaints_now.per_10000_a_year == pytest.approx(30_000)
    assert page.complaints_now.upheld.ratio == 0.5
    assert page.complaints_before.counted.n_complaints == 1


def test_no_other_district_and_a_fixed_number_of_queries(town, django_assert_max_num_queries):
    station, _, area = town
    for _ in range(4):
        account = f.make_account(area=area)
        f.make_bill(account=account, issued_date=date(2026, 11, 22), amount_cny="50.00")
        f.make_request(account=account, requested_at=f.at(f.TODAY - timedelta(9)))
    stranger = f.make_staff(station=f.make_station(), post="STATION_HEAD")
    head = f.make_staff(station=station, post="STATION_HEAD")

    page = page_for(stranger)

    assert page.recovery_total.now.whole == 0
    assert page.recovery_total.now.ratio is None
    assert page.recovery_by_area == ()
    assert page.complaints_now.per_10000_a_year is None
    with django_assert_max_num_queries(20):
        assert page_for(head).recovery_total.now.n == 4


def test_every_figure_has_a_definition_in_both_languages():
    found = queries.definitions(policy=POLICY)

    assert set(found) == {
        "recovery",
        "contacts_per_1000_cny",
        "outcomes",
        "paid_after",
        "complaints",
    }
    assert all(d.text.zh and d.text.en and d.source for d in found.values())


def test_the_figures_are_the_same_from_what_a_night_kept(town):
    _, manager, area = town
    account = f.make_account(area=area)
    for months, paid in ((0, "40.00"), (1, "90.00")):
        day = date(2026, 11 - months, 22)
        f.make_bill(account=account, issued_date=day, amount_cny="100.00")
        f.make_payment(account=account, paid_at=f.at(day), amount_cny=paid)
    f.make_night(as_of_day=f.TODAY)
    computed = page_for(manager)

    f.sum_up_areas()
    Payment.objects.update(amount_cny="1.00")  # whoever computed anew would see it

    assert page_for(manager) == computed
    assert computed.recovery_total.now.part == Decimal(30)  # 10.00 settle the month before
