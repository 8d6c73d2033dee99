"""The night of the whole station against reading its lake once into memory.

Both start from the demo station (47,783 customers, 1,096 days, 36 bills): the one of ``./lamp run``
where there is one, else one made for the benchmarks, in their folder. The database is copied and
dropped again; the lake is only read. Each measurement is a process of its own, for its peak memory;
a night's wall time is that of its run, with its workers' start and without Django's.

    python -m benchmarks.nightly HOME      the same on any home of a demo
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from lamplighter.config import demo, postgres

ROOT = Path(__file__).parents[1]
N_READS = 3
ONE, TWO = "night, one process", "night, two processes"


def run(home: Path | None = None) -> dict[str, Any]:
    """Measure and return seconds, peak memory and the ratios to reading."""
    station = home or _station()
    with _copy(station) as environment:
        reads = [_measure("read", environment) for _ in range(N_READS)]
        learning = _measure("night", environment, "1")
        one = _measure("night", environment, "1")
        two = _measure("night", environment, "2")
    read = min(found["seconds"] for found in reads)
    return {
        "customers": one["accounts"],
        "days": demo.DAYS,
        "seed": demo.SEED,
        "readings_in_memory": reads[0]["readings"],
        "read_seconds": [round(found["seconds"], 2) for found in reads],
        "read_peak_mib": round(reads[0]["peak_mib"]),
        "first_night_of_a_month_seconds": round(learning["seconds"], 1),
        "night_seconds": {ONE: round(one["seconds"], 1), TWO: round(two["seconds"], 1)},
        "night_peak_mib": {ONE: round(one["peak_mib"]), TWO: round(two["peak_mib"])},
        "ratio_to_reading": {
            ONE: round(one["seconds"] / read, 1),
            TWO: round(two["seconds"] / read, 1),
        },
        "accounts_a_second": {
            ONE: round(one["accounts"] / one["seconds"]),
            TWO: round(two["accounts"] / two["seconds"]),
        },
        "note": "peak of two processes: of the largest of them",
    }


def _station() -> Path:
    """Return the home of the whole demo station, made where there is none yet."""
    own = Path(os.environ.get("LAMPLIGHTER_HOME") or ROOT / ".lamp" / "bench")
    for place in (own.parent / "demo" / "station", own / "station"):
        if (place / demo.LOGINS).exists():
            return place
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    subprocess.run(
        [sys.executable, "-m", "lamplighter.config.demo", "--no-serve"],
        env=environment | {"LAMPLIGHTER_HOME": str(own)},
        check=True,
    )
    return own / "station"


@contextmanager
def _copy(station: Path) -> Iterator[dict[str, str]]:
    """Give the environment of a copy of the station's database, over the station's own lake."""
    server = postgres.ensure_running(home=station)
    name = f"bench_{os.getpid()}"
    results = Path(tempfile.mkdtemp(prefix="lamplighter-bench-"))
    url = urlsplit(server)
    with psycopg.connect(urlunsplit(url._replace(path="/postgres")), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.path.removeprefix("/")}"')
        try:
            yield {
                "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
                "LAMPLIGHTER_HOME": str(station),
                "LAMPLIGHTER_PROFILE": "demo",
                "DJANGO_SETTINGS_MODULE": "lamplighter.config.settings",
                "RESULTS": str(results),
            }
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            shutil.rmtree(results, ignore_errors=True)


def _measure(what: str, environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.nightly", f"--{what}", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _read() -> dict[str, Any]:
    """Read every day of every usage point into memory."""
    from django.conf import settings  # noqa: PLC0415, RUF100 - after Django's setup

    from lamplighter.facts.metering import members, queries, reading  # noqa: PLC0415, RUF100
    from lamplighter.kernel.spans import last_days  # noqa: PLC0415, RUF100

    now = datetime.now(UTC)
    who = {s: members.members_of_shard(shard=s, known_at=now) for s in members.shards(known_at=now)}

    def read(shards: list[int], n_days: int) -> list[reading.DailyMatrix]:
        view = queries.lake_view(lake_folder=settings.LAKE_FOLDER, known_at=now)
        days = last_days(up_to=demo.LAST_DAY, n_days=n_days)
        return [
            reading.daily_matrix(
                view=view, shards=[shard], point_ids=who[shard].point_ids, days=days
            )
            for shard in shards
        ]

    read(list(who)[:1], 1)  # what the first read imports is no part of the floor
    started = time.perf_counter()
    matrices = read(list(who), demo.DAYS)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "readings": sum(m.energy_kwh.size for m in matrices)}


def _night(workers: int) -> dict[str, Any]:
    """Run the night of the last day, with the present knowledge."""
    from django.conf import settings  # noqa: PLC0415, RUF100 - after Django's setup
    from django.db.models import Sum  # noqa: PLC0415, RUF100

    from lamplighter.findings.models import Learning, ShardDone  # noqa: PLC0415, RUF100
    from lamplighter.findings.services import night  # noqa: PLC0415, RUF100
    from lamplighter.insight.spread import engines  # noqa: PLC0415, RUF100

    folder = Path(os.environ["RESULTS"])
    if not any(folder.iterdir()):
        Learning.objects.all().delete()  # the first run of the benchmark learns
    started = time.perf_counter()
    night_id = night.run(
        as_of=demo.LAST_DAY,
        known_at=datetime.now(UTC),
        places=night.Places(
            lake_folder=settings.LAKE_FOLDER, results_folder=folder, zone=settings.TIME_ZONE
        ),
        engine=engines.serial() if workers == 1 else engines.processes(workers),
        clock=lambda: datetime.now(UTC),
        actor="bench",
    )
    seconds = time.perf_counter() - started
    stored = ShardDone.objects.filter(night=night_id).aggregate(n=Sum("n_accounts"))
    return {"seconds": seconds, "accounts": stored["n"]}


def _part(arguments: list[str]) -> None:
    import django  # noqa: PLC0415, RUF100 - only the measuring processes need it

    django.setup()
    found = _read() if arguments[0] == "--read" else _night(int(arguments[1]))
    peaks = [
        resource.getrusage(of).ru_maxrss for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(json.dumps(found | {"peak_mib": max(peaks) / 1024}))


if __name__ == "__main__":
    if sys.argv[1].startswith("--"):
        _part(sys.argv[1:])
    else:
        print(json.dumps(run(Path(sys.argv[1])), indent=1))
