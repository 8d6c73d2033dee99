"""Feeding rows to a landing as the import engine would."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from lamplighter.facts.intake.models import Delivery
from lamplighter.facts.intake.records import (
    ROW_NUMBER,
    Doorway,
    Field,
    FieldKind,
    Landed,
    LandingContext,
)

KEY = bytes(range(32))
FIRST = datetime(2026, 11, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 10, 1, tzinfo=UTC)


def arrow_type(field: Field) -> pa.DataType:
    return {
        FieldKind.TEXT: pa.string(),
        FieldKind.CHOICE: pa.string(),
        FieldKind.INTEGER: pa.int64(),
        FieldKind.DECIMAL: pa.decimal128(18, field.decimals),
        FieldKind.NUMBER: pa.float64(),
        FieldKind.DAY: pa.date32(),
        FieldKind.MOMENT: pa.timestamp("us", tz="UTC"),
        FieldKind.FLAG: pa.bool_(),
    }[field.kind]


def batches(doorway: Doorway, rows: Sequence[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    columns = {
        field.name: pa.array([row.get(field.name) for row in rows], arrow_type(field))
        for field in doorway.record.fields
    }
    columns[ROW_NUMBER] = pa.array(range(1, len(rows) + 1), pa.int64())
    yield pa.RecordBatch.from_pydict(columns)


def deliver(
    doorways: Sequence[Doorway],
    name: str,
    rows: Sequence[dict[str, Any]],
    *,
    now: datetime = FIRST,
    sha256: str = "",
) -> Landed:
    """Land rows of one record type inside a delivery of their own."""
    doorway = next(one for one in doorways if one.record.name == name)
    n = Delivery.objects.count()
    delivery = Delivery.objects.create(
        file_name="f",
        sha256=sha256 or f"{n}",
        mapping_sha256="",
        size_bytes=1,
        record=name,
        mapping_name="m",
        mapping_text="",
        state="RECEIVED",
        refusal="",
        received_at=now,
        received_by="test",
    )
    context = LandingContext(
        delivery_id=delivery.pk,
        delivery_sha256=delivery.sha256,
        now=now,
        actor="test",
        field_key=KEY,
        lake_folder=Path("/nowhere"),
        scratch_folder=Path("/nowhere"),
        on_progress=lambda _n: None,
    )
    landed = doorway.land(rows=batches(doorway, rows), context=context)
    assert landed.n_imported + landed.n_unchanged + len(landed.refusals) == len(rows)
    return landed


def reasons(landed: Landed) -> list[tuple[int, str, str]]:
    return [(one.row_number, one.field, one.reason) for one in landed.refusals]
