"""What an account's bills and payments say about the next bill.

Never inputs, by decision: sex, education, marriage, age, complaints, attitude, where one lives.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Booleans = npt.NDArray[np.bool_]

RISES, FALLS, FREE = 1, -1, 0  # how the risk goes when the feature grows

DIRECTIONS: dict[str, int] = {
    "delay_last": RISES,
    "delay_before": RISES,
    "delay_third": RISES,
    "delay_worst": RISES,
    "delay_worst_before": RISES,
    "delay_mean": RISES,
    "delay_step": FREE,
    "lateness_mean": RISES,
    "delay_weighted": RISES,
    "late_share": RISES,
    "late_over_a_month_share": RISES,
    "early_share": FREE,
    "late_streak": RISES,
    "months_since_late": FALLS,
    "paid_share_last": FALLS,
    "paid_share_before": FALLS,
    "paid_share_weighted": FALLS,
    "paid_share_worst": FALLS,
    "paid_share_best": FALLS,
    "unpaid_share": RISES,
    "paid_last_log_cny": FALLS,
    "paid_before_log_cny": FALLS,
    "paid_mean_log_cny": FALLS,
    "paid_most_log_cny": FALLS,
    "paid_of_size": FALLS,
    "paid_of_charges": FALLS,
    "open_bill_log_cny": FREE,
    "open_bill_jump": FREE,
    "bill_trend": FREE,
    "bill_spread": FREE,
    "open_bill_in_payments": RISES,
    "charge_last_log_cny": FREE,
    "charges_mean_log_cny": FREE,
    "charges_of_size": FREE,
    "size_log": FALLS,
    "size_left_log_cny": FALLS,
    "open_bill_of_size": RISES,
    "bills_of_size_mean": RISES,
    "bills_of_size_most": RISES,
    "bills_of_size_least": RISES,
    "method": FREE,
}
NAMES = tuple(DIRECTIONS)
SHARE_CAP = 1.5  # paying more than this part of a bill says nothing further
CHARGES_CAP = 5.0  # nor more than this part of all that was charged
A_MONTH = 1.0  # of delay


class NotMonths(ValueError):
    """The arrays do not describe accounts by months."""


class NegativeAmount(ValueError):
    """A payment or a size is below zero, or an amount is infinite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """One row an account, one column a feature; NaN where it cannot be known."""

    names: tuple[str, ...]  # n_features
    values: Floats  # (n_accounts, n_features)

    def rows(self, index: npt.NDArray[np.int64] | Booleans) -> "Features":
        return Features(names=self.names, values=self.values[index])

    def columns(self, names: Sequence[str]) -> "Features":
        places = [self.names.index(name) for name in names]
        return Features(names=tuple(names), values=self.values[:, places])


def features(
    *,
    billed_cny: Floats,
    paid_cny: Floats,
    delay_months: Floats,
    open_bill_cny: Floats,
    size: Floats,
    method_code: Codes,
    recency: float,
    is_credit_line: bool = False,
) -> Features:
    """Turn months of bills and payments into the features of :data:`NAMES`.

    Columns run from the oldest month to the newest; months before the account began are NaN.

    Parameters
    ----------
    billed_cny : (n_accounts, n_months) float64
        Each month's bill. [CNY] NaN: no bill. A credit note is below zero.
    paid_cny : (n_accounts, n_months) float64
        What was paid for that bill until the end of its window. [CNY] NaN: not known.
    delay_months : (n_accounts, n_delays) float64
        How late that bill was paid, or is by now. [months] 0 or less: in time. NaN: not known.
    open_bill_cny : (n_accounts,) float64
        The bill whose payment is to be foreseen. [CNY] NaN: not issued yet.
    size : (n_accounts,) float64
        How big the account is by contract: capacity or limit. [kVA or CNY] NaN: not known.
    method_code : (n_accounts,) int8
        How it pays, as a small number. [code] Below zero: not known.
    recency : float
        Weight of a month against the month after it, 0…1.
    is_credit_line : bool
        A bill carries the unpaid rest of the bill before, and the size is a limit in money. What
        was charged in a month is then the bill less the bill before, plus what was paid.

    Returns
    -------
    Features
        Values of shape (n_accounts, 41); NaN where a feature cannot be known.

    Raises
    ------
    NotMonths
        The shapes do not agree or there is no month.
    NegativeAmount
        A payment or a size is negative, or an amount is infinite.

    Examples
    --------
    >>> table = features(
    ...     billed_cny=np.array([[100.0, 100.0]]),
    ...     paid_cny=np.array([[100.0, 50.0]]),
    ...     delay_months=np.array([[0.0, 1.0]]),
    ...     open_bill_cny=np.array([120.0]),
    ...     size=np.array([np.nan]),
    ...     method_code=np.array([0], dtype=np.int8),
    ...     recency=0.5,
    ... )
    >>> dict(zip(table.names, table.values[0].round(3).tolist()))["paid_share_weighted"]
    0.667
    """
    months = (billed_cny, paid_cny)
    _refuse_other_shapes(months, delay_months, open_bill_cny, size, method_code)
    _refuse_wrong_amounts(months, open_bill_cny, size)
    found = _of_delays(delay_months, recency=recency)
    found |= _of_payments(billed_cny, paid_cny, recency=recency)
    found |= _of_the_open_bill(billed_cny, paid_cny, open_bill_cny)
    found |= _of_size(billed_cny, open_bill_cny, size, is_credit_line=is_credit_line)
    found |= _of_charges(billed_cny, paid_cny, open_bill_cny, size, runs_on=is_credit_line)
    found["method"] = np.where(method_code >= 0, method_code.astype(np.float64), np.nan)
    values = np.empty((len(billed_cny), len(NAMES)), order="F")  # read column by column
    for column, name in enumerate(NAMES):
        values[:, column] = found[name]
    return Features(names=NAMES, values=values)


