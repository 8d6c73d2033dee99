"""Station areas in one line each: a page of them in the order asked for, and sums by unit.

The sums of money are those kept after the newest night; who answers for an area and what a person
decided not to ask about are as of now. Whatever grows with the accounts was summed up by the night.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Max

from lamplighter.facts.network import queries as network
from lamplighter.findings.areas.models import AreaFinding, AreaMonth
from lamplighter.findings.areas.months import MonthSums
from lamplighter.findings.contests import rulings
from lamplighter.findings.models import AccountFinding
from lamplighter.kernel.spans import DaySpan
from lamplighter.kernel.viewer import Viewer

SORTS = {
    "code": "code",
    "customers": "n_accounts DESC, code",
    "owing": "due_cny DESC, code",
    "overdue": "overdue_cny DESC, code",
    "jumps": "n_jumps DESC, code",
    "recovery": "recovered_ratio ASC NULLS LAST, code",
}
LISTED = """
WITH listed AS (
    SELECT area.id AS area_id, area.code, area.name, area.township, area.committee,
           unit.id AS unit_id, unit.code AS unit_code, unit.name AS unit_name,
           coalesce(person.name, '') AS staff_name,
           coalesce(f.n_accounts, 0) AS n_accounts, coalesce(f.n_owing, 0) AS n_owing,
           coalesce(f.due_cny, 0) AS due_cny, coalesce(f.overdue_cny, 0) AS overdue_cny,
           coalesce(f.billed_cny, 0) AS billed_cny, coalesce(f.received_cny, 0) AS received_cny,
           (f.received_cny / nullif(f.billed_cny, 0))::float8 AS recovered_ratio,
           jumps.n AS n_jumps
    FROM network_area area
    JOIN network_orgunit unit ON unit.id = area.station_id
    LEFT JOIN network_responsibility charge
           ON charge.area_id = area.id AND charge.days @> %(on)s::date
    LEFT JOIN network_staff person ON person.id = charge.staff_id
    LEFT JOIN area_findings_areafinding f ON f.area_id = area.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM findings_signal s
        WHERE s.area_id = area.id AND s.list = 'JUMP' AND NOT EXISTS (
            SELECT 1 FROM contests_ruling r
            WHERE r.account_id = s.account_id AND r.about = 'CHANGE' AND r.ended_at IS NULL
              AND (r.valid_until_date IS NULL OR r.valid_until_date >= %(on)s::date)
              AND (r.hides_until_date IS NULL OR r.hides_until_date >= s.changed_date))
    ) jumps
    WHERE {seen}
      AND (%(unit)s::bigint IS NULL OR unit.id = %(unit)s)
      AND (%(staff)s::bigint IS NULL OR person.id = %(staff)s)
      AND (%(setting)s = '' OR area.setting = %(setting)s)
      AND (%(words)s = '' OR strpos(lower(concat_ws(
           ' ', area.code, area.name, area.township, area.committee, person.name
      )), lower(%(words)s)) > 0)
)
"""
PAGE = """
SELECT area_id, code, name, township, committee, unit_name, staff_name, n_accounts, n_owing,
       due_cny, overdue_cny, n_jumps, recovered_ratio
FROM listed ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
"""
BY_UNIT = """
SELECT unit_id, unit_name, count(*), sum(n_accounts)::bigint, sum(n_owing)::bigint, sum(due_cny),
       sum(overdue_cny), sum(n_jumps)::bigint,
       (sum(received_cny) / nullif(sum(billed_cny), 0))::float8, min(recovered_ratio),
       coalesce((array_agg(name ORDER BY recovered_ratio, code)
                 FILTER (WHERE recovered_ratio IS NOT NULL))[1], '')
