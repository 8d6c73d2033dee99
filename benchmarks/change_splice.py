"""The spliced tenant change on real meters, on daily totals and with hours beside them.

A window of meter A continues from a random day with meter B's days of the same dates, rescaled
to A's mean over the window: the habit changes, the level does not. A hit is an alarm within 14
days. The threshold is set at one false alarm per meter-year on unspliced windows of one half of
the meters; hits and false alarms are then counted on the other half.

Nothing is trained here. The kernel runs as in service on all meters at once, a tenth of them
spliced at a time, so that neighbours stay neighbours. One thing flatters it: a meter's own usual
shift is taken from the whole window, the days after the splice included.
"""

import argparse
import json
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from lamplighter.insight.change import evidence
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import neighbours

Floats = npt.NDArray[np.float64]

WINDOW_DAYS = 400
HIT_DAYS = 14
SETTLED_DAYS = 84  # a splice has this many days before it, and HIT_DAYS after it
DEAD_DAYS = 14  # one alarm, however many days it lasts
N_STARTS = 30
SPLICED_SHARE = 0.1
SEED = 20141101
RULES = Path(__file__).parents[1] / "src/lamplighter/policy/rules/habits/2014-11-01.toml"


def run(folder: Path) -> dict[str, Any]:
    """Return hit rates at one false alarm per meter-year: of daily totals, and with hours."""
    meters, days, energy = read_daily(folder / "cambridge_daily.parquet")
    _, hourly_days, hours = read_hourly(folder / "cambridge_hourly_2019_2023.parquet")
    return {
        "definition": "spliced tenant change, hit within 14 days, one false alarm a meter-year",
        "daily": measure(days, energy, None, n_meters=len(meters)),
        "hourly": measure(hourly_days, hours.sum(axis=2), hours, n_meters=len(hours)),
    }


def measure(
    days: npt.NDArray[np.datetime64], energy: Floats, hours: Floats | None, *, n_meters: int
) -> dict[str, Any]:
    """Splice windows at random days, score them as in service, and judge what is watched."""
    rng = np.random.default_rng(SEED)
    learns = rng.permutation(n_meters) < n_meters // 2
    plain: dict[str, list[tuple[int, Floats]]] = {}
    spliced: dict[str, list[tuple[int, int, Floats]]] = {}
    began = time.perf_counter()
    for start in rng.integers(0, len(days) - WINDOW_DAYS, N_STARTS):
        span = slice(start, start + WINDOW_DAYS)
        there = ~np.isnan(energy[:, span]) & (energy[:, span] > 0.0)
        whole = np.flatnonzero(np.mean(there, axis=1) > 0.9)
        if len(whole) < 20:
            continue
        window = energy[whole, span]
        shapes = None if hours is None else hours[whole, span]
        for name, score in online_scores(window, days[span], shapes).items():
            plain.setdefault(name, []).extend(zip(whole, score, strict=True))
        for changed, at, mixed, mixed_shapes in splices(window, shapes, learns[whole], rng):
            for name, score in online_scores(mixed, days[span], mixed_shapes).items():
                spliced.setdefault(name, []).extend(
                    (int(whole[row]), int(at[row]), score[row]) for row in changed
                )
    return {
        "meters": n_meters,
        "splices": len(spliced["level"]),
        "seconds": round(time.perf_counter() - began, 1),
        "by": {name: judge(plain[name], spliced[name], learns=learns) for name in plain},
    }


def read_daily(path: Path) -> tuple[list[str], npt.NDArray[np.datetime64], Floats]:
    """Return meters, days, and days of energy; a zero is missing or vacant, and stays zero."""
    table = pq.read_table(path, columns=["meter", "day", "kwh"])
    names, row = np.unique(np.array(table["meter"].to_pylist()), return_inverse=True)
    day = table["day"].to_numpy().astype("datetime64[D]")
    first = day.min()
    days = first + np.arange(int((day.max() - first).astype(int)) + 1)
    energy = np.full((len(names), len(days)), np.nan)
    energy[row, (day - first).astype(int)] = table["kwh"].to_numpy()
    return [str(name) for name in names], days, energy


