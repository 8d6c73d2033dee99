"""Which price the next bill is foreseen by: the tariff only where it explains the last bills."""

import numpy as np
import pytest

from lamplighter.facts.billing import own_prices, rates
from tests.facts.billing.test_rates import RATES

STEPS, NIGHT = RATES.codes.index("RES_TIER_2024"), RATES.codes.index("RES_TOU_2024")


def bills_of(place, *, energies, valley=0.4, year=2026, factor=1.0):
    """Return one account's bills of one year under a tariff, times a factor."""
    energy = np.array(energies, np.float64)
    before = np.concatenate([[0.0], np.cumsum(energy)[:-1]])
    n = len(energy)
    amount = rates.amounts(
        rates=RATES,
        tariff=np.full(n, place),
        energy_kwh=energy,
        used_before_kwh=before,
        valley_share=np.full(n, valley),
        capacity_kva=np.full(n, np.nan),
    )
    return own_prices.PastBills(
        account=np.zeros(n, np.int64),
        year=np.full(n, year),
        energy_kwh=energy,
        amount_cny=factor * amount,
    )


def priced(place, bills, *, next_year=2026, n=1):
    return own_prices.own_prices(
        known_rates=RATES,
        tariff=np.full(n, place),
        capacity_kva=np.full(n, np.nan),
        bills=bills,
        next_year=np.full(n, next_year),
        n_bills=3,
        tolerance=0.02,
    )


def test_the_next_bill_stands_in_the_steps_where_the_year_has_come_to():
    found = priced(STEPS, bills_of(STEPS, energies=[700.0, 700.0, 700.0, 600.0]))

    # 2,700 kWh so far: 60 kWh remain in the first step, 40 stand in the second.
    assert own_prices.BASES[found.basis[0]] == "TARIFF"
    assert found.amounts(energy_kwh=np.array([100.0]))[0] == pytest.approx(100 * 0.538 + 40 * 0.05)


def test_a_new_year_begins_with_the_first_step():
    found = priced(STEPS, bills_of(STEPS, energies=[900.0] * 6), next_year=2027)

    assert found.amounts(energy_kwh=np.array([100.0]))[0] == pytest.approx(53.8)


def test_the_share_at_night_comes_from_the_bills():
    found = priced(NIGHT, bills_of(NIGHT, energies=[200.0] * 4, valley=0.35))

    assert found.valley_share[0] == pytest.approx(0.35)
    assert found.amounts(energy_kwh=np.array([100.0]))[0] == pytest.approx(65 * 0.568 + 35 * 0.288)


@pytest.mark.parametrize(("place", "factor"), [(STEPS, 1.3), (NIGHT, 1.9), (rates.UNKNOWN, 1.0)])
def test_a_tariff_that_does_not_explain_the_bills_gives_way_to_their_mean_price(place, factor):
    of = STEPS if place == rates.UNKNOWN else place
    bills = bills_of(of, energies=[200.0] * 4, factor=factor)

    found = priced(place, bills)

    assert own_prices.BASES[found.basis[0]] == "OWN_PRICE"
    mean = bills.amount_cny[-3:].sum() / 600.0
    assert found.amounts(energy_kwh=np.array([50.0]))[0] == pytest.approx(50 * mean)


def test_a_bill_without_energy_leaves_the_step_unknown():
    bills = bills_of(STEPS, energies=[200.0] * 6)
    bills.energy_kwh[0] = np.nan

    assert own_prices.BASES[priced(STEPS, bills).basis[0]] == "OWN_PRICE"
    assert own_prices.BASES[priced(STEPS, bills, next_year=2027).basis[0]] == "OWN_PRICE"


def test_without_bills_there_is_no_basis():
    nobody = own_prices.PastBills(
        account=np.empty(0, np.int64),
        year=np.empty(0, np.int64),
        energy_kwh=np.empty(0),
        amount_cny=np.empty(0),
    )

    found = priced(STEPS, nobody, n=2)

    assert found.basis.tolist() == [own_prices.NO_BASIS] * 2
    assert np.isnan(found.amounts(energy_kwh=np.array([1.0, 2.0]))).all()


def test_accounts_do_not_touch_each_other():
    one, other = bills_of(STEPS, energies=[700.0] * 5), bills_of(STEPS, energies=[100.0] * 2)
    both = own_prices.PastBills(
        account=np.repeat([0, 1], [5, 2]),
        year=np.concatenate([one.year, other.year]),
        energy_kwh=np.concatenate([one.energy_kwh, other.energy_kwh]),
        amount_cny=np.concatenate([one.amount_cny, other.amount_cny]),
    )

    found = priced(STEPS, both, n=2)

    assert found.used_before_kwh.tolist() == [3500.0, 200.0]
    assert found.mean_price_cny[1] == priced(STEPS, other).mean_price_cny[0]
