"""Writing what a night sums up over the accounts of each station area."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from lamplighter.facts.billing import recovery
from lamplighter.facts.network import queries as network
from lamplighter.findings import queries as findings
from lamplighter.kernel.spans import DaySpan, month_span
from lamplighter.ledger import services as ledger

SUMS_LOCK = 0x5341
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


def sum_up(*, zone: ZoneInfo, actor: str, now: datetime) -> int:
    """Sum up the newest finished night by station area; return how many areas there are.

    Before the first night there is nothing to sum up. It may run again, and two at once follow
    each other: the same night gives the same sums while no bill or payment came in.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SUMS_LOCK])
        night = findings.newest_night()
        if night is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(SUMS, {"night": night.night_id, **_money(night.as_of_day, zone=zone)})
            n_areas: int = cursor.rowcount
        ledger.record(
            "area_findings.night.summed_up",
            subject=f"night:{night.night_id}",
            actor=actor,
            at=now,
            n_areas=n_areas,
        )
    return n_areas


def _money(as_of: date, *, zone: ZoneInfo) -> dict[str, list[object]]:
    """Return what was billed in the month of a day, and what came in for it by its end."""
    day = DaySpan(first_day=as_of, end_day=as_of + timedelta(1))
    month = DaySpan(first_day=month_span(day=as_of).first_day, end_day=day.end_day)
    rows = recovery.recovery(
        area_ids=list(network.station_of_areas()), issued=month, counted=day, zone=zone
    )
    return {
        "areas": [row.area_id for row in rows],
        "billed": [row.billed_cny for row in rows],
        "received": [row.received_cny[-1][1] for row in rows],
    }
