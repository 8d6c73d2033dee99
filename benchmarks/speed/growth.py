"""The night of ten thousand to a million customers of the twin, on two processes.

The twin's station (47,783 customers, as in ``nightly``) is repeated shard by shard until there are
enough: each time under new numbers, every point's days scaled by a factor of its own and each day
by another (seeded), bills and payments as they are, without curves of 96 points. Archive rows come
in by COPY, not through the importer, and the days lie where a night before would have left them
(books, copies of days); the lake's own files are not made: a million customers' would take the
importer longer than the night. The first night asks about all days; the one after it is the night
in service. Memory is the sum over the night's processes, sampled; pages of mapped files count
where they are touched.

    python -m benchmarks.speed.growth HOME 10000 100000      on any home of a demo, these sizes
"""

import json
import os
import shutil
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from benchmarks.speed import nightly, stations
from lamplighter.config import demo
from lamplighter.kernel.spans import DaySpan

SEED = 20261126
SIZES = (10_000, 100_000, 1_000_000)
THIS = "benchmarks.speed.growth"
KNOWN = datetime(2026, 12, 1, tzinfo=UTC)
LONG_AGO = "2020-01-01T00:00:00+00:00"
SAMPLE_SECONDS = 0.25
LEAST_FORESEEN = 0.8  # share of the accounts, or the night did not do its work
ROUND = 54  # shards that share one set of station areas, as in the source
EMPTIED = "customers_customer, customers_account, metering_usagepoint, metering_lakecommit"


