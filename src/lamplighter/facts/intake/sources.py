"""A file as batches of raw rows, whatever its format; memory stays bounded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake.limits import Limits
from lamplighter.facts.intake.mappings import FileForm
from lamplighter.facts.intake.reasons import FileRefused

BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A row whose cells could not be told apart."""

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCell:
    """A cell that holds no value of its own: a formula or an error."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBatch:
    """Rows as the file has them: its columns by their names, texts or the file's own types."""

    rows: npt.NDArray[np.int64]  # row numbers in the file; the header is row 1 of a plain file
    cells: pa.RecordBatch
    broken: tuple[BrokenRow, ...] = ()
    bad_cells: tuple[BadCell, ...] = ()
    share: float = 0.0  # how much of the file has been read


class Source(Protocol):
    """An open file."""

    header: tuple[str, ...]

    def batches(self, *, columns: Sequence[str]) -> Iterator[RawBatch]:
        """Read the file from its beginning; blank rows are left out.

        Raises
        ------
        FileRefused
            The file cannot be read on.
        """
        ...


def check_header(*, header: Sequence[str], needed: Sequence[str], limits: Limits) -> None:
    """Check that the columns a mapping needs are there, each once.

    Raises
    ------
    FileRefused
        A needed column is absent or there twice, or there are too many columns.
    """
    if len(header) > limits.most_columns:
        raise FileRefused("TOO_MANY_COLUMNS", f"{len(header)} > {limits.most_columns}")
    absent = [name for name in needed if name not in header]
    twice = [name for name in needed if list(header).count(name) > 1]
    if absent:
        shown = ", ".join(name[:40] for name in header[:30])
        raise FileRefused("WRONG_COLUMNS", f"- {', '.join(absent)} · file: {shown}")
    if twice:
        raise FileRefused("WRONG_COLUMNS", f"2 × {', '.join(twice)}")


def named(*, names: Sequence[str]) -> list[str]:
    """Return column names that are all different: a repeated or empty one gets its place.

    >>> named(names=["户号", "", "户号"])
    ['户号', '#2', '户号#3']
    """
    seen: set[str] = set()
    unique = []
    for place, name in enumerate(names, start=1):
        fresh = name if name and name not in seen else f"{name}#{place}"
        seen.add(fresh)
        unique.append(fresh)
    return unique


def without_blank_rows(
    *, rows: npt.NDArray[np.int64], cells: pa.RecordBatch
) -> tuple[npt.NDArray[np.int64], pa.RecordBatch]:
    """Leave out the rows in which every column is empty."""
    blank = np.ones(len(rows), dtype=bool)
    for column in cells.columns:
        empty = pc.equal(pc.binary_length(column), 0).fill_null(True)
        blank &= empty.to_numpy(zero_copy_only=False)
        if not blank.any():
            return rows, cells
    return rows[~blank], cells.filter(pa.array(~blank))


def size_of(*, file: Path, limits: Limits) -> int:
    """Return a file's size.

    Raises
    ------
    FileRefused
        The file is empty or too large.
    """
    size = file.stat().st_size
    if size == 0:
        raise FileRefused("EMPTY", file.name)
    if size > limits.largest_file_bytes:
        raise FileRefused("TOO_BIG", f"{size} > {limits.largest_file_bytes}")
    return size


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a reader needs to open a file."""

    file: Path
    form: FileForm
    limits: Limits
