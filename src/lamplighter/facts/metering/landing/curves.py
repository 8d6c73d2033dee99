"""What becomes of the interval readings of one shard."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lamplighter.facts.intake.records import Refusal
from lamplighter.facts.metering import matrices, reasons
from lamplighter.facts.metering.lake import LakeFile
from lamplighter.facts.metering.landing import settling
from lamplighter.facts.metering.landing.settling import Settled
from lamplighter.facts.metering.landing.spill import Rows
from lamplighter.facts.metering.reading import WATTHOURS
from lamplighter.kernel.spans import DaySpan

Ids = npt.NDArray[np.int64]
MOST_CELLS = 1 << 23  # of one block of points, so that memory stays bounded
FINEST_SLOTS = 96


def settle_days(*, rows: Rows, ids: Ids, first_rank: int, known: list[LakeFile]) -> Settled:
    """Settle days of readings; a day with any new slot is kept as it was delivered."""
    n_slots = rows["wh"].shape[1]
    length = matrices.MINUTES_OF_A_DAY // n_slots
    parts, refusals, n_imported = [], [], 0
    for block, first, last in _blocks(rows, len(ids), first_rank, n_slots):
        local = block["rank"].astype(np.int64) - first_rank - first
        place, n_days = settling.dense_days(days=block["day"])
        found = settling.firsts(cells=local * n_days + place, n_cells=(last - first) * n_days)
        later, standing = block[found.repeats], block[found.standing]
        differs = (later["wh"] != standing["wh"]).any(axis=1)
        refusals += [
            _conflict(*pair) for pair in zip(later[differs], standing[differs], strict=True)
        ]
        kept, point = block[found.places], local[found.places]
        old = _known(kept["day"], ids[first:last], known).get(length)
        if old is not None:
            before = old[point, kept["day"] - int(kept["day"].min())]
            is_new = ((kept["wh"] != matrices.MISSING) & (kept["wh"] != before)).any(axis=1)
            kept, point = kept[is_new], point[is_new]
        n_imported += len(kept)
        if len(kept):
            parts.append(_table(ids[first + point], kept["day"], kept["wh"]))
    return Settled(
        rows=pa.concat_tables(parts) if parts else None,
        n_imported=n_imported,
        n_unchanged=len(rows) - n_imported - len(refusals),
        refusals=refusals,
    )


def settle_readings(*, rows: Rows, ids: Ids, first_rank: int, known: list[LakeFile]) -> Settled:
    """Settle single readings; the lake keeps those slots of a day that are new."""
    parts: list[pa.Table] = []
    refusals: list[Refusal] = []
    n_imported = 0
    for block, first, last in _blocks(rows, len(ids), first_rank, FINEST_SLOTS):
        local = block["rank"].astype(np.int64) - first_rank - first
        length = np.full(last - first, 60, dtype=np.int64)
        length[local[block["minute"] % 60 != 0]] = 30
        length[local[block["minute"] % 30 != 0]] = 15
        slot = block["minute"] // length[local]
        place, n_days = settling.dense_days(days=block["day"])
        found = settling.firsts(
            cells=(local * n_days + place) * FINEST_SLOTS + slot,
            n_cells=(last - first) * n_days * FINEST_SLOTS,
        )
        later, standing = block[found.repeats], block[found.standing]
        differs = later["wh"] != standing["wh"]
        refusals += [
            _conflict(*pair) for pair in zip(later[differs], standing[differs], strict=True)
        ]
        kept = found.places
        old = _known(block["day"], ids[first:last], known)
        is_new = np.ones(len(kept), dtype=bool)
        day = block["day"] - int(block["day"].min())
        for minutes, before in old.items():
            of_length = length[local[kept]] == minutes
            at = kept[of_length]
            is_new[of_length] = before[local[at], day[at], slot[at]] != block["wh"][at]
        kept = kept[is_new]
        n_imported += len(kept)
        parts += _days_of(block[kept], local[kept], slot[kept], length, ids[first:last])
    return Settled(
        rows=pa.concat_tables(parts) if parts else None,
        n_imported=n_imported,
        n_unchanged=len(rows) - n_imported - len(refusals),
        refusals=refusals,
    )


def _days_of(rows: Rows, local: Ids, slot: Ids, length: Ids, ids: Ids) -> list[pa.Table]:
    """Bring the slots of each point and day together; sorted by point and day."""
    if not len(rows):
        return []
    place, n_days = settling.dense_days(days=rows["day"])
    days, at = np.unique(local * n_days + place, return_inverse=True)
    first = np.zeros(len(days), dtype=np.int64)
    first[at] = np.arange(len(rows))
    point, day = local[first], rows["day"][first]
    wh = np.full((len(days), FINEST_SLOTS), matrices.MISSING, dtype=np.int32)
    wh[at, slot] = rows["wh"]
    used = (matrices.MINUTES_OF_A_DAY // length[point])[:, None] > np.arange(FINEST_SLOTS)
    offsets = np.r_[0, np.cumsum(used.sum(axis=1))].astype(np.int32)
    flat = wh[used]
    return [
        pa.table(
            {
                "point_id": ids[point],
                "day": pa.array(day).cast(pa.date32()),
                "minutes": length[point].astype(np.int16),
                "values_wh": pa.ListArray.from_arrays(
                    pa.array(offsets), pa.array(flat, mask=flat == matrices.MISSING)
                ),
            }
        )
    ]


def _table(points: Ids, day: npt.NDArray[np.int32], wh: npt.NDArray[np.int32]) -> pa.Table:
    n_slots = wh.shape[1]
    flat = wh.ravel()
    offsets = np.arange(0, flat.size + 1, n_slots, dtype=np.int32)
    minutes = np.full(len(wh), matrices.MINUTES_OF_A_DAY // n_slots, dtype=np.int16)
    values = pa.array(flat, mask=flat == matrices.MISSING)
    return pa.table(
        {
            "point_id": points,
            "day": pa.array(day).cast(pa.date32()),
            "minutes": minutes,
            "values_wh": pa.ListArray.from_arrays(pa.array(offsets), values),
        }
    )


def _blocks(
    rows: Rows, n_points: int, first_rank: int, n_slots: int
) -> Iterator[tuple[Rows, int, int]]:
    """Part a shard's rows by runs of points; inside, they stay in the delivery's order."""
    n_days = int(rows["day"].max()) - int(rows["day"].min()) + 1
    size = max(1, MOST_CELLS // (n_days * n_slots))
    group = (rows["rank"] - first_rank) // size
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(-(-n_points // size) + 1))
    for number in range(len(edges) - 1):
        if edges[number] < edges[number + 1]:
            block = rows[order[edges[number] : edges[number + 1]]]
            yield block, number * size, min(n_points, (number + 1) * size)


def _known(
    day: npt.NDArray[np.int32], ids: Ids, known: list[LakeFile]
) -> dict[int, matrices.Watthours]:
    low, high = int(day.min()), int(day.max())
    span = DaySpan(first_day=settling.day_of(low), end_day=settling.day_of(high) + timedelta(1))
    return matrices.interval(files=known, point_ids=ids, days=span, known_us=matrices.NEVER)


def _conflict(row: np.void, standing: np.void) -> Refusal:
    is_day = row.dtype["wh"].shape != ()
    return Refusal(
        row_number=int(row["row_number"]),
        field="values" if is_day else "energy_kwh",
        value="" if is_day else f"{row['wh'] / WATTHOURS:g}",
        reason=reasons.CONFLICTING_DUPLICATE,
        detail=f"row {standing['row_number']}",
    )
