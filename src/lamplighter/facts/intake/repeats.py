"""Finding rows that repeat an earlier row of the same file.

Sixteen bytes are kept for each row: two numbers made from its key and from its content by Python's
keyed hash, so nobody can prepare a file whose rows collide; by chance one pair of keys in
10 million rows collides with a probability of 3 in a million, and then one row is quarantined.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake.records import ROW_NUMBER, RecordType

Numbers = npt.NDArray[np.int64]
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A batch without its repeats."""

    rows: pa.RecordBatch
    n_identical: int
    conflicting: list[int]  # row numbers


class Repeats:
    """Remembers the rows of one delivery."""

    def __init__(self, *, record: RecordType) -> None:
        self.record = record
        self.known: list[tuple[Numbers, Numbers]] = []  # sorted by key, each part twice the next

    def part(self, *, rows: pa.RecordBatch) -> Parted:
        """Take out the rows whose key came before."""
        keys = _hashes(rows.select(list(self.record.key)))
        contents = _hashes(rows.drop_columns([ROW_NUMBER]))
        first, standing = self._standing(keys, contents)
        repeated = ~first
        if not repeated.any():
            self._remember(keys, contents)
            return Parted(rows=rows, n_identical=0, conflicting=[])
        identical = repeated & (standing == contents)
        conflict = repeated & ~identical
        numbers = rows.column(ROW_NUMBER).to_numpy()
        self._remember(keys[first], contents[first])
        return Parted(
            rows=rows.filter(pa.array(first)),
            n_identical=int(np.count_nonzero(identical)),
            conflicting=numbers[conflict].tolist(),
        )

    def _standing(self, keys: Numbers, contents: Numbers) -> tuple[npt.NDArray[np.bool_], Numbers]:
        """Tell which rows are the first of their key, and what content stands for the others."""
        unique, first_at, place_of = np.unique(keys, return_index=True, return_inverse=True)
        content = contents[first_at]
        is_known = np.zeros(len(unique), dtype=bool)
        for old_keys, old_contents in self.known:
            at = np.minimum(np.searchsorted(old_keys, unique), len(old_keys) - 1)
            hit = old_keys[at] == unique
            content[hit] = old_contents[at[hit]]
            is_known |= hit
        first = np.zeros(len(keys), dtype=bool)
        first[first_at[~is_known]] = True
        return first, content[place_of]

    def _remember(self, keys: Numbers, contents: Numbers) -> None:
        if not len(keys):
            return
        order = np.argsort(keys, kind="stable")
        self.known.append((keys[order], contents[order]))
        while len(self.known) > 1 and len(self.known[-2][0]) < 2 * len(self.known[-1][0]):
            small, large = self.known.pop(), self.known.pop()
            keys = np.concatenate([large[0], small[0]])
            contents = np.concatenate([large[1], small[1]])
            order = np.argsort(keys, kind="stable")
            self.known.append((keys[order], contents[order]))


def _hashes(rows: pa.RecordBatch) -> Numbers:
    """Return one number for each row's values."""
    columns = [_as_texts(column) for column in rows.columns]
    if len(columns) == 1:
        joined = columns[0]
    else:
        joined = pc.binary_join_element_wise(
            *columns, SEPARATOR, null_handling="replace", null_replacement="\x00"
        )
    return np.fromiter(map(hash, joined.to_pylist()), dtype=np.int64, count=rows.num_rows)


def _as_texts(column: pa.Array) -> pa.Array:
    if pa.types.is_list(column.type):
        column = pa.array([str(value) for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())
