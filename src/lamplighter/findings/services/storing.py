"""Putting a decided shard in front of the pages: all of it, or nothing."""

import binascii
import io
import os
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from django.db import connection, transaction
from psycopg import sql

from lamplighter.findings.models import ShardDone
from lamplighter.findings.night.shard_tasks import Written
from lamplighter.storage import prepared

EPOCH_DAYS = "candidate_since_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A table the pages read: what names a row, and what points at other tables."""

    table: str
    key: tuple[str, ...]


ACCOUNTS = Shown(table="findings_accountfinding", key=("account_id",))
SIGNALS = Shown(
    table="findings_signal", key=("account_id", "usage_point_id", "list", "changed_date")
)


def _staging(shown: Shown) -> str:
    return f"staged_{shown.table}"


# Said of each table that is read: else the rows of all shards are read to join with this one's.
OF_SHARD = sql.SQL("f.account_id = ANY(ARRAY(SELECT account_id FROM {}))").format(
    sql.Identifier(_staging(ACCOUNTS))
)


def store(*, night_id: int, as_of: date, written: Written, is_newest: bool, now: datetime) -> None:
    """Bring the rows of one shard's accounts to what was found, and mark the shard as done.

    Only rows that read otherwise than before are written. A night that is older than one already
    stored (a replay) leaves the pages' rows alone.
    """
    for file in (written.accounts_file, written.signals_file):
        _wait_for_disk(file)  # before the mark: it must not outlast them
    with transaction.atomic():
        if is_newest:
            _show(night_id=night_id, as_of=as_of, written=written)
        ShardDone.objects.create(
            night_id=night_id,
            shard=written.shard,
            n_accounts=written.n_accounts,
            result_sha256=written.sha256,
            finished_at=now,
        )


def _wait_for_disk(file: Path) -> None:
    """Wait here, where others decide meanwhile, and not where shards are decided."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _show(*, night_id: int, as_of: date, written: Written) -> None:
    accounts, signals = (
        pq.ParquetFile(file).read(use_threads=False)
        for file in (written.accounts_file, written.signals_file)
    )
    with connection.cursor() as cursor:
        # Losing this commit to a power cut loses the mark with it: the shard is stored again.
        cursor.execute("SET LOCAL synchronous_commit = off")
        # A shard's rows are few of a table's: by index, not by reading the table for each shard.
        cursor.execute("SET LOCAL enable_seqscan = off")
        staged = _stage(cursor, ACCOUNTS, _with_night(_days(accounts), night_id))
        _note_changes(cursor, night_id=night_id, as_of=as_of)
        _bring(cursor, ACCOUNTS, columns=staged)
        _bring(cursor, SIGNALS, columns=_stage(cursor, SIGNALS, _with_night(signals, night_id)))


def _note_changes(cursor: Any, *, night_id: int, as_of: date) -> None:
    """Keep where grades differ from what the pages showed, and who changed segment.

    A first grade is a change, a first segment is none.
    """
    for text in _noting_texts():
        prepared.execute(cursor, text, {"as_of": as_of, "night_id": night_id})


@cache
def _noting_texts() -> tuple[str, str]:
    names = {"staging": sql.Identifier(_staging(ACCOUNTS)), "of_shard": OF_SHARD}
    grade = sql.SQL(
        "INSERT INTO findings_gradechange"
        " (account_id, as_of_day, night_id, grade_before, grade, rule)"
        " SELECT s.account_id, %(as_of)s::date, %(night_id)s::bigint, coalesce(f.grade, ''),"
        " s.grade, s.grade_rule FROM {staging} s"
        " LEFT JOIN findings_accountfinding f ON f.account_id = s.account_id AND {of_shard}"
        " WHERE f.grade IS DISTINCT FROM s.grade ORDER BY s.account_id"
    ).format(**names)
    segment = sql.SQL(
        "INSERT INTO findings_segmentchange"
        " (account_id, as_of_day, night_id, segment_before, segment)"
        " SELECT s.account_id, %(as_of)s::date, %(night_id)s::bigint, f.segment, s.segment"
        " FROM {staging} s"
        " JOIN findings_accountfinding f ON f.account_id = s.account_id AND {of_shard}"
        " WHERE f.segment <> '' AND f.segment <> s.segment ORDER BY s.account_id"
    ).format(**names)
    return grade.as_string(), segment.as_string()


def _stage(cursor: Any, shown: Shown, rows: pa.Table) -> tuple[str, ...]:
    """Bring rows beside a table, where they last until the transaction ends; give their columns."""
    names = tuple(rows.column_names)
    create, copy_in = _staging_texts(shown, names)
    cursor.execute(create)
    if len(rows):
        text = io.BytesIO()
        plain = pa.table({name: _text_of(rows[name]) for name in names})
        pa_csv.write_csv(plain, text, pa_csv.WriteOptions(include_header=False))
        with cursor.copy(copy_in) as copy:
            copy.write(text.getvalue())
    return names


@cache
def _staging_texts(shown: Shown, columns: tuple[str, ...]) -> tuple[str, str]:
    """Return how rows are staged; the same text for every shard."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    staging, table = sql.Identifier(_staging(shown)), sql.Identifier(shown.table)
    create = sql.SQL(
        "CREATE TEMPORARY TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS"
        " SELECT {} FROM {} WITH NO DATA"
    ).format(staging, listed, table)
    copy_in = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(staging, listed)
    return create.as_string(), copy_in.as_string()


