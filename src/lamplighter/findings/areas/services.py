"""Writing what a night sums up over the accounts of each station area."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from lamplighter.facts.billing import bookkeeping, books
from lamplighter.facts.network import queries as network
from lamplighter.findings import queries as findings
from lamplighter.findings.areas import months
from lamplighter.findings.areas.models import AreaMonth
from lamplighter.findings.areas.months import MonthSums
from lamplighter.kernel.spans import DaySpan, two_months
from lamplighter.ledger import services as ledger

SUMS_LOCK = 0x5341
ROWS_AT_ONCE = 2_000
SUMS = """
INSERT INTO area_findings_areafinding AS kept
       (area_id, night_id, n_accounts, n_owing, due_cny, overdue_cny, billed_cny, received_cny)
SELECT area.id, %(night)s, coalesce(sums.n, 0), coalesce(sums.n_owing, 0),
       coalesce(sums.due_cny, 0), coalesce(sums.overdue_cny, 0),
       coalesce(money.billed_cny, 0), coalesce(money.received_cny, 0)
FROM network_area area
LEFT JOIN (
    SELECT f.area_id, count(*) AS n, count(*) FILTER (WHERE f.balance_due_cny > 0) AS n_owing,
           sum(greatest(f.balance_due_cny, 0)) AS due_cny, sum(f.overdue_cny) AS overdue_cny
    FROM findings_accountfinding f GROUP BY f.area_id
) sums ON sums.area_id = area.id
LEFT JOIN unnest(%(areas)s::bigint[], %(billed)s::numeric[], %(received)s::numeric[])
     AS money (area_id, billed_cny, received_cny) ON money.area_id = area.id
ORDER BY area.id
ON CONFLICT (area_id) DO UPDATE SET
    night_id = excluded.night_id, n_accounts = excluded.n_accounts, n_owing = excluded.n_owing,
    due_cny = excluded.due_cny, overdue_cny = excluded.overdue_cny,
    billed_cny = excluded.billed_cny, received_cny = excluded.received_cny
"""


def sum_up(*, lake_folder: Path, zone: ZoneInfo, actor: str, now: datetime) -> int:
    """Sum up the newest finished night by station area; return how many areas there are.

    Balances are those the night found. Bills, payments and reminders are all that is committed when
    the sums begin, by one snapshot, in the versions that then stand, and accounts lie where they
    lie then: what came in since the night looked is in them. The books are brought there first.

    Before the first night there is nothing to sum up. It may run again, and two at once follow
    each other: the same night gives the same sums while no bill or payment came in.
    """
    with _one_after_another():
        night = findings.newest_night()
        if night is None:
            return 0
        spans = two_months(up_to=night.as_of_day)
        with bookkeeping.alone_in_one_snapshot():
            shelf = bookkeeping.up_to_date(folder=lake_folder / books.FOLDER, zone=zone.key)
            area_ids = list(network.station_of_areas())
            found = months.of_all(shelf=shelf, area_ids=area_ids, spans=spans)
        with transaction.atomic():
            _keep_months(spans, found)
            n_areas = _keep_sums(night.night_id, found[0])
            ledger.record(
                "area_findings.night.summed_up",
                subject=f"night:{night.night_id}",
                actor=actor,
                at=now,
                n_areas=n_areas,
            )
    return n_areas


@contextmanager
def _one_after_another() -> Iterator[None]:
    """Let one process sum up at a time; the database lets go when it dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SUMS_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SUMS_LOCK])


def _keep_sums(night_id: int, sums_of_month: list[MonthSums]) -> int:
    values: dict[str, Any] = {
        "night": night_id,
        "areas": [sums.area_id for sums in sums_of_month],
        "billed": [sums.billed_cny for sums in sums_of_month],
        "received": [sums.received_cny for sums in sums_of_month],
    }
    with connection.cursor() as cursor:
        cursor.execute(SUMS, values)
        n_areas: int = cursor.rowcount
    return n_areas


def _keep_months(spans: tuple[DaySpan, DaySpan], found: list[list[MonthSums]]) -> None:
    """Write this month and the last up to the same day, in place of those of the night before."""
    AreaMonth.objects.all().delete()
    AreaMonth.objects.bulk_create(
        (
            AreaMonth(
                month_day=days.first_day, until_day=days.end_day - timedelta(1), **asdict(sums)
            )
            for days, rows in zip(spans, found, strict=True)
            for sums in rows
        ),
        batch_size=ROWS_AT_ONCE,
    )
