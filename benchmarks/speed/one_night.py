"""One night of the demo station in a process of its own, on any engine, broken where one wants.

The environment says which database and home; what is broken is a command that runs once, when a
third of the shards are stored and others are under way. The same knowledge gives the same night:
for each run it is taken for one that was killed at its beginning.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lamplighter.config import demo

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which night is wanted."""

    known_at: str
    folder: str  # of its results
    engine: str  # "serial", "processes", or a scheduler's address
    breaks: str = ""  # a command of the shell
    store: str = ""  # of the mirrored home; "": files are shared
    seal: tuple[str, str, str] | None = None


def measured(
    wish: Wish, *, environ: dict[str, str], before: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Run the night in a process of its own and return seconds and the hash of all its files."""
    command = [*before, sys.executable, "-m", "benchmarks.speed.one_night"]
    content = json.dumps({name: getattr(wish, name) for name in wish.__slots__})
    done = subprocess.run(
        [*command, content],
        env={**os.environ, **environ},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{wish.folder}: {found['seconds']:.1f} s", file=sys.stderr, flush=True)
    return found


def _run(wish: Wish) -> dict[str, Any]:
    import django  # only the measuring processes need it

    django.setup()
    from django.conf import settings
    from django.db.models import Sum

    from lamplighter.findings.models import Night, ShardDone
    from lamplighter.findings.services import night
    from lamplighter.storage import mirror

    known_at, folder = datetime.fromisoformat(wish.known_at), Path(wish.folder)
    ShardDone.objects.filter(night__known_at=known_at).delete()
    Night.objects.filter(known_at=known_at).update(finished_at=None)
    home = Path(os.environ["LAMPLIGHTER_HOME"])
    started = time.perf_counter()
    night_id = night.run(
        as_of=demo.LAST_DAY,
        known_at=known_at,
        places=night.Places(
            lake_folder=settings.LAKE_FOLDER,
            results_folder=folder,
            zone=settings.TIME_ZONE,
            mirror=mirror.mirror(folder=home, url=wish.store) if wish.store else None,
        ),
        engine=_engine(wish),
        clock=lambda: datetime.now(UTC),
        actor="bench",
        on_progress=_breaker(wish.breaks),
    )
    seconds = time.perf_counter() - started
    stored = ShardDone.objects.filter(night=night_id)
    files = sorted(folder.glob("*/0*.parquet"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return {
        "seconds": seconds,
        "accounts": stored.aggregate(n=Sum("n_accounts"))["n"],
        "shards": stored.count(),
        "files": len(files),
        "result_bytes": sum(file.stat().st_size for file in files),
        "sha256": digest.hexdigest(),
    }


def _engine(wish: Wish) -> Any:
    from lamplighter.findings.night import versions
    from lamplighter.insight.spread import cluster, engines

    if wish.engine == "serial":
        return engines.serial()
    if wish.engine == "processes":
        return engines.processes(2)
    seal = None
    if wish.seal is not None:
        authority, certificate, key = wish.seal
        seal = cluster.Seal(authority_file=authority, certificate_file=certificate, key_file=key)
    return cluster.cluster(wish.engine, seal=seal, versions=versions.of_this_process)


def _breaker(command: str) -> Callable[[str, int, int], None]:
    left = [command] if command else []

    def on_progress(what: str, n_done: int, n_all: int) -> None:
        if what == "find" and left and n_done >= max(n_all // 3, 1):
            subprocess.run(["/bin/sh", "-c", left.pop()], check=True)

    return on_progress


if __name__ == "__main__":
    print(json.dumps(_run(Wish(**json.loads(sys.argv[1])))))
