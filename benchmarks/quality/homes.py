"""A stand-in for a year of homes: Swiss households of some weeks (seven), drawn out to eighty.

No year-long homes are here. The days of a stand-in are days its own home really had, on the same
weekday, drawn anew; half of its weeks are the same week for all, so that homes still move
together. A home without a row for each week of the file is left out, and counted. Season, a slow
drift of each home's level and noise of days and hours are added. Judges are only measured on it;
its licence (CC BY-SA) keeps it out of what is learnt and shipped.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks import real_files
from lamplighter.insight.judge.splicing import Meters

FILE = "bamberg_15min.parquet"
WEEKS_LEAST = 2  # of each home: of one week alone, every week of the stand-in would be the same
QUARTERS = tuple(f"V{n:03d}" for n in range(1, 7 * 96 + 1))
DRAWN_WEEKS = 80
HOMES = 150
SHARED_SHARE = 0.5  # of a home's weeks that are the same week for all
SEASON = 0.25  # log units, times up to two by home
DRIFT, DRIFT_DAYS = 0.1, 20.0
DAY_NOISE, HOUR_NOISE = 0.08, 0.15
LEAST_KWH = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """What a file holds of homes that have all of its weeks."""

    kwh: np.ndarray  # (n_homes, n_weeks, 7, 24)
    n_left_out: int  # homes without a row for each week, or with two


def read(folder: Path, *, hourly: bool, seed: int, n_homes: int = HOMES) -> Meters:
    """Return stand-ins for some of the homes.

    Raises
    ------
    NoData
        The homes are not in the folder.
    real_files.Unfit
        The file has not what the homes need.
    """
    rng = np.random.default_rng(seed)
    weeks = given(folder).kwh
    n_weeks = weeks.shape[1]
    weeks = weeks[rng.permutation(len(weeks))[:n_homes]]
    n = len(weeks)
    shape = (n, DRAWN_WEEKS, 7)
    together = np.broadcast_to(rng.integers(0, n_weeks, (1, DRAWN_WEEKS, 1)), shape)
    alone = rng.integers(0, n_weeks, shape)
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


def given(folder: Path) -> Homes:
    """Return the homes of a folder by home, week, weekday and hour."""
    table = real_files.read(folder / FILE, columns=["VID", "week", *QUARTERS])
    names, place = real_files.named(table, "VID")
    rank = np.argsort(np.array([name.rjust(20) for name in names])).argsort()  # as numbers
    home = rank[place]
    week = real_files.numbers(table, "week", kind=pa.float64())
    n_weeks, homes = len(np.unique(week)), np.arange(len(names))
    apart = np.unique(np.stack([home, week]), axis=1)[0].astype(np.int64)
    of_home = (np.bincount(home, minlength=len(homes)), np.bincount(apart, minlength=len(homes)))
    whole = homes[(of_home[0] == n_weeks) & (of_home[1] == n_weeks)]
    if n_weeks < WEEKS_LEAST or not len(whole):
        raise real_files.Unfit(
            f"{FILE} has {len(whole)} homes with all of its {n_weeks} weeks: the stand-in needs "
            f"homes with {WEEKS_LEAST} weeks or more, the same for all"
        )
    order = np.lexsort((week, home))
    order = order[np.isin(home[order], whole)]
    quarters = [real_files.numbers(table, name, kind=pa.float32()) for name in QUARTERS]
    kwh = np.stack(quarters, axis=1)[order]
    return Homes(
        kwh=kwh.reshape(-1, n_weeks, 7, 24, 4).sum(axis=4), n_left_out=len(homes) - len(whole)
    )


def _drift(rng: np.random.Generator, *, n: int, n_days: int) -> np.ndarray:
    kept = np.exp(-1.0 / DRIFT_DAYS)
    level = np.zeros((n, n_days))
    news = DRIFT * np.sqrt(1.0 - kept**2) * rng.standard_normal((n, n_days))
    for day in range(1, n_days):
        level[:, day] = kept * level[:, day - 1] + news[:, day]
    return level
