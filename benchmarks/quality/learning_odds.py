"""Learn how a shift's score becomes a stated probability, on twins whose truth is known.

    python -m benchmarks.quality.learning_odds

Two numbers of the policy "habits" are set by what it prints: `probability_intercept` and
`probability_slope`. The judge of changes states his own log odds and is silent here.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from benchmarks import twin
from benchmarks.quality import twin_bills
from lamplighter.findings import judges, rules
from lamplighter.insight.arrears import logistic
from lamplighter.insight.change import detect
from lamplighter.insight.habits import neighbours
from lamplighter.insight.judge import watch

SEEDS = (7, 11, 23)  # never the one that ``./lamp bench twin`` is measured on
RIDGE = 1e-6

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


def run() -> dict[str, Any]:
    """Return the two numbers, and how true each twin's changes are by those of the others."""
    told = [scored(seed) for seed in SEEDS]
    fit = learn(told)
    apart = {}
    for number, (seed, (score, is_true)) in enumerate(zip(SEEDS, told, strict=True)):
        others = learn([one for place, one in enumerate(told) if place != number])
        odds = others.intercept + others.slopes[0] * score
        apart[f"twin {seed}"] = twin.calibration(logistic.probability_of(log_odds=odds), is_true)
    return {
        "probability_intercept": round(fit.intercept, 2),
        "probability_slope": round(float(fit.slopes[0]), 2),
        "by_the_other_twins": apart,
    }


def learn(told: list[tuple[Floats, Booleans]]) -> logistic.Logistic:
    """Return the log odds that a change is true, over the log of its score."""
    score, is_true = (np.concatenate(part) for part in zip(*told, strict=True))
    return logistic.fit(columns=score[:, None], outcome=is_true, ridge=RIDGE)


def scored(seed: int) -> tuple[Floats, Booleans]:
    """Return the log score of each change found in a twin, and whether it is true."""
    in_force = rules.rules_on(day=twin_bills.LAST_DAY)
    with tempfile.TemporaryDirectory() as folder:
        zone = twin_bills.make(folder=Path(folder), seed=seed)
        truth = pq.read_table(Path(folder) / "truth" / "changes.parquet").to_pylist()
        number = twin_bills.point_numbers(Path(folder) / "deliveries")
    adjusted = neighbours.take_out_common(
        energy_kwh=zone.energy_kwh, days=zone.days, group=zone.area, policy=in_force.neighbours
    )
    none = np.zeros(0, dtype=np.int64)
    found = detect.find_changes(
        adjusted=adjusted,
        policy=in_force.change,
        judge=judges.of_changes(),
        said=watch.Watched(day=none, point=none, log_odds=np.zeros(0, np.float32), since=none),
    )
    moments = twin.moments(truth)
    is_true = [
        twin.is_near(day, moments.get(number[point], ()))
        for point, day in zip(found.point.tolist(), found.day.tolist(), strict=True)
    ]
    strength = np.maximum(np.abs(found.level_score), found.habit_score)
    return np.log(np.maximum(strength, 1.0)), np.array(is_true)


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=1)
    sys.stdout.write("\n")