def run(home: Path | None = None, sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """Measure each size and return seconds, memory and the slope of their logarithms."""
    station = home or stations.station()
    found = [_size(station, n) for n in sizes]
    figures: dict[str, Any] = {
        "seed": SEED,
        "days": demo.DAYS,
        "sizes": found,
        "largest": found[-1]["night"],
    }
    if len(found) > 1:
        customers = np.log([one["customers"] for one in found])
        for name in ("seconds", "cpu_seconds"):
            spent = np.log([one["night"][name] for one in found])
            figures[f"slope_of_log_{name}"] = round(float(np.polyfit(customers, spent, 1)[0]), 3)
    return figures


def _size(station: Path, n: int) -> dict[str, Any]:
    with stations.copy_of(station, name=f"growth{n}") as environment:
        made = stations.measured(THIS, environment, "--make", str(n))
        night = stations.measured(THIS, environment, "--night")
        again = stations.measured(THIS, environment, "--night")
    return {
        "customers": night["accounts"],
        "making": made,
        "first_night": night,
        "night": again,
        "customers_a_second": round(again["accounts"] / again["seconds"]),
    }


def _make(n: int) -> dict[str, Any]:
    """Fill the copied database and its lake's neighbours with repeated shards."""
    from django.conf import settings  # noqa: PLC0415, RUF100 - after Django's setup

    from lamplighter.findings.night import moment  # noqa: PLC0415, RUF100
    from lamplighter.findings.services import moments  # noqa: PLC0415, RUF100

    with stations.Cost() as cost:
        home = Path(os.environ["LAMPLIGHTER_HOME"])
        source = home / "source"
        moments.keep(
            folder=source,
            on=demo.LAST_DAY,
            known_at=KNOWN,
            lake_folder=settings.LAKE_FOLDER,
            zone=settings.TIME_ZONE,
            before_file=None,
        )
        of = moment.moment_in(folder=source)
        chosen = _shards(of.accounts["shard"], n)
        _Station(of=of, lake=home / "lake").fill(chosen)
    return cost.figures() | {"shards": len(chosen)}


def _shards(shard_of_account: np.ndarray, n: int) -> list[int]:
    """Return which shard of the source each shard of the grown station repeats."""
    shards, sizes = np.unique(shard_of_account, return_counts=True)
    repeated: list[int] = []
    total = 0
    while total < n:
        place = len(repeated) % len(shards)
        repeated.append(int(shards[place]))
        total += int(sizes[place])
    return repeated


class _Station:
    """Writes a grown station: rows of the archive, books, and copies of days."""

    def __init__(self, *, of: Any, lake: Path) -> None:
        from django.db import connection  # noqa: PLC0415, RUF100 - after Django's setup

        from lamplighter.facts.billing import books  # noqa: PLC0415, RUF100

        self.of, self.lake, self.connection, self.books = of, lake, connection, books
        self.dice = np.random.default_rng(SEED)
        self.pages: dict[str, dict[int, tuple[str, ...]]] = {f.name: {} for f in books.FORMS}
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(id) FROM network_area")
            self.n_areas = cursor.fetchone()[0]

    def fill(self, chosen: list[int]) -> None:
        """Write everything."""
        from lamplighter.findings.models import Learning  # noqa: PLC0415, RUF100

        folder = self.lake / self.books.FOLDER
        days: dict[int, Any] = {}
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(f"TRUNCATE {EMPTIED} CASCADE")
            for number, shard in enumerate(chosen):
                if shard not in days:
                    days[shard] = self._days(shard)
                self._shard(cursor, number, days[shard], folder)
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("ANALYZE")
        Learning.objects.all().delete()
        for table in ("daily", "interval"):
            shutil.rmtree(self.lake / table, ignore_errors=True)
        self._shelf(folder)

    def _days(self, shard: int) -> Any:
        from lamplighter.findings.night import moment  # noqa: PLC0415, RUF100

        return moment.gather(
            folder=Path(os.environ["LAMPLIGHTER_HOME"]) / "source",
            shard=shard,
            as_of=demo.LAST_DAY,
            history_days=demo.DAYS,
        )

    def _shard(self, cursor: Any, number: int, facts: Any, folder: Path) -> None:
        a_book = self.books.ACCOUNTS_A_BOOK
        old = facts.accounts.account_id
        new = number * a_book + np.arange(len(old))
        offset = number // ROUND * self.n_areas
        area = np.where(facts.accounts.area_id < 0, -1, facts.accounts.area_id + offset)
        self._more_areas(cursor, number)
        point = number * a_book + np.arange(len(facts.points.point_id))
        owner = new[np.searchsorted(old, facts.points.account_id)]
        self._archive(cursor, new, area, facts.accounts)
        self._copy(
            cursor,
            "metering_usagepoint",
            {
                "id": point,
                "number": [f"G{p}" for p in point.tolist()],
                "shard": np.full(len(point), number),
                "recorded_at": [LONG_AGO] * len(point),
                "account_id": owner,
            },
        )
        self._dense(number, point, facts.points.energy_kwh)
        for form in self.books.FORMS:
            self._book(form, number, old, new, folder)

    def _more_areas(self, cursor: Any, number: int) -> None:
        """Make station areas of their own for each further round of shards."""
        offset = number // ROUND * self.n_areas
        if number % ROUND or not offset:
            return
        cursor.execute(
            "INSERT INTO network_area (id, code, name, township, committee, committee_kind,"
            " setting, longitude_deg, latitude_deg, shard, feeder_id, station_id)"
            " SELECT id + %s, code || '-' || %s::text, name, township, committee, committee_kind,"
            " setting, longitude_deg, latitude_deg, shard, feeder_id, station_id"
            " FROM network_area WHERE id <= %s",
            [offset, number // ROUND, self.n_areas],
        )

    def _archive(self, cursor: Any, ids: np.ndarray, area: np.ndarray, of: Any) -> None:
        from lamplighter.facts.customers.models import PAYMENT_METHODS  # noqa: PLC0415, RUF100

        n = len(ids)
        version = {"id": ids, "recorded_at": [LONG_AGO] * n, "recorded_by": ["bench"] * n}
        numbers = [f"G{number}" for number in ids.tolist()]
        self._copy(cursor, "customers_customer", {"id": ids, "number": numbers})
        self._copy(cursor, "customers_account", {"id": ids, "number": numbers, "customer_id": ids})
        self._copy(
            cursor,
            "customers_agreement",
            version
            | {
                "category": ["RESIDENTIAL"] * n,
                "capacity_kva": pa.array(of.capacity_kva, mask=np.isnan(of.capacity_kva)),
                "tariff_code": ["RES_TIER_2024"] * n,
                "is_prepaid": [False] * n,
                "payment_method": [PAYMENT_METHODS[max(m, 0)] for m in of.method.tolist()],
                "account_id": ids,
            },
        )
        self._copy(
            cursor,
            "customers_premise",
            version
            | {"address": [""] * n, "account_id": ids, "area_id": pa.array(area, mask=area < 0)},
        )

    def _copy(self, cursor: Any, table: str, columns: dict[str, Any]) -> None:
        text = pa.BufferOutputStream()
        pa_csv.write_csv(pa.table(columns), text, pa_csv.WriteOptions(include_header=False))
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getvalue().to_pybytes())

    def _dense(self, number: int, points: np.ndarray, energy: np.ndarray) -> None:
        from lamplighter.facts.metering import dense  # noqa: PLC0415, RUF100
        from lamplighter.findings.shard import readings  # noqa: PLC0415, RUF100

        def first(day: date) -> date:
            return readings.days_looked_at(as_of=day, history_days=demo.DAYS).first_day

        # The night of the day before may look at four weeks more: it finds those days repeated.
        begin = first(demo.LAST_DAY - timedelta(1))
        energy = np.concatenate([energy[:, : (first(demo.LAST_DAY) - begin).days], energy], axis=1)
        size = self.dice.lognormal(0.0, 0.3, (len(points), 1)).astype(np.float32)
        noise = self.dice.standard_normal(energy.shape, np.float32)
        dense.keep(
            folder=self.lake,
            name=f"{number:07d}",
            point_ids=points,
            energy_kwh=energy.astype(np.float32) * size * np.exp(np.float32(0.05) * noise),
            days=DaySpan(first_day=begin, end_day=demo.LAST_DAY + timedelta(1)),
            files=(),
        )

    def _book(self, form: Any, number: int, old: np.ndarray, new: np.ndarray, folder: Path) -> None:
        parts = []
        for book, pages in self.of.shelf.pages[form.name].items():
            own = old[old // self.books.ACCOUNTS_A_BOOK == book]
            if not len(own):
                continue
            read = [self.books.read_page(self.of.shelf.folder / page) for page in pages]
            rows = self.books.together(form=form, pages=read)
            begin = np.searchsorted(rows["account_id"], own, side="left")
            end = np.searchsorted(rows["account_id"], own, side="right")
            chosen = np.concatenate([np.arange(a, b) for a, b in zip(begin, end, strict=True)])
            parts.append({name: column[chosen] for name, column in rows.items()})
        rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        rows["account_id"] = new[np.searchsorted(old, rows["account_id"])]
        page = f"{form.name}-{number:06d}.arrow"
        nobody = np.empty(0, np.int64)
        self.books.write_page(path=folder / page, columns=rows, closed_id=nobody, closed_us=nobody)
        self.pages[form.name][number] = (page,)

    def _shelf(self, folder: Path) -> None:
        from lamplighter.facts.billing import bookkeeping  # noqa: PLC0415, RUF100
        from lamplighter.ledger import queries as ledger  # noqa: PLC0415, RUF100

        place = ledger.newest_place()
        shelf = self.books.Shelf(
            folder=folder,
            event_id=place.event_id,
            event_hash=place.hash,
            zone=self.of.zone,
            newest_ids={form.name: 0 for form in self.books.FORMS},
            pages=self.pages,
        )
        (folder / bookkeeping.SHELF).write_text(shelf.to_text(), encoding="utf-8")


class _Memory(threading.Thread):
    """Samples the resident memory of this process and all below it, together."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.peak_mib, self.peak_own_mib = 0.0, 0.0

    def run(self) -> None:
        while not self.over.wait(SAMPLE_SECONDS):
            sizes = [_resident(pid) for pid in _family(os.getpid())]
            self.peak_mib = max(self.peak_mib, sum(whole for whole, _own in sizes))
            self.peak_own_mib = max(self.peak_own_mib, sum(own for _whole, own in sizes))


def _family(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue  # ended meanwhile
            parents[int(folder.name)] = int(fields[1])
    family = [root]
    for pid in family:
        family += [child for child, parent in parents.items() if parent == pid]
    return family


def _resident(pid: int) -> tuple[float, float]:
    """Return resident memory and the part that is no mapped file [MiB]."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0, 0.0
    sizes = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return tuple(int(sizes.get(n, "0").split()[0]) / 1024 for n in ("VmRSS", "RssAnon"))  # type: ignore[return-value]


def _night() -> dict[str, Any]:
    from lamplighter.findings.models import AccountFinding, Night  # noqa: PLC0415, RUF100 - after set-up

    day = demo.LAST_DAY - timedelta(1)
    if Night.objects.filter(as_of_day=day, known_at=KNOWN).exists():
        day = demo.LAST_DAY
    else:
        Night.objects.update(as_of_day=date(2020, 1, 1))
    memory = _Memory()
    memory.start()
    found = nightly.night(as_of=day, workers=2, known_at=KNOWN)
    memory.over.set()
    memory.join()
    n_foreseen = AccountFinding.objects.filter(forecast_amount_cny__isnull=False).count()
    if n_foreseen < LEAST_FORESEEN * found["accounts"]:
        raise RuntimeError(f"the night read no days: it foresaw the bills of {n_foreseen} only")
    return found | {
        "bills_foreseen": n_foreseen,
        "peak_mib_together": round(memory.peak_mib),
        "peak_mib_together_without_mapped_files": round(memory.peak_own_mib),
    }


if __name__ == "__main__":
    if sys.argv[1].startswith("--"):
        import django

        django.setup()
        done = _make(int(sys.argv[2])) if sys.argv[1] == "--make" else _night()
        print(json.dumps(done))
    else:
        asked = tuple(int(n) for n in sys.argv[2:]) or SIZES
        print(json.dumps(run(Path(sys.argv[1]).resolve(), asked), indent=1))
