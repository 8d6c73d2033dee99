"""An empty installation that real files are taken into."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stations import Station, database, present

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: Any, tables: str, django_db_blocker: Any) -> Iterator[Station]:
    """A station without anything, whose database is the present one."""
    folder = tmp_path_factory.mktemp("real")
    with database(template=tables) as url, present(django_db_blocker, url=url):
        station = Station(folder=folder, deliveries=folder, url=url)
        station.stores.archive_folder.mkdir()
        yield station
