"""Value: contribution, payment quality, growth, band."""

from dataclasses import fields, replace
from datetime import date
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.value import value
from lamplighter.policy import loader

RULES = loader.load(name="value", on=date(2026, 11, 25))
POLICY = loader.numbers_for(policy=RULES, shape=value.ValuePolicy)
LIMITS = value.Limits(high_kwh=4000.0, medium_kwh=1200.0)
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def accounts(seed: int, n: int = 150) -> dict[str, np.ndarray]:
    dice = np.random.default_rng(seed)
    energy = dice.gamma(2.0, 1200.0, (n, 3))
    energy[dice.random(energy.shape) < 0.1] = np.nan
    billed = np.where(dice.random(n) < 0.1, 0.0, np.nan_to_num(energy[:, -1]) * 0.55)
    return {
        "yearly_energy_kwh": energy,
        "billed_cny": billed,
        "paid_cny": billed * dice.choice([0.3, 0.9, 1.0, 1.2], n),
        "in_time_share": dice.random(n),
        "area": dice.integers(0, 6, n),
    }


def found(given_accounts: dict[str, np.ndarray]) -> value.Values:
    return value.values(**given_accounts, limits=LIMITS, policy=POLICY)


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_a_hand_computes_the_same(seed):
    these = accounts(seed)
    energy, billed, paid, area = (
        these[n] for n in ("yearly_energy_kwh", "billed_cny", "paid_cny", "area")
    )
    said = found(these)

    ratios = [
        [
            r
            for r in (
                np.log((year[k] + 100.0) / (year[k - 1] + 100.0)) for k in range(1, len(year))
            )
            if r == r
        ]
        for year in energy
    ]
    for row in range(len(area)):
        share = min(1.0, paid[row] / billed[row]) if billed[row] > 0 else np.nan
        given_kwh = energy[row, -1] * share
        assert said.contribution_kwh[row] == pytest.approx(given_kwh, nan_ok=True)
        assert said.payment_quality[row] == pytest.approx(
            share * (1 + these["in_time_share"][row]) / 2, nan_ok=True
        )
        usual = median(
            [np.mean(ratios[k]) for k in range(len(area)) if area[k] == area[row] and ratios[k]]
        )
        growth = (sum(ratios[row]) + 2.0 * usual) / (len(ratios[row]) + 2.0)
        assert said.growth[row] == pytest.approx(growth)
        band = 0 if given_kwh >= 4000 else 1 if given_kwh >= 1200 else 2
        raised = growth - usual >= 0.1 and band > 0 and given_kwh == given_kwh
        expected = min(2, max(0, band - raised + (share < 0.8)))
        assert said.band[row] == expected


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_the_shares_of_an_area_add_up_and_the_order_does_not_matter(seed):
    these = accounts(seed)
    order = np.random.default_rng(seed).permutation(150)

    said, shuffled = found(these), found({n: v[order] for n, v in these.items()})

    for area in set(these["area"].tolist()):
        assert np.nansum(said.share_of_area[these["area"] == area]) == pytest.approx(1.0)
    for field in fields(said):
        assert getattr(said, field.name)[order].tobytes() == getattr(shuffled, field.name).tobytes()


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_whole_areas_can_be_told_apart_from_others(seed):
    these = accounts(seed)
    here = these["area"] < 3

    whole, part = found(these), found({n: v[here] for n, v in these.items()})

    for field in fields(whole):
        assert getattr(whole, field.name)[here].tobytes() == getattr(part, field.name).tobytes()


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_paying_more_never_lowers_the_band(seed):
    these = accounts(seed)

    before = found(these).band
    after = found(these | {"paid_cny": np.maximum(these["paid_cny"], these["billed_cny"])}).band

    assert np.all(after <= before)


def test_reasons_tell_how_the_band_came_about():
    said = value.values(
        yearly_energy_kwh=np.array(
            [[9000.0, 9000.0], [500.0, 2000.0], [9000.0, 9000.0], [np.nan, np.nan]]
        ),
        billed_cny=np.array([4500.0, 1000.0, 4500.0, 0.0]),
        paid_cny=np.array([4500.0, 1000.0, 3000.0, 0.0]),
        in_time_share=np.ones(4),
        area=np.array([1, 1, 1, 1]),
        limits=LIMITS,
        policy=POLICY,
    )

    told = [[r for n, r in enumerate(value.REASONS) if int(bits) >> n & 1] for bits in said.reasons]
    assert [value.BANDS[band] for band in said.band] == ["HIGH", "HIGH", "MEDIUM", "LOW"]
    assert told == [
        ["LARGE_CONTRIBUTION"],
        ["MIDDLE_CONTRIBUTION", "RAISED_BY_GROWTH"],
        ["LARGE_CONTRIBUTION", "LOWERED_BY_PAYMENT"],
        ["NO_YEAR_OF_USE"],
    ]


@given(st.lists(st.floats(0, 1e6), max_size=80))
def test_limits_are_quantiles_and_never_below_the_least(contributions):
    limits = value.limits_of(contribution_kwh=np.array(contributions), policy=POLICY)

    assert limits.high_kwh >= max(limits.medium_kwh, POLICY.high_at_least_kwh)
    known = sorted(c for c in contributions if c > 0)
    if known:
        expected = np.quantile(known, 0.9, method="inverted_cdf")
        assert limits.high_kwh == max(expected, POLICY.high_at_least_kwh)


def test_nobody():
    assert found(accounts(1, n=0)).band.shape == (0,)
    assert value.limits_of(contribution_kwh=np.empty(0), policy=POLICY).high_kwh == 4000.0


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"billed_cny": np.full(150, -1.0)}, value.ImpossibleAmount),
        ({"yearly_energy_kwh": np.full((150, 2), np.inf)}, value.ImpossibleAmount),
        ({"in_time_share": np.full(150, 1.1)}, value.ImpossibleAmount),
        ({"area": np.zeros(3, dtype=np.int64)}, value.NotAccounts),
        ({"yearly_energy_kwh": np.empty((150, 0))}, value.NotAccounts),
    ],
)
def test_refuses_impossible_accounts(change, error):
    with pytest.raises(error):
        found(accounts(1) | change)


def test_refuses_a_policy_that_contradicts_itself():
    for change in ({"medium_quantile": 0.95}, {"growth_doubt_years": 0.0}):
        with pytest.raises(value.PolicyImpossible):
            value.values(**accounts(1), limits=LIMITS, policy=replace(POLICY, **change))


def test_every_reason_has_its_words():
    for reason in value.REASONS:
        assert RULES.text(f"reason.{reason}").zh
