"""Changes of the day's shape alone: the level and the week stay as they were."""

import numpy as np
import pytest

from lamplighter.insight.change import detect, shapes
from tests.insight import numbers, streets


def hourly(street: streets.Street, *, seed: int) -> np.ndarray:
    """Return hours of each day, evenings mostly, that add up to the street's days."""
    rng = np.random.default_rng(seed)
    evening = np.exp(-0.5 * ((np.arange(24) - 19.0) / 3.0) ** 2) + 0.2
    weight = evening * rng.gamma(4.0, 0.25, (*street.energy_kwh.shape, 24))
    return street.energy_kwh[:, :, None] * weight / weight.sum(axis=2, keepdims=True)


def test_distance_against_a_hand_loop():
    rng = np.random.default_rng(1)
    given = rng.gamma(1.0, 1.0, (2, 30, 96))
    given[0, 5, 3] = np.nan
    given[1, 7] = 0.0
    hours = given.reshape(2, 30, 24, 4).sum(axis=3)
    expected = np.full((2, 40), np.nan)
    for row in range(2):
        shares = [day / day.sum() if day.sum() > 0.0 else None for day in hours[row]]
        shares = [None if s is None or np.isnan(s).any() else s for s in shares]
        for day in range(30):
            now = [s for s in shares[day : day + 7] if s is not None]
            then = [s for s in shares[max(0, day - 14) : day] if s is not None]
            if len(now) >= 0.7 * 7 and len(then) >= 0.7 * 14:
                alike = np.sqrt(np.mean(now, axis=0) * np.mean(then, axis=0)).sum()
                expected[row, 10 + day] = np.sqrt(max(0.0, 1.0 - alike))

    found = shapes.shape_shift(given, n_days=40, after_days=7, before_days=14, measured_share=0.7)

    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_a_household_of_other_hours_is_a_turnover():
    street = streets.quiet(n_points=60, n_days=400, seed=71)
    given = hourly(street, seed=1)
    given[:10, 250:] = np.roll(given[:10, 250:], 10, axis=2)  # nights instead of evenings
    adjusted = numbers.adjusted(street)

    by_days = detect.find_changes(adjusted=adjusted, policy=numbers.CHANGE)
    found = detect.find_changes(adjusted=adjusted, policy=numbers.CHANGE, shapes=given)

    near = (found.point < 10) & (np.abs((found.day - street.days[250]).astype(int)) <= 14)
    assert set(found.point[near]) == set(range(10))
    assert set(found.kind[near]) == {"TURNOVER"}
    others = np.count_nonzero(found.point >= 10)
    assert others <= np.count_nonzero(by_days.point >= 10) + 3


@pytest.mark.parametrize("shape", [(3, 10, 25), (3, 10), (3, 50, 24), (3, 10, 0)])
def test_refuses_what_is_no_day_shape(shape):
    with pytest.raises(shapes.NoSuchShape):
        shapes.shape_shift(
            np.ones(shape), n_days=40, after_days=7, before_days=14, measured_share=0.7
        )


def test_refuses_shapes_of_other_points():
    street = streets.quiet(n_points=4, n_days=100, seed=1)
    with pytest.raises(shapes.NoSuchShape, match="3 of 4 points"):
        detect.find_changes(
            adjusted=numbers.adjusted(street), policy=numbers.CHANGE, shapes=np.ones((3, 9, 24))
        )
