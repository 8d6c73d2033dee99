"""Loaded by pytest before Django's settings: brings a real PostgreSQL for the tests."""

import os
from contextlib import suppress
from pathlib import Path

import psycopg

from lamplighter.config import postgres

os.environ.setdefault("LAMPLIGHTER_PROFILE", "test")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser tests' driver has a loop


RUN = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
TABLES = f"test_lamplighter_{RUN}_tables"  # of all processes of this run


def pytest_unconfigure() -> None:
    """Remove what the processes of this run shared, when all of them have ended."""
    if os.getpid() == RUN:
        with (
            suppress(psycopg.OperationalError),  # a server that does not answer keeps nothing
            psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection,
        ):
            connection.execute(f'DROP DATABASE IF EXISTS "{TABLES}" WITH (FORCE)')


def drop_left_over(url: str) -> None:
    """Remove databases of test runs whose process is gone."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_%'")
        for (name,) in rows.fetchall():
            owner = name.removeprefix("test_lamplighter_").split("_")[0]
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


if not os.environ.get("DATABASE_URL"):
    root = Path(__file__).parents[1]
    home = Path(os.environ.get("LAMPLIGHTER_HOME") or root / ".lamp") / "tests"
    os.environ["DATABASE_URL"] = postgres.ensure_running(home=home, is_disposable=True)
    drop_left_over(os.environ["DATABASE_URL"])
