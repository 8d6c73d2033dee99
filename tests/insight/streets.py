"""Synthetic streets of points with known truth, for the tests of habits, change and forecast."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

LAST_DAY = np.datetime64("2026-11-24")
DAY = np.timedelta64(1, "D")


@dataclass(kw_only=True)
class Street:
    """Days of energy with everything that was put into them."""

    energy_kwh: npt.NDArray[np.float64]  # (n_points, n_days)
    days: npt.NDArray[np.datetime64]
    group: npt.NDArray[np.int64]
    truth: list[tuple[int, int, str]] = field(default_factory=list)  # point, day index, kind


def quiet(
    *, n_points: int, n_days: int, seed: int, n_groups: int = 4, noise: float = 0.25
) -> Street:
    """Return households with seasons, weekdays, weather and noise, and no change of habit."""
    rng = np.random.default_rng(seed)
    days = LAST_DAY - np.arange(n_days)[::-1]
    group = np.arange(n_points) % n_groups
    level = rng.lognormal(np.log(7.0), 0.6, n_points)
    angle = 2.0 * np.pi * (days.astype(int) % 365.25) / 365.25
    season = 0.25 * np.cos(2.0 * (angle - 0.4)) + 0.1 * np.cos(angle)
    weather = ar1(rng=rng, shape=(n_groups, n_days), memory=0.7, spread=0.10)
    response = np.clip(rng.normal(1.0, 0.35, n_points), 0.1, 2.0)
    weekday = np.exp(rng.normal(0.0, 0.12, (n_points, 7)))
    own_noise = noise * rng.lognormal(0.0, 0.4, n_points)
    own = ar1(rng=rng, shape=(n_points, n_days), memory=0.35, spread=1.0) * own_noise[:, None]
    shared = season[None, :] + weather[group]
    log = np.log(level)[:, None] + response[:, None] * shared + own
    energy = np.exp(log) * weekday[:, (days.astype(int) + 3) % 7]
    return Street(energy_kwh=energy, days=days, group=group)


def ar1(
    *, rng: np.random.Generator, shape: tuple[int, int], memory: float, spread: float
) -> npt.NDArray[np.float64]:
    """Return rows of noise that remembers yesterday."""
    white = rng.normal(0.0, spread * np.sqrt(1.0 - memory**2), shape)
    out = np.empty(shape)
    running = rng.normal(0.0, spread, shape[0])
    for day in range(shape[1]):
        running = memory * running + white[:, day]
        out[:, day] = running
    return out


def with_change(
    street: Street, *, kind: str, points: range, seed: int, earliest: int = 120
) -> None:
    """Put one change of a kind into each of the points, at a random day, and note the truth."""
    rng = np.random.default_rng(seed)
    n_days = street.energy_kwh.shape[1]
    for point in points:
        at = int(rng.integers(earliest, n_days - 40))
        row = street.energy_kwh[point]
        typical = float(np.median(row))
        if kind == "SURGE":
            row[at:] *= rng.uniform(1.9, 3.0)
        elif kind == "DROP":
            row[at:] *= rng.uniform(0.35, 0.55)
        elif kind == "VACANCY":
            row[at:] = rng.uniform(0.0, 0.05, n_days - at) * typical
        elif kind == "RETURN":
            row[at - 90 : at] = rng.uniform(0.0, 0.05, 90) * typical
            street.truth.append((point, at - 90, "VACANCY"))
        elif kind == "APPLIANCE":
            row[at:] += rng.uniform(0.45, 0.8) * typical
        elif kind == "TURNOVER":
            turned = np.exp(rng.normal(0.0, 0.45, 7))
            rough = np.exp(rng.normal(0.0, 0.45, n_days - at))
            weekday = (street.days.astype(int) + 3) % 7
            row[at:] *= (turned / turned.mean())[weekday[at:]] * rough
        street.truth.append((point, at, kind))
