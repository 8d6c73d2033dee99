"""The neighbours as a control group, against matrices written out one point at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.judge import control, following, hours, process

PAST, DAYS = process.PAST_DAYS, process.DAYS


def some_weeks(*, seed: int, n_points: int, n_peers: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    beside = rng.normal(1.0, 0.5, (n_peers, DAYS)).astype(np.float32)
    mix = rng.normal(size=(n_points, n_peers)) / max(n_peers, 1)
    weeks = mix @ beside + rng.normal(0.0, 0.3, (n_points, DAYS))
    return weeks.astype(np.float32), beside


def said(weeks: np.ndarray, beside: np.ndarray, apart: np.ndarray) -> control.Surprise:
    """Ask about points that stand below their neighbours in one array."""
    n, values = len(beside), np.concatenate([beside, weeks])
    nobody = np.full((n, apart.shape[1]), -1)
    return control.surprise(
        values=values, common=np.zeros(DAYS, dtype=np.float32),
        day=np.full(len(weeks), DAYS - 1), point=n + np.arange(len(weeks)), peers=np.arange(n),
        apart=np.concatenate([nobody, apart]),
    )  # fmt: skip


def by_hand(weeks: np.ndarray, beside: np.ndarray, left_out: list[int]) -> dict[str, np.ndarray]:
    """Say the same of one point by solving for each past day and each window anew."""
    y, spread = scaled(weeks.astype(float))
    peers = np.array([np.clip(scaled(one.astype(float))[0], -control.FAR, control.FAR)
                      for n, one in enumerate(beside) if n not in left_out])  # fmt: skip
    gap = np.abs(np.subtract.outer(np.arange(DAYS), np.arange(DAYS)))
    kernel = process.MEAN + process.WEEKDAY * (gap % 7 == 0) + process.NOISE * (gap == 0)
    kernel = kernel + process.DRIFT * np.exp(-gap / process.DRIFT_DAYS)
    for peer in peers:
        kernel = kernel + process.BESIDE / len(beside) * np.outer(peer, peer)
    past = np.clip(y[:PAST], -control.FAR, control.FAR)
    out, variance = np.empty(PAST), np.empty(PAST)
    for day in range(PAST):
        others = [n for n in range(PAST) if n != day]
        weight = np.linalg.solve(kernel[np.ix_(others, others)], kernel[others, day])
        out[day] = past[day] - weight @ past[others]
        variance[day] = kernel[day, day] - weight @ kernel[others, day]
    usual = np.mean(out**2) + control.USUAL_LEAST
    weight = np.linalg.solve(kernel[:PAST, :PAST], kernel[:PAST, PAST:])
    days = np.clip((y[PAST:] - weight.T @ past) / np.sqrt(usual), -6.0, 6.0)
    ahead = (kernel[PAST:, PAST:] - weight.T @ kernel[:PAST, PAST:]) / variance.mean()
    windows = [days[-n:] @ np.linalg.solve(ahead[-n:, -n:], days[-n:]) / n for n in control.WINDOWS]
    levels = [abs(days[-n:].mean()) / np.sqrt(ahead[-n:, -n:].mean()) for n in (14, 7)]
    days = days[::-1]  # the last one first
    return {"days": days, "windows": windows, "levels": levels, "usual": usual, "spread": spread}


def scaled(values: np.ndarray) -> tuple[np.ndarray, float]:
    values = values - values[:PAST].mean()
    spread = values[:PAST].std() + control.SPREAD_LEAST
    return values / spread, spread


@settings(deadline=None, max_examples=12)
@given(
    seed=st.integers(0, 2**31),
    n_peers=st.integers(0, 9),
    left_out=st.lists(st.integers(-1, 8), min_size=1, max_size=3, unique=True),
)
def test_agrees_with_matrices_without_the_neighbours_left_out(seed, n_peers, left_out):
    weeks, beside = some_weeks(seed=seed, n_points=2, n_peers=n_peers)
    apart = np.array([[n if n < n_peers else -1 for n in left_out], [-1] * len(left_out)])

    found = said(weeks, beside, apart)

    for point in range(2):
        slow = by_hand(weeks[point], beside, [n for n in apart[point].tolist() if n >= 0])
        for name, value in slow.items():
            assert np.allclose(getattr(found, name)[..., point], value, rtol=1e-3, atol=1e-4), name


def test_what_is_said_of_a_point_does_not_depend_on_who_else_is_asked_about():
    weeks, beside = some_weeks(seed=3, n_points=40, n_peers=12)
    apart = np.arange(40)[:, None] % 13 - 1
    whole = said(weeks, beside, apart)

    for part in (slice(5, 6), slice(7, 16)):
        some = said(weeks[part], beside, apart[part])
        for name in control.Surprise.__dataclass_fields__:
            assert np.array_equal(getattr(some, name), getattr(whole, name)[..., part]), name


def test_a_point_that_follows_no_longer_stands_out_and_one_with_all_others_does_not():
    rng = np.random.default_rng(8)
    own = rng.normal(0.0, 0.1, (30, 120)).astype(np.float32)
    common = np.cumsum(rng.normal(0.0, 0.2, 120)).astype(np.float32)
    common[110:] += 2.0  # a heat wave
    own[4, 106:] -= common[106:]
    point = np.arange(30)

    found = following.of_days(
        own=own, common=common, day=np.full(30, 119), point=point, peers=point,
        apart=point[:, None],
    )  # fmt: skip

    followers = np.delete(found["control_7"], 4)
    assert followers.max() + 1.0 < found["control_7"][4]


def test_the_order_of_neighbours_does_not_matter():
    rng = np.random.default_rng(9)
    used = rng.uniform(0.5, 1.0, (9, 100, 24))
    order = rng.permutation(9)
    case = {"day": np.array([95, 99]), "peers": np.arange(9)}

    found = following.of_hours(
        shapes=hours.day_shapes(shapes=used, n_days=100), point=np.array([2, 2]),
        apart=np.arange(9)[:, None], **case,
    )  # fmt: skip
    turned = following.of_hours(
        shapes=hours.day_shapes(shapes=used[order], n_days=100),
        point=np.argsort(order)[[2, 2]], apart=np.arange(9)[:, None], **case,
    )  # fmt: skip

    for name, values in found.items():
        assert np.allclose(values, turned[name], atol=1e-3), name


def test_refuses_fewer_days_than_twelve_weeks():
    weeks = some_weeks(seed=1, n_points=2, n_peers=3)[0]

    with pytest.raises(ValueError, match=r"\(1, 1\)"):
        control.surprise(
            values=weeks, common=weeks[0], day=np.array([83]), point=np.array([0]),
            peers=np.arange(2), apart=np.array([[0]]),
        )  # fmt: skip
    with pytest.raises(ValueError, match="80 days"):
        following.of_days(
            own=weeks, common=weeks[0], day=np.array([79]), point=np.array([0]),
            peers=np.arange(2), apart=np.arange(2)[:, None],
        )  # fmt: skip
