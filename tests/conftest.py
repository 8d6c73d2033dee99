"""What all tests share."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests import database

REAL_DATA = Path(
    os.environ.get("LAMPLIGHTER_REAL_DATA") or Path(__file__).parents[2] / "shared/data/real"
)

# The suite's terminal is English; LC_MESSAGES alone, since nothing else is to change with it.
os.environ.pop("LC_ALL", None)
os.environ["LC_MESSAGES"] = "en_US.UTF-8"


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Do something while no other process does what goes by this lock."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data that nobody in this project wrote; skips where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real data at {REAL_DATA}: set LAMPLIGHTER_REAL_DATA to its folder")
    return REAL_DATA


@pytest.fixture(scope="session")
def real_file(real_data: Path) -> Callable[[str], Path]:
    """Where a file of the real data is; skips, and names the file, where it is absent.

    A star stands for the years or months of a name: parts kept back are of others.
    """

    def file(name: str) -> Path:
        found = sorted(real_data.glob(name))
        if len(found) != 1:
            pytest.skip(f"{len(found)} files {name} in the folder that LAMPLIGHTER_REAL_DATA names")
        return found[0]

    return file


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def learnt_folder(shared_folder: Path) -> Path:
    """What is known of requests, learnt once for all processes of a run: it takes a minute."""
    from lamplighter.findings.demand import learnt  # Django is set up by now

    folder = shared_folder / "learnt"
    folder.mkdir(exist_ok=True)
    with alone(shared_folder / "learnt.lock"):
        learnt.known_on(day=date(2026, 11, 26), folder=folder)
    return folder


@pytest.fixture(scope="session")
def tables(shared_folder: Path, django_db_blocker: Any) -> str:
    """The database that has every table and no test's rows, migrated once for a run's processes.

    The others are copies of it: the migrations take ten seconds, a copy a tenth of one.
    """
    from tests import stations  # Django is set up by now

    with alone(shared_folder / "tables.lock"):
        stations.make_tables(database.TABLES, blocker=django_db_blocker)
    return database.TABLES


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, tables: str) -> None:
    """Begin the tests' own database as a copy; Django then finds nothing left to migrate."""
    from django.db import connection  # Django is set up by now

    connection.settings_dict["TEST"]["TEMPLATE"] = tables


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End sessions that a test's threads left open, so that the database can be dropped."""
    yield
    from django.db import connection  # Django is set up by now

    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.close()  # a browser leaves another context: what drops has a session of its own
