"""What energy costs under a tariff, for many accounts at once: for estimates, in floats.

Bills themselves are priced exactly by :mod:`lamplighter.facts.billing.pricing`, which these
amounts equal before rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.facts.billing import pricing

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

ONE_PRICE = ("all",)
TWO_PRICES = ("peak", "valley")
UNKNOWN = -1
NO_LIMIT_KWH = 1e15
LEAST_ENERGY_KWH = 1.0  # below, a bill says nothing of when energy was used


class QuantityWrong(ValueError):
    """An energy or a capacity is negative, or a share lies outside 0…1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Prices of several tariffs; NaN where a tariff cannot be applied to a day's total."""

    codes: tuple[str, ...]
    peak_cny_per_kwh: Floats  # (n_tariffs,)
    valley_cny_per_kwh: Floats  # (n_tariffs,) the same where there is one price
    limits_kwh: Floats  # (n_tariffs, n_steps) of the calendar year; NO_LIMIT_KWH: no further step
    surcharges_cny_per_kwh: Floats  # (n_tariffs, n_steps + 1)
    capacity_cny_per_kva_month: Floats  # (n_tariffs,)

    def places(self, *, codes: Sequence[str]) -> Integers:
        """Return the place of each code here; UNKNOWN where the policy has no such tariff."""
        place = {code: number for number, code in enumerate(self.codes)}
        return np.array([place.get(code, UNKNOWN) for code in codes], np.int64)


def rates_of(*, tariffs: Sequence[pricing.Tariff]) -> Rates:
    """Return the prices of tariffs as arrays.

    A tariff with other periods than one, or peak and valley, is kept with NaN: a day's total
    does not say what it costs.
    """
    n_steps = max((len(one.step_limits_kwh) for one in tariffs), default=0)
    limits = np.full((len(tariffs), n_steps), NO_LIMIT_KWH)
    surcharges = np.zeros((len(tariffs), n_steps + 1))
    base = np.full((len(tariffs), 2), np.nan)
    for row, one in enumerate(tariffs):
        n_own = len(one.step_limits_kwh)
        limits[row, :n_own] = [float(limit) for limit in one.step_limits_kwh]
        surcharges[row, : n_own + 1] = [float(s) for s in one.step_surcharges_cny_per_kwh]
        periods = tuple(sorted(one.base_cny_per_kwh))
        if periods in (ONE_PRICE, TWO_PRICES):
            base[row] = [float(one.base_cny_per_kwh[periods[i]]) for i in (0, -1)]
    return Rates(
        codes=tuple(one.code for one in tariffs),
        peak_cny_per_kwh=base[:, 0],
        valley_cny_per_kwh=base[:, 1],
        limits_kwh=limits,
        surcharges_cny_per_kwh=surcharges,
        capacity_cny_per_kva_month=np.array(
            [float(one.capacity_cny_per_kva_month) for one in tariffs]
        ),
    )


def amounts(
    *,
    rates: Rates,
    tariff: Integers,
    energy_kwh: Floats,
    used_before_kwh: Floats,
    valley_share: Floats,
    capacity_kva: Floats,
) -> Floats:
    """Return what a month's energy costs each account [CNY]; NaN where a part is not known.

    Parameters
    ----------
    tariff
        Place in the rates; UNKNOWN: none.
    energy_kwh, used_before_kwh
        Energy of the bill, and of the same calendar year before it. [kWh]
    valley_share
        Share of the bill's energy at the valley price; only asked where there are two prices.
    capacity_kva
        Contracted capacity; only asked where the tariff prices it. [kVA]

    Raises
    ------
    QuantityWrong
        A negative energy or capacity, or a share outside 0…1.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from lamplighter.policy.loader import Words
    >>> two_steps = pricing.Tariff(
    ...     code="X", name=Words(zh="例", en="example"), version="tariffs/2014-11-01",
    ...     base_cny_per_kwh={"all": Decimal("0.538")}, step_limits_kwh=(Decimal(2760),),
    ...     step_surcharges_cny_per_kwh=(Decimal(0), Decimal("0.05")),
    ...     capacity_cny_per_kva_month=Decimal(0),
    ... )
    >>> nan = np.array([np.nan])
    >>> amounts(
    ...     rates=rates_of(tariffs=[two_steps]), tariff=np.array([0]),
    ...     energy_kwh=np.array([100.0]), used_before_kwh=np.array([2700.0]),
    ...     valley_share=nan, capacity_kva=nan,
    ... ).round(2)
    array([55.8])
    """
    for quantity in (energy_kwh, used_before_kwh, capacity_kva, valley_share):
        if np.any(quantity < 0.0):
            raise QuantityWrong(f"{np.count_nonzero(quantity < 0.0)} below 0")
    if np.any(valley_share > 1.0):
        raise QuantityWrong(f"{np.count_nonzero(valley_share > 1.0)} shares above 1")
    peak = _of(rates.peak_cny_per_kwh, tariff)
    valley = _of(rates.valley_cny_per_kwh, tariff)
    share = np.where(peak == valley, 0.0, valley_share)
    base = energy_kwh * (peak - share * (peak - valley))
    return np.asarray(
        base + _besides(rates, tariff, energy_kwh, used_before_kwh, capacity_kva), np.float64
    )


