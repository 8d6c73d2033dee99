"""A night after one more day of readings against the same night from nothing.

Station and database as in ``nightly``. A night runs; then a file with one further day of every
usage point comes in through the importer (each point's day of a week before, scaled by a factor of
its own, seeded: the day is made up, its size and its way in are not). The incremental night finds
books, copies of days, words of the judge and what settled days tell as the night before left them.
In a second copy the same day comes in and the night starts from nothing: no book, no copy, no word.
Result files and the pages' rows are compared byte by byte. The floor is what no night can save:
each account's row changes every day, so the same rows are written once more and nothing else.

    python -m benchmarks.speed.incremental HOME      the same on any home of a demo
"""

import hashlib
import json
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.speed import nightly, stations
from lamplighter.config import demo

SEED = 20261126
NEXT_DAY = demo.LAST_DAY + timedelta(1)
ACTOR = "bench"
THIS = "benchmarks.speed.incremental"


def run(home: Path | None = None) -> dict[str, Any]:
    """Measure and return both nights, and whether they found the same."""
    station = home or stations.station()
    with stations.copy_of(station, name="incremental") as environment:
        before = stations.measured(THIS, environment, "--night", "last", "2")
        day = stations.measured(THIS, environment, "--day")
        grown = stations.measured(THIS, environment, "--night", "next", "2")
        found = stations.measured(THIS, environment, "--found")
        again = stations.measured(THIS, environment, "--again", "2")
        floor = stations.measured(THIS, environment, "--rows")
    with stations.copy_of(station, name="from_nothing") as environment:
        stations.measured(THIS, environment, "--night", "last", "2")
        stations.measured(THIS, environment, "--day")
        stations.measured(THIS, environment, "--forget")
        whole = stations.measured(THIS, environment, "--night", "next", "2")
        expected = stations.measured(THIS, environment, "--found")
    return {
        "customers": grown["accounts"],
        "seed": SEED,
        "rows_of_the_day": day["rows"],
        "import_of_the_day": day,
        "night_before": before,
        "incremental": grown,
        "from_nothing": whole,
        "with_books_and_copies_nothing_new": again,
        "bare_writing_of_the_rows": floor,
        "from_nothing_over_incremental": round(whole["seconds"] / grown["seconds"], 2),
        "from_nothing_over_bare_writing": round(whole["seconds"] / floor["seconds"], 2),
        "cpu_from_nothing_over_incremental": round(_cpu(whole) / _cpu(grown), 2),
        "files_are_equal": found["files"] == expected["files"],
        "rows_are_equal": found["rows"] == expected["rows"],
        "files_compared": len(found["files"]),
    }


def _cpu(found: dict[str, Any]) -> float:
    return float(found["cpu_seconds"]) + float(found["postgres_cpu_seconds"])


def _night(which: str, workers: int) -> dict[str, Any]:
    from lamplighter.findings.models import Night  # noqa: PLC0415, RUF100 - after set-up

    if which == "last":
        Night.objects.update(as_of_day=demo.LAST_DAY - timedelta(demo.DAYS))
    day = demo.LAST_DAY if which == "last" else NEXT_DAY
    return nightly.night(as_of=day, workers=workers, known_at=_came_in() + timedelta(days=2))


def _again(workers: int) -> dict[str, Any]:
    """Run the next day's night once more, with a moment later as its knowledge."""
    later = _came_in() + timedelta(days=2, minutes=1)
    return nightly.night(as_of=NEXT_DAY, workers=workers, known_at=later)


def _came_in() -> datetime:
    """Return when the station's own files came in, or the night after its last day."""
    from django.db.models import Max  # noqa: PLC0415, RUF100 - after Django's setup

    from lamplighter.facts.intake.models import Delivery  # noqa: PLC0415, RUF100

    own = Delivery.objects.exclude(received_by=ACTOR).aggregate(last=Max("finished_at"))["last"]
    return max(own, datetime(2026, 11, 26, tzinfo=UTC))


