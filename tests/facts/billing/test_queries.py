"""One account's money, exact and as it was known."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.facts.billing import allocation, queries
from lamplighter.facts.billing.landing import DOORWAYS
from lamplighter.facts.customers import queries as customers
from tests import factories
from tests.factories import TODAY, at
from tests.facts.landings import FIRST, LATER, deliver

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def home(db):
    station = factories.make_station()
    manager = factories.make_staff(station=station)
    account = factories.make_account(area=factories.make_area(station=station, staff=manager))
    return factories.viewer_for(manager), account


def story(viewer, account, *, as_of=TODAY, known_at=LATER):
    return queries.money_story(
        viewer=viewer,
        on=TODAY,
        account_number=account.number,
        as_of=as_of,
        known_at=known_at,
        zone=ZONE,
    )


def test_the_oldest_bill_is_settled_first(home):
    viewer, account = home
    factories.make_bill(account=account, issued_date=date(2026, 9, 22), amount_cny="100.00")
    factories.make_bill(account=account, issued_date=date(2026, 10, 22), amount_cny="50.00")
    factories.make_bill(account=account, issued_date=date(2026, 11, 22), amount_cny="10.00")
    factories.make_payment(account=account, paid_at=at(date(2026, 10, 5)), amount_cny="120.01")

    told = story(viewer, account)

    assert [(b.open_cny, b.days_late) for b in told.bills] == [
        (Decimal("0.00"), 5),
        (Decimal("29.99"), 26),
        (Decimal("10.00"), None),
    ]
    assert told.bills[1].paid_by_due_cny == Decimal("20.01")
    assert (told.open_cny, told.overdue_cny) == (Decimal("39.99"), Decimal("29.99"))
    assert told.days_overdue == 26


def test_a_payment_late_in_the_evening_belongs_to_the_local_day(home):
    viewer, account = home
    factories.make_bill(account=account, issued_date=date(2026, 10, 22), amount_cny="5.00")
    factories.make_payment(account=account, paid_at=at(date(2026, 10, 30), 17), amount_cny="5.00")

    (bill,) = story(viewer, account).bills

    assert (bill.settled_date, bill.days_late) == (date(2026, 10, 31), 1)  # due on the 30th


def test_is_told_as_it_was_known(home):
    viewer, account = home
    bill = {
        "number": "B1", "account_number": account.number, "first_day": date(2026, 9, 18),
        "last_day": date(2026, 10, 17), "issued_date": date(2026, 10, 22),
        "due_date": date(2026, 10, 31), "amount_cny": Decimal("80.00"),
    }  # fmt: skip
    deliver(DOORWAYS, "bill", [bill])
    deliver(DOORWAYS, "bill", [bill | {"amount_cny": Decimal("60.00")}], now=LATER)

    assert story(viewer, account, known_at=FIRST).open_cny == Decimal("80.00")
    assert story(viewer, account).open_cny == Decimal("60.00")
    assert story(viewer, account).bills[0].n_versions == 2


def test_another_station_sees_nothing_and_an_empty_account_owes_nothing(home):
    viewer, account = home
    stranger = factories.viewer_for(factories.make_staff(station=factories.make_station()))

    with pytest.raises(customers.AccountUnknown):
        story(stranger, account)
    with CaptureQueriesContext(connection) as made:
        told = story(viewer, account)
    assert (told.bills, told.open_cny, told.credit_cny) == ((), Decimal(0), Decimal(0))
    assert len(made) <= 6


@given(
    bills=st.lists(st.integers(1, 10**9), max_size=12),
    payments=st.lists(st.integers(1, 10**9), max_size=12),
)
def test_no_fen_is_lost_or_made(bills, payments):
    settled = allocation.settle(
        bill_account=np.zeros(len(bills), np.int64),
        bill_due_day=np.arange(len(bills), dtype=np.int64),
        bill_fen=np.array(bills, np.int64),
        payment_account=np.zeros(len(payments), np.int64),
        payment_day=np.arange(len(payments), dtype=np.int64),
        payment_fen=np.array(payments, np.int64),
        n_accounts=1,
    )

    assert settled.open_fen.sum() == max(sum(bills) - sum(payments), 0)
    assert settled.credit_fen.sum() == max(sum(payments) - sum(bills), 0)
    left = sum(payments)
    for amount, open_fen in zip(bills, settled.open_fen.tolist(), strict=True):
        covered = min(amount, left)  # by hand: oldest first
        left -= covered
        assert open_fen == amount - covered
