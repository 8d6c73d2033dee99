"""The weather all customers share, and what drives consumption each day."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.town.calendar import Days
from lamplighter.town.profiles import PROFILES

Floats = npt.NDArray[np.float32]
DRIVERS = (
    "base",
    "off",
    "cooling",
    "heating",
    "spring",
    "week",
    "school_break",
    "irrigation",
    "dark",
)
COOLING_ABOVE_C, HEATING_BELOW_C = 24.0, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Temperature and drivers of each day."""

    temperature_c: npt.NDArray[np.float64]
    is_heat_wave: npt.NDArray[np.bool_]
    drivers: Floats  # (n_drivers, n_days)


def draw(*, days: Days, rng: np.random.Generator) -> Weather:
    """Draw the weather of a life: season, slow wander, and two heat waves each summer."""
    day_of_year = np.array([day.timetuple().tm_yday for day in days.dates])
    season = 13.5 + 12.8 * np.cos(2 * np.pi * (day_of_year - 202) / 365.25)
    wander = np.zeros(len(days))
    shocks = rng.normal(0.0, 1.35, len(days))
    for n in range(1, len(days)):  # each day remembers the last
        wander[n] = 0.78 * wander[n - 1] + shocks[n]
    heat = np.zeros(len(days), dtype=np.bool_)
    for year in sorted({day.year for day in days.dates}):
        for centre in (rng.integers(188, 205), rng.integers(212, 232)):
            length = rng.integers(5, 10)
            inside = np.array([day.year == year for day in days.dates])
            heat |= inside & (day_of_year >= centre) & (day_of_year < centre + length)
    temperature = season + wander + np.where(heat, 5.0, 0.0)
    return Weather(
        temperature_c=temperature,
        is_heat_wave=heat,
        drivers=_drivers(days=days, temperature_c=temperature, day_of_year=day_of_year),
    )


def coefficients(*, profile: npt.NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Return each consumer's energy per unit of each driver. (n, n_drivers) [kWh]

    Consumers of one profile differ in size and in how much each driver moves them.
    """
    table = np.array(
        [[1.0, *(getattr(p, driver) for driver in DRIVERS[1:])] for p in PROFILES], dtype=np.float32
    )
    base = np.array([p.base_kwh for p in PROFILES])[profile]
    spread = np.array([p.spread for p in PROFILES])[profile]
    size = base * np.exp(rng.normal(0.0, 1.0, len(profile)) * spread - spread**2 / 2)
    own = rng.lognormal(-0.06, 0.35, (len(profile), len(DRIVERS))).astype(np.float32)
    own[:, 0] = 1.0
    return np.asarray(table[profile] * own * size[:, None], dtype=np.float32)


def _drivers(
    *, days: Days, temperature_c: npt.NDArray[np.float64], day_of_year: npt.NDArray[np.int64]
) -> Floats:
    yearly = 2 * np.pi * day_of_year / 365.25
    season = np.clip(np.sin(yearly - 1.35), 0.0, None) ** 2
    rows = [
        np.ones(len(days)),
        days.is_off,
        np.clip(temperature_c - COOLING_ABOVE_C, 0.0, 11.0),
        np.clip(HEATING_BELOW_C - temperature_c, 0.0, 16.0),
        days.spring,
        days.holiday_week,
        days.school_break,
        season * (np.sin(np.arange(len(days)) / 5.0) > 0.2),
        0.5 + 0.5 * np.cos(yearly + 0.17),
    ]
    return np.stack([np.asarray(row, dtype=np.float32) for row in rows])
