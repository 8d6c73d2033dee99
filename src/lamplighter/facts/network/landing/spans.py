"""Taking in who answers for which station area. What stands is never shortened by a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.types.range import DateRange

from lamplighter.facts.intake import reasons, staging, version_landing
from lamplighter.facts.intake.records import Landed, LandingContext, Refusal
from lamplighter.facts.network import records
from lamplighter.facts.network.models import Responsibility
from lamplighter.ledger import services as ledger

STAGED = "network_staged_spans"
Row = tuple[int, str, int | None, str, int | None, date, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A span of one area: half-open, without end where *end_day* is None."""

    staff_id: int
    staff_number: str
    first_day: date
    end_day: date | None

    def overlaps(self, other: "Standing") -> bool:
        return (other.end_day is None or self.first_day < other.end_day) and (
            self.end_day is None or other.first_day < self.end_day
        )

    def __str__(self) -> str:
        last = (self.end_day - timedelta(1)).isoformat() if self.end_day else "…"
        return f"{self.staff_number} {self.first_day.isoformat()} – {last}"


def land_responsibilities(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take responsibilities in; one that overlaps what stands is refused and names it."""
    refusals: list[Refusal] = []
    fresh: list[Responsibility] = []
    n_unchanged = 0
    with connection.cursor() as cursor:
        version_landing.lock_table(cursor=cursor, table=Responsibility._meta.db_table)
        staging.copy_to_temporary_table(
            cursor=cursor,
            table=STAGED,
            record=records.RESPONSIBILITY,
            rows=rows,
            on_progress=context.on_progress,
        )
        standing = _standing(cursor)
        for row, area_code, area_id, number, staff_id, first, last in _staged(cursor):
            if area_id is None or staff_id is None:
                refusals += _unknown(row, area_code, area_id, number, staff_id)
                continue
            end = last + timedelta(1) if last else None
            span = Standing(staff_id=staff_id, staff_number=number, first_day=first, end_day=end)
            there = standing.setdefault(area_id, [])
            if last and last < first:
                refusals.append(_refusal(row, "last_day", last, reasons.ENDS_BEFORE_START, ""))
            elif span in there:
                n_unchanged += 1
            elif other := next((s for s in there if s.overlaps(span)), None):
                refusals.append(_refusal(row, "first_day", first, reasons.OVERLAP, str(other)))
            else:
                there.append(span)
                fresh.append(_responsibility(area_id, span, context))
    Responsibility.objects.bulk_create(fresh, batch_size=5_000)
    if fresh:
        ledger.record(
            "network.responsibility.imported",
            subject=f"delivery:{context.delivery_id}",
            actor=context.actor,
            at=context.now,
            n_new=len(fresh),
        )
    return Landed(n_imported=len(fresh), n_unchanged=n_unchanged, refusals=refusals)


def _staged(cursor: CursorWrapper) -> list[Row]:
    cursor.execute(
        f"SELECT s.row_number, s.area_code, a.id, s.staff_number, p.id, s.first_day, s.last_day"  # noqa: S608 - our own table's name
        f" FROM {STAGED} s LEFT JOIN network_area a ON a.code = s.area_code"
        f" LEFT JOIN network_staff p ON p.number = s.staff_number ORDER BY s.row_number"
    )
    rows: list[Row] = cursor.fetchall()
    return rows


def _standing(cursor: CursorWrapper) -> dict[int, list[Standing]]:
    cursor.execute(
        f"SELECT r.area_id, r.staff_id, p.number, lower(r.days), upper(r.days)"  # noqa: S608 - our own table's name
        f" FROM network_responsibility r JOIN network_staff p ON p.id = r.staff_id WHERE r.area_id"
        f" IN (SELECT a.id FROM network_area a JOIN {STAGED} s ON s.area_code = a.code)"
    )
    found: dict[int, list[Standing]] = {}
    for area_id, staff_id, number, first, end in cursor.fetchall():
        span = Standing(staff_id=staff_id, staff_number=number, first_day=first, end_day=end)
        found.setdefault(area_id, []).append(span)
    return found


def _responsibility(area_id: int, span: Standing, context: LandingContext) -> Responsibility:
    return Responsibility(
        area_id=area_id,
        staff_id=span.staff_id,
        days=DateRange(span.first_day, span.end_day),
        recorded_at=context.now,
        recorded_by=context.actor,
        delivery_id=context.delivery_id,
    )


def _unknown(
    row: int, area_code: str, area_id: int | None, number: str, staff_id: int | None
) -> list[Refusal]:
    found = []
    if area_id is None:
        found.append(_refusal(row, "area_code", area_code, reasons.UNKNOWN_AREA, ""))
    if staff_id is None:
        found.append(_refusal(row, "staff_number", number, reasons.UNKNOWN_STAFF, ""))
    return found


def _refusal(row: int, field: str, value: object, reason: str, detail: str) -> Refusal:
    return Refusal(row_number=row, field=field, value=str(value), reason=reason, detail=detail)
