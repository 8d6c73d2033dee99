"""What months of bills and payments say of each account, in one pass over its months, compiled.

Import this late: pages and commands that foresee nothing must not wait for numba. Logarithms are
left to numpy, which takes many at once.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]

DELAYS = (
    *("delay_last", "delay_before", "delay_third", "delay_worst", "delay_worst_before"),
    *("delay_mean", "delay_step", "lateness_mean", "delay_weighted", "late_share"),
    *("late_over_a_month_share", "early_share", "late_streak", "months_since_late"),
)
PAYMENTS = (
    *("paid_share_last", "paid_share_before", "paid_share_weighted", "paid_share_worst"),
    *("paid_share_best", "unpaid_share", "paid_last", "paid_before", "paid_mean", "paid_most"),
)
BILLS = (
    *("due", "billed_mean", "billed_first", "bill_spread", "open_bill_of_size"),
    *("bills_of_size_mean", "bills_of_size_most", "bills_of_size_least", "size_left"),
    *("charge_last", "charges_mean", "charges_of_size", "paid_of_size", "paid_of_charges"),
)


@njit(cache=True, nogil=True, error_model="numpy")
def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _above(value: float, least: float) -> float:
    """Return the larger; NaN stays."""
    if value < least:
        return least
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def _below(value: float, most: float) -> float:
    """Return the smaller; NaN stays."""
    if value > most:
        return most
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def of_delays(delay: Floats, weight: Floats, a_month: float) -> Floats:
    """Return what delays say.

    Parameters
    ----------
    delay : (n_accounts, n_delays) float64
        How late each bill was paid, the oldest first. [months] NaN: not known.
    weight : (n_delays,) float64
        How much each counts. [share]
    a_month : float
        Above this a delay is long. [months]

    Returns
    -------
    (len(DELAYS), n_accounts) float64
        A row a feature; NaN where it cannot be known. [see ``features``]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> found = of_delays(np.array([[0.0, 2.0]]), np.array([0.5, 1.0]), 1.0)
    >>> dict(zip(DELAYS, found[:, 0].round(2).tolist()))["delay_weighted"]
    1.33
    """
    n_rows, n_months = delay.shape
    out = np.empty((14, n_rows))
    for row in range(n_rows):
        worst = worst_before = np.nan
        streak, since = 0.0, float(n_months)
        weighted = whole = total = lateness = late = early = long = known = 0.0
        for month in range(n_months):
            now = delay[row, month]
            worst_before = worst
            if now == now:
                if not worst >= now:
                    worst = now
                weighted += now * weight[month]
                whole += weight[month]
                total += now
                lateness += _above(now, 0.0)
                known += 1.0
                streak = streak + 1.0 if now > 0.0 else 0.0
                since = float(n_months - 1 - month) if now > 0.0 else since
                late += now > 0.0
                long += now > a_month
                early += now < 0.0
        out[0, row] = delay[row, n_months - 1]
        out[1, row] = delay[row, n_months - 2] if n_months > 1 else np.nan
        out[2, row] = delay[row, n_months - 3] if n_months > 2 else np.nan
        out[3, row], out[4, row] = worst, worst_before
        out[5, row], out[6, row] = _ratio(total, known), out[0, row] - out[1, row]
        out[7, row], out[8, row] = _ratio(lateness, known), _ratio(weighted, whole)
        out[9, row], out[10, row] = _ratio(late, known), _ratio(long, known)
        out[11, row] = _ratio(early, known)
        out[12, row] = streak if known > 0.0 else np.nan
        out[13, row] = since if known > 0.0 else np.nan
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def of_payments(billed: Floats, paid: Floats, weight: Floats, cap: float) -> Floats:
    """Return what payments say, amounts as they are.

    Parameters
    ----------
    billed, paid : (n_accounts, n_months) float64
        Bills and what was paid of them, the oldest first. [CNY] NaN: not known.
    weight : (n_months,) float64
        How much each counts. [share]
    cap : float
        Paying more than this part of a bill says nothing further. [share]

    Returns
    -------
    (len(PAYMENTS), n_accounts) float64
        A row a feature; NaN where it cannot be known. [share, CNY]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> found = of_payments(
    ...     np.array([[100.0, 100.0]]), np.array([[100.0, 50.0]]), np.array([0.5, 1.0]), 1.5
    ... )
    >>> dict(zip(PAYMENTS, found[:, 0].round(3).tolist()))["paid_share_weighted"]
    0.667
    """
    n_rows, n_months = billed.shape
    out = np.empty((10, n_rows))
    for row in range(n_rows):
        worst = best = most = share = share_before = np.nan
        due_sum = paid_sum = unpaid = known = total = there = 0.0
        for month in range(n_months):
            due, got = billed[row, month], paid[row, month]
            share_before, share = share, np.nan
            if got == got:
                if not most >= got:
                    most = got
                total += got
                there += 1.0
                if due > 0.0:
                    share = _below(got / due, cap)
                    if not worst <= share:
                        worst = share
                    if not best >= share:
                        best = share
                    due_sum += due * weight[month]
                    paid_sum += _below(got, cap * due) * weight[month]
                    unpaid += got <= 0.0
                    known += 1.0
        out[0, row], out[1, row] = share, share_before
        out[2, row], out[3, row], out[4, row] = _ratio(paid_sum, due_sum), worst, best
        out[5, row], out[6, row] = _ratio(unpaid, known), paid[row, n_months - 1]
        out[7, row] = paid[row, n_months - 2] if n_months > 1 else np.nan
        out[8, row], out[9, row] = _ratio(total, there), most
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def of_bills(
    billed: Floats,
    paid: Floats,
    open_bill: Floats,
    size: Floats,
    runs_on: bool,
    cap: float,
) -> Floats:
    """Return what bills, the open one and the size say, amounts as they are.

    Parameters
    ----------
    billed, paid : (n_accounts, n_months) float64
        Bills and what was paid of them, the oldest first. [CNY] NaN: not known.
    open_bill : (n_accounts,) float64
        The bill whose payment is to be foreseen. [CNY] NaN: not issued yet.
    size : (n_accounts,) float64
        Capacity, or limit. [kVA or CNY] NaN: not known.
    runs_on : bool
        A bill carries the unpaid rest of the one before. [1]
    cap : float
        Paying more than this part of all that was charged says nothing further. [share]

    Returns
    -------
    (len(BILLS), n_accounts) float64
        A row a feature; NaN where it cannot be known. [CNY, share]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> one, two = np.array([[80.0]]), np.array([100.0])
    >>> found = of_bills(one, one, two, np.array([200.0]), False, 5.0)
    >>> dict(zip(BILLS, found[:, 0].tolist()))["open_bill_of_size"]
    0.5
    """
    n_rows, n_months = billed.shape
    out = np.empty((14, n_rows))
    for row in range(n_rows):
        last, of_all = open_bill[row], size[row]
        due = _above(last, 0.0)
        total = squares = positive = there = 0.0
        charged = charges = got = n_got = 0.0
        most = least = due
        for month in range(n_months + 1):
            bill = billed[row, month] if month < n_months else last
            if bill == bill:
                total += bill
                squares += bill * bill
                positive += _above(bill, 0.0)
                there += 1.0
                if month < n_months and not most >= _above(bill, 0.0):
                    most = _above(bill, 0.0)
                if month < n_months and not least <= _above(bill, 0.0):
                    least = _above(bill, 0.0)
        mean_billed, n_billed = 0.0, 0.0
        charge = np.nan
        for month in range(n_months):
            bill, pays = billed[row, month], paid[row, month]
            following = billed[row, month + 1] if month + 1 < n_months else last
            if bill == bill:
                mean_billed += _above(bill, 0.0)
                n_billed += 1.0
            if pays == pays:
                got += pays
                n_got += 1.0
            charge = following - bill + pays if runs_on else following
            if charge == charge:
                charges += _above(charge, 0.0)
                charged += 1.0
        mean, mean_charge = _ratio(total, there), _ratio(charges, charged)
        usual, mean_paid = _ratio(mean_billed, n_billed), _ratio(got, n_got)
        spread = np.sqrt(_above(_ratio(squares, there) - mean * mean, 0.0))
        out[0, row], out[1, row], out[2, row] = due, usual, _above(billed[row, 0], 0.0)
        out[3, row], out[4, row] = _ratio(spread, abs(mean)), _ratio(due, of_all)
        out[5, row] = _ratio(_ratio(positive, there), of_all)
        out[6, row], out[7, row] = _ratio(most, of_all), _ratio(least, of_all)
        out[8, row], out[9, row] = _above(of_all - due, 0.0), _above(charge, 0.0)
        out[10, row], out[11, row] = mean_charge, _ratio(mean_charge, of_all)
        out[12, row] = _ratio(mean_paid, of_all)
        out[13, row] = _below(_ratio(mean_paid, mean_charge if runs_on else usual), cap)
    return out
