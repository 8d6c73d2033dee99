"""Reading many narrow rows out of PostgreSQL as arrays, without a Python object per value."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection
from psycopg import sql

TYPES = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "float8": ">f8", "bool": "?"}
SEND = {kind: f"{kind}send" for kind in TYPES}  # PostgreSQL's functions: value → big-endian bytes


class ColumnsNotFixed(ValueError):
    """A query for arrays gave a null, or a column of another width than was said."""


def fetch_columns(
    *, query: str, parameters: Sequence[Any] | Mapping[str, Any] = (), columns: Mapping[str, str]
) -> dict[str, npt.NDArray[Any]]:
    """Return a query's columns as arrays.

    Parameters
    ----------
    query
        A SELECT whose columns stand in the order of *columns*; no value may be null.
    columns
        Name → ``int2``, ``int4``, ``int8``, ``float8`` or ``bool``; the query's columns are cast
        to it.

    Raises
    ------
    ColumnsNotFixed
        A value is null.
    """
    # One row with one long value per column: COPY would hand over each row as an object.
    packed = sql.SQL(", ").join(
        sql.SQL("coalesce(string_agg({}(q.{}::{}), ''), '')").format(
            sql.Identifier(SEND[kind]), sql.Identifier(name), sql.SQL(kind)
        )
        for name, kind in columns.items()
    )
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("SELECT count(*), {} FROM ({}) AS q ({})").format(
        packed, sql.SQL(query), names
    )
    connection.ensure_connection()
    # Django's own cursors bind on the client, which has no binary answers.
    with psycopg.Cursor(connection.connection) as cursor:
        (n_rows, *values), *_ = cursor.execute(statement, parameters, binary=True).fetchall()
    arrays = {}
    for (name, kind), data in zip(columns.items(), values, strict=True):
        array = np.frombuffer(data, dtype=TYPES[kind])
        if len(array) != n_rows:
            raise ColumnsNotFixed(f"{name} is null in {n_rows - len(array)} rows")
        arrays[name] = array.astype(array.dtype.newbyteorder("="))
    return arrays
