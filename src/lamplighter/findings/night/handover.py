"""What one night hands to the next: the grades, and the better ones that wait to be granted.

A night gets it as a file of its own when it begins. A replay of an old night so starts from the
night before it in time, never from what the pages show, and a night that was killed goes on with
what it began with.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lamplighter.findings.shard.facts import Before, Integers
from lamplighter.insight.segments.segments import NOWHERE
from lamplighter.insight.segments.terms import SEGMENTS

FILE = "before.parquet"
COLUMNS = ("account_id", "grade", "candidate_grade", "candidate_since_day", "segment")


def keep(*, folder: Path, files: Sequence[Path]) -> Path:
    """Write what the accounts files of the night before say into a night's folder, once."""
    kept = folder / FILE
    if kept.exists():
        return kept
    tables = [_columns_of(file) for file in files]
    bare = [table.replace_schema_metadata(None) for table in tables]
    whole = pa.concat_tables(bare).sort_by("account_id") if bare else _nothing()
    part = kept.with_suffix(f".{os.getpid()}.part")
    pq.write_table(whole, part)
    part.replace(kept)
    return kept


def before_of(*, file: Path | None, account_ids: Integers) -> Before:
    """Return what the night before says of accounts; empty where it knew nothing of one."""
    grade = np.full(len(account_ids), "", "U1")
    candidate = grade.copy()
    since = np.zeros(len(account_ids), np.int64)
    segment = np.full(len(account_ids), NOWHERE, np.int8)
    if file is not None:
        with pq.ParquetFile(file) as opened:
            table = opened.read(use_threads=False)
        known = table["account_id"].to_numpy()
        there = np.isin(account_ids, known)
        place = np.searchsorted(known, account_ids[there])
        grade[there] = table["grade"].to_numpy(zero_copy_only=False)[place].astype("U1")
        candidate[there] = table["candidate_grade"].to_numpy(zero_copy_only=False)[place]
        since[there] = pc.fill_null(table["candidate_since_day"], 0).to_numpy()[place]
        codes = pc.index_in(table["segment"], pa.array(SEGMENTS))
        segment[there] = pc.fill_null(codes, NOWHERE).to_numpy()[place]
    return Before(
        grade=grade, candidate_grade=candidate, candidate_since_day=since, segment=segment
    )


def _columns_of(file: Path) -> pa.Table:
    """Read what is handed over; a night of an older version had no segments."""
    with pq.ParquetFile(file) as opened:
        names = [name for name in COLUMNS if name in opened.schema_arrow.names]
        table = opened.read(columns=names, use_threads=False).select(names)
    if "segment" not in table.column_names:
        table = table.append_column("segment", pa.array([""] * len(table)))
    return table


def _nothing() -> pa.Table:
    empty = {"account_id": pa.int64(), "grade": pa.string(), "candidate_grade": pa.string()}
    empty |= {"candidate_since_day": pa.int64(), "segment": pa.string()}
    return pa.schema(empty).empty_table()
