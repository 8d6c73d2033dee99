"""Two spans of counts: chances against independent ways, few false alarms where nothing moved."""

from math import comb

import numpy as np
import pytest

from lamplighter.insight.demand import emerging, shifts


def chance(before, after, spread=0.0):
    counts = (np.array([before]), np.array([after]))
    return shifts.chances(before=counts[0], after=counts[1], spread=spread)[0]


@pytest.mark.parametrize(("before", "after"), [(0, 6), (3, 9), (10, 11), (40, 12), (7, 7)])
def test_without_spread_it_is_the_two_sided_binomial_test(before, after):
    total, far = before + after, abs(after - before)

    expected = sum(comb(total, k) for k in range(total + 1) if abs(total - 2 * k) >= far)

    assert chance(before, after) == pytest.approx(expected / 2**total, rel=1e-9)


@pytest.mark.parametrize("spread", [0.02, 0.3])
@pytest.mark.parametrize(("before", "after"), [(2, 9), (30, 18), (5, 5)])
def test_with_spread_it_is_what_drawn_rates_give(before, after, spread):
    numbers = np.random.default_rng(7)
    total, far = before + after, abs(after - before)
    rates = numbers.gamma(1 / spread, size=(2, 400_000))
    drawn = numbers.binomial(total, rates[0] / rates.sum(axis=0))

    simulated = (np.abs(total - 2 * drawn) >= far).mean()

    assert chance(before, after, spread) == pytest.approx(simulated, abs=0.004)


def test_the_order_of_spans_and_of_series_makes_no_difference():
    numbers = np.random.default_rng(3)
    before, after = numbers.poisson(9, size=(2, 40))
    found = shifts.chances(before=before, after=after, spread=0.1)

    assert np.array_equal(found, shifts.chances(before=after, after=before, spread=0.1))
    turned = shifts.chances(before=before[::-1], after=after[::-1], spread=0.1)
    assert np.array_equal(found[::-1], turned)


def test_where_nothing_moved_few_are_named_and_a_true_shift_is_found():
    numbers = np.random.default_rng(11)
    n_false = 0
    for _ in range(60):
        counts = numbers.poisson(12, size=(30, 2))
        named = emerging.discoveries(
            chance=shifts.chances(before=counts[:, 0], after=counts[:, 1], spread=0.0),
            allowed=0.05,
        )
        n_false += bool(named.any())
    counts[4] = (12, 60)
    chances = shifts.chances(before=counts[:, 0], after=counts[:, 1], spread=0.0)

    assert n_false <= 6
    assert emerging.discoveries(chance=chances, allowed=0.05)[4]


def test_nothing_at_all_is_not_tested():
    nothing = np.array([], dtype=np.int64)

    assert np.isnan(chance(0, 0))
    assert shifts.chances(before=nothing, after=nothing, spread=0.0).shape == (0,)


@pytest.mark.parametrize(
    ("before", "after", "spread"),
    [([1], [1, 2], 0.0), ([-1], [1], 0.0), ([1], [1], -0.1), ([1], [1], float("nan"))],
)
def test_what_is_no_count_is_refused(before, after, spread):
    with pytest.raises(emerging.CountsWrong):
        shifts.chances(before=np.array(before), after=np.array(after), spread=spread)
