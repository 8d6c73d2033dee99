"""Bad input to every kernel of habits, change and forecast: a defined result or a named refusal."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.change import detect, lists
from lamplighter.insight.forecast import month
from lamplighter.insight.habits import arrays, neighbours, profile, terms
from tests.insight import numbers, streets
from tests.insight.streets import DAY


def street_with(rows: dict[int, np.ndarray], *, n_days: int = 500) -> streets.Street:
    street = streets.quiet(n_points=40, n_days=n_days, seed=21, n_groups=2)
    for row, values in rows.items():
        street.energy_kwh[row] = values
    return street


def everything(street: streets.Street):
    adjusted = numbers.adjusted(street)
    first = street.days[-1] - 9 * DAY
    return (
        adjusted,
        profile.profile(adjusted=adjusted, policy=numbers.PROFILE),
        detect.find_changes(adjusted=adjusted, policy=numbers.CHANGE),
        lists.sudden_jumps(adjusted=adjusted, policy=numbers.JUMP),
        lists.high_use(adjusted=adjusted, policy=numbers.HIGH),
        month.forecast_month(
            adjusted=adjusted, first_day=first, last_day=first + 29 * DAY, policy=numbers.FORECAST
        ),
    )


def one_reading(n_days: int) -> np.ndarray:
    row = np.full(n_days, np.nan)
    row[n_days // 2] = 5.0
    return row


REFUSED = {
    "all missing": (np.full(500, np.nan), terms.State.ALL_MISSING),
    "all zero": (np.zeros(500), terms.State.ALL_ZERO),
    "one reading": (one_reading(500), terms.State.TOO_FEW_DAYS),
}


@pytest.mark.parametrize(("row", "state"), REFUSED.values(), ids=REFUSED.keys())
def test_says_why_it_says_nothing(row, state):
    adjusted, profiles, changes, jumps, high, forecast = everything(street_with({3: row}))

    assert adjusted.state[3] == state
    assert np.isnan(profiles.baseline_kwh[3])
    assert np.isnan(profiles.mean_12m_kwh[3])
    assert np.all(np.isnan(profiles.season_kwh[3]))
    assert 3 not in changes.point
    assert (jumps.rank[3], high.rank[3]) == (-1, -1)
    assert forecast.state[3] == month.State.REFUSED
    assert np.isnan([forecast.forecast_kwh[3], forecast.low_kwh[3], forecast.high_kwh[3]]).all()


def test_a_bad_row_changes_no_other_row():
    clean = everything(street_with({}))[1]
    mixed = everything(street_with({3: np.full(500, np.nan), 5: np.zeros(500)}))[1]

    others = np.setdiff1d(np.arange(40), [3, 5])
    np.testing.assert_allclose(mixed.baseline_kwh[others], clean.baseline_kwh[others], rtol=0.05)


def test_feeding_in_is_said_and_not_compared():
    rng = np.random.default_rng(1)
    solar = rng.normal(-3.0, 4.0, 500)
    adjusted, profiles, _, _, _, forecast = everything(street_with({3: solar}))

    assert adjusted.state[3] == terms.State.NET_EXPORT
    assert adjusted.response[3] == 0.0
    assert profiles.mean_12m_kwh[3] == pytest.approx(solar[-365:].mean(), rel=1e-4)
    assert forecast.forecast_kwh[3] < 0.0
    assert forecast.low_kwh[3] < forecast.forecast_kwh[3] < forecast.high_kwh[3]


def test_a_slip_of_unit_is_counted_and_left_out():
    street = street_with({})
    street.energy_kwh[3] = 8.0 + np.sin(np.arange(500))
    street.energy_kwh[3, 100:130] *= 1000.0
    adjusted, profiles, changes, _, _, _ = everything(street)

    assert adjusted.state[3] == terms.State.UNIT_SLIP
    assert adjusted.slip_days[3] == 30
    assert profiles.n_days[3] == 470
    assert profiles.mean_12m_kwh[3] < 10.0
    assert 3 not in changes.point[np.abs(changes.size_kwh) > 100.0]


def test_ten_years_of_gaps():
    row = np.full(3653, np.nan)
    rng = np.random.default_rng(2)
    row[:200] = rng.normal(8.0, 1.0, 200)
    row[-40:] = rng.normal(8.0, 1.0, 40)
    street = street_with({3: row}, n_days=3653)
    adjusted, profiles, changes, _, _, forecast = everything(street)

    assert adjusted.n_days[3] == 240
    assert profiles.mean_12m_days[3] == 40
    assert forecast.state[3] == month.State.OK
    assert np.count_nonzero(changes.point == 3) <= numbers.CHANGE.max_changes


def test_a_neighbourhood_of_one_says_so():
    street = streets.quiet(n_points=1, n_days=500, seed=3)
    adjusted, profiles, _, _, high, forecast = everything(street)

    np.testing.assert_array_equal(adjusted.log_factor, 0.0)
    np.testing.assert_allclose(adjusted.adjusted_kwh, street.energy_kwh, rtol=1e-6)
    assert profiles.neighbours[0] == 1
    assert not high.is_high[0]
    assert forecast.state[0] == month.State.NO_INTERVAL
    assert np.isfinite(forecast.forecast_kwh[0])
    assert np.isnan(forecast.low_kwh[0])


def test_a_small_group_leans_on_the_wider_one():
    street = streets.quiet(n_points=60, n_days=400, seed=4)
    street.group[:] = 1
    street.group[:2] = 2
    street.energy_kwh[:, 300:] *= 2.0

    adjusted = numbers.adjusted(street)

    ratio = np.median(adjusted.adjusted_kwh[0, 300:]) / np.median(adjusted.adjusted_kwh[0, :300])
    assert 0.7 < ratio < 1.4


@pytest.mark.parametrize(("n_points", "n_days"), [(0, 30), (0, 0), (5, 0), (5, 1), (30, 8)])
def test_empty_and_tiny_input(n_points, n_days):
    days = np.datetime64("2026-11-01") + np.arange(n_days)
    adjusted = neighbours.take_out_common(
        energy_kwh=np.ones((n_points, n_days)),
        days=days,
        group=np.zeros(n_points, dtype=np.int64),
        policy=numbers.NEIGHBOURS,
    )

    assert len(detect.find_changes(adjusted=adjusted, policy=numbers.CHANGE)) == 0
    assert len(profile.profile(adjusted=adjusted, policy=numbers.PROFILE).state) == n_points
    assert not lists.sudden_jumps(adjusted=adjusted, policy=numbers.JUMP).is_jump.any()
    assert not lists.high_use(adjusted=adjusted, policy=numbers.HIGH).is_high.any()


def test_refuses_what_is_not_points_by_days():
    good = streets.quiet(n_points=2, n_days=30, seed=1)
    infinite = good.energy_kwh.copy()
    infinite[0, 0] = np.inf
    broken = good.days.copy()
    broken[5:] += DAY
    for energy, days, group in [
        (good.energy_kwh[:, :-1], good.days, good.group),
        (good.energy_kwh, good.days, good.group[:1]),
        (infinite, good.days, good.group),
        (good.energy_kwh, broken, good.group),
    ]:
        with pytest.raises(arrays.NotPointsByDays):
            neighbours.take_out_common(
                energy_kwh=energy, days=days, group=group, policy=numbers.NEIGHBOURS
            )


def test_refuses_a_bill_that_is_over():
    street = streets.quiet(n_points=2, n_days=60, seed=1)
    for first, last in [(-40, -10), (5, 30), (-100, 3)]:
        with pytest.raises(month.NoSuchMonth):
            month.forecast_month(
                adjusted=numbers.adjusted(street),
                first_day=street.days[-1] + first * DAY,
                last_day=street.days[-1] + last * DAY,
                policy=numbers.FORECAST,
            )


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_any_mixture_of_holes_zeros_and_signs_ends_without_a_warning(seed):
    rng = np.random.default_rng(seed)
    street = streets.quiet(n_points=30, n_days=int(rng.integers(20, 300)), seed=seed % 1000)
    shape = street.energy_kwh.shape
    street.energy_kwh[rng.random(shape) < 0.3] = np.nan
    street.energy_kwh[rng.random(shape) < 0.2] = 0.0
    street.energy_kwh[rng.random(shape) < 0.05] *= -1.0
    street.energy_kwh[rng.integers(0, 30)] = rng.choice([np.nan, 0.0, 5.0])

    *_, changes, jumps, high, forecast = everything(street)

    for part in (changes, jumps, high):
        for entry in fields(part):
            assert len(getattr(part, entry.name)) == len(getattr(part, fields(part)[0].name))
    known = ~np.isnan(forecast.low_kwh)
    assert np.all(forecast.low_kwh[known] <= forecast.high_kwh[known])
