"""Writing files as another system would: Chinese headers, GB18030, workbooks, Parquet."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import xlsxwriter

Columns = Mapping[str, Sequence[object] | npt.NDArray[np.generic] | pa.Array]
_WRITTEN_AT = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # so that bytes do not change


def write_csv(*, path: Path, columns: Columns, encoding: str = "gb18030") -> int:
    """Write a comma-separated file and return its number of rows."""
    table = pa.table({name: as_text(values) for name, values in columns.items()})
    buffer = io.BytesIO()
    options = pacsv.WriteOptions(quoting_style="needed")
    pacsv.write_csv(table, buffer, options)
    # The header is quoted whatever the style says.
    head, _, body = buffer.getvalue().decode().partition("\n")
    text = head.replace('"', "") + "\n" + body
    path.write_bytes(text.encode(encoding))
    return int(table.num_rows)


def write_xlsx(*, path: Path, sheet: str, columns: Columns) -> int:
    """Write a workbook of one sheet, all cells text or number, and return its number of rows."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": _WRITTEN_AT})
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, list(columns))
        rows = list(zip(*columns.values(), strict=True))
        for n, row in enumerate(rows, start=1):
            page.write_row(n, 0, ["" if cell is None else cell for cell in row])
    return len(rows)


def write_parquet(*, path: Path, columns: Columns) -> int:
    """Write a Parquet file and return its number of rows."""
    table = pa.table({name: _array(values) for name, values in columns.items()})
    pq.write_table(table, path, compression="zstd")
    return int(table.num_rows)


def as_text(values: Sequence[object] | npt.NDArray[np.generic] | pa.Array) -> pa.Array:
    """Return values as text, nothing for what is missing."""
    array = _array(values)
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return array if pa.types.is_string(array.type) else pc.cast(array, pa.string())


def coded(
    *,
    codes: npt.NDArray[np.integer],
    words: Sequence[str],
    mask: npt.NDArray[np.bool_] | None = None,
) -> pa.Array:
    """Return codes as the words they stand for."""
    indices = pa.array(codes.astype(np.int32), mask=mask)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def dates_of(epoch_days: npt.NDArray[np.integer]) -> pa.Array:
    """Return days since 1970 as dates."""
    return pa.array(epoch_days.astype(np.int32)).cast(pa.date32())


def moments_of(seconds: npt.NDArray[np.integer]) -> pa.Array:
    """Return local seconds since 1970 as wall-clock moments."""
    return pa.array(seconds.astype(np.int64)).cast(pa.timestamp("s"))


def yuan_of(fen: npt.NDArray[np.int64]) -> pa.Array:
    """Return whole fen as exact yuan."""
    words = np.empty((len(fen), 2), dtype=np.int64)
    words[:, 0], words[:, 1] = fen, fen >> 63
    buffers = [None, pa.py_buffer(words)]
    return pa.Array.from_buffers(pa.decimal128(12, 2), len(fen), buffers)


def numbered(*, prefix: str, serials: npt.NDArray[np.int64], width: int) -> pa.Array:
    """Return texts such as JF000017."""
    digits = pc.utf8_lpad(pc.cast(pa.array(serials), pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def compact(day: date | None) -> str:
    """Return a day as 20241103, empty for none."""
    return "" if day is None else f"{day:%Y%m%d}"


def _array(values: Sequence[object] | npt.NDArray[np.generic] | pa.Array) -> pa.Array:
    return values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
