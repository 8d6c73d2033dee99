"""Taking daily readings in."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake.records import ROW_NUMBER, Landed, LandingContext, Refusal
from lamplighter.facts.metering import matrices, reasons, terms
from lamplighter.facts.metering.lake import LakeFile, Series
from lamplighter.facts.metering.landing import point_index, settling
from lamplighter.facts.metering.landing.point_index import PointIndex
from lamplighter.facts.metering.landing.settling import Firsts, RefusalsSoFar, Settled
from lamplighter.facts.metering.landing.spill import Spill, beside
from lamplighter.facts.metering.reading import WATTHOURS
from lamplighter.facts.metering.terms import MeteringTerms
from lamplighter.kernel.spans import DaySpan

MEASURED, ESTIMATED = 0, 1
ROW = np.dtype(
    [("row_number", "i8"), ("rank", "i4"), ("day", "i4"), ("wh", "i4"), ("quality", "i4")]
)  # whole words: parting rows moves them twice as fast
Rows = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]


def land_daily_readings(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take daily readings in: what is new or corrected becomes rows of the lake."""
    rules = terms.terms_on(day=context.day)
    points = point_index.load()
    refusals = RefusalsSoFar(context=context)
    spill = Spill(folder=context.scratch_folder, dtype=ROW, n_buckets=len(points.shards))
    last_day = matrices.day_number(rules.last_day(now=context.now))

    def pack(batch: pa.RecordBatch) -> None:
        packed, wrong = _checked(batch, points, rules, last_day)
        for why, where in wrong:
            refusals.check(int(np.count_nonzero(where)))
            refusals.add(_refused(batch, why, where))
        spill.add(bucket=points.bucket[packed["rank"]], rows=packed)

    n_rows = 0
    for n_more in beside(batches=rows, work=pack):
        n_rows += n_more
        context.on_progress(n_rows)

    def settle(bucket: int, known: list[LakeFile]) -> Settled:
        low, high = points.starts[bucket], points.starts[bucket + 1]
        return _settled(spill.take(bucket), points.ids[low:high], int(low), known)

    return settling.take_in(
        series=Series.DAILY,
        spill=spill,
        shards=points.shards,
        settle=settle,
        refusals=refusals,
        context=context,
    )


def _checked(
    batch: pa.RecordBatch, points: PointIndex, rules: MeteringTerms, last_day: int
) -> tuple[Rows, list[tuple[str, Bools]]]:
    rank = points.ranks(batch.column("usage_point_number"))
    day = batch.column("day").cast(pa.int32()).to_numpy()
    kwh = batch.column("energy_kwh").to_numpy(zero_copy_only=False)
    found = wrong_energy(kwh=kwh, most_kwh=rules.most_kwh_per_day, rules=rules)
    found += [(reasons.UNKNOWN_USAGE_POINT, rank < 0), (reasons.DAY_AHEAD, day > last_day)]
    fits = np.ones(len(rank), dtype=bool)
    wrong = []
    for why, where in found:
        where = where & fits
        if where.any():
            wrong.append((why, where))
            fits &= ~where
    packed = np.empty(len(rank), dtype=ROW)
    packed["rank"] = rank
    packed["day"] = day
    with np.errstate(invalid="ignore"):  # what does not fit into the number is left out below
        packed["wh"] = np.rint(kwh * WATTHOURS)
    packed["quality"] = _quality(batch.column("quality"))
    packed["row_number"] = batch.column(ROW_NUMBER).to_numpy()
    return packed if not wrong else packed[fits], wrong


def wrong_energy(
    *, kwh: npt.NDArray[np.float64], most_kwh: float, rules: MeteringTerms
) -> list[tuple[str, Bools]]:
    """Return which values are no energy at all, and why."""
    with np.errstate(invalid="ignore"):
        size = np.abs(kwh)
        found = [
            (reasons.NOT_FINITE, ~np.isfinite(kwh)),
            (reasons.TOO_MUCH_ENERGY, size > most_kwh),
        ]
        if not rules.allows_negative_energy:
            found.append((reasons.NEGATIVE_ENERGY, kwh < 0.0))
    return found


def _quality(column: pa.Array) -> npt.NDArray[np.int8]:
    if column.null_count == len(column):
        return np.zeros(len(column), dtype=np.int8)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    is_estimated = pc.fill_null(pc.equal(column, "ESTIMATED"), False)
    marks: npt.NDArray[np.int8] = is_estimated.to_numpy(zero_copy_only=False).astype(np.int8)
    return marks


FIELD_OF = {
    reasons.UNKNOWN_USAGE_POINT: "usage_point_number",
    reasons.DAY_AHEAD: "day",
}


def _refused(batch: pa.RecordBatch, why: str, where: Bools) -> list[Refusal]:
    name = FIELD_OF.get(why, "energy_kwh")
    at = pa.array(np.flatnonzero(where))
    numbers = batch.column(ROW_NUMBER).take(at).to_pylist()
    values = batch.column(name).take(at).to_pylist()
    return [
        Refusal(row_number=number, field=name, value=str(value), reason=why)
        for number, value in zip(numbers, values, strict=True)
    ]


def _settled(
    rows: Rows, ids: npt.NDArray[np.int64], first_rank: int, known: list[LakeFile]
) -> Settled:
    local = rows["rank"].astype(np.int64) - first_rank
    day_place, n_days = settling.dense_days(days=rows["day"])
    found = settling.firsts(cells=local * n_days + day_place, n_cells=len(ids) * n_days)
    refused = _conflicts(rows, found)
    place = found.places
    point, day = local[place], rows["day"][place]
    wh, quality = rows["wh"][place], rows["quality"][place]
    low, high = int(day.min()), int(day.max())
    if any(file.days[0] <= high and file.days[1] >= low for file in known):
        span = DaySpan(first_day=settling.day_of(low), end_day=settling.day_of(high) + timedelta(1))
        old_wh, old_quality = matrices.daily(
            files=known, point_ids=ids, days=span, known_us=matrices.NEVER
        )
        at = (point, day - low)
        is_new = (old_wh[at] != wh) | (old_quality[at] != quality)
        point, day, wh, quality = point[is_new], day[is_new], wh[is_new], quality[is_new]
    table = pa.table(
        {
            "point_id": ids[point],
            "day": pa.array(day).cast(pa.date32()),
            "energy_wh": wh,
            "quality": quality.astype(np.int8),
        }
    )
    return Settled(
        rows=table if len(point) else None,
        n_imported=len(point),
        n_unchanged=len(rows) - len(point) - len(refused),
        refusals=refused,
    )


def _conflicts(rows: Rows, found: Firsts) -> list[Refusal]:
    """Refuse the repeats that say something else than the row before them."""
    later, first = rows[found.repeats], rows[found.standing]
    differs = (later["wh"] != first["wh"]) | (later["quality"] != first["quality"])
    return [
        Refusal(
            row_number=int(row["row_number"]),
            field="energy_kwh",
            value=f"{row['wh'] / WATTHOURS:g}",
            reason=reasons.CONFLICTING_DUPLICATE,
            detail=f"row {standing['row_number']}: {standing['wh'] / WATTHOURS:g}",
        )
        for row, standing in zip(later[differs], first[differs], strict=True)
    ]
