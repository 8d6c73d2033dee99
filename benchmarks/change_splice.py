"""The spliced tenant change on daily totals of real meters, as the data's README defines it.

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
    """Return hit rates at one false alarm per meter-year, by what is watched."""
    meters, days, energy = read_daily(folder / "cambridge_daily.parquet")
    rng = np.random.default_rng(SEED)
    learns = rng.permutation(len(meters)) < len(meters) // 2
    plain: dict[str, list[tuple[int, Floats]]] = {}
    spliced: dict[str, list[tuple[int, int, Floats]]] = {}
    began = time.perf_counter()
    newest = len(days) - WINDOW_DAYS
    for start in rng.integers(0, newest, N_STARTS):
        window = energy[:, start : start + WINDOW_DAYS]
        whole = np.flatnonzero(np.mean(~np.isnan(window) & (window > 0.0), axis=1) > 0.9)
        if len(whole) < 20:
            continue
        window = window[whole]
        span = days[start : start + WINDOW_DAYS]
        for name, score in online_scores(window, span).items():
            plain.setdefault(name, []).extend(zip(whole, score, strict=True))
        for changed, at, mixed in splices(window, learns[whole], rng):
            for name, score in online_scores(mixed, span).items():
                spliced.setdefault(name, []).extend(
                    (int(whole[row]), int(at[row]), score[row]) for row in changed
                )
    result: dict[str, Any] = {
        name: judge(plain[name], spliced[name], learns=learns) for name in plain
    }
    return {
        "definition": "spliced tenant change, daily totals, hit within 14 days",
        "meters": len(meters),
        "windows": len(plain["level"]),
        "splices": len(spliced["level"]),
        "seconds": round(time.perf_counter() - began, 1),
        "by": result,
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


def splices(window: Floats, learns: npt.NDArray[np.bool_], rng: np.random.Generator) -> Any:
    """Yield (rows spliced, day of each row, window with them), until every row was spliced once.

    The other meter is of the same half, so that no judged splice shows a meter learnt from.
    """
    order = rng.permutation(len(window))
    size = max(1, int(SPLICED_SHARE * len(window)))
    for begin in range(0, len(window), size):
        changed = order[begin : begin + size]
        at = rng.integers(SETTLED_DAYS, WINDOW_DAYS - HIT_DAYS, len(window))
        mixed = window.copy()
        for row in changed:
            others = np.flatnonzero(learns == learns[row])
            other = int(rng.choice(others[others != row]))
            ratio = np.nanmean(window[row]) / np.nanmean(window[other])
            mixed[row, at[row] :] = ratio * window[other, at[row] :]
        yield changed, at, mixed


def online_scores(window: Floats, days: npt.NDArray[np.datetime64]) -> dict[str, Floats]:
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
        found = evidence.weigh(adjusted=adjusted, policy=one)
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
    parser.add_argument("folder", type=Path, help="where cambridge_daily.parquet lies")
    json.dump(run(parser.parse_args().folder), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
