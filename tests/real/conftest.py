"""An empty installation that real files are taken into.

Parts of the same sets are kept back, and these tests run on them too: what they say holds of any
part. Exact numbers of one file are told of that file alone, known by its hash.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stations import Station, database, present

EXAMPLES = Path(__file__).parents[2] / "examples"


def is_file(file: Path, sha256: str) -> bool:
    """Whether this is the very file that a hash was written down of."""
    return hashlib.sha256(file.read_bytes()).hexdigest() == sha256


@pytest.fixture(scope="module")
def empty(tmp_path_factory: Any, tables: str, django_db_blocker: Any) -> Iterator[Station]:
    """A station without anything, whose database is the present one."""
    folder = tmp_path_factory.mktemp("real")
    with database(template=tables) as url, present(django_db_blocker, url=url):
        station = Station(folder=folder, deliveries=folder, url=url)
        station.stores.archive_folder.mkdir()
        yield station
