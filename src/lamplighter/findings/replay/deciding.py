"""One shard of one side of a replayed night, in whatever process the engine gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lamplighter.findings import worker
from lamplighter.findings.replay import keeping

if TYPE_CHECKING:
    from lamplighter.findings.learnt import Learnt


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is to be decided for which side, or a kept night's files to be taken instead."""

    side: str
    task: worker.Task
    kept_folder: Path | None = None
    kept_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decided part."""

    side: str
    cut: keeping.Cut


def find(part: Part, *, learnt: "Mapping[str, Learnt]") -> Decided:
    """Decide one part, keep what a replay compares, and remove the whole files it made."""
    shard, into = part.task.shard, part.task.results_folder
    if part.kept_folder is not None:
        kept = keeping.cut(
            shard=shard,
            accounts=worker.accounts_file(folder=part.kept_folder, shard=shard),
            signals=worker.signals_file(folder=part.kept_folder, shard=shard),
            sha256=part.kept_sha256,
            into=into,
        )
        return Decided(side=part.side, cut=kept)
    written = worker.find(part.task, learnt=learnt[part.side])
    kept = keeping.cut(
        shard=shard,
        accounts=written.accounts_file,
        signals=written.signals_file,
        sha256=written.sha256,
        into=into,
    )
    written.accounts_file.unlink()
    written.signals_file.unlink()
    return Decided(side=part.side, cut=kept)
