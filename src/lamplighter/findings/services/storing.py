"""Putting a decided shard in front of the pages: all of it, or nothing."""

import io
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from django.db import connection, transaction

from lamplighter.findings.models import AccountFinding, GradeChange, ShardDone, Signal
from lamplighter.findings.worker import Written

EPOCH_DAYS = "candidate_since_day"


def store(*, night_id: int, as_of: date, written: Written, is_newest: bool, now: datetime) -> None:
    """Replace the findings of one shard's accounts and mark the shard as done.

    A night that is older than one already stored (a replay) leaves the pages' rows alone.
    """
    accounts = pq.read_table(written.accounts_file)
    signals = pq.read_table(written.signals_file)
    ids = accounts["account_id"].to_pylist()
    with transaction.atomic():
        if is_newest:
            _note_changes_of_grade(night_id=night_id, as_of=as_of, accounts=accounts)
            AccountFinding.objects.filter(pk__in=ids).delete()
            Signal.objects.filter(account_id__in=ids).delete()
            _copy("findings_accountfinding", _with_night(_days(accounts), night_id))
            _copy("findings_signal", _with_night(signals, night_id))
        ShardDone.objects.create(
            night_id=night_id,
            shard=written.shard,
            n_accounts=written.n_accounts,
            result_sha256=written.sha256,
            finished_at=now,
        )


def _note_changes_of_grade(*, night_id: int, as_of: date, accounts: pa.Table) -> None:
    """Keep where the grades differ from what the pages showed until now."""
    rows = accounts.select(["account_id", "grade", "grade_rule"]).to_pylist()
    before = dict(
        AccountFinding.objects.filter(pk__in=[row["account_id"] for row in rows]).values_list(
            "pk", "grade"
        )
    )
    changed = [
        GradeChange(
            account_id=row["account_id"],
            as_of_day=as_of,
            night_id=night_id,
            grade_before=before.get(row["account_id"], ""),
            grade=row["grade"],
            rule=row["grade_rule"],
        )
        for row in rows
        if before.get(row["account_id"]) != row["grade"]
    ]
    GradeChange.objects.bulk_create(changed)


def _days(accounts: pa.Table) -> pa.Table:
    days = pc.cast(pc.cast(accounts[EPOCH_DAYS], pa.int32()), pa.date32())
    return accounts.set_column(accounts.schema.get_field_index(EPOCH_DAYS), EPOCH_DAYS, days)


def _with_night(table: pa.Table, night_id: int) -> pa.Table:
    return table.append_column("night_id", pa.array([night_id] * len(table), pa.int64()))


def _copy(table: str, rows: pa.Table) -> None:
    if not len(rows):
        return
    text = io.BytesIO()
    pa_csv.write_csv(rows, text, pa_csv.WriteOptions(include_header=False))
    names = ", ".join(connection.ops.quote_name(name) for name in rows.column_names)
    with connection.cursor() as cursor:
        raw: Any = cursor
        with raw.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getvalue())
