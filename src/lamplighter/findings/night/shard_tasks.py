"""What one shard is asked, and what its worker left on disk.

A worker process reads this before anything else, so it imports nothing of ours.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamplighter.policy.loader import Policy
    from lamplighter.storage.mirror import Mirror

JUDGED = "judged"  # the folder below that of all nights, see ``findings.known``


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
    moment: Path | None = None  # what the night looks at, kept in files; None: ask the database
    judged_folder: Path | None = None  # what was said before; None: all is asked anew
    mirror: "Mirror | None" = None  # where hosts that share no files find each other's


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A decided shard on disk."""

    shard: int
    accounts_file: Path
    signals_file: Path
    n_accounts: int
    sha256: str


def sha256_of(*, parts: Sequence[bytes]) -> str:
    """Return the hash of the files of one shard, in their order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def accounts_file(*, folder: Path, shard: int) -> Path:
    """Return where the accounts of a shard are kept in a night's folder."""
    return folder / f"{shard:07d}-accounts.parquet"


def signals_file(*, folder: Path, shard: int) -> Path:
    """Return where the signals of a shard are kept in a night's folder."""
    return folder / f"{shard:07d}-signals.parquet"
