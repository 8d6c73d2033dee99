"""Parting millions of rows by shard on disk, so that memory does not grow with the delivery."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Rows = npt.NDArray[Any]  # structured: the fields of one row
FLUSH_BYTES = 48 << 20
BATCHES_AHEAD = 4


def beside(
    *, batches: Iterator[pa.RecordBatch], work: Callable[[pa.RecordBatch], None]
) -> Iterator[int]:
    """Do the work of each batch, in order, while the next batch is being made; yield its rows.

    The work runs in a thread of its own and must not ask the database. What it raises is raised
    here.
    """
    with ThreadPoolExecutor(1) as worker:
        waiting: deque[Future[None]] = deque()
        for batch in batches:
            waiting.append(worker.submit(work, batch))
            if len(waiting) > BATCHES_AHEAD:
                waiting.popleft().result()
            yield batch.num_rows
        for future in waiting:
            future.result()


class Spill:
    """Rows by bucket, each bucket in the order in which its rows came."""

    def __init__(self, *, folder: Path, dtype: np.dtype[Any], n_buckets: int) -> None:
        self.folder = folder
        self.dtype = dtype
        self.counts = np.zeros(n_buckets, dtype=np.int64)
        self._waiting: list[tuple[npt.NDArray[np.int64], Rows]] = []
        self._n_bytes = 0

    def add(self, *, bucket: npt.NDArray[np.uint16], rows: Rows) -> None:
        """Put rows away; they are parted at once, while they are in the processor's cache."""
        if np.any(bucket[1:] < bucket[:-1]):
            rows = rows[np.argsort(bucket, kind="stable")]
        counts = np.bincount(bucket, minlength=len(self.counts))
        self._waiting.append((np.append(0, np.cumsum(counts)), rows))
        self.counts += counts
        self._n_bytes += rows.nbytes
        if self._n_bytes >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        for number in range(len(self.counts)):
            parts = [rows[at[number] : at[number + 1]] for at, rows in self._waiting]
            if any(len(part) for part in parts):
                with self._file(number).open("ab") as file:
                    np.concatenate(parts).tofile(file)
        self._waiting, self._n_bytes = [], 0

    def filled(self) -> list[int]:
        """Return the buckets that hold rows."""
        return [int(number) for number in np.flatnonzero(self.counts)]

    def take(self, number: int) -> Rows:
        """Return the rows of a bucket and forget them."""
        file = self._file(number)
        rows = np.fromfile(file, dtype=self.dtype)
        file.unlink()
        return rows

    def _file(self, number: int) -> Path:
        return self.folder / f"{number}.rows"
