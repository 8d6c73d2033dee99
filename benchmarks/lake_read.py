"""The whole lake read once into memory, one shard, and the days behind a customer's page.

Three years of daily readings of a whole station (52 million) are imported first, year by year, as
a station would. The floor is the same files decoded by DuckDB into columns, in the same run.

    python -m benchmarks.lake_read [number of usage points] [number of days]
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks import import_readings as importing

N_POINTS, N_DAYS, DAYS_OF_A_FILE = 47_783, 1096, 366
REPEATS = 5
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def run(n_points: int = N_POINTS, n_days: int = N_DAYS) -> dict[str, Any]:
    """Return seconds and megabytes, measured in a process and a database of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.lake_read", str(n_points), str(n_days)],
        capture_output=True,
        text=True,
        check=False,
        timeout=3600,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def fill(*, home: Path, n_points: int, n_days: int) -> list[float]:
    """Import the readings, a file a year; return each file's seconds."""
    file = home / "readings.parquet"
    seconds = []
    for back in reversed(range(0, n_days, DAYS_OF_A_FILE)):
        size = min(DAYS_OF_A_FILE, n_days - back)
        n_rows = importing.write_file(path=file, n_points=n_points, n_days=size, first_back=back)
        began = time.perf_counter()
        now = importing.NOW + timedelta(minutes=len(seconds))
        report = importing.import_file(file=file, home=home, now=now)
        seconds.append(round(time.perf_counter() - began, 2))
        if report.n_imported != n_rows:
            raise RuntimeError(f"{report}")
    file.unlink()
    return seconds


def best(call: Callable[[], Any]) -> float:
    """Return the shortest of some runs, in seconds."""
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return round(min(seconds), 4)


def measure(n_points: int, n_days: int) -> dict[str, Any]:
    with importing.fresh_home() as home:
        from lamplighter.facts.metering import queries, reading
        from lamplighter.facts.metering.models import UsagePoint
        from lamplighter.kernel.spans import last_days

        import_module("lamplighter.facts.receiving")
        importing.make_points(n_points)
        import_seconds = fill(home=home, n_points=n_points, n_days=n_days)
        import_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        view = queries.lake_view(lake_folder=home / "lake", known_at=LATER)
        days = last_days(up_to=importing.LAST_DAY, n_days=n_days)
        ids: dict[int, list[int]] = {}
        for shard, point in UsagePoint.objects.order_by("id").values_list("shard", "id"):
            ids.setdefault(shard, []).append(point)
        points = {shard: np.array(of_shard) for shard, of_shard in ids.items()}

        def one(shard: int, span: Any = days) -> reading.DailyMatrix:
            return reading.daily_matrix(
                view=view, shards=[shard], point_ids=points[shard], days=span
            )

        def floor() -> None:
            names = [str(path) for path in (home / "lake" / "daily").rglob("*.parquet")]
            duckdb.connect().execute(
                "SELECT point_id, day, energy_wh, quality FROM read_parquet($1)", [names]
            ).fetchnumpy()

        began = time.perf_counter()
        whole = [one(shard) for shard in points]
        whole_seconds = time.perf_counter() - began
        n_known = sum(int(np.count_nonzero(~np.isnan(part.energy_kwh))) for part in whole)
        if n_known != n_points * n_days:
            raise RuntimeError(f"{n_known} readings came back of {n_points * n_days}")
        matrix_mb = sum(part.energy_kwh.nbytes for part in whole) / 1e6
        whole.clear()
        year = last_days(up_to=importing.LAST_DAY, n_days=min(n_days, 365))
        return {
            "rows": n_points * n_days,
            "lake_mb": round(importing.size_mb(home / "lake"), 1),
            "import_s_per_file": import_seconds,
            "peak_mb_of_imports": round(import_peak),
            "whole_lake_s": round(whole_seconds, 2),
            "whole_lake_matrices_mb": round(matrix_mb),
            "duckdb_columns_s": best(floor) if n_points < N_POINTS else _once(floor),
            "one_shard_s": best(lambda: one(next(iter(points)))),
            "one_shard_last_year_s": best(lambda: one(next(iter(points)), year)),
        }


def _once(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return round(time.perf_counter() - began, 2)


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:]] or [N_POINTS, N_DAYS]
    print(json.dumps(measure(*sizes)))
