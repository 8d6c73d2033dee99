"""What a night looks at, pinned when it begins: one moment of the ledger, in files of its own.

The database is asked once, by one snapshot, for everybody at once; after that every shard is
decided from files, by processes that need no database. Whatever commits later is in none of them,
also when the night was killed and goes on the next day.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc as pa_ipc

from lamplighter.facts.billing import books
from lamplighter.facts.metering.lake import LakeView
from lamplighter.findings import judges
from lamplighter.findings.shard import readings
from lamplighter.findings.shard.facts import Accounts, Before, Integers, ShardFacts
from lamplighter.insight.grading import histories

Columns = dict[str, npt.NDArray[Any]]

ABOUT, ACCOUNTS, POINTS = "about.json", "accounts.arrow", "points.arrow"
JUDGE = "judge.npz"  # empty where the judge that ships is in force
GRADES = ("", *histories.GRADES)  # a grade of the night before is a place here; "" none
FLAGS = ("has_family_away", "has_dispute", "has_hardship", "has_theft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Everything that was known, and where the rest of it lies."""

    known_at: datetime
    zone: str
    view: LakeView
    shelf: books.Shelf
    accounts: Columns  # by shard, then id
    points: Columns  # by their account's shard, then id

    def shards(self) -> list[int]:
        """Return every shard that has an account, ascending."""
        found: list[int] = np.unique(self.accounts["shard"]).tolist()
        return found


def is_kept(*, folder: Path) -> bool:
    """Tell whether a moment lies in a folder, with all that it points at."""
    if not ((folder / ABOUT).exists() and (folder / JUDGE).exists()):
        return False
    return moment_in(folder=folder).shelf.is_whole()


def write(*, folder: Path, moment: Moment, judge: bytes = b"") -> None:
    """Write a moment, and the station's own judge in force, into a folder; wholly or not at all."""
    part = folder.with_name(f"{folder.name}.part")
    part.mkdir(parents=True, exist_ok=True)
    for name, columns in ((ACCOUNTS, moment.accounts), (POINTS, moment.points)):
        table = pa.table(columns)
        with pa.OSFile(str(part / name), "wb") as file, pa_ipc.new_file(file, table.schema) as to:
            to.write_table(table)
    (part / JUDGE).write_bytes(judge)
    about = {
        "known_at": moment.known_at.isoformat(),
        "zone": moment.zone,
        "lake_folder": str(moment.view.folder),
        "tokens": sorted(moment.view.tokens),
        "books_folder": str(moment.shelf.folder),
        "shelf": moment.shelf.to_text(),
    }
    (part / ABOUT).write_text(json.dumps(about), encoding="utf-8")
    part.rename(folder)


def moment_in(*, folder: Path) -> Moment:
    """Return the moment that lies in a folder."""
    return _moment_at(folder, (folder / ABOUT).stat().st_mtime_ns)


def judge_in(*, folder: Path) -> judges.OwnJudge | None:
    """Return the station's own judge that was in force; None: the one that ships."""
    return _judge_at(folder, (folder / ABOUT).stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _judge_at(folder: Path, _written_ns: int) -> judges.OwnJudge | None:
    content = (folder / JUDGE).read_bytes()
    return judges.from_bytes(content=content) if content else None


@lru_cache(maxsize=4)
def _moment_at(folder: Path, _written_ns: int) -> Moment:
    """A moment never changes, but another one may be written in its place."""
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    known_at = datetime.fromisoformat(about["known_at"])
    return Moment(
        known_at=known_at,
        zone=about["zone"],
        view=LakeView(
            folder=Path(about["lake_folder"]),
            known_at=known_at,
            tokens=frozenset(about["tokens"]),
        ),
        shelf=books.from_text(text=about["shelf"], folder=Path(about["books_folder"])),
        accounts=_columns(folder / ACCOUNTS),
        points=_columns(folder / POINTS),
    )


def _columns(file: Path) -> Columns:
    table = pa_ipc.open_file(pa.memory_map(str(file))).read_all()
    return {
        name: table[name].chunk(0).to_numpy() if len(table) else np.empty(0, np.int64)
        for name in table.column_names
    }


def gather(
    *, folder: Path, shard: int, as_of: date, history_days: int, without_readings: bool = False
) -> ShardFacts:
    """Return everything one shard is decided from, as the moment has it."""
    moment = moment_in(folder=folder)
    rows = _of_shard(moment.accounts, shard)
    points = _of_shard(moment.points, shard)
    accounts = Accounts(
        account_id=rows["account_id"].astype(np.int64),
        area_id=rows["area_id"].astype(np.int64),
        capacity_kva=rows["capacity_kva"].astype(np.float64),
        method=rows["method"].astype(np.int64),
        category=rows["category"].astype(np.int64),
        tariff=rows["tariff"].astype(np.int64),
        kind=rows["kind"].astype(np.int64),
        remedies_tried=rows["remedies_tried"].astype(np.int64),
        d_confirmed_day=rows["d_confirmed_day"].astype(np.int64),
        **{name: rows[name].astype(np.bool_) for name in FLAGS},
    )
    reader = books.Reader(
        shelf=moment.shelf,
        account_ids=accounts.account_id,
        up_to=as_of,
        known_at=moment.known_at,
    )
    return ShardFacts(
        shard=shard,
        as_of=as_of,
        accounts=accounts,
        points=readings.nothing(as_of=as_of, history_days=history_days)
        if without_readings
        else readings.points(
            view=moment.view,
            shard=shard,
            point_ids=points["point_id"].astype(np.int64),
            account_of_point=points["account_id"].astype(np.int64),
            shard_of_point=points["lake_shard"].astype(np.int64),
            as_of=as_of,
            history_days=history_days,
        ),
        bills=reader.bills(),
        payments=reader.payments(),
        debits=reader.debits(),
        reminders=reader.reminders(),
        before=Before(
            grade=_letters(rows["grade_before"]),
            candidate_grade=_letters(rows["candidate_before"]),
            candidate_since_day=rows["candidate_since_day"].astype(np.int64),
            segment=rows["segment_before"].astype(np.int8),
        ),
    )


def _of_shard(columns: Columns, shard: int) -> Columns:
    begin, end = np.searchsorted(columns["shard"], [shard, shard + 1])
    return {name: column[begin:end] for name, column in columns.items()}


def _letters(codes: Integers) -> npt.NDArray[np.str_]:
    return np.array(GRADES, "U1")[codes]
