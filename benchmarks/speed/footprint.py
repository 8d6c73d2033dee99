"""What one customer costs: bytes in each store, and a night's processor seconds by who spends them.

Seconds are of the processor, not of the wall, so that others at work on the machine change little.
A night's own process pins the moment, learns, stores, and sums the station areas up; parts are what
any worker may do. The first night finds nothing that one before it left; a usual one is the mean of
the three days after it, each beginning from the day before, as in service: each third night asks
the judge of changes about every day. The capacity plan (``capacity``) multiplies these.

    python -m benchmarks.speed.footprint HOME      the same on any home of a demo
"""

import json
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks import running
from benchmarks.speed import stations
from lamplighter.config import demo
from lamplighter.findings.night import shard_tasks
from lamplighter.insight.spread import cluster, engines
from tests import clusters

FACTS = ("network_", "customers_", "metering_", "billing_", "intake_", "ledger_")
N_EMPTY = 2000
N_USUAL = 3
N_TRIES = 3


@dataclass
class Timed:
    """The serial engine, with the seconds that parts take, and how large their results are."""

    parts_s: list[float] = field(default_factory=list)
    result_bytes: int = 0

    def map_in_order(self, task: Callable[[Any], Any], parts: Iterable[Any]) -> Iterator[Any]:
        self.parts_s.append(0.0)
        for part in parts:
            started = time.process_time()
            found = task(part)
            self.parts_s[-1] += time.process_time() - started
            self.result_bytes += len(pickle.dumps(found))
            yield found


def run(home: Path | None = None) -> dict[str, Any]:
    """Measure on a copy of the demo station."""
    with stations.copy_of(home or stations.station(), name="footprint") as environ:
        figures = stations.measured("benchmarks.speed.footprint", environ, "--measure")
    with tempfile.TemporaryDirectory() as folder:
        figures["dask"] = _dask(Path(folder))
    figures["measured"] = f"{datetime.now(UTC):%Y-%m-%d} on {running.machine()}"
    return figures


def _dask(folder: Path) -> dict[str, Any]:
    """Return what the engine costs for each part that does nothing; the least of some tries.

    By the wall: who hands the parts out and who takes them wait for each other.
    """
    with clusters.running(folder, n_workers=2) as started:
        clusters.wait_for(started, n_workers=2)
        engine = cluster.cluster(started.address)
        tries = []
        for _ in range(N_TRIES):
            begun = time.perf_counter()
            n_done = sum(1 for _ in engine.map_in_order(abs, range(N_EMPTY)))
            tries.append((time.perf_counter() - begun) / n_done * 1000)
    return {"parts": N_EMPTY, "wall_ms_a_part": round(min(tries), 2)}


def _measure() -> dict[str, Any]:
    import django  # only the measuring process needs it

    django.setup()
    from django.conf import settings

    from lamplighter.findings.models import Learning, Night

    Learning.objects.all().delete()
    # The demo's own night is of the last day: as an older one it lets these show theirs.
    Night.objects.update(as_of_day=demo.LAST_DAY - timedelta(demo.DAYS))
    folder = Path(os.environ["LAMPLIGHTER_HOME"]) / "footprint"
    first, *usual = (_night(demo.LAST_DAY - timedelta(n), folder) for n in range(N_USUAL, -1, -1))
    return {
        "seed": demo.SEED,
        **_people(),
        "first_night_of_a_month": first,
        "night": {name: round(sum(n[name] for n in usual) / N_USUAL, 2) for name in first},
        "usual_nights": usual,
        "bytes": _bytes(Path(settings.LAKE_FOLDER), folder),
        "rows": _rows(),
        "listing": _listing(Path(settings.LAKE_FOLDER)),
    }


def _people() -> dict[str, Any]:
    from lamplighter.facts.metering import members

    shards = members.shards(known_at=datetime.now(UTC))
    of = [members.members_of_shard(shard=s, known_at=datetime.now(UTC)) for s in shards]
    return {
        "accounts": sum(len(m.account_ids) for m in of),
        "points": sum(len(m.point_ids) for m in of),
        "shards": len(shards),
    }


