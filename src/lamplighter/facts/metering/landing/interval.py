"""Taking interval readings in: one reading a row, or one day a row."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake.records import ROW_NUMBER, Landed, LandingContext, Refusal
from lamplighter.facts.metering import lake, matrices, reasons, terms
from lamplighter.facts.metering.lake import LakeFile, Series
from lamplighter.facts.metering.landing import curves, daily, point_index, settling
from lamplighter.facts.metering.landing.point_index import PointIndex
from lamplighter.facts.metering.landing.settling import RefusalsSoFar, Settled
from lamplighter.facts.metering.landing.spill import Rows, Spill, beside
from lamplighter.facts.metering.reading import WATTHOURS
from lamplighter.facts.metering.terms import MeteringTerms

Bools = npt.NDArray[np.bool_]
READING = np.dtype(
    [("rank", "i4"), ("day", "i4"), ("minute", "i2"), ("wh", "i4"), ("row_number", "i8")]
)
DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
GRID_MINUTES = 15
FIELDS = {
    reasons.UNKNOWN_USAGE_POINT: "usage_point_number",
    reasons.DAY_AHEAD: "starts_at",
    reasons.NOT_ON_GRID: "starts_at",
}
FIELDS_OF_DAYS = {
    reasons.UNKNOWN_USAGE_POINT: "usage_point_number",
    reasons.DAY_AHEAD: "day",
}


def land_interval_readings(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take readings of 15, 30 or 60 minutes in, one a row.

    How long a point's readings are is told by where they start in this delivery: only on full
    hours, on half hours too, or on quarters. Where a zone sets its clocks back, the repeated hour
    counts once.
    """
    rules = terms.terms_on(day=context.day)
    points = point_index.load()
    refusals = RefusalsSoFar(context=context)
    spill = Spill(folder=context.scratch_folder, dtype=READING, n_buckets=len(points.shards))

    def pack(batch: pa.RecordBatch) -> None:
        packed, wrong = _readings(batch, points, rules, context)
        _refuse(refusals, batch, wrong, FIELDS, "energy_kwh")
        spill.add(bucket=points.bucket[packed["rank"]], rows=packed)

    n_rows = 0
    for n_more in beside(batches=rows, work=pack):
        n_rows += n_more
        context.on_progress(n_rows)

    def settle(bucket: int, known: list[LakeFile]) -> Settled:
        low, high = points.starts[bucket], points.starts[bucket + 1]
        return curves.settle_readings(
            rows=spill.take(bucket), ids=points.ids[low:high], first_rank=int(low), known=known
        )

    return settling.take_in(
        series=Series.INTERVAL,
        spill=spill,
        shards=points.shards,
        settle=settle,
        refusals=refusals,
        context=context,
    )