def _day() -> dict[str, Any]:
    """Bring a further day of every usage point through the importer."""
    from django.conf import settings  # noqa: PLC0415, RUF100 - after Django's setup

    from lamplighter.facts import receiving  # noqa: PLC0415, RUF100
    from lamplighter.facts.intake.services import Stores  # noqa: PLC0415, RUF100
    from lamplighter.town import station as town  # noqa: PLC0415, RUF100

    home = Path(os.environ["LAMPLIGHTER_HOME"])
    mapping = Path(town.__file__).parent / "mappings" / "daily_reading.toml"
    file = home / "next-day.parquet"
    rows = _file_of_the_day(file)
    with stations.Cost() as cost:
        report = receiving.receive_file(
            file=file,
            mapping_file=mapping,
            received_by=ACTOR,
            now=_came_in() + timedelta(days=1),
            stores=Stores(
                archive_folder=settings.ARCHIVE_FOLDER,
                lake_folder=settings.LAKE_FOLDER,
                field_key=settings.FIELD_KEY,
            ),
        )
    if report.n_imported != rows:
        raise RuntimeError(f"{report.n_imported} of {rows} rows came in: {report.refusal}")
    return cost.figures() | {"rows": rows}


def _file_of_the_day(file: Path) -> int:
    from django.conf import settings  # noqa: PLC0415, RUF100 - after Django's setup

    from lamplighter.facts.metering import queries, reading  # noqa: PLC0415, RUF100
    from lamplighter.facts.metering.models import UsagePoint  # noqa: PLC0415, RUF100
    from lamplighter.kernel.spans import last_days  # noqa: PLC0415, RUF100

    points = list(UsagePoint.objects.order_by("pk").values_list("pk", "number", "shard"))
    ids = np.array([point[0] for point in points], np.int64)
    numbers = np.array([point[1] for point in points])
    week_before = reading.daily_matrix(
        view=queries.lake_view(lake_folder=settings.LAKE_FOLDER, known_at=datetime.now(UTC)),
        shards=sorted({point[2] for point in points}),
        point_ids=ids,
        days=last_days(up_to=NEXT_DAY - timedelta(7), n_days=1),
    ).energy_kwh[:, 0]
    known = np.isfinite(week_before)
    factor = np.random.default_rng(SEED).lognormal(0.0, 0.2, len(ids))
    wh = np.rint(week_before * factor * 1000.0)[known].astype(np.int64)
    columns = {
        "计量点编号": pa.array(numbers[known]),
        "数据日期": pa.array([NEXT_DAY] * len(wh)),
        "日电量(Wh)": pa.array(wh),
        "数据标识": pa.array(["实测"] * len(wh)),
    }
    pq.write_table(pa.table(columns), file)
    return len(wh)


def _forget() -> dict[str, Any]:
    """Remove what earlier nights left beside the lake."""
    home = Path(os.environ["LAMPLIGHTER_HOME"])
    for place in ("lake/books", "lake/dense", "results/judged"):
        shutil.rmtree(home / place)
    return {}


def _rows() -> dict[str, Any]:
    """Write every account's row once more, as it is."""
    from django.db import connection  # noqa: PLC0415, RUF100 - after Django's setup

    connection.ensure_connection()
    with stations.Cost() as cost, connection.cursor() as cursor:
        cursor.execute("UPDATE findings_accountfinding SET night_id = night_id")
        rows = cursor.rowcount
    return cost.figures() | {"rows": rows}


def _found() -> dict[str, Any]:
    """Return hashes of the next day's files and of all rows the pages read."""
    from django.db import connection  # noqa: PLC0415, RUF100 - after Django's setup

    home = Path(os.environ["LAMPLIGHTER_HOME"])
    (folder,) = (home / "results").glob(f"{NEXT_DAY.isoformat()}-*")
    files = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.glob("0*.parquet"))
    }
    rows = {}
    with connection.cursor() as cursor:
        for table, order in (
            ("findings_accountfinding", "account_id"),
            ("findings_signal", "account_id, usage_point_id, list, changed_date"),
            ("findings_gradechange", "account_id, as_of_day, night_id"),
        ):
            content = "(to_jsonb(t) - 'id' - 'night_id')::text"
            query = f"SELECT md5(string_agg({content}, '' ORDER BY {order})) FROM {table} t"
            cursor.execute(query)
            rows[table] = cursor.fetchone()[0]
    return {"files": files, "rows": rows}


PARTS = {
    "--night": lambda a: _night(a[0], int(a[1])),
    "--again": lambda a: _again(int(a[0])),
    "--day": lambda _: _day(),
    "--forget": lambda _: _forget(),
    "--rows": lambda _: _rows(),
    "--found": lambda _: _found(),
}


if __name__ == "__main__":
    if sys.argv[1].startswith("--"):
        import django

        django.setup()
        print(json.dumps(PARTS[sys.argv[1]](sys.argv[2:])))
    else:
        print(json.dumps(run(Path(sys.argv[1]).resolve()), indent=1))
