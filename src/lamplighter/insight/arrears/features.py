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
AMOUNTS = (  # whose logs are taken
    *("paid_last", "paid_before", "paid_mean", "paid_most", "due", "billed_mean", "billed_first"),
    *("size_left", "charge_last", "charges_mean"),
)


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
    from lamplighter.insight.arrears import months as loops  # late: pages must not wait for numba

    billed, paid, delay, open_bill, sizes = (
        np.ascontiguousarray(table, np.float64)
        for table in (billed_cny, paid_cny, delay_months, open_bill_cny, size)
    )
    weight = _weights(billed.shape[1], recency)
    on_bills = loops.of_bills(billed, paid, open_bill, sizes, is_credit_line, CHARGES_CAP)
    found = dict(
        zip(
            (*loops.DELAYS, *loops.PAYMENTS, *loops.BILLS),
            (
                *loops.of_delays(delay, _weights(delay.shape[1], recency), A_MONTH),
                *loops.of_payments(billed, paid, weight, SHARE_CAP),
                *on_bills,
            ),
            strict=True,
        )
    )
    if not is_credit_line:
        found["size_left"] = np.full(len(billed), np.nan)
    found |= _logs(found, sizes)
    found["method"] = np.where(method_code >= 0, method_code.astype(np.float64), np.nan)
    values = np.stack([found[name] for name in NAMES])  # read feature by feature
    return Features(names=NAMES, values=values.T)


def _weights(n_months: int, recency: float) -> Floats:
    return np.array([recency ** (n_months - 1 - month) for month in range(n_months)])


def _logs(found: dict[str, Floats], size: Floats) -> dict[str, Floats]:
    """Return the features that are logs of amounts."""
    amounts = np.stack([*(found[name] for name in AMOUNTS), size])
    log = dict(zip((*AMOUNTS, "size"), np.log1p(amounts), strict=True))
    return {
        "paid_last_log_cny": log["paid_last"],
        "paid_before_log_cny": log["paid_before"],
        "paid_mean_log_cny": log["paid_mean"],
        "paid_most_log_cny": log["paid_most"],
        "open_bill_log_cny": log["due"],
        "open_bill_jump": log["due"] - log["billed_mean"],
        "bill_trend": log["due"] - log["billed_first"],
        "open_bill_in_payments": log["due"] - log["paid_mean"],
        "size_log": log["size"],
        "size_left_log_cny": log["size_left"],
        "charge_last_log_cny": log["charge_last"],
        "charges_mean_log_cny": log["charges_mean"],
    }


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
