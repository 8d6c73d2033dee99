"""Which payment settled which bill: the oldest debt first, exact in fen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max


class NotInOrder(ValueError):
    """Bills or payments are not sorted by account and day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How each bill stands, in the order of the bills given."""

    settled_day: Integers  # (n_bills,) days since 1970; NEVER while anything is open
    paid_by_due_fen: Integers  # (n_bills,) covered on the due day
    open_fen: Integers  # (n_bills,) not covered on the last day looked at
    credit_fen: Integers  # (n_accounts,) paid beyond all bills, by account index


def settle(
    *,
    bill_account: Integers,
    bill_due_day: Integers,
    bill_fen: Integers,
    payment_account: Integers,
    payment_day: Integers,
    payment_fen: Integers,
    n_accounts: int,
) -> Settlement:
    """Allocate payments to bills, oldest bill first.

    A bill counts as settled on the first day from which on the payments cover it for good: money
    paid back later opens it again.

    Parameters
    ----------
    bill_account, payment_account : (n_bills,), (n_payments,) int64
        Index of the account, 0 … n_accounts − 1, ascending.
    bill_due_day, payment_day : (n_bills,), (n_payments,) int64
        Days since 1970; payments ascending within an account, bills in the order they were issued.
    bill_fen, payment_fen : (n_bills,), (n_payments,) int64
        Amounts [fen]; a credit note or a payment back is negative.
    n_accounts : int
        How many accounts there are.

    Returns
    -------
    Settlement
        One entry a bill, and the credit of each account.

    Raises
    ------
    NotInOrder
        Accounts do not ascend, or payments of one account do not ascend by day.

    Examples
    --------
    >>> one = settle(
    ...     bill_account=np.array([0, 0]), bill_due_day=np.array([10, 40]),
    ...     bill_fen=np.array([100, 100]), payment_account=np.array([0]),
    ...     payment_day=np.array([12]), payment_fen=np.array([150]), n_accounts=1,
    ... )
    >>> one.settled_day[0], one.paid_by_due_fen.tolist(), one.open_fen.tolist()
    (np.int64(12), [0, 50], [0, 50])
    """
    _check_order(bill_account, None)
    _check_order(payment_account, payment_day)
    billed = _running(bill_fen, group=bill_account, n_groups=n_accounts)
    before = billed - bill_fen
    paid = _running(payment_fen, group=payment_account, n_groups=n_accounts)
    lasting = _lasting(paid, group=payment_account)
    total = np.bincount(payment_account, weights=payment_fen, minlength=n_accounts)
    total_fen = np.rint(total).astype(np.int64)

    first = np.searchsorted(payment_account, np.arange(n_accounts))
    settling = _first_reaching(lasting, group=payment_account, wanted=billed, of=bill_account)
    has_settled = total_fen[bill_account] >= billed
    day = np.full(len(bill_fen), NEVER, np.int64)
    free = has_settled & (billed <= 0)  # covered before anything was paid
    day[free] = np.minimum(bill_due_day[free], day[free])
    by_payment = has_settled & ~free
    day[by_payment] = payment_day[np.minimum(settling, len(payment_day) - 1)[by_payment]]
    by_due = _paid_until(
        payment_account, payment_day, paid, first=first[bill_account], account=bill_account,
        day=bill_due_day,
    )  # fmt: skip
    whole = np.maximum(bill_fen, 0)
    return Settlement(
        settled_day=day,
        paid_by_due_fen=np.clip(by_due - before, 0, whole),
        open_fen=whole - np.clip(total_fen[bill_account] - before, 0, whole),
        credit_fen=np.maximum(total_fen - _last_of(billed, bill_account, n_accounts), 0),
    )


def _check_order(account: Integers, day: Integers | None) -> None:
    step = np.diff(account)
    if np.any(step < 0):
        raise NotInOrder("accounts do not ascend")
    if day is not None and np.any((step == 0) & (np.diff(day) < 0)):
        raise NotInOrder("payments of an account do not ascend by day")


def _running(values: Integers, *, group: Integers, n_groups: int) -> Integers:
    total = np.cumsum(values)
    start = np.searchsorted(group, np.arange(n_groups))
    offset = np.concatenate(([0], total))[start]
    result: Integers = total - offset[group]
    return result


def _lasting(paid: Integers, *, group: Integers) -> Integers:
    """Return the least that will have been paid from each payment on, within its account."""
    if not len(paid):
        return paid
    span = int(np.abs(paid).max()) + 1
    lifted = paid[::-1] + group[::-1] * (2 * span)
    result: Integers = np.minimum.accumulate(lifted)[::-1] - group * (2 * span)
    return result


def _first_reaching(
    rising: Integers, *, group: Integers, wanted: Integers, of: Integers
) -> Integers:
    """Return for each wanted value its place among all values, that rise in its own group."""
    span = int(max(np.abs(rising).max(initial=0), np.abs(wanted).max(initial=0))) + 1
    place: Integers = np.searchsorted(
        rising + group * (2 * span), wanted + of * (2 * span), side="left"
    )
    return place


def _paid_until(
    group: Integers,
    days: Integers,
    paid: Integers,
    *,
    first: Integers,
    account: Integers,
    day: Integers,
) -> Integers:
    """Return what each account had paid by the end of a day; *first* is its first payment."""
    last = int(max(days.max(initial=0), day.max(initial=0))) + 1
    place = np.searchsorted(group * (last + 1) + days, account * (last + 1) + day, side="right")
    has_any = place > first
    padded = np.concatenate(([0], paid))
    result: Integers = np.where(has_any, padded[place], 0)
    return result


def _last_of(running: Integers, group: Integers, n_groups: int) -> Integers:
    end = np.searchsorted(group, np.arange(n_groups), side="right")
    start = np.searchsorted(group, np.arange(n_groups))
    padded = np.concatenate(([0], running))
    result: Integers = np.where(end > start, padded[end], 0)
    return result
