"""A database and folders of their own for one run of the benchmarks; gone when it ends."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg

from lamplighter.config import postgres

ROOT = Path(__file__).parents[1]


@cache
def prepare() -> Path:
    """Make the database, set Django up on it, and return an empty folder."""
    home = Path(os.environ.get("LAMPLIGHTER_HOME") or ROOT / ".lamp") / "bench"
    server = os.environ.get("DATABASE_URL") or postgres.ensure_running(home=home)
    name = f"bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(server)
    folder = Path(tempfile.mkdtemp(prefix="lamplighter-bench-"))
    os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{name}"))
    os.environ["LAMPLIGHTER_HOME"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamplighter.config.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415, RUF100 - after the setup

    atexit.register(_remove, server, name, folder)
    call_command("migrate", verbosity=0)
    return folder


def _remove(server: str, name: str, folder: Path) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(folder, ignore_errors=True)
