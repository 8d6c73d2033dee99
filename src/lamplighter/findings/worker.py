"""One shard from facts to files, in whatever process the engine gives it.

A worker process starts bare. Everything that needs the database is therefore imported only after
that process has been set up; nothing else may be imported at the top of this module.
"""

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django import db
from django.apps import apps

if TYPE_CHECKING:
    from lamplighter.findings.deciding import Lesson
    from lamplighter.findings.learnt import Learnt
    from lamplighter.policy.loader import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Which shard is to be decided, as of when, as known when, and where its files go."""

    shard: int
    as_of: date
    rules_day: date  # the rules in force on this day are used
    known_at: datetime
    before_file: Path | None  # what the night before left behind; None: there was none
    lake_folder: Path
    results_folder: Path
    zone: str
    instead: "tuple[Policy, ...]" = ()  # policies used instead of those in force: of a replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A decided shard on disk."""

    shard: int
    accounts_file: Path
    signals_file: Path
    n_accounts: int
    sha256: str


def find(task: Task, *, learnt: "Learnt") -> Written:
    """Decide one shard and write its two files; the same input gives the same bytes."""
    _set_up()
    from lamplighter.findings import (
        deciding,
        forecasting,
        gathering,
        results,
        rules,
    )  # after set-up

    in_force = rules.rules_on(day=task.rules_day, instead=task.instead)
    facts = gathering.gather(task=task, rules=in_force)
    decided = deciding.decide(facts=facts, rules=in_force, learnt=learnt)
    foreseen = forecasting.forecasts(decided=decided, rules=in_force)
    accounts = results.accounts_table(decided=decided, forecasts=foreseen, rules=in_force)
    signals = results.signals_table(decided=decided, rules=in_force)
    origin = results.provenance(facts=facts, rules=in_force, learnt=learnt, known_at=task.known_at)
    parts = [results.as_bytes(table=table, origin=origin) for table in (accounts, signals)]
    files = [
        _write(place(folder=task.results_folder, shard=task.shard), content)
        for place, content in zip((accounts_file, signals_file), parts, strict=True)
    ]
    return Written(
        shard=task.shard,
        accounts_file=files[0],
        signals_file=files[1],
        n_accounts=len(facts.accounts),
        sha256=results.sha256_of(parts=parts),
    )


def accounts_file(*, folder: Path, shard: int) -> Path:
    """Return where the accounts of a shard are kept in a night's folder."""
    return folder / f"{shard:07d}-accounts.parquet"


def signals_file(*, folder: Path, shard: int) -> Path:
    """Return where the signals of a shard are kept in a night's folder."""
    return folder / f"{shard:07d}-signals.parquet"


def learn(task: Task) -> "Lesson":
    """Return what one shard adds to what is learnt from all of them."""
    _set_up()
    from lamplighter.findings import deciding, gathering, rules  # after set-up

    in_force = rules.rules_on(day=task.rules_day, instead=task.instead)
    facts = gathering.gather(task=task, rules=in_force, without_readings=True)
    return deciding.lesson(facts=facts, rules=in_force)


def _set_up() -> None:
    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamplighter.config.settings")
        django.setup()
    # A worker of a cluster lives for many nights: the server may have ended its session meanwhile.
    session = db.connection
    if session.connection is not None and not session.in_atomic_block and not session.is_usable():
        session.close()


def _write(file: Path, content: bytes) -> Path:
    """Write a file wholly or not at all."""
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(file)
    return file
