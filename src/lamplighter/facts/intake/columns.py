"""Reading many narrow rows out of PostgreSQL as arrays, without a Python object per value."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from psycopg import sql

TYPES = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "float8": ">f8", "bool": "?"}
HEADER_BYTES = 19  # signature, flags, length of the extension; ours has none
TRAILER_BYTES = 2


class ColumnsNotFixed(ValueError):
    """A query for arrays gave a null, or a column of another width than was said."""


def fetch_columns(
    *, query: str, parameters: Sequence[Any] = (), columns: Mapping[str, str]
) -> dict[str, npt.NDArray[Any]]:
    """Return a query's columns as arrays, by binary COPY.

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
    casts = sql.SQL(", ").join(
        sql.SQL("q.{}::{}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in columns.items()
    )
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY (SELECT {} FROM ({}) AS q ({})) TO STDOUT (FORMAT binary)").format(
        casts, sql.SQL(query), names
    )
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        data = b"".join(copy)
    layout: list[tuple[str, str]] = [("_n", ">i2")]
    for name, kind in columns.items():
        layout += [(f"_length_{name}", ">i4"), (name, TYPES[kind])]
    dtype = np.dtype(layout)
    n_rows, rest = divmod(len(data) - HEADER_BYTES - TRAILER_BYTES, dtype.itemsize)
    if rest:
        raise ColumnsNotFixed(f"{len(data)} bytes do not divide into rows of {dtype.itemsize}")
    rows = np.frombuffer(data, dtype=dtype, count=n_rows, offset=HEADER_BYTES)
    for name, kind in columns.items():
        if not np.all(rows[f"_length_{name}"] == np.dtype(TYPES[kind]).itemsize):
            raise ColumnsNotFixed(f"{name} is null in some rows")
    native = {name: np.dtype(TYPES[kind]).newbyteorder("=") for name, kind in columns.items()}
    return {name: rows[name].astype(native[name]) for name in columns}
