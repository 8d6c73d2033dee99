"""What an account's bills and payments say about the next bill.

Never inputs, by decision: sex, education, marriage, age, complaints, attitude, where one lives.
"""

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
    "delay_worst": RISES,
    "delay_weighted": RISES,
    "late_share": RISES,
    "late_streak": RISES,
    "months_since_late": FALLS,
    "paid_share_last": FALLS,
    "paid_share_weighted": FALLS,
    "paid_share_worst": FALLS,
    "unpaid_share": RISES,
    "paid_last_log_cny": FALLS,
    "paid_mean_log_cny": FALLS,
    "open_bill_log_cny": FREE,
    "open_bill_jump": FREE,
    "bill_trend": FREE,
    "open_bill_in_payments": RISES,
    "size_log": FALLS,
    "open_bill_of_size": RISES,
    "size_log_in_time": FALLS,
    "size_log_late": FALLS,
    "open_bill_of_size_in_time": RISES,
    "open_bill_of_size_late": RISES,
    "paid_last_log_cny_in_time": FALLS,
    "paid_last_log_cny_late": FALLS,
    "method": FREE,
}
NAMES = tuple(DIRECTIONS)
# Known apart for accounts that were always in time and for those that were late: their money
# tells different things, and a sum of points cannot say so otherwise.
SPLIT_NAMES = ("size_log", "open_bill_of_size", "paid_last_log_cny")
SHARE_CAP = 1.5  # paying more than this part of a bill says nothing further


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


def features(
    *,
    billed_cny: Floats,
    paid_cny: Floats,
    delay_months: Floats,
    open_bill_cny: Floats,
    size: Floats,
    method_code: Codes,
    recency: float,
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

    Returns
    -------
    Features
        Values of shape (n_accounts, 26); NaN where a feature cannot be known.

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
    found |= _of_the_open_bill(billed_cny, paid_cny, open_bill_cny, size)
    for name in SPLIT_NAMES:
        found[f"{name}_in_time"] = np.where(found["late_share"] == 0.0, found[name], np.nan)
        found[f"{name}_late"] = np.where(found["late_share"] > 0.0, found[name], np.nan)
    found["method"] = np.where(method_code >= 0, method_code.astype(np.float64), np.nan)
    values = np.empty((len(billed_cny), len(NAMES)))
    for column, name in enumerate(NAMES):
        values[:, column] = found[name]
    return Features(names=NAMES, values=values)


def _of_delays(delay: Floats, *, recency: float) -> dict[str, Floats]:
    last = delay.shape[1] - 1
    worst = np.full(len(delay), np.nan)
    streak = np.zeros(len(delay))
    since = np.full(len(delay), float(delay.shape[1]))
    weighted, weight = np.zeros(len(delay)), np.zeros(len(delay))
    late, known = np.zeros(len(delay)), np.zeros(len(delay))
    for month in range(delay.shape[1]):  # a column a month: sums keep their order in any shard
        now = delay[:, month]
        here, is_late = ~np.isnan(now), now > 0.0
        worst = np.fmax(worst, now)
        streak = np.where(is_late, streak + 1.0, np.where(here, 0.0, streak))
        since = np.where(is_late, float(last - month), since)
        step = recency ** (last - month)
        weighted += np.where(here, now, 0.0) * step
        weight += here * step
        late += is_late
        known += here
    before = delay[:, last - 1] if last > 0 else np.full(len(delay), np.nan)
    return {
        "delay_last": delay[:, last],
        "delay_before": before,
        "delay_worst": worst,
        "delay_weighted": _ratio(weighted, weight),
        "late_share": _ratio(late, known),
        "late_streak": np.where(known > 0.0, streak, np.nan),
        "months_since_late": np.where(known > 0.0, since, np.nan),
    }


def _of_payments(billed: Floats, paid: Floats, *, recency: float) -> dict[str, Floats]:
    last = billed.shape[1] - 1
    n = len(billed)
    worst = np.full(n, np.nan)
    due_sum, paid_sum, unpaid, known = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    paid_total, paid_months = np.zeros(n), np.zeros(n)
    share = np.full(n, np.nan)
    for month in range(billed.shape[1]):
        due, got = billed[:, month], paid[:, month]
        counts = (due > 0.0) & ~np.isnan(got)
        share = np.where(counts, np.minimum(_ratio(got, due), SHARE_CAP), np.nan)
        worst = np.fmin(worst, share)
        step = recency ** (last - month)
        due_sum += np.where(counts, due, 0.0) * step
        paid_sum += np.where(counts, np.minimum(got, SHARE_CAP * due), 0.0) * step
        unpaid += counts & (got <= 0.0)
        known += counts
        paid_total += np.where(np.isnan(got), 0.0, got)
        paid_months += ~np.isnan(got)
    return {
        "paid_share_last": share,
        "paid_share_weighted": _ratio(paid_sum, due_sum),
        "paid_share_worst": worst,
        "unpaid_share": _ratio(unpaid, known),
        "paid_last_log_cny": np.log1p(paid[:, last]),
        "paid_mean_log_cny": np.log1p(_ratio(paid_total, paid_months)),
    }


def _of_the_open_bill(
    billed: Floats, paid: Floats, open_bill: Floats, size: Floats
) -> dict[str, Floats]:
    n = len(billed)
    total, months, got = np.zeros(n), np.zeros(n), np.zeros(n)
    for month in range(billed.shape[1]):
        here = ~np.isnan(billed[:, month])
        total += np.where(here, np.maximum(billed[:, month], 0.0), 0.0)
        months += here
        got += np.where(np.isnan(paid[:, month]), 0.0, paid[:, month])
    usual, usually_paid = _ratio(total, months), _ratio(got, months)
    due = np.maximum(open_bill, 0.0)
    first = np.maximum(billed[:, 0], 0.0)
    return {
        "open_bill_log_cny": np.log1p(due),
        "open_bill_jump": np.log1p(due) - np.log1p(usual),
        "bill_trend": np.log1p(due) - np.log1p(first),
        "open_bill_in_payments": np.log1p(due) - np.log1p(usually_paid),
        "size_log": np.log1p(size),
        "open_bill_of_size": _ratio(due, size),
    }


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