def _night(as_of: date, folder: Path) -> dict[str, Any]:
    from django.conf import settings
    from django.db import connection

    from lamplighter.findings.areas import services as areas
    from lamplighter.findings.services import night

    engine = Timed()
    checked: engines.Engine = engine
    with connection.cursor() as cursor:  # what helps another process is not seen in this one's
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SET max_parallel_maintenance_workers = 0")
    started, asked = time.process_time(), _cpu_of(connection.connection.info.backend_pid)
    night.run(
        as_of=as_of,
        known_at=datetime.now(UTC),
        places=night.Places(
            lake_folder=settings.LAKE_FOLDER, results_folder=folder, zone=settings.TIME_ZONE
        ),
        engine=checked,
        clock=lambda: datetime.now(UTC),
        actor="bench",
        on_progress=_keep_moment(folder),
    )
    areas.sum_up(
        lake_folder=settings.LAKE_FOLDER,
        zone=ZoneInfo(settings.TIME_ZONE),
        actor="bench",
        now=datetime.now(UTC),
    )
    whole = time.process_time() - started
    answered = _cpu_of(connection.connection.info.backend_pid)
    return {
        "parts_cpu_s": round(sum(engine.parts_s), 2),
        "own_cpu_s": round(whole - sum(engine.parts_s), 2),
        "postgres_cpu_s": round(answered - asked, 2),
        "result_bytes_sent": engine.result_bytes,
    }


def _cpu_of(pid: int) -> float:
    """Return the processor seconds of the server's process behind our session."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _keep_moment(folder: Path) -> Callable[[str, int, int], None]:
    """Return what keeps the moment's size, which a finished night throws away."""

    def on_progress(what: str, n_done: int, _n_all: int) -> None:
        if what == "find" and n_done == 1:
            size = sum(f.stat().st_size for f in folder.glob("*/moment/*"))
            (folder / "moment_bytes").write_text(str(size))

    return on_progress


def _bytes(lake: Path, results: Path) -> dict[str, int]:
    def size(folder: Path, pattern: str) -> int:
        return sum(f.stat().st_size for f in folder.rglob(pattern) if f.is_file())

    return {
        "daily": size(lake / "daily", "*.parquet"),
        "interval": size(lake / "interval", "*.parquet"),
        "logs": size(lake, "_delta_log/*"),
        "dense": size(lake / "dense", "*"),
        "books": size(lake.parent, "books/*.arrow") or size(lake, "books/*.arrow"),
        "results": size(max(results.glob("*-*-*")), "0*.parquet"),
        "kept": size(results / shard_tasks.JUDGED, "*"),
        "moment": int((results / "moment_bytes").read_text()),
    }


def _rows() -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT relname, n_live_tup, pg_total_relation_size(relid)"
            " FROM pg_stat_user_tables ORDER BY 3 DESC"
        )
        tables = [(name, int(n), int(size)) for name, n, size in cursor.fetchall()]
    return {
        "facts_bytes": sum(size for name, _, size in tables if name.startswith(FACTS)),
        "findings_bytes": sum(size for name, _, size in tables if name.startswith("findings_")),
        "all_bytes": sum(size for _, _, size in tables),
        "largest": {name: {"rows": n, "bytes": size} for name, n, size in tables[:8]},
    }


def _listing(folder: Path) -> dict[str, Any]:
    """Return what the list of the lake's files costs a process that sees it for the first time."""
    from lamplighter.facts.metering import lake

    lake._files_at.cache_clear()
    started = time.process_time()
    files = [
        file for series in lake.Series for file in lake.all_files(folder=folder, series=series)
    ]
    seconds = time.process_time() - started
    return {
        "files": len(files),
        "readings": sum(f.n_rows for f in files if "/daily/" in str(f.path)),
        "interval_days": sum(f.n_rows for f in files if "/interval/" in str(f.path)),
        "cpu_ms_a_file": round(seconds / max(len(files), 1) * 1000, 3),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(_measure()))
    else:
        print(json.dumps(run(Path(sys.argv[1]) if sys.argv[1:] else None), indent=1))
