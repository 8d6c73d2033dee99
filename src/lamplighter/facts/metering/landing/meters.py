"""Taking meters in: which meter counted at which usage point over which days."""

from collections.abc import Iterator

import pyarrow as pa
from django.db import connection
from psycopg import sql

from lamplighter.facts.intake import staging, version_landing
from lamplighter.facts.intake.records import Landed, LandingContext, Refusal
from lamplighter.facts.metering import reasons, records

STAGED = "landing_meters"
PREPARE = """
ALTER TABLE landing_meters ADD COLUMN point_id bigint, ADD COLUMN days daterange;
UPDATE landing_meters s SET multiplier = coalesce(multiplier, 1),
  days = CASE WHEN last_day < first_day THEN NULL
         ELSE daterange(first_day, last_day + 1, '[)') END,
  point_id = (SELECT p.id FROM metering_usagepoint p WHERE p.number = s.usage_point_number);
ANALYZE landing_meters
"""
UNKNOWN_POINT = """
DELETE FROM landing_meters s WHERE point_id IS NULL
RETURNING s.row_number, s.usage_point_number, ''
"""
ENDS_BEFORE_START = """
DELETE FROM landing_meters s WHERE days IS NULL
RETURNING s.row_number, s.last_day::text, s.first_day::text
"""
MULTIPLIER = """
DELETE FROM landing_meters s WHERE multiplier <= 0
RETURNING s.row_number, s.multiplier::text, ''
"""
# A meter that stood open may be closed, once; everything else that is known stays as it is.
CLOSE = """
UPDATE metering_meter m SET days = s.days FROM landing_meters s
WHERE m.number = s.number AND m.usage_point_id = s.point_id
  AND lower(m.days) = s.first_day AND m.multiplier_ratio = s.multiplier
  AND upper_inf(m.days) AND s.last_day IS NOT NULL
RETURNING s.row_number
"""
KNOWN = """
DELETE FROM landing_meters s USING metering_meter m
WHERE m.number = s.number AND m.usage_point_id = s.point_id AND m.days = s.days
  AND m.multiplier_ratio = s.multiplier
"""
DIFFERS = """
DELETE FROM landing_meters s USING metering_meter m
WHERE m.number = s.number AND lower(m.days) = s.first_day
RETURNING s.row_number, s.number, 'known as ' || m.days || ' × ' || m.multiplier_ratio
"""
# One statement per side: a condition "this OR that" between two large tables has no fast plan.
OVERLAPS_STANDING = """
DELETE FROM landing_meters s USING metering_meter m
WHERE m.{side} = s.{staged} AND m.days && s.days
RETURNING s.row_number, s.number, 'meter ' || m.number || ' from ' || lower(m.days)
"""
REPEATS = """
DELETE FROM landing_meters s USING landing_meters e
WHERE e.row_number < s.row_number AND e.number = s.number AND e.point_id = s.point_id
  AND e.days = s.days AND e.multiplier = s.multiplier
"""
OVERLAPS_EARLIER_ROW = """
DELETE FROM landing_meters s USING landing_meters e
WHERE e.row_number < s.row_number AND e.days && s.days AND e.{staged} = s.{staged}
RETURNING s.row_number, s.number, 'row ' || e.row_number || ': meter ' || e.number
"""
SIDES = (("usage_point_id", "point_id"), ("number", "number"))
RECORD = """
INSERT INTO metering_meter
  (number, usage_point_id, days, multiplier_ratio, recorded_at, delivery_id)
SELECT number, point_id, days, multiplier, %s, %s FROM landing_meters ORDER BY row_number
"""
CHECKS = (
    (UNKNOWN_POINT, "usage_point_number", reasons.UNKNOWN_USAGE_POINT),
    (ENDS_BEFORE_START, "last_day", reasons.ENDS_BEFORE_START),
    (MULTIPLIER, "multiplier", reasons.MULTIPLIER_NOT_POSITIVE),
)
COLLISIONS = (
    (DIFFERS, "number", reasons.METER_DIFFERS),
    *(
        (statement.format(side=side, staged=staged), "number", reasons.OVERLAP)
        for statement in (OVERLAPS_STANDING, OVERLAPS_EARLIER_ROW)
        for side, staged in SIDES
    ),
)


def land_meters(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take meters in; spans at one usage point, or of one meter, never overlap."""
    found: dict[int, Refusal] = {}
    with connection.cursor() as cursor:
        n_rows = staging.copy_to_temporary_table(
            cursor=cursor,
            table=STAGED,
            record=records.METER,
            rows=rows,
            on_progress=context.on_progress,
        )
        version_landing.lock_table(cursor=cursor, table="metering_meter")

        def refuse(statement: str, field: str, reason: str) -> None:
            gone = version_landing.removed(
                cursor=cursor, statement=sql.SQL(statement), context=context
            )
            for number, value, detail in gone:
                found[number] = Refusal(
                    row_number=number, field=field, value=value, reason=reason, detail=detail
                )

        cursor.execute(PREPARE)
        for check in CHECKS:
            refuse(*check)
        cursor.execute(CLOSE)
        n_closed = len({number for (number,) in cursor.fetchall()})
        cursor.execute(KNOWN)
        cursor.execute(REPEATS)
        for collision in COLLISIONS:
            refuse(*collision)
        cursor.execute(RECORD, [context.now, context.delivery_id])
        n_imported: int = cursor.rowcount + n_closed
    return Landed(
        n_imported=n_imported,
        n_unchanged=n_rows - n_imported - len(found),
        refusals=list(found.values()),
    )
