"""Settlement, against payments laid on bills by hand, fen by fen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.facts.billing import allocation

bill = st.tuples(st.integers(0, 60), st.integers(0, 30), st.integers(0, 500))  # day, window, fen
payment = st.tuples(st.integers(0, 120), st.integers(1, 400))
account = st.tuples(st.lists(bill, max_size=6), st.lists(payment, max_size=8))


def by_hand(bills, payments):
    """Lay payments on the oldest open bill, day by day."""
    settled = [allocation.NEVER] * len(bills)
    by_due = [0] * len(bills)
    left = [amount for _day, _window, amount in bills]
    for i, (day, window, amount) in enumerate(bills):
        if amount == 0 and sum(left[:i]) == 0:
            settled[i] = day + window
    for day, amount in payments:
        for i, (issued, window, _amount) in enumerate(bills):
            part = min(amount, left[i])
            left[i] -= part
            amount -= part
            if day <= issued + window:
                by_due[i] += part
            if not any(left[: i + 1]) and settled[i] == allocation.NEVER:
                settled[i] = day
    return settled, by_due, left


def laid_out(accounts):
    bills = [(a, *b) for a, (bs, _p) in enumerate(accounts) for b in sorted(bs)]
    paid = [(a, *p) for a, (_b, ps) in enumerate(accounts) for p in sorted(ps)]
    table = np.array(bills, np.int64).reshape(-1, 4)
    cash = np.array(paid, np.int64).reshape(-1, 3)
    return allocation.settle(
        bill_account=table[:, 0],
        bill_due_day=table[:, 1] + table[:, 2],
        bill_fen=table[:, 3],
        payment_account=cash[:, 0],
        payment_day=cash[:, 1],
        payment_fen=cash[:, 2],
        n_accounts=len(accounts),
    )


@given(st.lists(account, min_size=1, max_size=5))
def test_settles_as_a_clerk_would(accounts):
    found = laid_out(accounts)

    expected = [by_hand(sorted(bills), sorted(payments)) for bills, payments in accounts]
    assert found.open_fen.tolist() == [fen for _s, _d, left in expected for fen in left]
    assert found.paid_by_due_fen.tolist() == [fen for _s, due, _l in expected for fen in due]
    bills = [b for bs, _p in accounts for b in sorted(bs)]
    settled = [day for days, _d, _l in expected for day in days]
    for day, wanted, (_issued, _window, amount) in zip(
        found.settled_day, settled, bills, strict=True
    ):
        if amount > 0:
            assert day == wanted


@given(st.lists(account, min_size=1, max_size=4))
def test_money_is_neither_lost_nor_made(accounts):
    found = laid_out(accounts)

    billed = sum(fen for bills, _p in accounts for _d, _w, fen in bills)
    paid = sum(fen for _b, payments in accounts for _d, fen in payments)
    assert billed - int(found.open_fen.sum()) == paid - int(found.credit_fen.sum())


def test_money_paid_back_opens_the_bill_again():
    found = allocation.settle(
        bill_account=np.array([0]),
        bill_due_day=np.array([30]),
        bill_fen=np.array([100]),
        payment_account=np.array([0, 0]),
        payment_day=np.array([10, 20]),
        payment_fen=np.array([100, -40]),
        n_accounts=1,
    )

    assert found.settled_day[0] == allocation.NEVER
    assert found.open_fen.tolist() == [40]


def test_refuses_payments_that_do_not_ascend():
    with pytest.raises(allocation.NotInOrder):
        allocation.settle(
            bill_account=np.array([0]),
            bill_due_day=np.array([30]),
            bill_fen=np.array([100]),
            payment_account=np.array([0, 0]),
            payment_day=np.array([20, 10]),
            payment_fen=np.array([50, 50]),
            n_accounts=1,
        )
