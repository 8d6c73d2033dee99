"""Prices are exact: they never fall with more energy, and parts add up to the whole."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.facts.billing import cycle, pricing
from lamplighter.policy import loader
from tests.factories import TODAY

POLICY = loader.load(name="tariffs", on=TODAY)
TARIFFS = [pricing.tariff(policy=POLICY, code=code) for code in pricing.codes(policy=POLICY)]
ENERGY = st.decimals(0, 6000, places=2)
STEPS = pricing.tariff(policy=POLICY, code="RES_TIER_2024")


def priced(tariff, energy, before):
    periods = list(tariff.base_cny_per_kwh)
    by_period = dict.fromkeys(periods, Decimal(0)) | {periods[0]: energy}
    return pricing.price(tariff=tariff, energy_kwh=by_period, used_before_kwh=before)


@pytest.mark.parametrize(
    ("used", "energy", "amount"),
    [
        ("0", "2760", "1484.88"),  # 2760 × 0.538
        ("2760", "1", "0.59"),  # 0.588
        ("4800", "100", "83.80"),  # 0.838
        ("2700", "2200", "1315.60"),  # 60 × 0.538 + 2040 × 0.588 + 100 × 0.838
        ("0", "0", "0.00"),
    ],
)
def test_the_published_steps_by_hand(used, energy, amount):
    assert priced(STEPS, Decimal(energy), Decimal(used)).amount_cny == Decimal(amount)


def test_the_published_time_of_use_by_hand():
    tou = pricing.tariff(policy=POLICY, code="RES_TOU_2024")

    in_the_third = pricing.price(
        tariff=tou,
        energy_kwh={"peak": Decimal(10), "valley": Decimal(10)},
        used_before_kwh=Decimal(4800),
    )

    assert in_the_third.exact_cny == Decimal(10) * (Decimal("0.868") + Decimal("0.588"))


def test_the_capacity_has_its_price():
    industry = pricing.tariff(policy=POLICY, code="LARGE_INDUSTRY_TOU")

    none_used = pricing.price(
        tariff=industry,
        energy_kwh={},
        used_before_kwh=Decimal(0),
        capacity_kva=Decimal(100),
        n_months=2,
    )

    assert none_used.amount_cny == Decimal("5600.00")


@given(tariff=st.sampled_from(TARIFFS), before=ENERGY, energy=ENERGY, more=ENERGY)
def test_more_energy_never_costs_less(tariff, before, energy, more):
    assert (
        priced(tariff, energy + more, before).amount_cny
        >= priced(tariff, energy, before).amount_cny
    )


@given(tariff=st.sampled_from(TARIFFS), before=ENERGY, first=ENERGY, second=ENERGY)
def test_two_parts_add_up_to_the_whole(tariff, before, first, second):
    whole = priced(tariff, first + second, before)

    parts = (
        priced(tariff, first, before).exact_cny + priced(tariff, second, before + first).exact_cny
    )

    assert parts == whole.exact_cny
    assert abs(whole.amount_cny - whole.exact_cny) <= Decimal("0.005")
    assert whole.amount_cny.as_tuple().exponent == -2


@pytest.mark.parametrize("energy", ["-1", "NaN", "Infinity"])
def test_refuses_what_is_no_energy(energy):
    with pytest.raises(pricing.EnergyWrong):
        priced(STEPS, Decimal(energy), Decimal(0))
    with pytest.raises(pricing.EnergyWrong):
        pricing.price(tariff=STEPS, energy_kwh={"night": Decimal(1)}, used_before_kwh=Decimal(0))
    with pytest.raises(pricing.TariffUnknown):
        pricing.tariff(policy=POLICY, code="NONE")


def test_the_calendar_is_that_of_the_station():
    of_today = cycle.last_window(on=TODAY)

    assert (of_today.reading.first_day.day, of_today.reading.n_days) == (17, 4)
    assert of_today.window.n_days == 9  # 22 to 30 November
    assert TODAY in of_today.window
