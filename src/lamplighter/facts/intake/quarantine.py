"""The rows that could not be used, as a file in their own layout: correct it and send it again."""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from lamplighter.facts.intake import archive, cells, opening, sources
from lamplighter.facts.intake.limits import Limits
from lamplighter.facts.intake.mappings import NUMBER_COLUMN, REASON_COLUMN, FileForm
from lamplighter.facts.intake.records import Refusal
from lamplighter.policy.loader import Words

OWN_COLUMNS = (NUMBER_COLUMN, REASON_COLUMN)
SUFFIXES = {"csv": ".csv", "xlsx": ".xlsx", "parquet": ".parquet"}


class WordsOf(Protocol):
    """Puts a reason's code into words."""

    def __call__(self, *, code: str) -> Words: ...


class Sheet(Protocol):
    """Takes rows of cells."""

    def write(self, row: Iterable[str]) -> None: ...

    def close(self) -> None: ...


def place_of(*, archive_folder: Path, delivery_id: int, form: FileForm) -> Path:
    """Return where the quarantine file of a delivery lies."""
    return archive_folder / "quarantine" / f"{delivery_id}{SUFFIXES[form.format]}"


def reasons_by_row(
    *, delivery_id: int, refusals: Iterable[Refusal], n_shapes: int, words: WordsOf
) -> dict[int, str]:
    """Return, for each row of the file, all that is wrong with it, in words."""
    found: dict[int, dict[str, None]] = {}
    for refusal in refusals:
        reason = words(code=refusal.reason).zh
        said = f"{refusal.field}: {reason}" if refusal.field else reason
        if refusal.detail:
            said = f"{said} ({refusal.detail})"
        found.setdefault(refusal.row_number // n_shapes, {})[said] = None
    return {row: f"#{delivery_id} " + "; ".join(said) for row, said in found.items()}


def write(
    *, target: Path, file: Path, form: FileForm, limits: Limits, why: Mapping[int, str]
) -> None:
    """Write the rows named in *why* as they stand in the file, each with its number and reasons.

    Raises
    ------
    FileRefused
        The file cannot be read any more.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.unfinished")
    source = opening.open_source(file=file, form=form, limits=limits)
    if form.format == "parquet":
        _write_parquet(unfinished, source, why)
    else:
        _write_sheet(unfinished, source, form, why)
    unfinished.chmod(0o600)
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    unfinished.rename(target)
    archive.sync_folder(folder=target.parent)


def _write_sheet(
    target: Path, source: sources.Source, form: FileForm, why: Mapping[int, str]
) -> None:
    header = [name for name in source.header if name not in OWN_COLUMNS]
    sheet: Sheet = _Csv(target, form) if form.format == "csv" else _Xlsx(target, form)
    for _ in range(form.header_row - 1):
        sheet.write([])
    if form.header_row:
        sheet.write([*OWN_COLUMNS, *header])
    for row, values in _rows(source, why):
        own = [str(row), why[row]]
        # Without a header columns go by their place, so ours come last.
        sheet.write([*own, *values] if form.header_row else [*values, *own])
    sheet.close()


def _rows(source: sources.Source, why: Mapping[int, str]) -> Iterator[tuple[int, list[str]]]:
    wanted = np.array(sorted(why), dtype=np.int64)
    last = int(wanted[-1]) if len(wanted) else -1
    for raw in source.batches(columns=()):
        chosen = np.isin(raw.rows, wanted)
        found = [(b.row, list(b.cells)) for b in raw.broken if b.row in why]
        if chosen.any():
            part = raw.cells.filter(pa.array(chosen))
            names = [name for name in part.schema.names if name not in OWN_COLUMNS]
            columns = [part.column(name).to_pylist() for name in names]
            rows = raw.rows[chosen].tolist()
            found += [
                (row, list(v)) for row, v in zip(rows, zip(*columns, strict=True), strict=True)
            ]
        yield from sorted(found)
        if len(raw.rows) and int(raw.rows[-1]) >= last and not raw.broken:
            return


def _write_parquet(target: Path, source: sources.Source, why: Mapping[int, str]) -> None:
    wanted = np.array(sorted(why), dtype=np.int64)
    writer: pq.ParquetWriter | None = None
    for raw in source.batches(columns=()):
        chosen = np.isin(raw.rows, wanted)
        part = raw.cells.filter(pa.array(chosen))
        names = [name for name in part.schema.names if name not in OWN_COLUMNS]
        rows = raw.rows[chosen].tolist()
        table = pa.table(
            {
                NUMBER_COLUMN: pa.array([str(row) for row in rows], pa.string()),
                REASON_COLUMN: pa.array([why[row] for row in rows], pa.string()),
                **{name: cells.plain(array=part.column(name)) for name in names},
            }
        )
        writer = writer or pq.ParquetWriter(target, table.schema)
        if table.num_rows:
            writer.write_table(table)
    if writer is not None:
        writer.close()


class _Csv:
    """Writes as their file was written; a formula gets a quote before it, so it does not run."""

    def __init__(self, target: Path, form: FileForm) -> None:
        encoding = "utf-8-sig" if form.encoding.lower() in {"utf-8", "utf8"} else form.encoding
        self.file = target.open("w", encoding=encoding, errors="replace", newline="")
        self.writer = csv.writer(self.file, delimiter=form.delimiter)

    def write(self, row: Iterable[str]) -> None:
        self.writer.writerow([f"'{v}" if v.lstrip().startswith("=") else v for v in row])

    def close(self) -> None:
        self.file.close()


class _Xlsx:
    """Writes texts only: nothing is turned into a number, a link or a formula."""

    def __init__(self, target: Path, form: FileForm) -> None:
        self.book = xlsxwriter.Workbook(
            str(target),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.sheet = self.book.add_worksheet(form.sheet or None)
        self.n_rows = 0

    def write(self, row: Iterable[str]) -> None:
        for place, value in enumerate(row):
            self.sheet.write_string(self.n_rows, place, value[:32_767])
        self.n_rows += 1

    def close(self) -> None:
        self.book.close()
