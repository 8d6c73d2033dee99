"""A tiny station, imported once; each test gets a copy. And the zone after its night."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lamplighter.config import demo
from lamplighter.town.plan import Size
from tests.stations import Station, copy_of, database, import_town, present
from tests.town.making import make


@pytest.fixture(scope="session")
def imported(tmp_path_factory: Any, tables: str, django_db_blocker: Any) -> Iterator[Station]:
    """A tiny station that only copies are made of."""
    folder = tmp_path_factory.mktemp("night")
    town = make(folder / "town", seed=11, days=250)
    with database(template=tables) as url:
        station = Station(folder=folder, deliveries=town.folder, url=url)
        station.stores.archive_folder.mkdir()
        with present(django_db_blocker, url=url):
            import_town(station, town, shard_an_area=True)
        yield station


@pytest.fixture
def station(imported: Station, tmp_path: Path, django_db_blocker: Any) -> Iterator[Station]:
    """A station of one's own."""
    with copy_of(imported, tmp_path, django_db_blocker) as copied:
        yield copied


@pytest.fixture(scope="session")
def usual(imported: Station, tmp_path_factory: Any, django_db_blocker: Any) -> dict[str, bytes]:
    """What the night of the last day finds, run once through: the files by name."""
    folder = tmp_path_factory.mktemp("usual")
    with copy_of(imported, folder, django_db_blocker) as copied:
        return copied.files(copied.run())


@pytest.fixture(scope="session")
def zone(tmp_path_factory: Any, tables: str, django_db_blocker: Any) -> Iterator[tuple[str, Path]]:
    """The hard zone after its night: where its database is, and where the truth."""
    folder = tmp_path_factory.mktemp("zone")
    town = make(folder / "town", seed=31, days=demo.DAYS, size=Size.ZONE)
    with database(template=tables) as url:
        station = Station(folder=folder, deliveries=town.folder, url=url)
        station.stores.archive_folder.mkdir()
        with present(django_db_blocker, url=url):
            import_town(station, town, shard_an_area=False)
            station.run()
        yield url, town.truth