FROM listed GROUP BY unit_id, unit_code, unit_name ORDER BY sum(overdue_cny) DESC, unit_code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Which areas are listed; what is empty narrows nothing."""

    words: str = ""  # in the code, the names of the place, or who answers
    unit_id: int | None = None
    staff_id: int | None = None
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLine:
    """One area with its sums."""

    area_id: int
    code: str
    name: str
    township: str
    committee: str
    unit_name: str
    staff_name: str  # empty: nobody answers for it
    n_accounts: int
    n_owing: int
    due_cny: Decimal
    overdue_cny: Decimal
    n_jumps: int
    recovered_ratio: float | None  # of the bills of the month; None: none


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSums:
    """The areas of one supply station, added up."""

    unit_id: int
    name: str
    n_areas: int
    n_accounts: int
    n_owing: int
    due_cny: Decimal
    overdue_cny: Decimal
    n_jumps: int
    recovered_ratio: float | None
    least_ratio: float | None  # of the area with least recovered
    least_name: str


def as_of_day() -> date | None:
    """Return the last day the sums know of, or None before the first night was summed up."""
    found: dict[str, Any] = AreaFinding.objects.aggregate(day=Max("night__as_of_day"))
    day: date | None = found["day"]
    return day


def lines(
    *,
    viewer: Viewer,
    on: date,
    narrowed: Narrowed,
    sort: str,
    limit: int,
    offset: int = 0,
) -> list[AreaLine]:
    """Return a part of the areas a person may see, in one of the orders of SORTS. One query."""
    seen, scope = network.seen_by_hand(viewer=viewer, on=on)
    statement = LISTED.format(seen=seen) + PAGE.format(order=SORTS[sort])
    values = {**_values(narrowed, on=on), **scope, "limit": limit, "offset": offset}
    return [
        AreaLine(**dict(zip(AreaLine.__dataclass_fields__, row, strict=True)))
        for row in _rows(statement, values)
    ]


def by_unit(*, viewer: Viewer, on: date, narrowed: Narrowed) -> list[UnitSums]:
    """Return the sums of each supply station, most overdue first. One query."""
    seen, scope = network.seen_by_hand(viewer=viewer, on=on)
    values = {**_values(narrowed, on=on), **scope}
    return [
        UnitSums(**dict(zip(UnitSums.__dataclass_fields__, row, strict=True)))
        for row in _rows(LISTED.format(seen=seen) + BY_UNIT, values)
    ]


def grades(*, viewer: Viewer, on: date, area_ids: list[int]) -> dict[int, dict[str, int]]:
    """Return how many accounts have each grade as it is shown, by area seen. One query."""
    shown = rulings.shown(about="GRADE", on=on)
    rows = (
        AccountFinding.objects.filter(
            area__in=network.areas_seen_by(viewer=viewer, on=on).filter(pk__in=area_ids)
        )
        .annotate(shown=shown)
        .values_list("area_id", "shown")
        .annotate(n=Count("pk"))
    )
    found: dict[int, dict[str, int]] = {}
    for area_id, grade, n in rows:
        found.setdefault(area_id, {})[grade] = n
    return found


def months(
    *, viewer: Viewer, on: date, spans: tuple[DaySpan, DaySpan]
) -> tuple[list[MonthSums], list[MonthSums]] | None:
    """Return what the newest night kept of two months of the areas a person may see.

    None where it kept none, or others. Two queries.
    """
    wanted = [(days.first_day, days.end_day - timedelta(1)) for days in spans]
    if set(AreaMonth.objects.values_list("month_day", "until_day").distinct()) != set(wanted):
        return None
    seen = AreaMonth.objects.filter(area__in=network.areas_seen_by(viewer=viewer, on=on))
    found: dict[date, list[MonthSums]] = {month_day: [] for month_day, _until in wanted}
    rows = seen.order_by("area_id").values("month_day", *MonthSums.__dataclass_fields__)
    for row in rows:
        found[row.pop("month_day")].append(MonthSums(**row))
    now, before = found.values()
    return now, before


def _values(narrowed: Narrowed, *, on: date) -> dict[str, Any]:
    return {
        "on": on,
        "unit": narrowed.unit_id,
        "staff": narrowed.staff_id,
        "setting": narrowed.setting,
        "words": narrowed.words,
    }


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
