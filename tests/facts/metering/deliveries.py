"""Deliveries of readings as the import engine would hand them over."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from lamplighter.facts.customers.models import Account
from lamplighter.facts.intake.conversion import arrow_type
from lamplighter.facts.intake.models import Delivery
from lamplighter.facts.intake.records import ROW_NUMBER, Doorway, Landed, LandingContext
from lamplighter.facts.metering import landing, queries, reading
from lamplighter.facts.metering.models import UsagePoint
from lamplighter.kernel.spans import DaySpan
from tests.factories import make_account

NOVEMBER = DaySpan(first_day=date(2026, 11, 1), end_day=date(2026, 12, 1))
EVER = datetime(2030, 1, 1, tzinfo=UTC)


def moment(day: int, hour: int = 1) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC)


def make_points(n: int, *, shards: int = 2, account: Account | None = None) -> list[UsagePoint]:
    """Make usage points P000, P001 … over some shards."""
    return [
        UsagePoint.objects.create(
            number=f"P{place:03}",
            account=account or make_account(),
            shard=place % shards,
            recorded_at=datetime(2020, 1, 1, tzinfo=UTC),
        )
        for place in range(n)
    ]


def make_delivery(record: str, now: datetime) -> Delivery:
    name = f"{Delivery.objects.count():064x}"
    return Delivery.objects.create(
        file_name="f",
        sha256=name,
        mapping_sha256=name,
        size_bytes=1,
        record=record,
        mapping_name="m",
        mapping_text="",
        state="RECEIVED",
        refusal="",
        received_at=now,
        received_by="test",
    )


def batches(
    doorway: Doorway, rows: Sequence[Sequence[Any]], size: int = 7
) -> Iterator[pa.RecordBatch]:
    fields = doorway.record.fields
    for start in range(0, len(rows), size):
        part = [[*row, *[None] * (len(fields) - len(row))] for row in rows[start : start + size]]
        columns = [
            pa.array(values, arrow_type(field=field))
            for field, values in zip(fields, zip(*part, strict=True), strict=True)
        ]
        numbers = pa.array(range(start + 1, start + 1 + len(part)), pa.int64())
        yield pa.RecordBatch.from_arrays(
            [*columns, numbers], names=[*(field.name for field in fields), ROW_NUMBER]
        )


def deliver(
    lake: Path, name: str, rows: Sequence[Sequence[Any]], *, now: datetime, delivery: int = 0
) -> Landed:
    """Land rows, each a sequence in the order of the record's fields."""
    doorway = next(one for one in landing.DOORWAYS if one.record.name == name)
    with TemporaryDirectory() as scratch:
        context = LandingContext(
            delivery_id=delivery or make_delivery(name, now).pk,
            delivery_sha256=f"{delivery}-{now}-{len(rows)}",
            now=now,
            actor="test",
            field_key=b"",
            lake_folder=lake,
            scratch_folder=Path(scratch),
            on_progress=lambda _n: None,
        )
        landed = doorway.land(rows=batches(doorway, rows), context=context)
    assert landed.n_imported + landed.n_unchanged + len(landed.refusals) == len(rows)
    return landed


def counts(landed: Landed) -> tuple[int, int, int]:
    return landed.n_imported, landed.n_unchanged, len(landed.refusals)


def reasons(landed: Landed) -> list[tuple[int, str, str]]:
    found = [(one.row_number, one.field, one.reason) for one in landed.refusals]
    return sorted(found)


def matrix(
    lake: Path,
    points: Sequence[UsagePoint],
    *,
    days: DaySpan = NOVEMBER,
    known_at: datetime = EVER,
) -> reading.DailyMatrix:
    """Read daily energy of points, over all their shards."""
    return reading.daily_matrix(
        view=queries.lake_view(lake_folder=lake, known_at=known_at),
        shards={point.shard for point in points},
        point_ids=np.array(sorted(point.pk for point in points)),
        days=days,
    )
