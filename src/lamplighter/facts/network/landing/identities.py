"""Taking in things that have one row each: new ones are added, known ones brought up to date.

What changed is written to the ledger by code and field; the values themselves are not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lamplighter.facts.intake import reasons, staging, version_landing
from lamplighter.facts.intake.records import Landed, LandingContext, RecordType, Refusal
from lamplighter.facts.network import records
from lamplighter.ledger import services as ledger
from lamplighter.policy import loader

STAGED = "network_staged"
RESOLVED = "network_resolved"
CHANGES_PER_EVENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A field that names a row of another table by its code."""

    field: str
    table: str
    alias: str
    reason: str
    by: str = "code"
    condition: str = "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityTable:
    """A table with one row per key, and how its columns come out of a staged row ``s``."""

    record: RecordType
    table: str
    key: str
    columns: Mapping[str, str]
    references: Sequence[Reference]
    only_new: Mapping[str, str] = field(default_factory=dict)  # never changed by a delivery


STATION = Reference(
    field="station_code",
    table="network_orgunit",
    alias="station",
    reason=reasons.UNKNOWN_STATION,
    condition="station.kind = 'STATION'",
)
FEEDERS = IdentityTable(
    record=records.FEEDER,
    table="network_feeder",
    key="code",
    columns={"name": "s.name", "station_id": "station.id"},
    references=[STATION],
)
TRANSFORMERS = IdentityTable(
    record=records.TRANSFORMER,
    table="network_transformer",
    key="code",
    columns={
        "area_id": "area.id",
        "capacity_kva": "s.capacity_kva",
        "installed_date": "s.installed_date",
    },
    references=[
        Reference(
            field="area_code", table="network_area", alias="area", reason=reasons.UNKNOWN_AREA
        )
    ],
)


