"""Reading Parquet, row group by row group."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lamplighter.facts.intake import sources
from lamplighter.facts.intake.reasons import FileRefused
from lamplighter.facts.intake.sources import BATCH_ROWS, Opening, RawBatch


class ParquetSource:
    """An open Parquet file; row numbers count from 1, since there is no header row."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        sources.size_of(file=opening.file, limits=opening.limits)
        try:
            plain = pq.ParquetFile(opening.file)
            texts = [f.name for f in plain.schema_arrow if _is_text(f.type)]
            # Texts stay as numbered words: what is checked once per word is not checked per row.
            self.parquet = pq.ParquetFile(opening.file, read_dictionary=texts)
        except (pa.ArrowException, OSError) as error:
            raise FileRefused("UNREADABLE", f"Parquet: {error}"[:200]) from error
        self.n_rows = self.parquet.metadata.num_rows
        if self.n_rows > opening.limits.most_rows:
            raise FileRefused("TOO_MANY_ROWS", f"{self.n_rows} > {opening.limits.most_rows}")
        self.header = tuple(self.parquet.schema_arrow.names)

    def batches(self, *, columns: Sequence[str]) -> Iterator[RawBatch]:
        """Read the file from its beginning, see `sources.Source`."""
        done = 0
        try:
            for cells in self._batches(list(columns) or None):
                rows = np.arange(done + 1, done + 1 + cells.num_rows, dtype=np.int64)
                done += cells.num_rows
                ordered = cells.select(list(columns)) if columns else cells
                yield RawBatch(rows=rows, cells=ordered, share=done / max(self.n_rows, 1))
        except (pa.ArrowException, OSError) as error:
            raise FileRefused("UNREADABLE", f"Parquet: {error}"[:200]) from error

    def _batches(self, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
        # Each row group has words of its own: a batch across two would bring both.
        for group in range(self.parquet.num_row_groups):
            yield from self.parquet.iter_batches(
                batch_size=BATCH_ROWS, row_groups=[group], columns=columns, use_threads=True
            )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
