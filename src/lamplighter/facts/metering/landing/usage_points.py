"""Taking usage points in."""

from collections.abc import Iterator

import pyarrow as pa
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lamplighter.facts.intake import staging, version_landing
from lamplighter.facts.intake.records import Landed, LandingContext, Refusal
from lamplighter.facts.metering import reasons, records, terms
from lamplighter.facts.metering.terms import MeteringTerms

STAGED = "landing_usage_points"
UNKNOWN_ACCOUNT = """
DELETE FROM landing_usage_points s
WHERE NOT EXISTS (SELECT FROM customers_account a WHERE a.number = s.account_number)
RETURNING s.row_number, s.account_number, ''
"""
UNKNOWN_AREA = """
DELETE FROM landing_usage_points s
WHERE coalesce(s.area_code, '') <> ''
  AND NOT EXISTS (SELECT FROM network_area a WHERE a.code = s.area_code)
RETURNING s.row_number, s.area_code, ''
"""
OTHER_ACCOUNT = """
DELETE FROM landing_usage_points s USING metering_usagepoint p, customers_account a
WHERE p.number = s.number AND a.id = p.account_id AND a.number <> s.account_number
RETURNING s.row_number, s.account_number, a.number
"""
REPEATED = """
DELETE FROM landing_usage_points s USING landing_usage_points first
WHERE first.number = s.number AND first.row_number < s.row_number
  AND first.account_number <> s.account_number
RETURNING s.row_number, s.account_number, first.account_number
"""
# A point without a station area goes to a shard made from its number, the same on every machine.
RECORD = """
INSERT INTO metering_usagepoint (number, account_id, shard, recorded_at, delivery_id)
SELECT s.number, account.id,
  coalesce(named.shard, standing.shard,
           %s + ('x' || left(md5(s.number), 7))::bit(28)::int %% %s),
  %s, %s
FROM (SELECT DISTINCT ON (number) * FROM landing_usage_points ORDER BY number, row_number) s
JOIN customers_account account ON account.number = s.account_number
LEFT JOIN network_area named ON named.code = s.area_code
LEFT JOIN customers_premise premise
  ON premise.account_id = account.id AND premise.superseded_at IS NULL
LEFT JOIN network_area standing ON standing.id = premise.area_id
WHERE NOT EXISTS (SELECT FROM metering_usagepoint p WHERE p.number = s.number)
ORDER BY s.row_number
"""


def land_usage_points(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take usage points in; a known number of the same account is unchanged."""
    rules = terms.terms_on(day=context.day)
    with connection.cursor() as cursor:
        n_rows = staging.copy_to_temporary_table(
            cursor=cursor,
            table=STAGED,
            record=records.USAGE_POINT,
            rows=rows,
            on_progress=context.on_progress,
        )
        version_landing.lock_table(cursor=cursor, table="metering_usagepoint")
        refusals: list[Refusal] = []
        for statement, field, reason in (
            (UNKNOWN_ACCOUNT, "account_number", reasons.UNKNOWN_ACCOUNT),
            (UNKNOWN_AREA, "area_code", reasons.UNKNOWN_AREA),
            (OTHER_ACCOUNT, "account_number", reasons.OTHER_ACCOUNT),
            (REPEATED, "account_number", reasons.CONFLICTING_DUPLICATE),
        ):
            refusals += _refused(cursor, statement, field, reason, context)
        n_imported = _record(cursor, rules, context)
    return Landed(
        n_imported=n_imported,
        n_unchanged=n_rows - n_imported - len(refusals),
        refusals=refusals,
    )


def _refused(
    cursor: CursorWrapper, statement: str, field: str, reason: str, context: LandingContext
) -> list[Refusal]:
    gone = version_landing.removed(cursor=cursor, statement=sql.SQL(statement), context=context)
    found = {row_number: (value, detail) for row_number, value, detail in gone}
    return [
        Refusal(row_number=number, field=field, value=value, reason=reason, detail=detail)
        for number, (value, detail) in found.items()
    ]


def _record(cursor: CursorWrapper, rules: MeteringTerms, context: LandingContext) -> int:
    cursor.execute(
        RECORD,
        [
            rules.first_shard_without_area,
            rules.n_shards_without_area,
            context.now,
            context.delivery_id,
        ],
    )
    n_imported: int = cursor.rowcount
    return n_imported
