"""The bill that runs: the days it has had, the days to come, and when nothing is said of it."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.facts.billing.account import BillLine, Money
from lamplighter.facts.metering.queries import DailySeries
from lamplighter.findings.shard.facts import EPOCH, day_number
from lamplighter.findings.shard.forecasting import last_day_of_bill
from lamplighter.kernel.spans import last_days
from lamplighter.web.customers import running_bill

AS_OF = date(2026, 11, 24)
LAST_BILLED = date(2026, 10, 31)


def money(*last_days_billed):
    bills = tuple(
        BillLine(
            number="B",
            first_day=last - timedelta(29),
            last_day=last,
            issued_date=last,
            due_date=last + timedelta(20),
            energy_kwh=None,
            amount_cny=Decimal("80.00"),
            open_cny=Decimal("0.00"),
            settled_date=last,
        )
        for last in last_days_billed
    )
    return Money(bills=bills, payments=(), debits=(), reminders=(), credit_cny=Decimal(0))


def series(kwh, *, up_to=AS_OF):
    nothing = np.full(len(kwh), np.nan)
    return DailySeries(
        days=last_days(up_to=up_to, n_days=len(kwh)),
        energy_kwh=np.asarray(kwh, float),
        is_estimated=np.zeros(len(kwh), bool),
        band_low_kwh=nothing,
        band_high_kwh=nothing,
        n_neighbours=0,
    )


def test_sums_the_days_since_the_last_bill_and_no_others():
    kwh = [100.0] * 76 + [2.0] * 24
    found = running_bill.so_far(series=series(kwh), money=money(LAST_BILLED), as_of=AS_OF)
    assert found is not None
    assert (found.energy_kwh, found.n_measured, found.n_to_come) == (48.0, 24, 6)
    assert found.days.first_day == date(2026, 11, 1)


def test_a_day_without_a_reading_is_not_a_day_without_use():
    kwh = [2.0] * 100
    kwh[-3] = np.nan
    found = running_bill.so_far(series=series(kwh), money=money(LAST_BILLED), as_of=AS_OF)
    assert found is not None
    assert (found.energy_kwh, found.n_measured, found.days.n_days) == (46.0, 23, 24)


@pytest.mark.parametrize(
    ("kwh", "billed"),
    [
        ([2.0] * 100, ()),
        ([2.0] * 100, (AS_OF,)),
        ([2.0] * 100, (date(2026, 8, 31),)),  # bills have stopped coming
        ([2.0] * 10, (LAST_BILLED,)),  # the readings begin after the bill
        ([np.nan] * 100, (LAST_BILLED,)),
        (None, (LAST_BILLED,)),
    ],
)
def test_says_nothing_where_nothing_runs_or_was_measured(kwh, billed):
    known = None if kwh is None else series(kwh)
    assert running_bill.so_far(series=known, money=money(*billed), as_of=AS_OF) is None


@given(billed=st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 12, 31)),
       n_days=st.integers(1, 28))  # fmt: skip
def test_the_bill_ends_where_the_night_foresees_its_end(billed, n_days):
    as_of = billed + timedelta(n_days)
    found = running_bill.so_far(
        series=series([1.0] * 40, up_to=as_of), money=money(billed), as_of=as_of
    )
    assert found is not None
    end = EPOCH + timedelta(last_day_of_bill(first=day_number(billed + timedelta(1))))
    assert as_of + timedelta(found.n_to_come) == end