def _of_delays(delay: Floats, *, recency: float) -> dict[str, Floats]:
    n, last = len(delay), delay.shape[1] - 1
    worst, worst_before = np.full(n, np.nan), np.full(n, np.nan)
    streak, since = np.zeros(n), np.full(n, float(delay.shape[1]))
    weighted, weight = np.zeros(n), np.zeros(n)
    total, lateness = np.zeros(n), np.zeros(n)
    late, early, very_late, known = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    for month in range(delay.shape[1]):  # a column a month: sums keep their order in any shard
        now = delay[:, month]
        here, is_late = ~np.isnan(now), now > 0.0
        worst_before = worst
        worst = np.fmax(worst, now)
        streak = np.where(is_late, streak + 1.0, np.where(here, 0.0, streak))
        since = np.where(is_late, float(last - month), since)
        step = recency ** (last - month)
        there = np.where(here, now, 0.0)
        weighted += there * step
        weight += here * step
        total += there
        lateness += np.maximum(there, 0.0)
        late += is_late
        very_late += now > A_MONTH
        early += now < 0.0
        known += here
    return {
        "delay_last": delay[:, last],
        "delay_before": _month(delay, 1),
        "delay_third": _month(delay, 2),
        "delay_worst": worst,
        "delay_worst_before": worst_before,
        "delay_mean": _ratio(total, known),
        "delay_step": delay[:, last] - _month(delay, 1),
        "lateness_mean": _ratio(lateness, known),
        "delay_weighted": _ratio(weighted, weight),
        "late_share": _ratio(late, known),
        "late_over_a_month_share": _ratio(very_late, known),
        "early_share": _ratio(early, known),
        "late_streak": np.where(known > 0.0, streak, np.nan),
        "months_since_late": np.where(known > 0.0, since, np.nan),
    }


def _month(table: Floats, ago: int) -> Floats:
    """Return the column of some months before the newest; NaN where the table begins later."""
    column = table.shape[1] - 1 - ago
    return table[:, column] if column >= 0 else np.full(len(table), np.nan)


def _of_payments(billed: Floats, paid: Floats, *, recency: float) -> dict[str, Floats]:
    last, n = billed.shape[1] - 1, len(billed)
    worst, best, most = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    due_sum, paid_sum, unpaid, known = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    share, share_before = np.full(n, np.nan), np.full(n, np.nan)
    for month in range(billed.shape[1]):
        due, got = billed[:, month], paid[:, month]
        counts = (due > 0.0) & ~np.isnan(got)
        share_before = share
        share = np.where(counts, np.minimum(_ratio(got, due), SHARE_CAP), np.nan)
        worst, best = np.fmin(worst, share), np.fmax(best, share)
        most = np.fmax(most, got)
        step = recency ** (last - month)
        due_sum += np.where(counts, due, 0.0) * step
        paid_sum += np.where(counts, np.minimum(got, SHARE_CAP * due), 0.0) * step
        unpaid += counts & (got <= 0.0)
        known += counts
    return {
        "paid_share_last": share,
        "paid_share_before": share_before,
        "paid_share_weighted": _ratio(paid_sum, due_sum),
        "paid_share_worst": worst,
        "paid_share_best": best,
        "unpaid_share": _ratio(unpaid, known),
        "paid_last_log_cny": np.log1p(paid[:, last]),
        "paid_before_log_cny": np.log1p(_month(paid, 1)),
        "paid_mean_log_cny": np.log1p(_mean(paid)),
        "paid_most_log_cny": np.log1p(most),
    }


