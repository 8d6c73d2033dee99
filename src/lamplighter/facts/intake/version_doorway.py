"""The doorway of a record type whose rows are versions in one table."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from django.db import connection

from lamplighter.facts.intake import staging, version_landing
from lamplighter.facts.intake.records import Doorway, Landed, LandingContext, RecordType
from lamplighter.facts.intake.version_landing import Check, VersionedTable

STAGED = "landing_staged"


def doorway(*, record: RecordType, table: VersionedTable, checks: Sequence[Check] = ()) -> Doorway:
    """Return a doorway that stages the rows, refuses the wrong ones and records the versions."""

    def land(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
        with connection.cursor() as cursor:
            n_rows = staging.copy_to_temporary_table(
                cursor=cursor,
                table=STAGED,
                record=record,
                rows=rows,
                on_progress=context.on_progress,
            )
            return version_landing.land_staged(
                cursor=cursor,
                staged=STAGED,
                n_rows=n_rows,
                record=record,
                table=table,
                context=context,
                checks=checks,
            )

    return Doorway(record=record, land=land)
