"""A stand-in for a year of homes: Swiss households of seven weeks, drawn out to eighty.

No year-long homes are here. The days of a stand-in are days its own home really had, on the same
weekday, drawn anew; half of its weeks are the same week for all, so that homes still move
together. Season, a slow drift of each home's level and noise of days and hours are added. Judges
are only measured on it; its licence (CC BY-SA) keeps it out of what is learnt and shipped.
"""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from lamplighter.insight.change.splicing import Meters

FILE = "bamberg_15min.parquet"
WEEKS = 7  # of each home
DRAWN_WEEKS = 80
HOMES = 150
SHARED_SHARE = 0.5  # of a home's weeks that are the same week for all
SEASON = 0.25  # log units, times up to two by home
DRIFT, DRIFT_DAYS = 0.1, 20.0
DAY_NOISE, HOUR_NOISE = 0.08, 0.15
LEAST_KWH = 1e-4


def read(folder: Path, *, hourly: bool, seed: int, n_homes: int = HOMES) -> Meters:
    """Return stand-ins for some of the homes.

    Raises
    ------
    FileNotFoundError
        The homes are not in the folder.
    """
    rng = np.random.default_rng(seed)
    weeks = _weeks(folder / FILE)
    weeks = weeks[rng.permutation(len(weeks))[:n_homes]]
    n = len(weeks)
    shape = (n, DRAWN_WEEKS, 7)
    together = np.broadcast_to(rng.integers(0, WEEKS, (1, DRAWN_WEEKS, 1)), shape)
    alone = rng.integers(0, WEEKS, shape)
    drawn = np.where(rng.random((n, DRAWN_WEEKS, 1)) < SHARED_SHARE, together, alone)
    hours = weeks[np.arange(n)[:, None, None], drawn, np.arange(7)]
    hours = hours.reshape(n, 7 * DRAWN_WEEKS, 24)
    day = np.arange(7 * DRAWN_WEEKS)
    log = SEASON * rng.uniform(0.0, 2.0, (n, 1)) * np.sin(2.0 * np.pi * day / 365.25)
    log += _drift(rng, n=n, n_days=len(day)) + DAY_NOISE * rng.standard_normal(log.shape)
    noise = HOUR_NOISE * rng.standard_normal(hours.shape)
    hours = np.maximum(hours * np.exp(log[:, :, None] + noise), LEAST_KWH).astype(np.float32)
    return Meters(
        days=np.datetime64("2024-01-01") + day,
        energy_kwh=hours.sum(axis=2, dtype=np.float64),
        hours=hours if hourly else None,
    )


def _weeks(path: Path) -> np.ndarray:
    """Return (homes, weeks, weekdays, hours)."""
    table = pq.read_table(path)
    order = np.lexsort((table["week"].to_numpy(), table["VID"].to_numpy()))
    quarters = [table[f"V{n:03d}"].to_numpy() for n in range(1, 7 * 96 + 1)]
    kwh = np.stack(quarters, axis=1)[order].astype(np.float32)
    return kwh.reshape(-1, WEEKS, 7, 24, 4).sum(axis=4)


def _drift(rng: np.random.Generator, *, n: int, n_days: int) -> np.ndarray:
    kept = np.exp(-1.0 / DRIFT_DAYS)
    level = np.zeros((n, n_days))
    news = DRIFT * np.sqrt(1.0 - kept**2) * rng.standard_normal((n, n_days))
    for day in range(1, n_days):
        level[:, day] = kept * level[:, day - 1] + news[:, day]
    return level
