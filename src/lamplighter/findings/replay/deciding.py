"""One shard of a replayed night, both sides, in whatever process the engine gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lamplighter.findings.night import shard_tasks, worker
from lamplighter.findings.replay import keeping

if TYPE_CHECKING:
    from lamplighter.findings.shard.learnt import Learnt
    from lamplighter.findings.shard.sharing import Shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be decided for which side, or a kept night's files to be taken instead."""

    side: str
    task: shard_tasks.Task
    kept_folder: Path | None = None
    kept_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One shard of one night: a job for each side that has not got it."""

    shard: int
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One side of a decided part."""

    side: str
    cut: keeping.Cut


def find(part: Part, *, learnt: "Mapping[str, Learnt]") -> tuple[Decided, ...]:
    """Decide one part, keep what a replay compares, and remove the whole files it made.

    Sides that know the same share what does not rest on the rules in which they differ.
    """
    from lamplighter.findings.shard.sharing import Shared  # late: a worker process starts bare

    common: dict[datetime, Shared] = {}
    found = []
    for job in part.jobs:
        shared = common.setdefault(job.task.known_at, Shared())
        cut = _kept(job) if job.kept_folder is not None else _decided(job, learnt, shared)
        found.append(Decided(side=job.side, cut=cut))
    return tuple(found)


def _kept(job: Job) -> keeping.Cut:
    shard, folder = job.task.shard, job.kept_folder or Path()
    return keeping.cut(
        shard=shard,
        accounts=shard_tasks.accounts_file(folder=folder, shard=shard),
        signals=shard_tasks.signals_file(folder=folder, shard=shard),
        sha256=job.kept_sha256,
        into=job.task.results_folder,
    )


def _decided(job: Job, learnt: "Mapping[str, Learnt]", shared: "Shared") -> keeping.Cut:
    written = worker.find(job.task, learnt=learnt[job.side], shared=shared)
    kept = keeping.cut(
        shard=job.task.shard,
        accounts=written.accounts_file,
        signals=written.signals_file,
        sha256=written.sha256,
        into=job.task.results_folder,
    )
    written.accounts_file.unlink()
    written.signals_file.unlink()
    return kept
