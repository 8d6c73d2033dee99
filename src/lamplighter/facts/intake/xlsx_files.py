"""Reading XLSX sheets, after the guard has let them pass."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import python_calamine

from lamplighter.facts.intake import sources, xlsx_guard
from lamplighter.facts.intake.reasons import FileRefused
from lamplighter.facts.intake.sources import BadCell, Opening, RawBatch

BATCH_ROWS = 8_192


class XlsxSource:
    """An open XLSX sheet."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        sources.size_of(file=opening.file, limits=opening.limits)
        self.title, self.cells = xlsx_guard.look_into(
            file=opening.file, sheet=opening.form.sheet, limits=opening.limits
        )
        try:
            book = python_calamine.CalamineWorkbook.from_path(str(opening.file))
            self.sheet = book.get_sheet_by_name(self.title)
        except python_calamine.CalamineError as error:
            raise FileRefused("UNREADABLE", f"XLSX: {error}"[:200]) from error
        start, end = self.sheet.start, self.sheet.end
        if start is None or end is None:
            raise FileRefused("EMPTY", self.title)
        self.first_column = start[1] + 1
        self.n_rows = end[0] + 1
        self.header = self._read_header()

    def batches(self, *, columns: Sequence[str]) -> Iterator[RawBatch]:
        """Read the sheet from its beginning, see `sources.Source`."""
        if self.n_rows > self.opening.limits.most_rows:
            raise FileRefused("TOO_MANY_ROWS", f"> {self.opening.limits.most_rows}")
        names = sources.named(names=self.header)
        places = [names.index(name) for name in columns] if columns else list(range(len(names)))
        waiting: list[list[Any]] = []
        first = self.opening.form.header_row + 1
        for number, row in enumerate(self.sheet.iter_rows(), start=1):
            if number < first:
                continue
            waiting.append(row)
            if len(waiting) == BATCH_ROWS:
                yield self._batch(waiting, number - len(waiting) + 1, names, places)
                waiting = []
        if waiting:
            yield self._batch(waiting, self.n_rows - len(waiting) + 1, names, places)

    def _batch(
        self, waiting: list[list[Any]], first: int, names: list[str], places: list[int]
    ) -> RawBatch:
        rows = np.arange(first, first + len(waiting), dtype=np.int64)
        cells = pa.RecordBatch.from_arrays(
            [pa.array([as_text(row[place]) for row in waiting], pa.string()) for place in places],
            names=[names[place] for place in places],
        )
        bad = tuple(
            BadCell(row=row, column=names[column - self.first_column], reason=reason)
            for (row, column), reason in self.cells.bad.items()
            if first <= row < first + len(waiting)
            and 0 <= column - self.first_column < len(names)
            and column - self.first_column in places
        )
        kept, _ = sources.without_blank_rows(rows=rows, cells=cells)
        # A row whose only cell is an error reads as blank, but is none.
        filled = np.isin(rows, kept) | np.isin(rows, [cell.row for cell in bad])
        cells, rows = cells.filter(pa.array(filled)), rows[filled]
        share = (first + len(waiting)) / max(self.n_rows, 1)
        return RawBatch(rows=rows, cells=cells, bad_cells=bad, share=min(share, 1.0))

    def _read_header(self) -> tuple[str, ...]:
        wanted = self.opening.form.header_row
        for number, row in enumerate(self.sheet.iter_rows(), start=1):
            if number == max(wanted, 1):
                if wanted == 0:
                    return tuple(str(place) for place, _ in enumerate(row, start=1))
                return tuple(as_text(cell).strip() for cell in row)
        raise FileRefused("WRONG_COLUMNS", f"{self.title}: {self.n_rows} < {wanted}")


def as_text(cell: Any) -> str:
    """Return a cell as people see it: whole numbers without a point, dates as ISO writes them.

    >>> as_text(12.0), as_text(0.1 + 0.2), as_text(date(2026, 1, 31)), as_text(12345678901234567.0)
    ('12', '0.3', '2026-01-31', '1.23456789012346E+16')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.15G}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
