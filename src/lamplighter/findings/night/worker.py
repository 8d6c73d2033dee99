"""One shard from facts to files, in whatever process the engine gives it.

A worker process starts bare. What a shard is decided from lies in files (see ``moment``), so it
needs neither Django nor the database; only where no moment was kept are they set up. Everything is
therefore imported late; of ours only what a shard is asked may be imported at the top.
"""

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lamplighter.findings.night.shard_tasks import (
    Task,
    Written,
    accounts_file,
    sha256_of,
    signals_file,
)

if TYPE_CHECKING:
    from lamplighter.findings.rules import Rules
    from lamplighter.findings.shard.deciding import Lesson
    from lamplighter.findings.shard.facts import ShardFacts
    from lamplighter.findings.shard.learnt import Learnt
    from lamplighter.findings.shard.sharing import Shared


NOT_COMPILED = ("scipy.linalg", "cffi")  # products of matrices, functions of C


def find(task: Task, *, learnt: "Learnt", shared: "Shared | None" = None) -> Written:
    """Decide one shard and write its two files; the same input gives the same bytes.

    *shared* holds what was found of the same shard, day and knowledge by other rules.
    """
    from lamplighter.findings import rules  # late: see above
    from lamplighter.findings.night import moment  # late: see above
    from lamplighter.findings.shard import deciding, forecasting, known, results  # late: see above

    _bring(task)
    own = None if task.moment is None else moment.judge_in(folder=task.moment)
    in_force = rules.rules_on(day=task.rules_day, instead=task.instead, own=own)
    facts = _facts(task, in_force)
    before = known.read(folder=task.judged_folder, shard=task.shard)
    decided = deciding.decide(
        facts=facts, rules=in_force, learnt=learnt, shared=shared, known=before
    )
    foreseen = forecasting.forecasts(decided=decided, rules=in_force, shared=shared)
    accounts = results.accounts_table(decided=decided, forecasts=foreseen, rules=in_force)
    signals = results.signals_table(decided=decided, rules=in_force)
    origin = results.provenance(facts=facts, rules=in_force, learnt=learnt, known_at=task.known_at)
    parts = [results.as_bytes(table=table, origin=origin) for table in (accounts, signals)]
    files = [
        _write(place(folder=task.results_folder, shard=task.shard), content)
        for place, content in zip((accounts_file, signals_file), parts, strict=True)
    ]
    if task.judged_folder is not None:
        now = decided.known
        known.write(folder=task.judged_folder, shard=task.shard, known=now, before=before)
    if task.mirror is not None:
        task.mirror.send(files)
    return Written(
        shard=task.shard,
        accounts_file=files[0],
        signals_file=files[1],
        n_accounts=len(facts.accounts),
        sha256=sha256_of(parts=parts),
    )


def prepare() -> None:
    """Load what a worker needs for its first shard, before it is given one."""
    with _bare_compiler():
        from lamplighter.findings.night import (
            moment,  # noqa: F401 - loaded
            rehearsal,
        )
        from lamplighter.findings.shard import (
            known,  # noqa: F401 - loaded
        )

        rehearsal.decide_for_nothing()


@contextmanager
def _bare_compiler() -> Iterator[None]:
    """Let the compiler find nothing of what it loads for itself and no loop here makes use of."""
    hidden = [name for name in NOT_COMPILED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: "not there"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def learn(task: Task) -> "Lesson":
    """Return what one shard adds to what is learnt from all of them."""
    from lamplighter.findings import rules  # late: see above
    from lamplighter.findings.shard import deciding  # late: see above

    _bring(task, without_readings=True)
    in_force = rules.rules_on(day=task.rules_day, instead=task.instead)
    facts = _facts(task, in_force, without_readings=True)
    return deciding.lesson(facts=facts, rules=in_force)


def _bring(task: Task, *, without_readings: bool = False) -> None:
    """Have on this host what a shard is decided from, and the moment with the rules' judge."""
    if task.moment is None or task.mirror is None:
        return
    from lamplighter.findings.night import copies  # late: see above

    copies.bring_shard(
        mirror=task.mirror,
        folder=task.moment,
        shard=task.shard,
        with_readings=not without_readings,
    )


def _facts(task: Task, in_force: "Rules", *, without_readings: bool = False) -> "ShardFacts":
    if task.moment is not None:
        from lamplighter.findings.night import moment  # late: see above

        return moment.gather(
            folder=task.moment,
            shard=task.shard,
            as_of=task.as_of,
            history_days=in_force.night.history_days,
            without_readings=without_readings,
        )
    _set_up()
    from lamplighter.findings.night import gathering  # after set-up

    return gathering.gather(task=task, rules=in_force, without_readings=without_readings)


def _set_up() -> None:
    import django  # noqa: PLC0415, RUF100 - a shard that is read from files needs no Django
    from django import db  # noqa: PLC0415, RUF100
    from django.apps import apps  # noqa: PLC0415, RUF100

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamplighter.config.settings")
        django.setup()
    # A worker of a cluster lives for many nights: the server may have ended its session meanwhile.
    session = db.connection
    if session.connection is not None and not session.in_atomic_block and not session.is_usable():
        session.close()


def _write(file: Path, content: bytes) -> Path:
    """Write a file wholly or not at all; whoever counts on it waits for the disk (see storing)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{uuid.uuid4().hex}.part")  # two hosts may have one process number
    part.write_bytes(content)
    part.replace(file)
    return file
