"""The running bill of each account: energy by the kernel, money by the account's own price."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from lamplighter.findings.deciding import Decided
from lamplighter.findings.facts import EPOCH, Floats, day_number
from lamplighter.findings.rules import Rules
from lamplighter.findings.standing import by_month
from lamplighter.insight.forecast import month


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """The running bill by account; NaN where it cannot be foreseen."""

    energy_kwh: Floats
    low_kwh: Floats
    high_kwh: Floats
    price_cny_per_kwh: Floats


def forecasts(*, decided: Decided, rules: Rules) -> Forecasts:
    """Forecast the bill that runs from the day after each account's last billed day."""
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
            found = month.forecast_month(
                adjusted=decided.usage.adjusted,
                first_day=np.datetime64(int(first), "D"),
                last_day=np.datetime64(end, "D"),
                policy=rules.forecast,
            )
            rows = point_first == first
            owners = np.unique(account[rows])
            for target, values in (
                (energy, found.forecast_kwh),
                (low, found.low_kwh),
                (high, found.high_kwh),
            ):
                # Not known as soon as one point of the account is not.
                target[owners] = np.bincount(account[rows], values[rows], minlength=n)[owners]
    return Forecasts(
        energy_kwh=energy,
        low_kwh=low,
        high_kwh=high,
        price_cny_per_kwh=_own_price(decided=decided, n_bills=rules.night.price_bills),
    )


def last_day_of_bill(*, first: int) -> int:
    """Return the last day of the bill that begins on a day: as many days as that month has.

    >>> from lamplighter.findings.facts import day_number
    >>> last_day_of_bill(first=day_number(date(2026, 11, 18))) - day_number(date(2026, 11, 18))
    29
    """
    begins = date.fromordinal(EPOCH.toordinal() + first)
    following = begins.replace(day=1).toordinal() + 31
    next_month = date.fromordinal(following).replace(day=1)
    return day_number(next_month) - day_number(begins.replace(day=1)) + first - 1


def _own_price(*, decided: Decided, n_bills: int) -> Floats:
    of = decided.stood
    amount = by_month(of=of, values=of.amount_fen / 100.0, n_months=n_bills)
    energy = by_month(of=of, values=of.energy_kwh, n_months=n_bills)
    known = np.isfinite(amount) & np.isfinite(energy) & (energy > 0) & (amount > 0)
    total = np.where(known, energy, 0.0).sum(axis=1)
    price: Floats = np.where(
        total > 0, np.where(known, amount, 0.0).sum(axis=1) / np.maximum(total, 1e-9), np.nan
    )
    return price
