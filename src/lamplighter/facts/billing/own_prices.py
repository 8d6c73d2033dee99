"""How each account's energy is priced: by its tariff where that explains its last bills.

A forecast of money must not look surer than it is: a tariff that does not reproduce what an account
was billed of late (another price list, a bill we do not hold) is set aside for the mean price of
these bills, and the basis says which of the two it was.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.facts.billing import rates

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

BASES = ("", "TARIFF", "OWN_PRICE")
NO_BASIS, TARIFF, OWN_PRICE = range(len(BASES))


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBills:
    """Bills by account, then in the order they were issued; NaN: the bill does not say."""

    account: Integers  # (n_bills,) index of the account
    year: Integers  # (n_bills,) calendar year of issue
    energy_kwh: Floats
    amount_cny: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrices:
    """What the next bill of each account is priced by."""

    rates: rates.Rates
    tariff: Integers  # (n_accounts,) place in the rates
    capacity_kva: Floats  # (n_accounts,)
    valley_share: Floats  # (n_accounts,) of the last bills; NaN: one price, or not known
    used_before_kwh: Floats  # (n_accounts,) in the year of the next bill, before it
    mean_price_cny: Floats  # (n_accounts,) a kWh, of the last bills; NaN: none
    basis: npt.NDArray[np.int8]  # (n_accounts,) place in BASES

    def amounts(self, *, energy_kwh: Floats) -> Floats:
        """Return what the next bill comes to with so much energy [CNY]; NaN: no basis."""
        counted = np.maximum(energy_kwh, 0.0)  # what is fed in is settled elsewhere
        by_tariff = rates.amounts(
            rates=self.rates,
            tariff=self.tariff,
            energy_kwh=counted,
            used_before_kwh=self.used_before_kwh,
            valley_share=self.valley_share,
            capacity_kva=self.capacity_kva,
        )
        by_price = counted * self.mean_price_cny
        return np.select(
            [self.basis == TARIFF, self.basis == OWN_PRICE], [by_tariff, by_price], np.nan
        )


def own_prices(
    *,
    known_rates: rates.Rates,
    tariff: Integers,
    capacity_kva: Floats,
    bills: PastBills,
    next_year: Integers,
    n_bills: int,
    tolerance: float,
) -> OwnPrices:
    """Return how each account's next bill is priced.

    Parameters
    ----------
    tariff, capacity_kva
        By account; rates.UNKNOWN and NaN where nothing is known.
    bills
        Past bills of these accounts.
    next_year
        Calendar year in which each account's next bill will be issued: the steps begin anew.
    n_bills
        How many last bills show the mean price, and have to be explained by the tariff.
    tolerance
        A tariff explains bills if it misses their sum by at most this share.
    """
    n = len(tariff)
    last = _place_from_newest(bills.account, n) < n_bills
    rows = np.flatnonzero(last & (bills.energy_kwh > 0.0) & (bills.amount_cny > 0.0))
    account, energy, amount = bills.account[rows], bills.energy_kwh[rows], bills.amount_cny[rows]
    per_bill: dict[str, Any] = {
        "rates": known_rates,
        "tariff": tariff[account],
        "energy_kwh": energy,
        "used_before_kwh": _used_before(bills)[rows],
        "capacity_kva": capacity_kva[account],
    }
    weighted = rates.valley_shares(**per_bill, amount_cny=amount) * energy
    known = ~np.isnan(weighted)
    valley = _ratio(account[known], weighted[known], energy[known], n)
    valley = np.where((valley < 0.0) | (valley > 1.0), np.nan, valley)
    again = rates.amounts(**per_bill, valley_share=valley[account])
    missed = np.abs(_ratio(account, again - amount, amount, n))
    mean_price = _ratio(account, amount, energy, n)
    used = _used_in(bills, next_year)
    explains = (missed <= tolerance) & ~(_has_steps(known_rates, tariff) & np.isnan(used))
    return OwnPrices(
        rates=known_rates,
        tariff=tariff,
        capacity_kva=capacity_kva,
        valley_share=valley,
        used_before_kwh=used,
        mean_price_cny=mean_price,
        basis=np.select([explains, ~np.isnan(mean_price)], [TARIFF, OWN_PRICE], NO_BASIS).astype(
            np.int8
        ),
    )


def _place_from_newest(account: Integers, n: int) -> Integers:
    count = np.bincount(account, minlength=n)
    return np.asarray(np.cumsum(count)[account] - 1 - np.arange(len(account)))


def _used_before(bills: PastBills) -> Floats:
    """Return the energy of the same account and year before each bill; NaN: one does not say."""
    key = bills.account * 10_000 + bills.year
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(bills.energy_kwh))])
    silent = np.concatenate([[0], np.cumsum(np.isnan(bills.energy_kwh))])
    here = np.arange(len(key))
    begin = np.maximum.accumulate(np.where(np.diff(key, prepend=-1) != 0, here, 0))
    used = np.maximum(total[here] - total[begin], 0.0)
    return np.asarray(np.where(silent[here] > silent[begin], np.nan, used))


def _used_in(bills: PastBills, year: Integers) -> Floats:
    """Return the energy each account was billed in a year so far; NaN: a bill does not say."""
    chosen = bills.year == year[bills.account]
    weights = np.where(chosen, bills.energy_kwh, 0.0)
    used = np.bincount(bills.account, weights=weights, minlength=len(year))
    return np.asarray(np.maximum(used, 0.0))


def _ratio(account: Integers, part: Floats, whole: Floats, n: int) -> Floats:
    """Return sum of parts over sum of wholes by account; NaN: none."""
    top = np.bincount(account, weights=part, minlength=n)
    base = np.bincount(account, weights=whole, minlength=n)
    ratio: Floats = np.divide(top, base, out=np.full(n, np.nan), where=base > 0.0)
    return ratio


def _has_steps(known: rates.Rates, tariff: Integers) -> Booleans:
    steps = np.append(np.any(known.surcharges_cny_per_kwh > 0.0, axis=1), False)
    return np.asarray(steps[np.where(tariff >= 0, tariff, len(steps) - 1)])
