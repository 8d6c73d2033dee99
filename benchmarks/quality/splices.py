"""Meters from files, for the spliced tenant changes (see ``insight.change.splicing``)."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from lamplighter.insight.change.splicing import Meters


def read(folder: Path, *, hourly: bool) -> Meters:
    """Return the meters of a folder; a zero is missing or vacant."""
    if not hourly:
        table = pq.read_table(_file(folder, "daily"), columns=["meter", "day", "kwh"])
        names, row = np.unique(np.array(table["meter"].to_pylist()), return_inverse=True)
        day = table["day"].to_numpy().astype("datetime64[D]")
        days = day.min() + np.arange(int((day.max() - day.min()).astype(int)) + 1)
        energy = np.full((len(names), len(days)), np.nan)
        energy[row, (day - days[0]).astype(int)] = table["kwh"].to_numpy()
        return Meters(days=days, energy_kwh=energy, hours=None)
    table = pq.read_table(_file(folder, "hourly"), columns=["meter", "hour_start", "kwh"])
    encoded = table["meter"].combine_chunks().dictionary_encode()
    order = np.argsort(np.array(encoded.dictionary.to_pylist()))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    hour = table["hour_start"].to_numpy().astype("datetime64[h]").astype(np.int64)
    first = int(hour.min() // 24)
    n_days = int(hour.max() // 24) - first + 1
    hours = np.full((len(order), n_days, 24), np.nan, dtype=np.float32)
    hours[rank[encoded.indices.to_numpy()], hour // 24 - first, hour % 24] = table["kwh"].to_numpy()
    days = np.datetime64(first, "D") + np.arange(n_days)
    return Meters(days=days, energy_kwh=hours.sum(axis=2, dtype=np.float64), hours=hours)


def _file(folder: Path, kind: str) -> Path:
    """Return the one file of a kind, whatever meters it is of."""
    found = sorted(folder.glob(f"*_{kind}*.parquet"))
    if len(found) != 1:
        raise FileNotFoundError(f"{len(found)} files *_{kind}*.parquet in {folder}")
    return found[0]
