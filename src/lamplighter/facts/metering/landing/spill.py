"""Parting millions of rows by shard on disk, so that memory does not grow with the delivery."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[Any]  # structured: the fields of one row
FLUSH_BYTES = 48 << 20


class Spill:
    """Rows by bucket, each bucket in the order in which its rows came."""

    def __init__(self, *, folder: Path, dtype: np.dtype[Any], n_buckets: int) -> None:
        self.folder = folder
        self.dtype = dtype
        self.counts = np.zeros(n_buckets, dtype=np.int64)
        self._waiting: list[tuple[npt.NDArray[np.uint16], Rows]] = []
        self._n_bytes = 0

    def add(self, *, bucket: npt.NDArray[np.uint16], rows: Rows) -> None:
        """Put rows away."""
        self._waiting.append((bucket, rows))
        self._n_bytes += rows.nbytes
        if self._n_bytes >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        bucket = np.concatenate([part for part, _ in self._waiting])
        rows = np.concatenate([part for _, part in self._waiting])
        self._waiting, self._n_bytes = [], 0
        if np.any(bucket[1:] < bucket[:-1]):
            order = np.argsort(bucket, kind="stable")
            rows = rows[order]
        counts = np.bincount(bucket, minlength=len(self.counts))
        ends = np.cumsum(counts)
        for number in np.flatnonzero(counts).tolist():
            with self._file(number).open("ab") as file:
                rows[ends[number] - counts[number] : ends[number]].tofile(file)
        self.counts += counts

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
