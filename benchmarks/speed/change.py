"""The change kernel per 1,000 daily series of 1,035 days, beside ruptures' KernelCPD, on one core.

Both see the same real series, in a process that keeps freed memory as a night's workers do.
KernelCPD (rbf) is timed on some of them and counted up. Processor seconds of one thread, the best
of three.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.change cambridge_daily.parquet
"""

import json
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import real_files
from benchmarks.quality import splices
from lamplighter.findings import judges
from lamplighter.insight.change import detect
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import neighbours, terms
from lamplighter.insight.judge import splicing, watch
from lamplighter.insight.spread import engines

N_SERIES, N_DAYS = 1000, 1035
N_OF_PEER = 25
SEED = 20141101
RULES = Path(__file__).parents[2] / "src/lamplighter/policy/rules/habits/2014-11-01.toml"


def run(file: Path) -> dict[str, Any]:
    """Return seconds and ratios."""
    engines.keep_freed_memory()
    energy, days, n_meters = series(file)
    adjusted = neighbours.take_out_common(
        energy_kwh=energy,
        days=days,
        group=np.arange(N_SERIES) % 10,
        policy=numbers(terms.NeighbourPolicy),
    )
    judge = judges.of_changes()
    watched = best(lambda: watch.watch(energy_kwh=energy, days=days, judge=judge))
    whole = best(
        lambda: detect.find_changes(adjusted=adjusted, policy=numbers(ChangePolicy), judge=judge)
    )
    kernel = kernel_cpd(energy[:N_OF_PEER]) * N_SERIES / N_OF_PEER
    return {
        "series": N_SERIES,
        "of_meters": n_meters,
        "days": N_DAYS,
        "judge_s": round(watched, 3),
        "find_changes_s": round(whole, 3),
        "kernel_cpd_rbf_s": round(kernel, 2),
        "kernel_cpd_timed_on": N_OF_PEER,
        "kernel_cpd_over_judge": round(kernel / watched, 1),
        "kernel_cpd_over_find_changes": round(kernel / whole, 1),
        "goal": "at least 100",
    }


def series(
    file: Path,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.datetime64], int]:
    """Return as many windows of real meters as asked for, their days, and of how many meters.

    Windows of one meter overlap: the fewer the meters, the more so. The time hardly knows.

    Raises
    ------
    real_files.Unfit
        No meter is whole for so long.
    """
    meters = splices.of_file(file, hourly=False)
    rng = np.random.default_rng(SEED)
    rows: list[npt.NDArray[np.float64]] = []
    shown: set[int] = set()
    for _ in range(100 * N_SERIES):
        meter = int(rng.integers(0, len(meters.energy_kwh)))
        start = int(rng.integers(0, max(1, len(meters.days) - N_DAYS + 1)))
        row = meters.energy_kwh[meter, start : start + N_DAYS]
        if len(row) == N_DAYS and np.mean(row > 0.0) > splicing.WHOLE_SHARE:
            rows.append(np.where(row > 0.0, row, np.nan))
            shown.add(meter)
        if len(rows) == N_SERIES:
            break
    if len(rows) < N_SERIES:
        raise real_files.Unfit(
            f"{file.name}: {len(rows)} windows of {N_DAYS} days found where {N_SERIES} are wanted, "
            f"in {len(meters.days)} days of {len(meters.energy_kwh)} meters: give meters with "
            f"{splicing.WHOLE_SHARE:.0%} of so many days above zero"
        )
    days = np.datetime64("2022-01-01") + np.arange(N_DAYS)
    return np.array(rows, dtype=np.float32), days, len(shown)


def kernel_cpd(energy: npt.NDArray[np.float32]) -> float:
    """Return the seconds of KernelCPD over these series."""
    import ruptures  # a peer of the benchmarks alone

    logs = np.log(np.maximum(np.nan_to_num(energy.astype(np.float64)), 1e-3))

    def detect_all() -> None:
        for row in logs:
            ruptures.KernelCPD(kernel="rbf", min_size=14).fit(row[:, None]).predict(pen=10.0)

    return best(detect_all)


def best(call: Callable[[], object]) -> float:
    """Return the least processor seconds of three calls."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return min(taken)


def numbers(shape: type[Any]) -> Any:
    """Return a kernel's numbers from the policy file."""
    rows = tomllib.loads(RULES.read_text(encoding="utf-8"))["rows"]
    values = {field.name: rows[field.name]["value"] for field in fields(shape)}
    return shape(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


if __name__ == "__main__":
    json.dump(run(Path(sys.argv[1])), sys.stdout, indent=1)
    sys.stdout.write("\n")