def valley_shares(
    *,
    rates: Rates,
    tariff: Integers,
    energy_kwh: Floats,
    used_before_kwh: Floats,
    capacity_kva: Floats,
    amount_cny: Floats,
) -> Floats:
    """Return the share of each bill's energy that the valley price explains, from its amount.

    Parameters
    ----------
    tariff, energy_kwh, used_before_kwh, capacity_kva
        As for :func:`amounts`, one entry a bill.
    amount_cny
        What was billed. [CNY]

    Returns
    -------
    (n_bills,) float64
        Within 0…1 if the tariff can explain the bill; NaN where a part is not known or there is
        one price.

    Examples
    --------
    >>> import decimal
    >>> from lamplighter.policy.loader import Words
    >>> night = pricing.Tariff(
    ...     code="N", name=Words(zh="例", en="example"), version="tariffs/2014-11-01",
    ...     base_cny_per_kwh={"peak": decimal.Decimal("0.6"), "valley": decimal.Decimal("0.3")},
    ...     step_limits_kwh=(), step_surcharges_cny_per_kwh=(decimal.Decimal(0),),
    ...     capacity_cny_per_kva_month=decimal.Decimal(0),
    ... )
    >>> valley_shares(
    ...     rates=rates_of(tariffs=[night]), tariff=np.array([0]), energy_kwh=np.array([100.0]),
    ...     used_before_kwh=np.array([0.0]), capacity_kva=np.array([np.nan]),
    ...     amount_cny=np.array([48.0]),
    ... ).round(3)
    array([0.4])
    """
    peak = _of(rates.peak_cny_per_kwh, tariff)
    apart = peak - _of(rates.valley_cny_per_kwh, tariff)
    besides = _besides(rates, tariff, energy_kwh, used_before_kwh, capacity_kva)
    usable = (apart > 0.0) & (energy_kwh >= LEAST_ENERGY_KWH)
    shares: Floats = np.divide(
        energy_kwh * peak + besides - amount_cny,
        energy_kwh * apart,
        out=np.full(len(energy_kwh), np.nan),
        where=usable,
    )
    return shares


def _besides(
    rates: Rates, tariff: Integers, energy: Floats, before: Floats, capacity: Floats
) -> Floats:
    """Return the surcharges of the steps and the price of the capacity."""
    rate = _of(rates.capacity_cny_per_kva_month, tariff)
    cost = np.where(rate > 0.0, rate * capacity, 0.0)
    low = np.zeros(len(energy))
    for step in range(rates.surcharges_cny_per_kwh.shape[1]):
        extra = _of(rates.surcharges_cny_per_kwh[:, step], tariff)
        last = step == rates.limits_kwh.shape[1]
        high = (
            np.full(len(energy), NO_LIMIT_KWH) if last else _of(rates.limits_kwh[:, step], tariff)
        )
        inside = np.clip(before + energy, low, high) - np.clip(before, low, high)
        # Where no step costs more it does not matter how much was used before.
        cost = cost + np.where(extra > 0.0, extra * inside, 0.0)
        low = high
    return cost


def _of(values: Floats, tariff: Integers) -> Floats:
    """Return each account's entry; NaN without a known tariff."""
    padded = np.append(values, np.nan)
    return np.asarray(padded[np.where(tariff >= 0, tariff, len(values))])
