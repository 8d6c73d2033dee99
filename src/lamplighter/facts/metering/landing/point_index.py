"""Finding usage points by their numbers, a whole column at a time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.metering.models import UsagePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class PointIndex:
    """All usage points by shard and id; a point's place in this order is its *rank*."""

    numbers: pa.Array  # string, (n_points,)
    ids: npt.NDArray[np.int64]  # (n_points,)
    bucket: npt.NDArray[np.uint16]  # (n_points,): which of the shards below
    shards: npt.NDArray[np.int64]  # (n_shards,), rising
    starts: npt.NDArray[np.int64]  # (n_shards + 1,): first rank of each shard

    def ranks(self, column: pa.Array) -> npt.NDArray[np.int32]:
        """Return each number's rank, −1 for a number nobody knows."""
        if not pa.types.is_dictionary(column.type):
            known = pc.index_in(column, value_set=self.numbers)
            ranks: npt.NDArray[np.int32] = pc.fill_null(known, -1).to_numpy()
            return ranks
        words = pc.index_in(column.dictionary.cast(pa.string()), value_set=self.numbers)
        by_word = pc.fill_null(words, -1).to_numpy().astype(np.int32)
        if not len(by_word):
            return np.full(len(column), -1, dtype=np.int32)
        places = pc.fill_null(column.indices, 0).to_numpy()
        found: npt.NDArray[np.int32] = by_word[places]
        if column.indices.null_count:
            found[pc.is_null(column.indices).to_numpy(zero_copy_only=False)] = -1
        return found


def load() -> PointIndex:
    """Read all usage points."""
    rows = UsagePoint.objects.order_by("shard", "id").values_list("number", "id", "shard")
    numbers, ids, shards = zip(*rows, strict=True) if rows else ((), (), ())
    unique, starts = np.unique(np.array(shards, dtype=np.int64), return_index=True)
    edges = np.append(starts, len(ids)).astype(np.int64)
    return PointIndex(
        numbers=pa.array(numbers, pa.string()),
        ids=np.array(ids, dtype=np.int64),
        bucket=np.repeat(np.arange(len(unique), dtype=np.uint16), np.diff(edges)),
        shards=unique,
        starts=edges,
    )
