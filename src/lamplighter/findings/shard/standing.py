"""How each account stood with its bills at the end of one day, knowing nothing later."""

from dataclasses import dataclass

import numpy as np

from lamplighter.facts.billing import allocation
from lamplighter.findings.shard.facts import Booleans, Floats, Integers, ShardFacts, whole_months

MONTHS = 12
DAYS_IN_A_MONTH = 30.4375


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Bills and payments of a shard at the end of *day*; bill arrays keep the bills' order."""

    day: int
    n_accounts: int
    account: Integers  # (n_bills,) index of the account
    issued_day: Integers
    due_day: Integers
    last_day: Integers
    amount_fen: Integers
    energy_kwh: Floats
    settled_day: Integers  # allocation.NEVER while open
    paid_by_due_fen: Integers
    open_fen: Integers
    is_closed: Booleans  # the window is over
    late_days: Floats  # (n_bills,) beyond the due day, paid or not; NaN while in its window
    payment_account: Integers
    payment_day: Integers
    payment_fen: Integers
    payment_method: Integers
    credit_fen: Integers  # (n_accounts,)

    @property
    def place_from_newest(self) -> Integers:
        """The place of each closed bill among its account's closed ones, newest 0; else −1."""
        place = np.full(len(self.account), -1, np.int64)
        closed = np.flatnonzero(self.is_closed)
        account = self.account[closed]
        end = np.cumsum(np.bincount(account, minlength=self.n_accounts))
        place[closed] = end[account] - 1 - np.arange(len(closed))
        return place

    def total(self, values: Integers | Floats, where: Booleans) -> Floats:
        """Return the sum of a bill's values by account, over the chosen bills."""
        return np.bincount(
            self.account[where], weights=values[where], minlength=self.n_accounts
        ).astype(np.float64)


def standing(*, facts: ShardFacts, day: int) -> Standing:
    """Return how things stood at the end of a day, from what had happened by then."""
    bills, payments = facts.bills, facts.payments
    issued = bills.issued_day <= day
    paid = payments.day <= day
    account = facts.index_of(bills.account_id[issued])
    payment_account = facts.index_of(payments.account_id[paid])
    due = bills.due_day[issued]
    settled = allocation.settle(
        bill_account=account,
        bill_due_day=due,
        bill_fen=bills.amount_fen[issued],
        payment_account=payment_account,
        payment_day=payments.day[paid],
        payment_fen=payments.amount_fen[paid],
        n_accounts=len(facts.accounts),
    )
    is_settled = settled.settled_day != allocation.NEVER
    is_closed = due <= day
    until = np.where(is_settled, settled.settled_day, day)
    owed = bills.amount_fen[issued] > 0  # a credit note cannot be late
    late = np.where(owed, np.maximum(until - due, 0), 0).astype(np.float64)
    return Standing(
        day=day,
        n_accounts=len(facts.accounts),
        account=account,
        issued_day=bills.issued_day[issued],
        due_day=due,
        last_day=bills.last_day[issued],
        amount_fen=bills.amount_fen[issued],
        energy_kwh=bills.energy_kwh[issued],
        settled_day=settled.settled_day,
        paid_by_due_fen=settled.paid_by_due_fen,
        open_fen=settled.open_fen,
        is_closed=is_closed,
        late_days=np.where(is_closed, late, np.nan),
        payment_account=payment_account,
        payment_day=payments.day[paid],
        payment_fen=payments.amount_fen[paid],
        payment_method=payments.method[paid],
        credit_fen=settled.credit_fen,
    )


def by_month(*, of: Standing, values: Integers | Floats, n_months: int = MONTHS) -> Floats:
    """Return a table of the closed bills' values, newest bill in the last column; NaN: none."""
    closed = np.flatnonzero(of.is_closed)  # by account, the newest last
    count = np.bincount(of.account[closed], minlength=of.n_accounts)
    ago = np.arange(n_months)[::-1]
    has = ago < count[:, None]
    place = (np.cumsum(count)[:, None] - 1 - ago)[has]
    table = np.full((of.n_accounts, n_months), np.nan)
    table[has] = values[closed[place]]
    return table


def newest_open_bill(*, of: Standing) -> Floats:
    """Return the bill in its window that is not yet covered [CNY]; NaN: there is none."""
    amount = np.full(of.n_accounts, np.nan)
    waiting = ~of.is_closed & (of.open_fen > 0)
    amount[of.account[waiting]] = of.amount_fen[waiting] / 100.0
    return amount


def months_of_history(*, of: Standing) -> Integers:
    """Return the whole months since each account's first bill."""
    first = np.full(of.n_accounts, of.day, np.int64)
    np.minimum.at(first, of.account, of.issued_day)
    return whole_months(since=first, day=of.day)


def oldest_open_day(*, of: Standing) -> tuple[Integers, Integers]:
    """Return the issue day of each account's oldest open bill and the days it is overdue.

    Without an open bill both are 0.
    """
    issued = np.zeros(of.n_accounts, np.int64)
    overdue = np.zeros(of.n_accounts, np.int64)
    is_open = np.flatnonzero(of.open_fen > 0)
    account, first = np.unique(of.account[is_open], return_index=True)
    bill = is_open[first]
    issued[account] = of.issued_day[bill]
    overdue[account] = np.maximum(of.day - of.due_day[bill], 0)
    return issued, overdue


def last_payment_day(*, of: Standing) -> Integers:
    """Return the day of each account's newest payment; 0 where there was none."""
    newest = np.zeros(of.n_accounts, np.int64)
    np.maximum.at(newest, of.payment_account, of.payment_day)
    return newest


def partial_share(*, of: Standing, since_day: int) -> Floats:
    """Return the share of payments since a day after which something due stayed open; NaN: none."""
    recent = np.flatnonzero(of.payment_day >= since_day)
    was_partial = paid_so_far(of)[recent] < _billed_until(of, recent)
    counts = np.bincount(of.payment_account[recent], minlength=of.n_accounts)
    partial = np.bincount(of.payment_account[recent[was_partial]], minlength=of.n_accounts)
    with np.errstate(invalid="ignore"):
        share: Floats = np.where(counts > 0, partial / np.maximum(counts, 1), np.nan)
    return share


def paid_so_far(of: Standing) -> Integers:
    """Return what each account had paid up to and with each payment [fen]."""
    total = np.concatenate(([0], np.cumsum(of.payment_fen)))
    start = np.searchsorted(of.payment_account, np.arange(of.n_accounts))
    running: Integers = total[1:] - total[start[of.payment_account]]
    return running


def _billed_until(of: Standing, payments: Integers) -> Integers:
    """Return what each account had been billed when each of some payments came [fen]."""
    span = of.day + 1
    account, day = of.payment_account[payments], of.payment_day[payments]
    billed = np.concatenate(([0], np.cumsum(of.amount_fen)))
    keys = of.account * span + of.issued_day
    place = np.searchsorted(keys, account * span + day, side="right")
    start = np.searchsorted(of.account, np.arange(of.n_accounts))
    result: Integers = billed[place] - billed[start[account]]
    return result