def land_interval_days(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take whole days of readings in, one point's day a row; a missing slot is NaN."""
    rules = terms.terms_on(day=context.day)
    points = point_index.load()
    refusals = RefusalsSoFar(context=context)
    spill: Spill | None = None
    n_rows = n_slots = 0
    for batch in rows:
        lengths = pc.list_value_length(batch.column("values"))
        if spill is None:
            n_slots = int(pc.max(lengths).as_py() or 0)
            dtype = np.dtype(
                [("rank", "i4"), ("day", "i4"), ("row_number", "i8"), ("wh", "i4", (n_slots,))]
            )
            spill = Spill(folder=context.scratch_folder, dtype=dtype, n_buckets=len(points.shards))
        packed, wrong = _days(batch, points, rules, context, spill.dtype)
        _refuse(refusals, batch, wrong, FIELDS_OF_DAYS, "values")
        spill.add(bucket=points.bucket[packed["rank"]], rows=packed)
        n_rows += batch.num_rows
        context.on_progress(n_rows)
    if spill is None:
        return Landed(n_imported=0, n_unchanged=0)
    held = spill

    def settle(bucket: int, known: list[LakeFile]) -> Settled:
        low, high = points.starts[bucket], points.starts[bucket + 1]
        return curves.settle_days(
            rows=held.take(bucket), ids=points.ids[low:high], first_rank=int(low), known=known
        )

    return settling.take_in(
        series=Series.INTERVAL,
        spill=held,
        shards=points.shards,
        settle=settle,
        refusals=refusals,
        context=context,
    )


def _readings(
    batch: pa.RecordBatch, points: PointIndex, rules: MeteringTerms, context: LandingContext
) -> tuple[Rows, list[tuple[str, Bools]]]:
    rank = points.ranks(batch.column("usage_point_number"))
    starts = batch.column("starts_at").cast(pa.timestamp("us", rules.local_zone))
    local = pc.local_timestamp(starts).cast(pa.int64()).to_numpy()
    began = starts.cast(pa.int64()).to_numpy()
    latest = lake.micros_of(rules.last_moment(now=context.now))
    kwh = batch.column("energy_kwh").to_numpy(zero_copy_only=False)
    most = rules.most_kwh_per_day / matrices.MINUTES_OF_A_DAY * 60
    found = [
        *daily.wrong_energy(kwh=kwh, most_kwh=most, rules=rules),
        (reasons.UNKNOWN_USAGE_POINT, rank < 0),
        (reasons.DAY_AHEAD, began >= latest),
        (reasons.NOT_ON_GRID, local % (GRID_MINUTES * MINUTE_US) != 0),
    ]
    wrong, fits = _firsts_of(found, len(rank))
    packed = np.empty(len(rank), dtype=READING)
    packed["rank"] = rank
    packed["day"] = local // DAY_US
    packed["minute"] = local % DAY_US // MINUTE_US
    with np.errstate(invalid="ignore"):  # what does not fit into the number is left out below
        packed["wh"] = np.rint(kwh * WATTHOURS)
    packed["row_number"] = batch.column(ROW_NUMBER).to_numpy()
    return packed[fits], wrong


def _days(
    batch: pa.RecordBatch,
    points: PointIndex,
    rules: MeteringTerms,
    context: LandingContext,
    dtype: np.dtype[Any],
) -> tuple[Rows, list[tuple[str, Bools]]]:
    n_slots = dtype["wh"].shape[0]
    rank = points.ranks(batch.column("usage_point_number"))
    day = batch.column("day").cast(pa.int32()).to_numpy()
    last_day = matrices.day_number(rules.last_day(now=context.now))
    lists = batch.column("values")
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    is_whole = (lengths == n_slots) & (n_slots > 0)
    is_whole &= matrices.MINUTES_OF_A_DAY % max(n_slots, 1) == 0
    kwh = np.full((len(rank), n_slots), np.nan)
    flat = lists.filter(pa.array(is_whole)).flatten()
    kwh[is_whole] = flat.to_numpy(zero_copy_only=False).reshape(-1, n_slots)
    most = rules.most_kwh_per_day / max(n_slots, 1)
    with np.errstate(invalid="ignore"):
        found = [
            (reasons.NOT_ON_GRID, ~is_whole),
            (reasons.NOT_FINITE, np.isinf(kwh).any(axis=1)),
            (reasons.TOO_MUCH_ENERGY, (np.abs(kwh) > most).any(axis=1)),
            (reasons.NO_VALUES, np.isnan(kwh).all(axis=1)),
            (reasons.UNKNOWN_USAGE_POINT, rank < 0),
            (reasons.DAY_AHEAD, day > last_day),
        ]
        if not rules.allows_negative_energy:
            found.append((reasons.NEGATIVE_ENERGY, (kwh < 0.0).any(axis=1)))
    wrong, fits = _firsts_of(found, len(rank))
    packed = np.empty(int(np.count_nonzero(fits)), dtype=dtype)
    packed["rank"] = rank[fits]
    packed["day"] = day[fits]
    packed["row_number"] = batch.column(ROW_NUMBER).to_numpy()[fits]
    known = kwh[fits]
    is_missing = np.isnan(known)
    wh = np.rint(np.where(is_missing, 0.0, known) * WATTHOURS).astype(np.int32)
    packed["wh"] = np.where(is_missing, matrices.MISSING, wh)
    return packed, wrong


def _firsts_of(
    found: list[tuple[str, Bools]], n_rows: int
) -> tuple[list[tuple[str, Bools]], Bools]:
    """Give each wrong row its first reason, and return which rows fit."""
    fits = np.ones(n_rows, dtype=bool)
    wrong = []
    for why, where in found:
        first = where & fits
        if first.any():
            wrong.append((why, first))
            fits &= ~first
    return wrong, fits


def _refuse(
    refusals: RefusalsSoFar,
    batch: pa.RecordBatch,
    wrong: list[tuple[str, Bools]],
    fields: dict[str, str],
    otherwise: str,
) -> None:
    for why, where in wrong:
        refusals.check(int(np.count_nonzero(where)))
        name = fields.get(why, otherwise)
        at = pa.array(np.flatnonzero(where))
        numbers = batch.column(ROW_NUMBER).take(at).to_pylist()
        values = batch.column(name).take(at).to_pylist()
        refusals.add(
            [
                Refusal(row_number=number, field=name, value=_shown(value), reason=why)
                for number, value in zip(numbers, values, strict=True)
            ]
        )


def _shown(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
