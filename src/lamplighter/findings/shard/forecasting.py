"""The running bill of each account: energy by the kernel, money by its tariff or own price."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from lamplighter.facts.billing import own_prices, pricing, rates
from lamplighter.findings.rules import Rules
from lamplighter.findings.shard.deciding import USAGE_POLICIES, Decided
from lamplighter.findings.shard.facts import EPOCH, Floats, Integers, day_number, month_number
from lamplighter.findings.shard.sharing import Shared
from lamplighter.insight.forecast import month


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """The running bill by account; NaN where it cannot be foreseen."""

    energy_kwh: Floats
    low_kwh: Floats
    high_kwh: Floats
    amount_cny: Floats
    low_cny: Floats
    high_cny: Floats
    basis: npt.NDArray[np.str_]  # TARIFF, OWN_PRICE, or empty where no amount is foreseen


def forecasts(*, decided: Decided, rules: Rules, shared: Shared | None = None) -> Forecasts:
    """Forecast the bill that runs from the day after each account's last billed day."""
    energy, low, high = (shared or Shared()).once(
        what="energy ahead",
        rules=rules,
        policies=(*USAGE_POLICIES, "forecast"),
        find=lambda: _energies(decided=decided, rules=rules),
    )
    prices = _prices(decided=decided, rules=rules)
    # More energy never costs less, so the ends of the energy are the ends of the amount.
    amounts = [prices.amounts(energy_kwh=kwh) for kwh in (energy, low, high)]
    known = np.isfinite(amounts[0])
    return Forecasts(
        energy_kwh=energy,
        low_kwh=low,
        high_kwh=high,
        amount_cny=amounts[0],
        low_cny=amounts[1],
        high_cny=amounts[2],
        basis=np.where(known, np.array(own_prices.BASES)[prices.basis], ""),
    )


def _energies(*, decided: Decided, rules: Rules) -> tuple[Floats, Floats, Floats]:
    """Return the energy of the running bill by account, and its low and high end."""
    facts, of = decided.facts, decided.stood
    n = of.n_accounts
    energy, low, high = np.full((3, n), np.nan)
    if decided.usage is not None:
        last_billed = np.zeros(n, np.int64)
        np.maximum.at(last_billed, of.account, of.last_day)
        account = facts.index_of(facts.points.account_id)
        point_first = last_billed[account] + 1
        for first in np.unique(point_first[point_first > 1]):
            end = last_day_of_bill(first=int(first))
            if not first <= facts.as_of_day <= end:
                continue  # the running bill has no measured day yet, or bills have stopped coming
            rows = np.flatnonzero(point_first == first)
            found = month.forecast_month(
                adjusted=decided.usage.adjusted,
                first_day=np.datetime64(int(first), "D"),
                last_day=np.datetime64(end, "D"),
                policy=rules.forecast,
                rows=rows,
            )
            owners = np.unique(account[rows])
            for target, values in (
                (energy, found.forecast_kwh),
                (low, found.low_kwh),
                (high, found.high_kwh),
            ):
                # Not known as soon as one point of the account is not.
                target[owners] = np.bincount(account[rows], values, minlength=n)[owners]
    return energy, low, high


def last_day_of_bill(*, first: int) -> int:
    """Return the last day of the bill that begins on a day: as many days as that month has.

    >>> from lamplighter.findings.shard.facts import day_number
    >>> last_day_of_bill(first=day_number(date(2026, 11, 18))) - day_number(date(2026, 11, 18))
    29
    """
    begins = date.fromordinal(EPOCH.toordinal() + first)
    following = begins.replace(day=1).toordinal() + 31
    next_month = date.fromordinal(following).replace(day=1)
    return day_number(next_month) - day_number(begins.replace(day=1)) + first - 1


def _prices(*, decided: Decided, rules: Rules) -> own_prices.OwnPrices:
    """Return how each account's running bill is priced: the bills of its year stand before it."""
    facts, of = decided.facts, decided.stood
    place = rules.rates.places(codes=pricing.known_codes())
    tariff = np.append(place, rates.UNKNOWN)[facts.accounts.tariff]
    last_billed = np.zeros(of.n_accounts, np.int64)
    np.maximum.at(last_billed, of.account, of.last_day)
    ends = np.array([last_day_of_bill(first=int(day) + 1) for day in np.unique(last_billed)])
    next_end = ends[np.searchsorted(np.unique(last_billed), last_billed)] if len(ends) else ends
    return own_prices.own_prices(
        known_rates=rules.rates,
        tariff=tariff,
        capacity_kva=facts.accounts.capacity_kva,
        bills=own_prices.PastBills(
            account=of.account,
            year=_year(of.issued_day),
            energy_kwh=of.energy_kwh,
            amount_cny=of.amount_fen / 100.0,
        ),
        next_year=_year(next_end),
        n_bills=rules.night.price_bills,
        tolerance=rules.tariff_fit_share,
    )


def _year(days: Integers) -> Integers:
    return month_number(days) // 12 + 1970
