"""What was billed, paid and sent in spans of days, by station area, out of the books.

The same as `recovery` asks of the database, for all accounts at once: for a night alone, scoped to
no viewer. One book of accounts is in memory at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from lamplighter.facts.billing import books
from lamplighter.facts.billing.books import ACCOUNTS_A_BOOK, Columns, Form, Shelf
from lamplighter.kernel.spans import DaySpan

Integers = npt.NDArray[np.int64]
EPOCH = date(1970, 1, 1)


class AccountsNotAscending(ValueError):
    """The accounts are not in rising order, each once, with one area each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSums:
    """A span's sums; arrays by place of the area, amounts in fen."""

    n_billed: Integers  # (n_areas,) accounts whose bills of the span are above zero together
    billed_fen: Integers  # (n_areas,) of those accounts
    received_fen: Integers  # (n_areas,) for those bills, by the end of the span
    n_reminders: Integers  # (n_areas,)
    paid_fen: Integers  # (n_areas,) in the span, for whatever; below zero: paid back


def by_area(
    *,
    shelf: Shelf,
    account_id: Integers,
    area: Integers,
    n_areas: int,
    spans: Sequence[DaySpan],
) -> list[AreaSums]:
    """Return the sums of each span, of the versions that nothing has taken the place of.

    Money settles the oldest bill first: the bills of a span are reached only by what was paid,
    until the span's end, beyond all bills from before it.

    Parameters
    ----------
    shelf
        The books, as they stand at one event of the ledger; no other row is seen.
    account_id : (n_accounts,) int64
        Accounts, ascending; those of no area are absent.
    area : (n_accounts,) int64
        Place of each account's area, 0 … n_areas − 1.
    spans
        Each reckoned by itself; bills and payments from before it count as such.

    Raises
    ------
    AccountsNotAscending
        The accounts do not ascend, or are not as many as their areas.
    """
    if account_id.shape != area.shape or np.any(np.diff(account_id) <= 0):
        raise AccountsNotAscending(f"{account_id.shape} accounts, {area.shape} areas")
    totals = [np.zeros((len(AreaSums.__slots__), n_areas), np.int64) for _ in spans]
    size = ACCOUNTS_A_BOOK
    for book in np.unique(account_id // size).tolist():
        begin, end = np.searchsorted(account_id, [book * size, (book + 1) * size])
        place = np.full(size, end - begin, np.int64)  # that of everybody else, dropped below
        place[account_id[begin:end] - book * size] = np.arange(end - begin)
        bills, payments, reminders = (
            _rows(shelf, form, book, place)
            for form in (books.BILLS, books.PAYMENTS, books.REMINDERS)
        )
        for total, span in zip(totals, spans, strict=True):
            by_account = _of_accounts(bills, payments, reminders, span, n=int(end - begin))
            for row, values in zip(total, by_account, strict=True):
                row += _summed(values, of=area[begin:end], n=n_areas)
    return [AreaSums(**dict(zip(AreaSums.__slots__, total, strict=True))) for total in totals]


def _rows(shelf: Shelf, form: Form, book: int, place: Integers) -> Columns:
    """Return a book's rows with the place of their account in it."""
    names = [name for name in (form.day, "amount_fen") if name in form.columns]
    rows = books.standing(shelf=shelf, form=form, book=book, names=("account_id", *names))
    of = place[rows["account_id"] - book * ACCOUNTS_A_BOOK]
    fen = rows.get("amount_fen", np.empty(0, np.int64))
    return {"place": of, "day": rows[form.day], "fen": fen}


def _of_accounts(
    bills: Columns, payments: Columns, reminders: Columns, span: DaySpan, *, n: int
) -> tuple[Integers, ...]:
    """Return one value an account for each field of `AreaSums`."""
    first, end = ((day - EPOCH).days for day in (span.first_day, span.end_day))

    def summed(rows: Columns, chosen: npt.NDArray[np.bool_]) -> Integers:
        return _summed(rows["fen"][chosen], of=rows["place"][chosen], n=n + 1)[:n]

    def before(rows: Columns) -> Integers:
        return summed(rows, rows["day"] < first)

    def within(rows: Columns) -> Integers:
        return summed(rows, (rows["day"] >= first) & (rows["day"] < end))

    billed, paid = np.maximum(within(bills), 0), within(payments)
    reached = before(payments) + paid - before(bills)
    sent = reminders["place"][(reminders["day"] >= first) & (reminders["day"] < end)]
    return (
        (billed > 0).astype(np.int64),
        billed,
        np.clip(reached, 0, billed),
        np.bincount(sent, minlength=n + 1)[:n],
        paid,
    )


def _summed(values: Integers, *, of: Integers, n: int) -> Integers:
    """Return the sum of the values of each of n places."""
    # Of whole numbers, exact below 2^53: that is 90 million million yuan.
    sums: Integers = np.bincount(of, weights=values, minlength=n).astype(np.int64)
    return sums
