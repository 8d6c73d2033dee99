"""Meters from files, for the spliced tenant changes (see ``insight.judge.splicing``)."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks import real_files
from benchmarks.running import NoData
from lamplighter.insight.judge.splicing import Meters

HOURS = 24


def read(folder: Path, *, hourly: bool) -> Meters:
    """Return the meters of a folder, sorted by name; a zero is missing or vacant.

    Raises
    ------
    NoData
        The folder has no file of this kind, or more than one.
    real_files.Unfit
        The file has not what a meter needs.
    """
    return of_file(file_of(folder, "hourly" if hourly else "daily"), hourly=hourly)


def of_file(file: Path, *, hourly: bool) -> Meters:
    """Return the meters of a file."""
    moment = "hour_start" if hourly else "day"
    table = real_files.read(file, columns=["meter", moment, "kwh"])
    names, row = real_files.named(table, "meter")
    if not hourly:
        day = real_files.moments(table, "day", unit="D").astype(np.int64)
        kwh = real_files.numbers(table, "kwh", kind=pa.float64())
        energy = np.full((len(names), int(day.max() - day.min()) + 1), np.nan)
        energy[row, day - day.min()] = kwh
        real_files.refuse_repeats(energy[row, day - day.min()], kwh, what="a meter's day")
        return Meters(days=_days(day.min(), energy.shape[1]), energy_kwh=energy, hours=None)
    hour = real_files.moments(table, "hour_start", unit="h").astype(np.int64)
    kwh = real_files.numbers(table, "kwh", kind=pa.float32())
    first = int(hour.min() // HOURS)
    n_days = int(hour.max() // HOURS) - first + 1
    hours = np.full((len(names), n_days, HOURS), np.nan, dtype=np.float32)
    place = row, hour // HOURS - first, hour % HOURS
    hours[place] = kwh
    real_files.refuse_repeats(hours[place], kwh, what="a meter's hour")
    energy = hours.sum(axis=2, dtype=np.float64)
    return Meters(days=_days(first, n_days), energy_kwh=energy, hours=hours)


def file_of(folder: Path, kind: str) -> Path:
    """Return the one file of a kind, whatever meters it is of.

    Raises
    ------
    NoData
        There is none, or more than one.
    """
    found = sorted(folder.glob(f"*_{kind}*.parquet"))
    if len(found) != 1:
        raise NoData(
            f"{len(found)} files *_{kind}*.parquet where there has to be one: "
            "set LAMPLIGHTER_REAL_DATA to the folder that holds it"
        )
    return found[0]


def _days(first: int, n_days: int) -> np.ndarray:
    return np.datetime64(int(first), "D") + np.arange(n_days)
