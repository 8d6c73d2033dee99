"""What all tests share."""

import fcntl
import os
from datetime import date
from pathlib import Path

import pytest

REAL_DATA = Path(
    os.environ.get("LAMPLIGHTER_REAL_DATA") or Path(__file__).parents[2] / "shared/data/real"
)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data that nobody in this project wrote; skips where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real data at {REAL_DATA}: set LAMPLIGHTER_REAL_DATA to its folder")
    return REAL_DATA


@pytest.fixture(scope="session")
def learnt_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is known of requests, learnt once for all processes of a run: it takes a minute."""
    from lamplighter.findings.demand import learnt  # Django is set up by now

    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # which this run's processes share
    folder = base / "learnt"
    folder.mkdir(exist_ok=True)
    with (base / "learnt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        learnt.known_on(day=date(2026, 11, 26), folder=folder)
    return folder


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