def read_hourly(path: Path) -> tuple[list[str], npt.NDArray[np.datetime64], Floats]:
    """Return meters, days, and hours of energy, (n_meters, n_days, 24)."""
    table = pq.read_table(path, columns=["meter", "hour_start", "kwh"])
    encoded = table["meter"].combine_chunks().dictionary_encode()
    row = encoded.indices.to_numpy()
    hour = table["hour_start"].to_numpy().astype("datetime64[h]").astype(np.int64)
    first = int(hour.min() // 24)
    n_days = int(hour.max() // 24) - first + 1
    energy = np.full((len(encoded.dictionary), n_days, 24), np.nan)
    energy[row, hour // 24 - first, hour % 24] = table["kwh"].to_numpy()
    days = np.datetime64(first, "D") + np.arange(n_days)
    return [str(name) for name in encoded.dictionary.to_pylist()], days, energy


def splices(
    window: Floats,
    shapes: Floats | None,
    learns: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats, Floats | None]]:
    """Yield (rows spliced, day of each row, window, shapes), until every row was spliced once.

    The other meter is of the same half, so that no judged splice shows a meter learnt from.
    """
    order = rng.permutation(len(window))
    size = max(1, int(SPLICED_SHARE * len(window)))
    for begin in range(0, len(window), size):
        changed = order[begin : begin + size]
        at = rng.integers(SETTLED_DAYS, WINDOW_DAYS - HIT_DAYS, len(window))
        mixed = window.copy()
        mixed_shapes = None if shapes is None else shapes.copy()
        for row in changed:
            others = np.flatnonzero(learns == learns[row])
            other = int(rng.choice(others[others != row]))
            ratio = np.nanmean(window[row]) / np.nanmean(window[other])
            mixed[row, at[row] :] = ratio * window[other, at[row] :]
            if shapes is not None and mixed_shapes is not None:
                mixed_shapes[row, at[row] :] = ratio * shapes[other, at[row] :]
        yield changed, at, mixed, mixed_shapes


def online_scores(
    window: Floats, days: npt.NDArray[np.datetime64], shapes: Floats | None
) -> dict[str, Floats]:
    """Return each day's score, of splits whose window after is complete on that day."""
    adjusted = neighbours.take_out_common(
        energy_kwh=window,
        days=days,
        group=np.zeros(len(window), dtype=np.int64),
        policy=policy_numbers(neighbours.NeighbourPolicy),
    )
    numbers = policy_numbers(ChangePolicy)
    level, habit = np.zeros(window.shape), np.zeros(window.shape)
    for after, before in zip(numbers.windows_days, numbers.references_days, strict=True):
        if after > HIT_DAYS:
            continue
        one = replace(numbers, windows_days=(after,), references_days=(before,))
        found = evidence.weigh(adjusted=adjusted, policy=one, shapes=shapes)
        for best, score in ((level, np.abs(found.level)), (habit, found.habit)):
            known = np.nan_to_num(score[:, : window.shape[1] - after + 1])
            np.maximum(best[:, after - 1 :], known, out=best[:, after - 1 :])
    return {"level": level, "habit": habit, "either": np.maximum(level, habit)}


def policy_numbers(shape: type[Any]) -> Any:
    """Return a kernel's numbers from the policy file."""
    rows = tomllib.loads(RULES.read_text(encoding="utf-8"))["rows"]
    values = {field.name: rows[field.name]["value"] for field in fields(shape)}
    return shape(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def judge(
    plain: list[tuple[int, Floats]],
    spliced: list[tuple[int, int, Floats]],
    *,
    learns: npt.NDArray[np.bool_],
) -> dict[str, float]:
    """Return threshold, false alarms and hits."""
    known = [score for meter, score in plain if learns[meter]]
    threshold = threshold_for(known, per_year=1.0)
    kept_apart = [score for meter, score in plain if not learns[meter]]
    hits = [
        bool(np.any(score[at : at + HIT_DAYS] >= threshold))
        for meter, at, score in spliced
        if not learns[meter]
    ]
    return {
        "threshold": round(threshold, 3),
        "false_alarms_per_meter_year": round(alarms_per_year(kept_apart, threshold), 3),
        "hit_rate": round(float(np.mean(hits)), 3),
        "judged_splices": len(hits),
    }


def threshold_for(scores: list[Floats], *, per_year: float) -> float:
    """Return the lowest threshold with at most so many alarms per meter-year."""
    low, high = 0.0, max(float(score.max()) for score in scores)
    for _ in range(40):
        middle = (low + high) / 2.0
        if alarms_per_year(scores, middle) > per_year:
            low = middle
        else:
            high = middle
    return high


def alarms_per_year(scores: list[Floats], threshold: float) -> float:
    """Return the alarms per meter-year, days watched from the first settled one on."""
    alarms = watched = 0
    for score in scores:
        watched += len(score) - SETTLED_DAYS
        quiet_until = 0
        for day in np.flatnonzero(score[SETTLED_DAYS:] >= threshold):
            if day >= quiet_until:
                alarms += 1
                quiet_until = int(day) + DEAD_DAYS
    return alarms / (watched / 365.25)


def main() -> None:
    """Print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the cambridge files lie")
    json.dump(run(parser.parse_args().folder), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
