"""A tiny station, imported once; each test gets a copy of its database and its lake."""

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
import pytest
from django.core.management import call_command
from django.db import connection

from lamplighter.config import demo
from lamplighter.facts import receiving
from lamplighter.facts.intake.services import Stores
from lamplighter.facts.network.models import Area
from lamplighter.findings.models import Night, ShardDone
from lamplighter.findings.services import night
from lamplighter.insight.spread import engines
from lamplighter.town.plan import Size
from tests.town.making import LAST_DAY, Town, make

RECEIVED = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
KNOWN = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
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
    def stores(self) -> Stores:
        return Stores(
            archive_folder=self.folder / "archive",
            lake_folder=self.folder / "lake",
            field_key=bytes(32),
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
        report = receiving.receive_file(
            file=corrected,
            mapping_file=_mapping(mapping),
            received_by="test",
            now=now,
            stores=self.stores,
        )
        assert (report.state, report.n_imported) == ("IMPORTED", 1)


def _mapping(name: str) -> Path:
    return Path(night.__file__).parents[2] / "town" / "mappings" / f"{name}.toml"


@contextmanager
def _present(blocker: Any, *, url: str) -> Iterator[None]:
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


@contextmanager
def _database(*, template: str = "template1") -> Iterator[str]:
    server = os.environ["DATABASE_URL"]
    name = f"test_lamplighter_{os.getpid()}_night{next(_copies)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _import(station: Station, town: Town, *, shard_an_area: bool) -> None:
    for delivery in town.manifest.deliveries:
        report = receiving.receive_file(
            file=town.folder / delivery.file,
            mapping_file=delivery.mapping_path,
            received_by="test",
            now=RECEIVED,
            stores=station.stores,
        )
        assert report.state == "IMPORTED", report.refusal
        if (
            shard_an_area and delivery.mapping == "area"
        ):  # so small a town would be one shard: one an area instead
            for number, area in enumerate(Area.objects.order_by("code")):
                area.shard = number
                area.save(update_fields=["shard"])


@pytest.fixture(scope="session")
def imported(tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[Station]:
    """A tiny station that only copies are made of."""
    folder = tmp_path_factory.mktemp("night")
    town = make(folder / "town", seed=11, days=250)
    with _database() as url:
        station = Station(folder=folder, deliveries=town.folder, url=url)
        station.stores.archive_folder.mkdir()
        with _present(django_db_blocker, url=url):
            call_command("migrate", verbosity=0)
            _import(station, town, shard_an_area=True)
        yield station


@pytest.fixture
def station(imported: Station, tmp_path: Path, django_db_blocker: Any) -> Iterator[Station]:
    """A station of one's own."""
    with copy_of(imported, tmp_path, django_db_blocker) as copied:
        yield copied


@contextmanager
def copy_of(imported: Station, folder: Path, blocker: Any) -> Iterator[Station]:
    """Make a copy of the imported station and use its database."""
    for name in ("lake", "archive"):
        shutil.copytree(imported.folder / name, folder / name)
    template = urlsplit(imported.url).path.removeprefix("/")
    with _database(template=template) as url, _present(blocker, url=url):
        yield Station(folder=folder, deliveries=imported.deliveries, url=url)


@pytest.fixture(scope="session")
def usual(imported: Station, tmp_path_factory: Any, django_db_blocker: Any) -> dict[str, bytes]:
    """What the night of the last day finds, run once through: the files by name."""
    folder = tmp_path_factory.mktemp("usual")
    with copy_of(imported, folder, django_db_blocker) as copied:
        return copied.files(copied.run())


DAY_BEFORE = date.fromordinal(LAST_DAY.toordinal() - 1)


@pytest.fixture(scope="session")
def zone(tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[tuple[str, Path]]:
    """The hard zone after its night: where its database is, and where the truth."""
    folder = tmp_path_factory.mktemp("zone")
    town = make(folder / "town", seed=31, days=demo.DAYS, size=Size.ZONE)
    with _database() as url:
        station = Station(folder=folder, deliveries=town.folder, url=url)
        station.stores.archive_folder.mkdir()
        with _present(django_db_blocker, url=url):
            call_command("migrate", verbosity=0)
            _import(station, town, shard_an_area=False)
            station.run()
        yield url, town.truth
