"""What was unpaid of a month's bills, day by day: arithmetic on arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LONGEST_WINDOW = 31
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Bills and payments, in any order; days since 1970."""

    bill_account: Integers
    bill_day: Integers  # of issue
    bill_fen: Integers
    payment_account: Integers
    payment_day: Integers
    payment_fen: Integers


def of_month(*, money: Money, first: int, last: int) -> Floats:
    """Return the unpaid share of a span's bills by day since the first of them was issued.

    Money received settles the oldest bill first, so these bills are reached only by what is paid
    beyond the debt from before the span.

    >>> money = Money(
    ...     bill_account=np.array([7]), bill_day=np.array([22]), bill_fen=np.array([1000]),
    ...     payment_account=np.array([7]), payment_day=np.array([24]), payment_fen=np.array([400]),
    ... )
    >>> of_month(money=money, first=1, last=26)[:6]
    array([1. , 1. , 0.6, 0.6, 0.6, nan])
    """
    shares = np.full(LONGEST_WINDOW, np.nan)
    issued = (money.bill_day >= first) & (money.bill_day <= last)
    if not issued.any():
        return shares
    accounts = np.unique(money.bill_account[issued])
    opens = int(money.bill_day[issued].min())
    n_days = last - opens + 1
    amount = _by(accounts, money.bill_account, money.bill_fen, issued)
    earlier = _by(accounts, money.bill_account, money.bill_fen, money.bill_day < first)
    paid = np.zeros((len(accounts), n_days), np.int64)
    place = np.searchsorted(accounts, money.payment_account)
    place = np.minimum(place, len(accounts) - 1)
    known = (accounts[place] == money.payment_account) & (money.payment_day <= last)
    day = np.maximum(money.payment_day - opens, 0)
    np.add.at(paid, (place[known], day[known]), money.payment_fen[known])
    covered = np.clip(np.cumsum(paid, axis=1) - earlier[:, None], 0, amount[:, None])
    total = int(amount.sum())
    if total > 0:
        shares[:n_days] = 1.0 - covered.sum(axis=0) / total
    return shares


def _by(
    accounts: Integers, account: Integers, fen: Integers, chosen: npt.NDArray[np.bool_]
) -> Integers:
    """Return sums of the chosen rows by account; credits do not make an amount negative."""
    place = np.minimum(np.searchsorted(accounts, account), len(accounts) - 1)
    mine = chosen & (accounts[place] == account)
    total = np.zeros(len(accounts), np.int64)
    np.add.at(total, place[mine], fen[mine])
    return np.asarray(np.maximum(total, 0))
