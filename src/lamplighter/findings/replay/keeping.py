"""Where the files of a replay lie, and how little of a night's files it keeps.

Nothing here needs the database: worker processes write these files too.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lamplighter.findings.night import handover

ACCOUNTS = (
    *handover.COLUMNS,  # the next night begins from them
    *(
        "area_id",
        "grade_rule",
        "grade_trace",
        "risk_probability",
        "risk_band",
        "risk_reasons",
        "cause",
    ),
    *("cause_probability", "cause_probabilities", "cause_reasons", "value_band"),
    *("forecast_amount_cny", "forecast_low_cny", "forecast_high_cny", "balance_due_cny"),
    *("overdue_cny", "days_overdue", "months_reminded"),
)
SIGNALS = (
    *("account_id", "area_id", "list", "kind", "changed_date", "size_kwh_per_day"),
    *("probability", "is_recent"),
)
SHA256 = "result_sha256"  # in a part's metadata: the hash of the whole files it was cut from
N_ACCOUNTS = "n_accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One decided shard of one side and night, cut down to what a replay compares."""

    shard: int
    sha256: str  # of the whole files
    n_accounts: int


def folder_of(*, replay_id: int, replays_folder: Path) -> Path:
    """Return where the files of a replay lie."""
    return replays_folder / f"{replay_id:06d}"


def night_folder(*, folder: Path, side: str, day: date) -> Path:
    """Return where one night of one side is worked on; it goes when the night is whole."""
    return folder / side.lower() / day.isoformat()


def accounts_of(*, folder: Path, side: str, day: date) -> Path:
    """Return the accounts of a finished night of one side."""
    return folder / side.lower() / f"{day.isoformat()}-accounts.parquet"


def signals_of(*, folder: Path, side: str, day: date) -> Path:
    """Return the signals of a finished night of one side."""
    return folder / side.lower() / f"{day.isoformat()}-signals.parquet"


def cut(*, shard: int, accounts: Path, signals: Path, sha256: str, into: Path) -> Cut:
    """Keep of one shard's files what a replay compares; the file of accounts comes last."""
    there = set(pq.read_schema(accounts).names)
    whole = pq.read_table(accounts, columns=[name for name in ACCOUNTS if name in there])
    for name in (name for name in ACCOUNTS if name not in there):  # an older version's night
        whole = whole.append_column(name, pa.nulls(len(whole), pa.string()))
    kept = {SHA256: sha256, N_ACCOUNTS: str(len(whole))}
    into.mkdir(parents=True, exist_ok=True)
    numbered = whole.append_column("shard", pa.array([shard] * len(whole), pa.int64()))
    _write(pq.read_table(signals, columns=list(SIGNALS)), _part(into, shard, "signals"), {})
    _write(numbered, _part(into, shard, "accounts"), kept)
    return _cut_of(shard, kept)


def cut_before(*, shard: int, folder: Path) -> Cut | None:
    """Return a shard that was cut before this run, or None."""
    file = _part(folder, shard, "accounts")
    if not file.exists():
        return None
    kept = {key.decode(): text.decode() for key, text in pq.read_metadata(file).metadata.items()}
    return _cut_of(shard, kept)


def join(*, folder: Path, side: str, day: date, shards: Sequence[int]) -> None:
    """Make one file of a night's shards; their own files stay until `clear_night`."""
    work = night_folder(folder=folder, side=side, day=day)
    for name, place in (("signals", signals_of), ("accounts", accounts_of)):
        tables = [pq.read_table(_part(work, shard, name)) for shard in shards]
        bare = [table.replace_schema_metadata(None) for table in tables]
        _write(pa.concat_tables(bare), place(folder=folder, side=side, day=day), {})


def clear_night(*, folder: Path, side: str, day: date) -> None:
    """Let the parts of a night go that is kept as a whole."""
    shutil.rmtree(night_folder(folder=folder, side=side, day=day), ignore_errors=True)


def _part(folder: Path, shard: int, name: str) -> Path:
    return folder / f"{shard:07d}-cut-{name}.parquet"


def _cut_of(shard: int, kept: Mapping[str, str]) -> Cut:
    return Cut(
        shard=shard,
        sha256=kept[SHA256],
        n_accounts=int(kept[N_ACCOUNTS]),
    )


def _write(table: pa.Table, file: Path, metadata: Mapping[str, str]) -> None:
    part = file.with_suffix(f".{os.getpid()}.part")
    pq.write_table(table.replace_schema_metadata(dict(metadata)), part, compression="zstd")
    part.replace(file)
