"""The band of what stays unpaid: it covers, starts from today, and refuses what is no window."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.insight.forecast import recovery
from tests.insight import numbers

POLICY = numbers.RECOVERY


def window(rng, *, n_days, width=31):
    """Return one window: half is paid at once, some each day, and many at its end."""
    paid = np.concatenate([[0.2], rng.uniform(0.01, 0.05, n_days - 3), rng.uniform(0.05, 0.15, 2)])
    shares = np.full(width, np.nan)
    shares[:n_days] = 1.0 - np.cumsum(paid)
    return shares


def test_it_holds_what_is_unpaid_at_the_end():
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(400):
        past = np.stack([window(rng, n_days=int(n)) for n in rng.integers(7, 11, 12)])
        now = window(rng, n_days=9)
        found = recovery.band(past=past, now=float(now[2]), day=2, n_days=9, policy=POLICY)
        inside.append(found.low[-1] <= now[8] <= found.high[-1])

    assert 0.72 <= np.mean(inside) <= 0.9


def test_it_begins_with_today_and_never_grows():
    rng = np.random.default_rng(4)
    past = np.stack([window(rng, n_days=9) for _ in range(12)])

    found = recovery.band(past=past, now=0.4, day=3, n_days=9, policy=POLICY)

    assert (found.low[0], found.mid[0], found.high[0]) == (0.4, 0.4, 0.4)
    assert np.all(np.diff(found.mid) <= 1e-12)
    assert np.all(found.low <= found.mid)
    assert np.all(found.mid <= found.high)


@given(st.integers(0, 30), st.integers(0, 12))
def test_the_order_of_windows_does_not_matter(seed, shift):
    rng = np.random.default_rng(seed)
    past = np.stack([window(rng, n_days=int(n)) for n in rng.integers(7, 11, 12)])

    plain = recovery.band(past=past, now=0.5, day=1, n_days=9, policy=POLICY)
    turned = recovery.band(
        past=np.roll(past, shift, axis=0), now=0.5, day=1, n_days=9, policy=POLICY
    )

    np.testing.assert_array_equal(plain.high, turned.high)


def test_too_few_windows_give_no_band():
    rng = np.random.default_rng(5)
    past = np.stack([window(rng, n_days=9) for _ in range(POLICY.recovery_windows_min - 1)])
    nothing = np.full((12, 31), np.nan)

    assert recovery.band(past=past, now=0.4, day=3, n_days=9, policy=POLICY) is None
    assert recovery.band(past=nothing, now=0.4, day=3, n_days=9, policy=POLICY) is None


@pytest.mark.parametrize(
    "wrong", [{"now": -0.1}, {"now": float("nan")}, {"day": 9}, {"past": np.full((2, 31), -1.0)}]
)
def test_refuses_what_is_no_window(wrong):
    usual = {"past": np.ones((8, 31)), "now": 0.4, "day": 3, "n_days": 9} | wrong

    with pytest.raises(recovery.NotWindows):
        recovery.band(**usual, policy=POLICY)
