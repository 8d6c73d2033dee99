"""A copy of the demo station to measure on, and what a measurement costs in seconds and memory.

The database is copied and dropped again; the lake's files are linked into a folder of the copy's
own, so that what a night leaves beside the lake is left there.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import psycopg

from benchmarks import running
from lamplighter.config import demo, postgres


def station() -> Path:
    """Return the home of the whole demo station, made where there is none yet."""
    own = Path(os.environ.get("LAMPLIGHTER_HOME") or running.ROOT / ".lamp" / "bench")
    for place in (own.parent / "demo" / "station", own / "station"):
        if (place / demo.LOGINS).exists():
            return place
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    subprocess.run(
        [sys.executable, "-m", "lamplighter.config.demo", "--no-serve"],
        env=environment | {"LAMPLIGHTER_HOME": str(own)},
        check=True,
    )
    return own / "station"


@contextmanager
def copy_of(home: Path, *, name: str) -> Iterator[dict[str, str]]:
    """Give the environment of a copy of a station: a database and a home of its own."""
    server = postgres.ensure_running(home=home)
    database = f"bench_{name}_{os.getpid()}"
    folder = home.parent / f"{database}_home"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "archive").mkdir(parents=True)
    for table in ("daily", "interval"):
        if (home / "lake" / table).exists():
            shutil.copytree(home / "lake" / table, folder / "lake" / table, copy_function=os.link)
    url = urlsplit(server)
    with psycopg.connect(urlunsplit(url._replace(path="/postgres")), autocommit=True) as admin:
        template = url.path.removeprefix("/")
        admin.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        try:
            environment = {
                "DATABASE_URL": urlunsplit(url._replace(path=f"/{database}")),
                "LAMPLIGHTER_HOME": str(folder),
                "LAMPLIGHTER_PROFILE": "demo",
                "DJANGO_SETTINGS_MODULE": "lamplighter.config.settings",
            }
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
                env={**os.environ, **environment},
                check=True,
            )
            yield environment
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            shutil.rmtree(folder, ignore_errors=True)


def measured(module: str, environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Run a part of a benchmark in a process of its own and return what it printed last.

    Not as that process's main module: each worker would import it, which those of an operator's
    command need not.
    """
    begin = f"import runpy; runpy.run_module({module!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", begin, *arguments],
        env={**os.environ, **environment},
        cwd=running.ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


class Cost:
    """Seconds by the wall, and of all processors: our processes' and PostgreSQL's."""

    def __enter__(self) -> "Cost":
        self._wall, self._own, self._postgres = time.perf_counter(), _own_cpu(), _postgres_cpu()
        return self

    def __exit__(self, *_error: object) -> None:
        self.seconds = time.perf_counter() - self._wall
        self.cpu_seconds = _own_cpu() - self._own
        self.postgres_cpu_seconds = _postgres_cpu() - self._postgres

    def figures(self) -> dict[str, float]:
        """Return the figures; memory is of this process and of its largest ended worker."""
        return {
            "seconds": round(self.seconds, 2),
            "cpu_seconds": round(self.cpu_seconds, 2),
            "postgres_cpu_seconds": round(self.postgres_cpu_seconds, 2),
            "peak_mib": round(_peak(resource.RUSAGE_SELF)),
            "peak_mib_of_largest_worker": round(_peak(resource.RUSAGE_CHILDREN)),
        }


def _peak(of: int) -> float:
    return resource.getrusage(of).ru_maxrss / 1024


def _own_cpu() -> float:
    """Return the processor seconds of this process and of all that come from it, ended ones too."""
    spent = os.times()
    ended = spent.user + spent.system + spent.children_user + spent.children_system
    ticks, family = 0, {os.getpid()}
    for pid, parent, used in sorted(_processes()):  # a child comes after its parent
        if parent in family:
            family.add(pid)
            ticks += used
    return ended + ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> Iterator[tuple[int, int, int]]:
    """Give each process, its parent, and the ticks that it and its ended children used."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text(encoding="utf-8")
        except OSError:
            continue  # ended meanwhile
        fields = text.rpartition(")")[2].split()
        yield int(folder.name), int(fields[1]), sum(int(field) for field in fields[11:15])


def _postgres_cpu() -> float:
    """Return the processor seconds of the processes of our database's server, ended ones too."""
    host = parse_qs(urlsplit(os.environ.get("DATABASE_URL", "")).query).get("host", [""])[0]
    pid_file = Path(host) / "postmaster.pid"
    if not host or not pid_file.exists():
        return 0.0  # a server that is not this machine's own
    postmaster = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
    total = sum(used for pid, parent, used in _processes() if postmaster in (pid, parent))
    return total / os.sysconf("SC_CLK_TCK")
