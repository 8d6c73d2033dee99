"""Daily readings through the whole importer, against writing the same rows as Parquet directly.

The file is as a collection system gives it: a year of days, day after day, the usage points of a
day in no order of ours. The importer checks every value, finds each usage point, keeps the file,
its quarantine and its books, and ends in the lake. The
peer, DuckDB, reads the same file in the same run and writes Parquet, zstd, one folder a shard and
sorted as the lake is. It is handed the shards, checks nothing and compares with nothing.

    python -m benchmarks.import_readings [number of usage points] [number of days]
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
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

N_POINTS, N_DAYS, N_SHARDS = 47_783, 365, 64
LAST_DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
SEED = 20141101
MAPPING = """
record = "daily_reading"
[file]
format = "parquet"
[columns.usage_point_number]
from = "计量点编号"
[columns.day]
from = "数据日期"
[columns.energy_kwh]
from = "日电量(Wh)"
unit = "Wh"
[columns.quality]
from = "数据标识"
values = { "实测" = "MEASURED", "估算" = "ESTIMATED" }
"""


def run(n_points: int = N_POINTS, n_days: int = N_DAYS) -> dict[str, Any]:
    """Return seconds, megabytes and ratios, measured in a process and a database of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.import_readings", str(n_points), str(n_days)],
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def fresh_home() -> Iterator[Path]:
    """Give an empty home with a migrated database of its own, gone afterwards."""
    import django  # the settings below have to stand first
    from django.core.management import call_command

    from lamplighter.config import postgres

    home = Path(tempfile.mkdtemp(prefix="lamp-bench-"))
    try:
        os.environ["DATABASE_URL"] = postgres.ensure_running(home=home, is_disposable=True)
        os.environ["LAMPLIGHTER_HOME"] = str(home)
        os.environ["LAMPLIGHTER_PROFILE"] = "demo"
        os.environ["DJANGO_SETTINGS_MODULE"] = "lamplighter.config.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        yield home
    finally:
        postgres.stop(home=home)
        shutil.rmtree(home, ignore_errors=True)


def number_of(place: int) -> str:
    return f"JLD{place + 1:09d}"


def make_points(n_points: int) -> None:
    """Record accounts and usage points, neighbours together in shards."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO customers_customer (number) VALUES ('K1')")
        cursor.execute(
            "INSERT INTO customers_account (number, customer_id) "
            "SELECT 'A' || n, (SELECT id FROM customers_customer) FROM generate_series(1, %s) n",
            [n_points],
        )
        cursor.execute(
            "INSERT INTO metering_usagepoint (number, account_id, shard, recorded_at) "
            "SELECT 'JLD' || lpad(n::text, 9, '0'), a.id, (n - 1) * %s / %s, now() "
            "FROM generate_series(1, %s) n JOIN customers_account a ON a.number = 'A' || n",
            [N_SHARDS, n_points, n_points],
        )


def write_file(*, path: Path, n_points: int, n_days: int, first_back: int = 0) -> int:
    """Write the collection system's file of the *n_days* that end *first_back* days ago."""
    rng = np.random.default_rng(SEED + first_back)
    words = pa.array([number_of(place) for place in range(n_points)])
    level = np.random.default_rng(SEED).lognormal(np.log(7.0), 0.6, n_points)
    schema = pa.schema(
        [
            ("计量点编号", pa.string()),
            ("数据日期", pa.date32()),
            ("日电量(Wh)", pa.int32()),
            ("数据标识", pa.string()),
        ]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for back in reversed(range(first_back, first_back + n_days)):
            order = rng.permutation(n_points)
            wh = np.rint(level[order] * np.exp(rng.normal(0, 0.3, n_points)) * 100) * 10
            day = LAST_DAY - timedelta(back)
            writer.write_table(
                pa.table(
                    [
                        words.take(pa.array(order)),
                        pa.repeat(pa.scalar(day), n_points),
                        pa.array(wh.astype(np.int32)),
                        pc.if_else(pa.array(rng.random(n_points) < 0.02), "估算", "实测"),
                    ],
                    schema=schema,
                )
            )
    return n_points * n_days


def import_file(*, file: Path, home: Path, now: datetime = NOW) -> Any:
    """Take a file in as a user's is."""
    from lamplighter.facts import receiving
    from lamplighter.facts.intake.services import Stores

    mapping = file.with_suffix(".toml")
    mapping.write_text(MAPPING, encoding="utf-8")
    return receiving.receive_file(
        file=file,
        mapping_file=mapping,
        received_by="bench",
        now=now,
        stores=Stores(
            archive_folder=home / "archive", lake_folder=home / "lake", field_key=bytes(32)
        ),
    )


def duckdb_sorted(*, file: Path, folder: Path, n_points: int) -> float:
    """Let DuckDB sort and write the same rows; return seconds."""
    points = pa.table(
        {
            "number": [number_of(place) for place in range(n_points)],
            "id": pa.array(range(n_points), pa.int64()),
            "shard": pa.array([place * N_SHARDS // n_points for place in range(n_points)]),
        }
    )
    database = duckdb.connect()
    database.register("points", points)
    began = time.perf_counter()
    database.execute(
        f"""COPY (SELECT shard, id, "数据日期" AS day, "日电量(Wh)" AS wh,
                         "数据标识" = '估算' AS estimated
                  FROM read_parquet('{file}') JOIN points ON number = "计量点编号"
                  ORDER BY shard, id, day)
            TO '{folder}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (shard))"""
    )
    return time.perf_counter() - began


def size_mb(folder: Path) -> float:
    """Return how much the Parquet files of a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e6


def measure(n_points: int, n_days: int) -> dict[str, Any]:
    with fresh_home() as home:
        make_points(n_points)
        file = home / "readings.parquet"
        n_rows = write_file(path=file, n_points=n_points, n_days=n_days)
        import_module("lamplighter.facts.receiving")  # a running system has its modules
        began, cpu_began = time.perf_counter(), time.process_time()
        report = import_file(file=file, home=home)
        seconds = time.perf_counter() - began
        cpu_seconds = time.process_time() - cpu_began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if (report.state, report.n_imported) != ("IMPORTED", n_rows):
            raise RuntimeError(f"{report}")
        cpu_began = time.process_time()
        sorted_seconds = duckdb_sorted(file=file, folder=home / "duckdb", n_points=n_points)
        peer_cpu_seconds = time.process_time() - cpu_began
        return {
            "rows": n_rows,
            "import_s": round(seconds, 2),
            "duckdb_sorted_s": round(sorted_seconds, 2),
            "ratio_to_duckdb_sorted": round(seconds / sorted_seconds, 2),
            "import_cpu_s": round(cpu_seconds, 2),
            "duckdb_sorted_cpu_s": round(peer_cpu_seconds, 2),
            "peak_mb_of_import": round(peak),
            "source_mb": round(file.stat().st_size / 1e6, 1),
            "lake_mb": round(size_mb(home / "lake"), 1),
            "duckdb_mb": round(size_mb(home / "duckdb"), 1),
        }


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:]] or [N_POINTS, N_DAYS]
    print(json.dumps(measure(*sizes)))
