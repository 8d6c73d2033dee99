"""Stations with a database and a lake of their own, for what has to commit or start processes."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from django.core.management import call_command
from django.db import connection

from lamplighter.facts import receiving
from lamplighter.facts.intake import services
from lamplighter.facts.network.models import Area
from lamplighter.findings.models import Night, ShardDone
from lamplighter.findings.services import night
from lamplighter.insight.spread import engines
from tests.town.making import LAST_DAY, Town

RECEIVED = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
KNOWN = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
DAY_BEFORE = date.fromordinal(LAST_DAY.toordinal() - 1)
CORRECTED = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
KNOWN_LATER = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
_copies = count(1)


@dataclass(frozen=True, kw_only=True)
class Station:
    """An imported station with a database of its own, which is the present one."""

    folder: Path
    deliveries: Path
    url: str

    @property
    def places(self) -> night.Places:
        return night.Places(
            lake_folder=self.folder / "lake",
            results_folder=self.folder / "results",
            zone="Asia/Shanghai",
        )

    @property
    def stores(self) -> services.Stores:
        return services.Stores(
            archive_folder=self.folder / "archive",
            lake_folder=self.folder / "lake",
            field_key=bytes(32),
        )

    def receive(
        self, file: Path, mapping_file: Path, *, now: datetime = RECEIVED
    ) -> services.DeliveryReport:
        """Take a file in."""
        return receiving.receive_file(
            file=file,
            mapping_file=mapping_file,
            received_by="test",
            now=now,
            stores=self.stores,
        )

    def run(self, **changed: Any) -> int:
        """Run a night and return its id."""
        usual: dict[str, Any] = {
            "as_of": LAST_DAY,
            "known_at": KNOWN,
            "places": self.places,
            "engine": engines.serial(),
            "clock": lambda: KNOWN_LATER,
            "actor": "test",
        }
        return night.run(**usual | changed)

    def files(self, night_id: int) -> dict[str, bytes]:
        """Return the kept result files of a night by name."""
        (folder,) = self.places.results_folder.glob(f"*-{night_id}")
        return {file.name: file.read_bytes() for file in sorted(folder.glob("0*.parquet"))}

    def hashes(self, night_id: int) -> dict[int, str]:
        """Return the hash of each stored shard; each is there once."""
        rows = list(ShardDone.objects.filter(night=night_id).values_list("shard", "result_sha256"))
        assert len(rows) == len(dict(rows)) == Night.objects.get(pk=night_id).n_shards
        return dict(rows)

    def row_of(self, file: str, **values: Any) -> int:
        """Return the place of the row of a delivered file that holds some values."""
        table = pq.read_table(self.deliveries / file, columns=list(values))
        wanted = list(values.values())
        return [list(row.values()) for row in table.to_pylist()].index(wanted)

    def column(self, file: str, name: str) -> list[Any]:
        """Return a column of a delivered file."""
        values: list[Any] = pq.read_table(self.deliveries / file)[name].to_pylist()
        return values

    def correct(self, file: str, mapping: str, *, row: int, now: datetime, **values: Any) -> None:
        """Deliver one row of a file again with other values."""
        table = pq.read_table(self.deliveries / file).slice(row, 1)
        for name, value in values.items():
            place = table.schema.get_field_index(name)
            table = table.set_column(
                place, table.schema.field(place), pa.array([value]).cast(table.schema.types[place])
            )
        corrected = self.folder / f"correction-{mapping}.parquet"
        pq.write_table(table, corrected)
        report = self.receive(corrected, mapping_file(mapping), now=now)
        assert (report.state, report.n_imported) == ("IMPORTED", 1)


def mapping_file(name: str) -> Path:
    return Path(night.__file__).parents[2] / "town" / "mappings" / f"{name}.toml"


@contextmanager
def present(blocker: Any, *, url: str) -> Iterator[None]:
    """Make another database the one that Django and its child processes use."""
    name = connection.settings_dict["NAME"]
    environment = os.environ["DATABASE_URL"]
    with blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = urlsplit(url).path.removeprefix("/")
        os.environ["DATABASE_URL"] = url
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = name
            os.environ["DATABASE_URL"] = environment


def make_tables(name: str, *, blocker: Any) -> None:
    """Make a database that has every table, whole or not at all; others are copied from it."""
    server = os.environ["DATABASE_URL"]
    unfinished = f"{name}_unfinished"
    with psycopg.connect(server, autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        admin.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{unfinished}"')
        with present(blocker, url=urlunsplit(urlsplit(server)._replace(path=f"/{unfinished}"))):
            call_command("migrate", verbosity=0)
        admin.execute(  # the session that migrated may still be ending
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s",
            [unfinished],
        )
        admin.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


@contextmanager
def database(*, template: str) -> Iterator[str]:
    """Make a database as a copy of another, for as long as it is needed, and give its URL."""
    server = os.environ["DATABASE_URL"]
    name = f"test_lamplighter_{os.getpid()}_night{next(_copies)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def import_town(station: Station, town: Town, *, shard_an_area: bool) -> None:
    for delivery in town.manifest.deliveries:
        report = station.receive(town.folder / delivery.file, delivery.mapping_path)
        assert report.state == "IMPORTED", report.refusal
        if (
            shard_an_area and delivery.mapping == "area"
        ):  # so small a town would be one shard: one an area instead
            for number, area in enumerate(Area.objects.order_by("code")):
                area.shard = number
                area.save(update_fields=["shard"])


@contextmanager
def copy_of(imported: Station, folder: Path, blocker: Any) -> Iterator[Station]:
    """Make a copy of the imported station and use its database."""
    for name in ("lake", "archive"):
        shutil.copytree(imported.folder / name, folder / name)
    template = urlsplit(imported.url).path.removeprefix("/")
    with database(template=template) as url, present(blocker, url=url):
        yield Station(folder=folder, deliveries=imported.deliveries, url=url)