def land_feeders(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take feeders in."""
    return land(table=FEEDERS, rows=rows, context=context)


def land_transformers(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take transformers in."""
    return land(table=TRANSFORMERS, rows=rows, context=context)


def land_staff(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take staff in; where the list names no minutes, policy does."""
    policy = loader.load(name="intake", on=context.day)
    usual = policy.integer("usual_minutes_per_day")
    table = IdentityTable(
        record=records.STAFF,
        table="network_staff",
        key="number",
        columns={
            "name": "s.name",
            "post": "s.post",
            "org_unit_id": "unit.id",
            "phone": "coalesce(s.phone, '')",
            "minutes_per_day": f"coalesce(s.minutes_per_day, {usual})",
        },
        references=[
            Reference(
                field="org_unit_code",
                table="network_orgunit",
                alias="unit",
                reason=reasons.UNKNOWN_ORG_UNIT,
            )
        ],
    )
    return land(table=table, rows=rows, context=context)


def land(
    *, table: IdentityTable, rows: Iterator[pa.RecordBatch], context: LandingContext
) -> Landed:
    """Take the rows of one table in."""
    with connection.cursor() as cursor:
        version_landing.lock_table(cursor=cursor, table=table.table)
        n_rows = staging.copy_to_temporary_table(
            cursor=cursor,
            table=STAGED,
            record=table.record,
            rows=rows,
            on_progress=context.on_progress,
        )
        refusals = _unknown(cursor, table)
        _resolve(cursor, table)
        changed = _changed(cursor, table)
        _update(cursor, table)
        n_new = _insert(cursor, table)
    n_refused = len({refusal.row_number for refusal in refusals})
    n_imported = n_new + len(changed)
    _tell(table, n_new, changed, context)
    return Landed(
        n_imported=n_imported, n_unchanged=n_rows - n_refused - n_imported, refusals=refusals
    )


def _joins(table: IdentityTable) -> sql.Composed:
    return sql.SQL(" ").join(
        sql.SQL("LEFT JOIN {} {} ON {}.{} = s.{} AND {}").format(
            sql.Identifier(reference.table),
            sql.Identifier(reference.alias),
            sql.Identifier(reference.alias),
            sql.Identifier(reference.by),
            sql.Identifier(reference.field),
            sql.SQL(reference.condition),
        )
        for reference in table.references
    )


def _unknown(cursor: CursorWrapper, table: IdentityTable) -> list[Refusal]:
    refusals = []
    for reference in table.references:
        cursor.execute(
            sql.SQL(
                "SELECT s.row_number, s.{} FROM {} s {} WHERE {}.id IS NULL AND s.{} IS NOT NULL"
                " ORDER BY s.row_number"
            ).format(
                sql.Identifier(reference.field),
                sql.Identifier(STAGED),
                _joins(table),
                sql.Identifier(reference.alias),
                sql.Identifier(reference.field),
            )
        )
        refusals += [
            Refusal(row_number=row, field=reference.field, value=value, reason=reference.reason)
            for row, value in cursor.fetchall()
        ]
    return refusals


def _resolve(cursor: CursorWrapper, table: IdentityTable) -> None:
    """Make the table of the rows whose references are known, in the columns of the real table."""
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(RESOLVED)))
    fits = sql.SQL(" AND ").join(
        sql.SQL("({}.id IS NOT NULL OR s.{} IS NULL)").format(
            sql.Identifier(reference.alias), sql.Identifier(reference.field)
        )
        for reference in table.references
    )
    every = {table.key: f"s.{table.key}", **table.columns, **table.only_new}
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} s {} WHERE {}"
        ).format(
            sql.Identifier(RESOLVED),
            sql.SQL(", ").join(
                sql.SQL("{} AS {}").format(sql.SQL(expression), sql.Identifier(column))
                for column, expression in every.items()
            ),
            sql.Identifier(STAGED),
            _joins(table),
            fits,
        )
    )


def _differs(column: str) -> sql.Composed:
    return sql.SQL("t.{0} IS DISTINCT FROM r.{0}").format(sql.Identifier(column))


def _changed(cursor: CursorWrapper, table: IdentityTable) -> dict[str, list[str]]:
    """Return the fields that change, by the key of their row."""
    flags = sql.SQL(", ").join(_differs(column) for column in table.columns)
    cursor.execute(
        sql.SQL(
            "SELECT t.{key}, {flags} FROM {table} t JOIN {rows} r USING ({key}) WHERE {any}"
        ).format(
            key=sql.Identifier(table.key),
            flags=flags,
            table=sql.Identifier(table.table),
            rows=sql.Identifier(RESOLVED),
            any=sql.SQL(" OR ").join(_differs(column) for column in table.columns),
        )
    )
    return {
        key: [column for column, differs in zip(table.columns, marks, strict=True) if differs]
        for key, *marks in cursor.fetchall()
    }


def _update(cursor: CursorWrapper, table: IdentityTable) -> None:
    cursor.execute(
        sql.SQL(
            "UPDATE {table} t SET {set} FROM {rows} r WHERE t.{key} = r.{key} AND ({any})"
        ).format(
            table=sql.Identifier(table.table),
            set=sql.SQL(", ").join(
                sql.SQL("{0} = r.{0}").format(sql.Identifier(column)) for column in table.columns
            ),
            rows=sql.Identifier(RESOLVED),
            key=sql.Identifier(table.key),
            any=sql.SQL(" OR ").join(_differs(column) for column in table.columns),
        )
    )


def _insert(cursor: CursorWrapper, table: IdentityTable) -> int:
    columns = [table.key, *table.columns, *table.only_new]
    cursor.execute(
        sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM {rows} r WHERE NOT EXISTS "
            "(SELECT FROM {table} t WHERE t.{key} = r.{key}) ORDER BY r.{key}"
        ).format(
            table=sql.Identifier(table.table),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            rows=sql.Identifier(RESOLVED),
            key=sql.Identifier(table.key),
        )
    )
    n_new: int = cursor.rowcount
    return n_new


def _tell(
    table: IdentityTable, n_new: int, changed: dict[str, list[str]], context: LandingContext
) -> None:
    """Write to the ledger what the delivery added and changed."""
    codes = sorted(changed)
    for start in range(0, max(len(codes), 1 if n_new else 0), CHANGES_PER_EVENT):
        ledger.record(
            f"network.{table.record.name}.imported",
            subject=f"delivery:{context.delivery_id}",
            actor=context.actor,
            at=context.now,
            n_new=n_new if start == 0 else 0,
            changed={code: changed[code] for code in codes[start : start + CHANGES_PER_EVENT]},
        )
