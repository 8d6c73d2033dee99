"""Taking rows into tables of versions, all rows by a few statements.

A room describes each of its tables (:class:`VersionedTable`) in SQL over two kinds of names:
``s``, the staged row, and the references' aliases. Rows whose references are unknown are refused;
for the others the current version is closed and the next one recorded where anything differs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lamplighter.facts.intake import reasons
from lamplighter.facts.intake.records import Landed, LandingContext, RecordType, Refusal

LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A field that names a row of another table by its outside name."""

    field: str
    table: str
    alias: str  # how the expressions of a VersionedTable name the row it points at
    by: str = "number"
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedTable:
    """A table of versions, and how its columns come out of a staged row.

    *key* and *compared* decide which version a row belongs to and whether it says anything new;
    *carried* columns are written with a new version but never make one (a sealed text looks
    different each time).
    """

    table: str
    key: Mapping[str, str]
    compared: Mapping[str, str]
    carried: Mapping[str, str] = field(default_factory=dict)
    references: Sequence[Reference] = ()
    is_key_repeated: bool = False  # several staged rows say the same of one thing
    unless: str = "false"  # over s and t: rows that say nothing, whatever they say


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a row may not be, in SQL over ``s`` and ``%(now)s``.

    The tables' constraints promise the same.
    """

    wrong: str
    field: str
    reason: str


def lock_table(*, cursor: CursorWrapper, table: str, is_shared: bool = False) -> None:
    """Wait for landings into a table, until this transaction ends.

    A landing takes the lock alone; a service that changes single rows shares it with its like.
    """
    name = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    cursor.execute(
        sql.SQL("SELECT {}(hashtextextended(%s, 0))").format(sql.Identifier(name)),
        [f"landing:{table}"],
    )


def land_staged(
    *,
    cursor: CursorWrapper,
    staged: str,
    n_rows: int,
    record: RecordType,
    table: VersionedTable,
    context: LandingContext,
    checks: Sequence[Check] = (),
) -> Landed:
    """Take staged rows into one table of versions."""
    lock_table(cursor=cursor, table=table.table)
    refusals = refuse_wrong(cursor=cursor, staged=staged, checks=checks, context=context)
    refusals += refuse_repeated(cursor=cursor, staged=staged, record=record, context=context)
    refusals += refuse_unknown(
        cursor=cursor,
        staged=staged,
        record=record,
        references=table.references,
        context=context,
    )
    n_imported = record_versions(cursor=cursor, staged=staged, table=table, context=context)
    return Landed(
        n_imported=n_imported,
        n_unchanged=n_rows - n_imported - len(refusals),
        refusals=refusals,
    )


def removed(
    *,
    cursor: CursorWrapper,
    statement: sql.Composable,
    context: LandingContext,
    parameters: Mapping[str, Any] | None = None,
) -> list[tuple[Any, ...]]:
    """Run a DELETE with RETURNING and return what it removed, never more than a quarantine holds.

    Raises
    ------
    FileRefused
        More rows are wrong than a quarantine may hold.
    """
    most = context.most_refusals
    cursor.execute(
        sql.SQL("WITH removed AS ({}) SELECT * FROM removed LIMIT {}").format(
            statement, sql.Literal(most + 1)
        ),
        parameters,
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    if len(rows) > most:
        raise reasons.FileRefused("TOO_MANY_BAD_ROWS", f"> {most}")
    return rows


def refuse_unknown(
    *,
    cursor: CursorWrapper,
    staged: str,
    record: RecordType,
    references: Sequence[Reference],
    context: LandingContext,
) -> list[Refusal]:
    """Remove the staged rows that name what nobody knows, and say so."""
    refusals: list[Refusal] = []
    for reference in references:
        gone = removed(
            cursor=cursor,
            context=context,
            statement=sql.SQL(
                "DELETE FROM {staged} s WHERE nullif(s.{field}, '') IS NOT NULL AND NOT EXISTS "
                "(SELECT FROM {target} t WHERE t.{by} = s.{field}) "
                "RETURNING s.row_number, s.{field}"
            ).format(
                staged=sql.Identifier(staged),
                field=sql.Identifier(reference.field),
                target=sql.Identifier(reference.table),
                by=sql.Identifier(reference.by),
            ),
        )
        is_personal = any(f.name == reference.field and f.is_personal for f in record.fields)
        refusals += [
            Refusal(
                row_number=row_number,
                field=reference.field,
                value="" if is_personal else value[:LONGEST_SHOWN],
                reason=reasons.UNKNOWN_REFERENCE,
            )
            for row_number, value in gone
        ]
    return refusals


def refuse_repeated(
    *, cursor: CursorWrapper, staged: str, record: RecordType, context: LandingContext
) -> list[Refusal]:
    """Remove the staged rows whose natural key an earlier row already has, and say so."""
    key = sql.SQL(", ").join(sql.Identifier(name) for name in record.key)
    names = {"staged": sql.Identifier(staged), "key": key}
    cursor.execute(
        sql.SQL("SELECT EXISTS (SELECT FROM {staged} GROUP BY {key} HAVING count(*) > 1)").format(
            **names
        )
    )
    if not cursor.fetchone()[0]:
        return []
    gone = removed(
        cursor=cursor,
        context=context,
        statement=sql.SQL(
            "WITH ranked AS (SELECT row_number AS n, min(row_number) OVER (PARTITION BY {key}) "
            "AS first_n FROM {staged}) DELETE FROM {staged} s USING ranked "
            "WHERE ranked.n = s.row_number AND ranked.first_n < ranked.n "
            "RETURNING s.row_number, ranked.first_n"
        ).format(**names),
    )
    return [
        Refusal(
            row_number=row_number,
            field=record.key[0],
            value="",
            reason=reasons.CONFLICTING_REPEAT,
            detail=f"row {first_row}",
        )
        for row_number, first_row in gone
    ]


def refuse_wrong(
    *, cursor: CursorWrapper, staged: str, checks: Sequence[Check], context: LandingContext
) -> list[Refusal]:
    """Remove the staged rows that contradict themselves, and say so."""
    refusals: list[Refusal] = []
    for check in checks:
        gone = removed(
            cursor=cursor,
            context=context,
            statement=sql.SQL("DELETE FROM {} s WHERE {} RETURNING s.row_number").format(
                sql.Identifier(staged), sql.SQL(check.wrong)
            ),
            parameters={"now": context.now},
        )
        refusals += [
            Refusal(row_number=row_number, field=check.field, value="", reason=check.reason)
            for (row_number,) in gone
        ]
    return refusals


def record_versions(
    *,
    cursor: CursorWrapper,
    staged: str,
    table: VersionedTable,
    context: LandingContext,
    imported: str = "",
) -> int:
    """Close the versions that changed, record the new ones, and return how many.

    With *imported*, the numbers of the rows that said something new are added to that table.
    """
    changes = sql.Identifier("landing_changes")
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(changes))
    cursor.execute(_changes(staged=staged, table=table))
    n_changes: int = cursor.rowcount
    cursor.execute(
        sql.SQL(
            "UPDATE {table} t SET superseded_at = %s FROM {changes} c WHERE t.id = c.current_id"
        ).format(table=sql.Identifier(table.table), changes=changes),
        [context.now],
    )
    columns = sql.SQL(", ").join(
        sql.Identifier(name) for name in (*table.key, *table.compared, *table.carried)
    )
    cursor.execute(
        sql.SQL(
            "INSERT INTO {table} ({columns}, recorded_at, recorded_by, delivery_id) "
            "SELECT {columns}, %s, %s, %s FROM {changes}"
        ).format(table=sql.Identifier(table.table), columns=columns, changes=changes),
        [context.now, context.actor, context.delivery_id],
    )
    if imported:
        cursor.execute(
            sql.SQL("INSERT INTO {} SELECT row_number FROM {}").format(
                sql.Identifier(imported), changes
            )
        )
    return n_changes


def _changes(*, staged: str, table: VersionedTable) -> sql.Composed:
    """Return the statement that finds the rows which say something new."""
    every = {**table.key, **table.compared, **table.carried}
    same_key = sql.SQL(" AND ").join(
        sql.SQL("t.{} = {}").format(sql.Identifier(name), sql.SQL(expression))
        for name, expression in table.key.items()
    )
    distinct = sql.Composed([])
    order = sql.Composed([])
    if table.is_key_repeated:
        keys = sql.SQL(", ").join(sql.SQL(expression) for expression in table.key.values())
        distinct = sql.SQL("DISTINCT ON ({})").format(keys)
        order = sql.SQL("ORDER BY {}, s.row_number").format(keys)
    differs = sql.Composed([sql.SQL("t.id IS NULL")])
    if table.compared:
        differs = sql.SQL("t.id IS NULL OR ({}) IS DISTINCT FROM ({})").format(
            _row(f"t.{name}" for name in table.compared), _row(table.compared.values())
        )
    return sql.SQL(
        "CREATE TEMPORARY TABLE landing_changes ON COMMIT DROP AS "
        "SELECT {distinct} s.row_number, t.id AS current_id, {columns} FROM {staged} s {joins} "
        "LEFT JOIN {table} t ON t.superseded_at IS NULL AND {same_key} "
        "WHERE ({differs}) AND ({unless}) IS NOT TRUE {order}"
    ).format(
        distinct=distinct,
        columns=sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(sql.SQL(expression), sql.Identifier(name))
            for name, expression in every.items()
        ),
        staged=sql.Identifier(staged),
        joins=sql.SQL(" ").join(_join(reference) for reference in table.references),
        table=sql.Identifier(table.table),
        same_key=same_key,
        differs=differs,
        unless=sql.SQL(table.unless),
        order=order,
    )


def _row(expressions: Iterable[str]) -> sql.Composed:
    parts = [sql.SQL(expression) for expression in expressions]
    return sql.SQL("ROW({})").format(sql.SQL(", ").join(parts))


def _join(reference: Reference) -> sql.Composed:
    return sql.SQL("{kind} {table} {alias} ON {alias}.{by} = s.{field}").format(
        kind=sql.SQL("JOIN" if reference.is_required else "LEFT JOIN"),
        table=sql.Identifier(reference.table),
        alias=sql.Identifier(reference.alias),
        by=sql.Identifier(reference.by),
        field=sql.Identifier(reference.field),
    )
