"""What opening an order costs beside its bare inserts, and all live clocks after a new holiday.

The station is made up: one unit, twenty areas, its staff, and a customer for each hundred orders.
Bare inserts write the same rows of the same orders again, one statement a table, prepared
beforehand, in one transaction with the ledger's row and its lock; both sides take turns, so that
whatever else runs slows both. The open orders of the second part come in by the bulk door; then a
further day becomes a holiday and every deadline is read anew.
"""

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks import scratch

N_ORDERS = 300_000
N_OPENED = 400
N_WARMING = 10  # turns that are not counted
AT_ONCE = 10_000
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
NEW_HOLIDAY = date(2026, 11, 26)
TYPES = ("FAULT_REPAIR", "COMPLAINT", "NEW_LV_RESIDENT", "METER_TEST", "BILL_DOUBT")
KEY = bytes(32)


def run() -> dict[str, Any]:
    """Measure on a database of its own."""
    scratch.prepare()
    return measured(n_orders=N_ORDERS, n_opened=N_OPENED)


def measured(*, n_orders: int, n_opened: int) -> dict[str, Any]:
    """Measure on the present database."""
    from lamplighter.action.service import rules as service_rules  # noqa: PLC0415, RUF100

    rules = service_rules.in_force(on=NOW.date(), zone=ZONE)
    station = _Station(rules)
    opening = station.opening(n_opened)
    begun = _clock()
    for first in range(0, n_orders, AT_ONCE):
        station.open_many(min(AT_ONCE, n_orders - first))
    brought_in = _since(begun)
    return {
        "opening_one": opening,
        "open_orders": n_orders + n_opened + N_WARMING,
        "brought_in": brought_in | {"orders_per_cpu_second": _rate(n_orders, brought_in)},
        "recomputed": station.recomputed(),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class _Station:
    """A unit with people, areas and accounts, and what is done there."""

    def __init__(self, rules: Any) -> None:
        from tests import factories as f  # noqa: PLC0415, RUF100 - after set-up

        self.rules = rules
        unit = f.make_station()
        posts = ["MANAGER", "AGENT", "AGENT", "CREW", "CREW", "SUPERVISOR", "STATION_HEAD"]
        staff = [f.make_staff(station=unit, post=post) for post in posts]
        self.viewer = f.viewer_for(staff[1])
        self.areas = [f.make_area(station=unit, staff=staff[0]) for _ in range(20)]
        self.accounts = [f.make_account(area=area).number for area in self.areas]
        self.n = 0

    def request(self) -> Any:
        from lamplighter.action.service import services as service  # noqa: PLC0415, RUF100

        self.n += 1
        return service.Request(
            type_code=TYPES[self.n % len(TYPES)],
            channel="PHONE",
            asked_at=NOW - timedelta(minutes=self.n % 600),
            account_number=self.accounts[self.n % len(self.accounts)],
            words="家里没电了, 请尽快来人",
            phone="19900001234",
            request_key=f"bench-{self.n}",
        )

    def open_many(self, n: int) -> None:
        from lamplighter.action.service import services as service  # noqa: PLC0415, RUF100

        service.open_orders(
            viewer=self.viewer,
            requests=[self.request() for _ in range(n)],
            now=NOW,
            rules=self.rules,
            field_key=KEY,
        )

    def opening(self, n: int) -> dict[str, Any]:
        """Open orders one by one and write the same rows bare, in turns."""
        from lamplighter.action.service import services as service  # noqa: PLC0415, RUF100

        ours: list[dict[str, float]] = []
        bare: list[dict[str, float]] = []
        for turn in range(N_WARMING + n):
            request = self.request()
            begun = _clock()
            opened = service.open_order(
                viewer=self.viewer, request=request, now=NOW, rules=self.rules, field_key=KEY
            )
            one = _since(begun)
            write = _bare_inserts(opened.order_id, turn)
            begun = _clock()
            write()
            if turn >= N_WARMING:
                ours.append(one)
                bare.append(_since(begun))
        figures = {
            name: {
                key: round(statistics.median(line[f"{key}_seconds"] for line in lines) * 1000, 3)
                for key in ("wall", "cpu")
            }
            for name, lines in (("service_ms", ours), ("bare_ms", bare))
        }
        return {
            **figures,
            "orders": n,
            "service_over_bare": round(
                figures["service_ms"]["wall"] / figures["bare_ms"]["wall"], 2
            ),
        }

    def recomputed(self) -> dict[str, Any]:
        """Read all deadlines anew after one more holiday, and again without any change."""
        from lamplighter.action.service import axes  # noqa: PLC0415, RUF100
        from lamplighter.action.service import services as service  # noqa: PLC0415, RUF100
        from lamplighter.policy import calendars  # noqa: PLC0415, RUF100

        known = calendars.work_calendar(on=NOW.date())
        new = replace(known, holidays=known.holidays | {NEW_HOLIDAY})
        changed = replace(
            self.rules, axes=axes.made(hours=self.rules.axes.hours, workdays=new, zone=ZONE)
        )
        figures: dict[str, Any] = {}
        for name in ("new_holiday", "nothing_new"):
            begun = _clock()
            found = service.recompute(now=NOW, rules=changed, actor="bench")
            spent = _since(begun)
            figures[name] = spent | {
                "orders": found.n_orders,
                "orders_that_moved": found.n_changed,
                "orders_per_second": round(found.n_orders / spent["wall_seconds"]),
                "orders_per_cpu_second": _rate(found.n_orders, spent),
            }
        return figures


def _bare_inserts(order_id: int, turn: int) -> Callable[[], None]:
    """Return what writes the rows of an order again, under other numbers, and nothing else."""
    from django.db import connection, transaction  # noqa: PLC0415, RUF100 - after set-up

    from lamplighter.action.service import models  # noqa: PLC0415, RUF100
    from lamplighter.ledger.models import Event  # noqa: PLC0415, RUF100

    order = models.ServiceOrder.objects.get(pk=order_id)
    event = Event.objects.filter(subject=f"order:{order_id}").order_by("-pk")[0]
    below = (models.OrderStep, models.Promise, models.OrderEvent)
    tables: list[tuple[Any, list[Any]]] = [
        (models.ServiceOrder, [order]),
        *((table, list(table.objects.filter(order=order_id))) for table in below),
    ]
    order.pk, order.number, order.request_key = -turn - 1, f"bare-{turn}", f"bare-{turn}"
    event.hash, event.previous_hash = f"bare-{turn}", f"before-{turn}"
    statements = []
    for table, rows in [*tables, (Event, [event])]:
        fields = [f for f in table._meta.concrete_fields if table is tables[0][0] or f.name != "id"]
        for row in rows:
            if hasattr(row, "order_id"):
                row.order_id = order.pk
        values = [
            f.get_db_prep_save(getattr(row, f.attname), connection) for row in rows for f in fields
        ]
        line = f"({', '.join(['%s'] * len(fields))})"
        names = ", ".join(f'"{f.column}"' for f in fields)
        lines = ", ".join([line] * len(rows))
        statements.append((f"INSERT INTO {table._meta.db_table} ({names}) VALUES {lines}", values))

    def write() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, values in statements[:-1]:
                cursor.execute(sql, values)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x1A3B])
            cursor.execute(*statements[-1])

    return write


def _clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(begun: tuple[float, float]) -> dict[str, float]:
    return {
        "wall_seconds": round(time.perf_counter() - begun[0], 6),
        "cpu_seconds": round(time.process_time() - begun[1], 6),
    }


def _rate(n: int, spent: dict[str, float]) -> int:
    return round(n / max(spent["cpu_seconds"], 1e-9))
