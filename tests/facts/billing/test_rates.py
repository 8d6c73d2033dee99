"""Many accounts priced at once: the same as one by one, exactly priced."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.facts.billing import pricing, rates
from lamplighter.policy import loader

POLICY = loader.load(name="tariffs", on=date(2026, 11, 24))
TARIFFS = [pricing.tariff(policy=POLICY, code=code) for code in pricing.codes(policy=POLICY)]
RATES = rates.rates_of(tariffs=TARIFFS)
NAN = float("nan")


def priced(place, *, energy=100.0, before=0.0, share=0.0, capacity=0.0):
    return rates.amounts(
        rates=RATES,
        tariff=np.array([place]),
        energy_kwh=np.array([energy]),
        used_before_kwh=np.array([before]),
        valley_share=np.array([share]),
        capacity_kva=np.array([capacity]),
    )[0]


@given(
    place=st.integers(0, len(TARIFFS) - 1),
    energy=st.integers(0, 9_000),
    before=st.integers(0, 9_000),
    share=st.integers(0, 100),
    capacity=st.integers(0, 900),
)
def test_is_what_one_bill_costs(place, energy, before, share, capacity):
    tariff = TARIFFS[place]
    valley = Decimal(energy * share) / 100
    periods = {"peak": energy - valley, "valley": valley}
    exact = pricing.price(
        tariff=tariff,
        energy_kwh=periods if len(tariff.base_cny_per_kwh) == 2 else {"all": Decimal(energy)},
        used_before_kwh=Decimal(before),
        capacity_kva=Decimal(capacity),
        n_months=1,
    ).exact_cny

    found = priced(place, energy=energy, before=before, share=share / 100, capacity=capacity)

    assert found == pytest.approx(float(exact), abs=1e-6)


@given(place=st.integers(0, len(TARIFFS) - 1), energy=st.floats(0, 5_000), more=st.floats(0, 5_000))
def test_more_energy_never_costs_less(place, energy, more):
    before = np.random.default_rng(1).uniform(0, 5_000)

    less = priced(place, energy=energy, before=before, share=0.4, capacity=10.0)

    assert priced(place, energy=energy + more, before=before, share=0.4, capacity=10.0) >= less


@given(share=st.floats(0, 1), energy=st.floats(1, 4_000), before=st.floats(0, 6_000))
def test_the_share_at_night_is_found_again_in_the_amount(share, energy, before):
    place = RATES.codes.index("RES_TOU_2024")
    amount = priced(place, energy=energy, before=before, share=share)

    [found] = rates.valley_shares(
        rates=RATES,
        tariff=np.array([place]),
        energy_kwh=np.array([energy]),
        used_before_kwh=np.array([before]),
        capacity_kva=np.array([NAN]),
        amount_cny=np.array([amount]),
    )

    assert found == pytest.approx(share, abs=1e-6)


def test_what_is_not_known_gives_no_amount():
    tou, steps = RATES.codes.index("RES_TOU_2024"), RATES.codes.index("RES_TIER_2024")
    large, flat = RATES.codes.index("LARGE_INDUSTRY_TOU"), RATES.codes.index("GENERAL")

    assert np.isnan(priced(rates.UNKNOWN))
    assert np.isnan(priced(tou, share=NAN))
    assert np.isnan(priced(large, share=0.4, capacity=NAN))
    assert np.isnan(priced(steps, before=NAN))
    assert np.isnan(priced(steps, energy=NAN))
    assert priced(flat, before=NAN, share=NAN, capacity=NAN) > 0.0


def test_a_tariff_of_three_periods_cannot_be_applied_to_a_day():
    three = pricing.Tariff(
        code="3",
        name=TARIFFS[0].name,
        version="x",
        base_cny_per_kwh={"peak": Decimal(3), "flat": Decimal(2), "valley": Decimal(1)},
        step_limits_kwh=(),
        step_surcharges_cny_per_kwh=(Decimal(0),),
        capacity_cny_per_kva_month=Decimal(0),
    )

    assert np.isnan(rates.rates_of(tariffs=[three]).peak_cny_per_kwh[0])


@pytest.mark.parametrize("wrong", [{"energy": -1.0}, {"before": -1.0}, {"share": 1.1}])
def test_refuses_what_cannot_be(wrong):
    with pytest.raises(rates.QuantityWrong):
        priced(0, **wrong)


def test_says_which_codes_it_does_not_know():
    assert RATES.places(codes=["AGRI", "MOON"]).tolist() == [
        RATES.codes.index("AGRI"),
        rates.UNKNOWN,
    ]
    assert rates.rates_of(tariffs=[]).codes == ()
