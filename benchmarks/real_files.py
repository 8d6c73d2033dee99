"""Columns of the real data's files, whichever part of the sets is given.

Who keeps parts of a set back cuts it with tools of their own: rows come in another order, texts as
categories, energy as whole numbers, moments in other units. All of that means the same here. What
cannot mean anything is refused, with the file, the column and what to do.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.running import NoData

Integers = npt.NDArray[np.int64]


class Unfit(NoData):
    """A file is there, yet nothing can be measured on it; the text says why, and what to do."""


def read(file: Path, *, columns: Sequence[str]) -> pa.Table:
    """Return some columns of a Parquet file.

    Raises
    ------
    NoData
        The file is not there.
    Unfit
        It is no Parquet file, lacks a column, or has no rows.
    """
    if not file.exists():
        raise NoData(f"{file.name}: set LAMPLIGHTER_REAL_DATA to the folder that holds it")
    try:
        there = pq.read_schema(file).names
        lacking = [name for name in columns if name not in there]
        if lacking:
            raise Unfit(
                f"{file.name} has no column {', '.join(lacking[:5])}: it has "
                f"{', '.join(there[:8])}; name its columns as the set it was cut from does"
            )
        table = pq.read_table(file, columns=list(columns))
    except (pa.ArrowException, OSError) as error:
        raise Unfit(f"{file.name} is no Parquet file that can be read: {error}") from error
    if not table.num_rows:
        raise Unfit(f"{file.name} has no rows: give a part of the set that has some")
    return table


def named(table: pa.Table, column: str) -> tuple[list[str], Integers]:
    """Return the names in a column, sorted, and the place of each row's among them.

    Only names that a row has: categories may list those of rows that were cut away.
    """
    encoded = as_type(table, column, pa.string()).combine_chunks().dictionary_encode()
    if encoded.null_count:
        raise Unfit(f"{encoded.null_count} rows have no {column}: leave them out of the file")
    names: list[str] = encoded.dictionary.to_pylist()
    order = np.argsort(np.array(names))
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    return [names[n] for n in order], rank[encoded.indices.to_numpy()]


def numbers(table: pa.Table, column: str, *, kind: pa.DataType) -> npt.NDArray[np.floating]:
    """Return a column of numbers; NaN where there is none."""
    return np.asarray(as_type(table, column, kind).to_numpy())


def moments(table: pa.Table, column: str, *, unit: str) -> npt.NDArray[np.datetime64]:
    """Return a column of days or moments in whole units, by the clock that the file is written in.

    Raises
    ------
    Unfit
        A row has none, or they are no days or moments.
    """
    values = _plain(table[column])
    if pa.types.is_timestamp(values.type) and values.type.tz is not None:
        values = pc.local_timestamp(values)
    if not (pa.types.is_timestamp(values.type) or pa.types.is_date(values.type)):
        values = _cast(values, pa.timestamp("s"), column)
    if values.null_count:
        raise Unfit(f"{values.null_count} rows have no {column}: leave them out of the file")
    return values.to_numpy().astype(f"datetime64[{unit}]")


def as_type(table: pa.Table, column: str, kind: pa.DataType) -> pa.ChunkedArray:
    """Return a column as one type, whatever it is stored as.

    Raises
    ------
    Unfit
        A value of it cannot be read so.
    """
    return _cast(_plain(table[column]), kind, column)


def refuse_repeats(
    kept: npt.NDArray[np.floating], given: npt.NDArray[np.floating], *, what: str
) -> None:
    """Refuse rows of one cell that differ: which of them holds, no file can say.

    Raises
    ------
    Unfit
        What was kept of a row's cell is not what the row gives.
    """
    differ = int(np.count_nonzero((kept != given) & ~(np.isnan(kept) & np.isnan(given))))
    if differ:
        raise Unfit(f"{differ} rows give {what} otherwise than a later row does: keep one of each")


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return categories as what they stand for."""
    if pa.types.is_dictionary(values.type):
        return values.cast(values.type.value_type)
    return values


def _cast(values: pa.ChunkedArray, kind: pa.DataType, column: str) -> pa.ChunkedArray:
    try:
        return values.cast(kind)
    except pa.ArrowException as error:
        raise Unfit(f"column {column} ({values.type}) is not to be read as {kind}: {error}") from (
            error
        )
