"""The parts of a bill: worked out by the tariff, told only where they add up."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lamplighter.facts.billing import details
from lamplighter.facts.customers.models import Agreement, Holding
from lamplighter.policy import loader
from tests import factories as make
from tests.action.service.making import ZONE

pytestmark = pytest.mark.django_db
TARIFFS = loader.load(name="tariffs", on=make.TODAY)
KNOWN = {"recorded_at": make.LONG_AGO, "recorded_by": "test"}


def home(*, tariff="RES_TIER_2024", category="RESIDENTIAL", capacity=None):
    account = make.make_account(area=make.make_area(station=make.make_station()))
    Agreement.objects.create(
        account=account, category=category, capacity_kva=capacity, tariff_code=tariff,
        is_prepaid=False, payment_method="APP", **KNOWN,
    )  # fmt: skip
    return account


def bill(account, month, kwh, amount):
    return make.make_bill(
        account=account,
        first_day=date(2026, month - 1, 1),
        last_day=date(2026, month, 1).replace(day=1) - date.resolution,
        issued_date=date(2026, month, 3),
        amount_cny=amount,
        energy_kwh=None if kwh is None else Decimal(kwh),
    )


def found(account, *, categories=None, customer_id=None):
    return details.fee_detail(
        account_id=account.pk,
        customer_id=customer_id or account.customer_id,
        categories=categories,
        known_at=make.MORNING,
        tariffs=TARIFFS,
        n_bills=2,
        zone=ZONE,
    )


def test_parts_a_bill_that_crosses_a_step_and_adds_up():
    account = home()
    bill(account, 2, "2700", "1452.60")  # 2,700 × 0.538
    bill(account, 3, "100", "55.80")  # 100 × 0.538 + 40 × 0.05

    newest, first = found(account).bills

    assert [(one.period, one.quantity, one.price_cny) for one in newest.lines] == [
        ("all", Decimal(100), Decimal("0.538")),
        ("", Decimal(40), Decimal("0.05")),
    ]
    assert sum(one.amount_cny for one in newest.lines) == newest.amount_cny
    assert len(first.lines) == 1


def test_works_out_peak_valley_and_capacity_from_the_amount():
    account = home(tariff="LARGE_INDUSTRY_TOU", category="LARGE_INDUSTRY", capacity=Decimal(315))
    bill(account, 3, "10000", "15600.00")  # 6,000 × 0.89 + 4,000 × 0.36 + 315 × 28

    detail = found(account, categories=["LARGE_INDUSTRY"])

    assert detail.splits_by_amount
    assert {one.period: one.quantity for one in detail.bills[0].lines} == {
        "peak": Decimal(6000),
        "valley": Decimal(4000),
        "capacity": Decimal(315),
    }
    assert detail.about["capacity"].en == "price of the capacity"


@pytest.mark.parametrize(
    ("tariff", "kwh", "amount"),
    [
        ("RES_TIER_2024", "100", "53.90"),  # ten fen more than the list says
        ("RES_TIER_2024", None, "53.80"),
        ("LARGE_INDUSTRY_TOU", "100", "20.00"),  # below the valley price; no capacity is known
        ("NOT_OURS", "100", "53.80"),
    ],
)
def test_tells_no_part_where_they_would_not_add_up(tariff, kwh, amount):
    account = home(tariff=tariff)
    bill(account, 3, kwh, amount)

    assert found(account).bills[0].lines == ()


def test_tells_nobody_the_bills_of_the_holder_before_or_after():
    account = home()
    bill(account, 2, "100", "53.80")
    bill(account, 6, "100", "53.80")
    before = make.make_account().customer
    Holding.objects.create(
        account=account, customer=before, superseded_at=datetime(2026, 4, 1, tzinfo=UTC), **KNOWN
    )

    assert [one.first_day.month for one in found(account).bills] == [5]
    assert found(account, customer_id=before.pk) is None


def test_tells_nothing_where_the_category_is_not_asked_for_or_nothing_was_billed():
    account = home()

    assert found(account) is None
    bill(account, 3, "100", "53.80")
    assert found(account, categories=["LARGE_INDUSTRY"]) is None
