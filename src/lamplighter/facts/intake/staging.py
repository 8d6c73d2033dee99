"""Bringing a delivery's rows into PostgreSQL, where one statement takes them all in."""

import io
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.csv
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lamplighter.facts.intake.records import ROW_NUMBER, FieldKind, RecordType

COLUMN_TYPES = {
    FieldKind.TEXT: "text",
    FieldKind.CHOICE: "text",
    FieldKind.INTEGER: "bigint",
    FieldKind.DECIMAL: "numeric",
    FieldKind.NUMBER: "double precision",
    FieldKind.DAY: "date",
    FieldKind.MOMENT: "timestamptz",
    FieldKind.FLAG: "boolean",
}
WITHOUT_HEADER = pa.csv.WriteOptions(include_header=False)


class RecordNotForTables(TypeError):
    """A record type has a field that goes to the lake, not into a table."""


def copy_to_temporary_table(
    *,
    cursor: CursorWrapper,
    table: str,
    record: RecordType,
    rows: Iterator[pa.RecordBatch],
    on_progress: Callable[[int], None],
) -> int:
    """Make a temporary table of the rows and return how many there are.

    The table has the record's fields and ``row_number`` (bigint) as columns, knows its statistics,
    and is gone when the transaction ends.

    Parameters
    ----------
    cursor
        A cursor of Django's connection, inside a transaction.
    table
        Name of the temporary table; an earlier one of this name is dropped.
    record
        The record type of the rows.
    rows
        Batches whose columns are named after the fields, as a landing gets them.
    on_progress
        Called after each batch with the rows copied so far.

    Raises
    ------
    RecordNotForTables
        The record type has a list of numbers.
    """
    columns = [(field.name, _column_type(record, field.kind)) for field in record.fields]
    columns.append((ROW_NUMBER, "bigint"))
    name = sql.Identifier(table)
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(name))
    cursor.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(
            name,
            sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind))
                for column, kind in columns
            ),
        )
    )
    names = [column for column, _ in columns]
    n_rows = 0
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        name, sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with cursor.copy(into) as copy:
        for batch in rows:
            copy.write(as_csv(batch=batch.select(names)))
            n_rows += batch.num_rows
            on_progress(n_rows)
    cursor.execute(sql.SQL("ANALYZE {}").format(name))
    return n_rows


def as_csv(*, batch: pa.RecordBatch) -> bytes:
    r"""Return a batch as PostgreSQL's COPY reads it: null is nothing, an empty text is ``""``.

    >>> as_csv(batch=pa.record_batch({"name": ["老李", "", None], "n": [1, None, 3]}))
    b'"\xe8\x80\x81\xe6\x9d\x8e",1\n"",\n,3\n'
    """
    sink = io.BytesIO()
    pa.csv.write_csv(batch, sink, WITHOUT_HEADER)
    return sink.getvalue()


def _column_type(record: RecordType, kind: FieldKind) -> str:
    if kind not in COLUMN_TYPES:
        raise RecordNotForTables(f"{record.name}: {kind}")
    return COLUMN_TYPES[kind]