def _bring(cursor: Any, shown: Shown, *, columns: tuple[str, ...]) -> None:
    """Make a table's rows of the staged accounts equal to the staged rows."""
    for text in _bringing_texts(shown, columns):
        prepared.execute(cursor, text, {})  # planned once a night, not once a shard


@cache
def _bringing_texts(shown: Shown, columns: tuple[str, ...]) -> tuple[str, str]:
    """Return what deletes, and what updates and inserts; the same text for every shard."""
    names = {
        "table": sql.Identifier(shown.table),
        "staging": sql.Identifier(_staging(shown)),
        "of_shard": OF_SHARD,
        "same": sql.SQL(" AND ").join(
            sql.SQL("f.{0} IS NOT DISTINCT FROM s.{0}").format(sql.Identifier(name))
            if name == "changed_date"
            else sql.SQL("f.{0} = s.{0}").format(sql.Identifier(name))
            for name in shown.key
        ),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        "staged": sql.SQL(", ").join(sql.Identifier("s", name) for name in columns),
    }
    said = [name for name in columns if name not in (*shown.key, "night_id")]
    names["sets"] = sql.SQL(", ").join(
        sql.SQL("{0} = s.{0}").format(sql.Identifier(name)) for name in (*said, "night_id")
    )
    for alias in ("f", "s"):
        names[f"row_{alias}"] = sql.SQL(", ").join(sql.Identifier(alias, name) for name in said)
    delete = sql.SQL(
        "DELETE FROM {table} f WHERE {of_shard}"
        " AND NOT EXISTS (SELECT FROM {staging} s WHERE {same})"
    ).format(**names)
    bring = sql.SQL(
        "MERGE INTO {table} f USING {staging} s ON {of_shard} AND {same}"
        " WHEN MATCHED AND ({row_f}) IS DISTINCT FROM ({row_s}) THEN UPDATE SET {sets}"
        " WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({staged})"
    ).format(**names)
    return delete.as_string(), bring.as_string()


def _days(accounts: pa.Table) -> pa.Table:
    days = pc.cast(pc.cast(accounts[EPOCH_DAYS], pa.int32()), pa.date32())
    return accounts.set_column(accounts.schema.get_field_index(EPOCH_DAYS), EPOCH_DAYS, days)


def _with_night(table: pa.Table, night_id: int) -> pa.Table:
    return table.append_column("night_id", pa.array([night_id] * len(table), pa.int64()))


def _text_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of packed bytes as PostgreSQL's hexadecimal text; others as they are."""
    form = column.type
    if not pa.types.is_fixed_size_binary(form):
        return column
    (array,) = column.chunks or [pa.nulls(0, form)]
    data = np.frombuffer(array.buffers()[1] or b"", np.uint8)
    data = data[array.offset * form.byte_width :][: len(array) * form.byte_width]
    digits = np.empty((len(array), 2 + 2 * form.byte_width), np.uint8)
    digits[:, :2] = np.frombuffer(b"\\x", np.uint8)
    digits[:, 2:] = np.frombuffer(binascii.hexlify(data.tobytes()), np.uint8).reshape(
        len(array), -1
    )
    ends = np.arange(len(array) + 1, dtype=np.int32) * digits.shape[1]
    there = pc.is_valid(array).buffers()[1] if array.null_count else None
    texts = pa.StringArray.from_buffers(
        len(array), pa.py_buffer(ends.tobytes()), pa.py_buffer(digits.tobytes()), there
    )
    return pa.chunked_array([texts])
