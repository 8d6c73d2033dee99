"""The outlook of an area: what changed it adds up, and its interval covers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.insight.value import growth
from lamplighter.insight.value.value import ImpossibleAmount, NotAccounts, PolicyImpossible
from tests.insight import numbers

POLICY = numbers.GROWTH


def town(*, seed, n_areas=30, n_each=40, n_months=48, common=0.04):
    """Return accounts' months: seasons, years that move all, areas and homes of their own."""
    rng = np.random.default_rng(seed)
    area = np.repeat(np.arange(n_areas), n_each)
    season = 1.0 + 0.3 * np.cos(2 * np.pi * np.arange(n_months) / 12)
    shared = np.cumsum(rng.normal(0.0, common / np.sqrt(12), n_months))
    own = np.cumsum(rng.normal(0.0, 0.06 / np.sqrt(12), (n_areas, n_months)), axis=1)
    home = np.cumsum(rng.normal(0.0, 0.03, (len(area), n_months)), axis=1)
    level = rng.lognormal(5.0, 0.5, len(area))[:, None]
    return level * season * np.exp(shared + own[area] + home), area


def outlook(energy, area):
    return growth.outlooks(sums=growth.sums(energy_kwh=energy, area=area), policy=POLICY)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.lists(st.one_of(st.none(), st.integers(0, 900)), min_size=24, max_size=24),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_changed_adds_up_to_the_change(rows):
    area = np.array([row[0] for row in rows])
    energy = np.array([[np.nan if e is None else e for e in row[1]] for row in rows], np.float64)

    found = outlook(energy, area)

    changed = found.new_kwh + found.lost_kwh + found.changed_kwh
    np.testing.assert_allclose(changed, found.last_year_kwh - found.year_before_kwh, atol=1e-6)


def test_names_the_new_and_the_lost():
    energy = np.full((4, 24), 100.0)
    energy[1, :12] = np.nan
    energy[2, 12:] = np.nan
    energy[3, 12:] = 150.0

    found = outlook(energy, np.zeros(4, np.int64))

    assert (found.n_new[0], found.n_lost[0], found.n_accounts[0]) == (1, 1, 3)
    assert (found.new_kwh[0], found.lost_kwh[0], found.changed_kwh[0]) == (1200.0, -1200.0, 600.0)
    assert found.past_growth[0] == pytest.approx(np.log(3000 / 2400))


def test_the_interval_holds_the_growth_to_come():
    inside = []
    for seed in range(12):
        energy, area = town(seed=seed)
        found = outlook(energy[:, :36], area)
        after = outlook(energy[:, 24:48], area)
        inside.append(
            (after.past_growth >= found.growth_low) & (after.past_growth <= found.growth_high)
        )

    assert 0.7 <= np.mean(inside) <= 0.92


def test_parts_of_the_accounts_add_up_to_the_whole():
    energy, area = town(seed=5, n_areas=4)
    order = np.random.default_rng(6).permutation(len(area))
    parts = [
        growth.sums(energy_kwh=energy[rows, :36], area=area[rows])
        for rows in np.array_split(order, 3)
    ]

    whole = growth.sums(energy_kwh=energy[:, :36], area=area)
    added = growth.together(parts=parts)

    for name in growth.AreaSums.__dataclass_fields__:
        np.testing.assert_allclose(getattr(added, name), getattr(whole, name), rtol=1e-9)


def test_two_years_are_too_short_for_an_interval():
    energy, area = town(seed=7, n_months=24)

    found = outlook(energy, area)

    assert np.isnan(found.growth_low).all()
    assert np.isfinite(found.growth).all()


def test_an_area_without_use_has_no_outlook():
    energy = np.full((2, 36), np.nan)
    energy[0] = 100.0

    found = outlook(energy, np.array([1, 2]))

    assert np.isnan(found.next_year_kwh[1])
    assert found.next_year_kwh[0] == pytest.approx(1200.0)


def test_refuses_what_cannot_be():
    with pytest.raises(NotAccounts):
        growth.sums(energy_kwh=np.ones((2, 12)), area=np.zeros(2, np.int64))
    with pytest.raises(NotAccounts):
        growth.sums(energy_kwh=np.ones((2, 24)), area=np.zeros(3, np.int64))
    with pytest.raises(ImpossibleAmount):
        growth.sums(energy_kwh=np.full((2, 24), np.inf), area=np.zeros(2, np.int64))
    with pytest.raises(NotAccounts):
        growth.together(parts=[])
    part = growth.sums(energy_kwh=np.ones((2, 24)), area=np.zeros(2, np.int64))
    for wrong in (
        {"growth_interval": 0.5},
        {"growth_carries_on": 1.2},
        {"growth_doubt_origins": 0.0},
    ):
        with pytest.raises(PolicyImpossible):
            growth.outlooks(sums=part, policy=replace(POLICY, **wrong))