def _of_the_open_bill(billed: Floats, paid: Floats, open_bill: Floats) -> dict[str, Floats]:
    due = np.maximum(open_bill, 0.0)
    squares = _mean(np.square(np.column_stack([billed, open_bill])))
    mean = _mean(np.column_stack([billed, open_bill]))
    spread = np.sqrt(np.maximum(squares - np.square(mean), 0.0))
    return {
        "open_bill_log_cny": np.log1p(due),
        "open_bill_jump": np.log1p(due) - np.log1p(_mean(np.maximum(billed, 0.0))),
        "bill_trend": np.log1p(due) - np.log1p(np.maximum(billed[:, 0], 0.0)),
        "bill_spread": _ratio(spread, np.abs(mean)),
        "open_bill_in_payments": np.log1p(due) - np.log1p(_mean(paid)),
    }


def _of_size(
    billed: Floats, open_bill: Floats, size: Floats, *, is_credit_line: bool
) -> dict[str, Floats]:
    due = np.maximum(open_bill, 0.0)
    most, least = due.copy(), due.copy()
    for month in range(billed.shape[1]):
        bill = np.maximum(billed[:, month], 0.0)
        most, least = np.fmax(most, bill), np.fmin(least, bill)
    left = np.log1p(np.maximum(size - due, 0.0))
    bills = np.column_stack([billed, open_bill])
    return {
        "size_log": np.log1p(size),
        "size_left_log_cny": left if is_credit_line else np.full(len(size), np.nan),
        "open_bill_of_size": _ratio(due, size),
        "bills_of_size_mean": _ratio(_mean(np.maximum(bills, 0.0)), size),
        "bills_of_size_most": _ratio(most, size),
        "bills_of_size_least": _ratio(least, size),
    }


def _of_charges(
    billed: Floats, paid: Floats, open_bill: Floats, size: Floats, *, runs_on: bool
) -> dict[str, Floats]:
    bills = np.column_stack([billed, open_bill])
    charged = bills[:, 1:] - bills[:, :-1] + paid if runs_on else bills[:, 1:]
    mean = _mean(np.maximum(charged, 0.0))
    share = _ratio(_mean(paid), mean if runs_on else _mean(np.maximum(billed, 0.0)))
    return {
        "charge_last_log_cny": np.log1p(np.maximum(charged[:, -1], 0.0)),
        "charges_mean_log_cny": np.log1p(mean),
        "charges_of_size": _ratio(mean, size),
        "paid_of_size": _ratio(_mean(paid), size),
        "paid_of_charges": np.minimum(share, CHARGES_CAP),
    }


def _mean(table: Floats) -> Floats:
    """Return the mean of the known months; NaN where none is known."""
    total, count = np.zeros(len(table)), np.zeros(len(table))
    for month in range(table.shape[1]):
        here = ~np.isnan(table[:, month])
        total += np.where(here, table[:, month], 0.0)
        count += here
    return _ratio(total, count)


def _ratio(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.full(len(part), np.nan)
    np.divide(part, whole, out=found, where=whole > 0.0)
    return found


def _refuse_other_shapes(
    months: tuple[Floats, ...], delay: Floats, open_bill: Floats, size: Floats, method: Codes
) -> None:
    billed, paid = months
    agree = billed.ndim == 2 and paid.shape == billed.shape and delay.ndim == 2
    rows = billed.shape[:1]
    singles = (open_bill.shape, size.shape, method.shape)
    if not agree or delay.shape[:1] != rows or any(shape != rows for shape in singles):
        raise NotMonths(f"{billed.shape}, {paid.shape}, {delay.shape}, {singles}")
    if billed.shape[1] == 0 or delay.shape[1] == 0:
        raise NotMonths(f"no month in {billed.shape}, {delay.shape}")


def _refuse_wrong_amounts(months: tuple[Floats, ...], open_bill: Floats, size: Floats) -> None:
    billed, paid = months
    negative = int(np.count_nonzero(paid < 0.0) + np.count_nonzero(size < 0.0))
    endless = sum(int(np.count_nonzero(np.isinf(a))) for a in (billed, paid, open_bill, size))
    if negative or endless:
        raise NegativeAmount(f"{negative} negative, {endless} infinite")
