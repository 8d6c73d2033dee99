"""The service centre of a county: opening an order, popping a caller, all clocks after a holiday.

The county is made up (`benchmarks.county`). Some thousand orders come in by the bulk door, the
others are copies of their rows at other accounts; all are open while anything is measured.

- Opening: bare inserts write the rows of an order of the same type, one statement a table,
  prepared beforehand, in one transaction with the ledger's row and its lock; both sides take turns,
  so that whatever else runs slows both. The rows are those of an order at another door, whose pages
  nobody has just read, as those of the order opened were; what the same rows cost once more, on
  pages that the opening has read and written out, is told beside it.
- Popping and searching: `benchmarks.desk_crowd`.
- Clocks: a further day becomes a holiday and every deadline is read anew.
"""

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks import county, desk_crowd, scratch
from benchmarks.county import County

N_CUSTOMERS, N_ORDERS, N_OPENED = 1_000_000, 300_000, 400
BY_THE_DOOR = 10_000  # orders that are opened; the others are copies
N_WARMING = 10  # turns that are not counted
N_ROUNDS, PAUSE_SECONDS = 6, 2.0  # of each agent; between an answer and the next question
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
NEW_HOLIDAY = date(2026, 11, 26)
FAR_APART = 7_919  # a prime
TYPES = ("FAULT_REPAIR", "COMPLAINT", "NEW_LV_RESIDENT", "METER_TEST", "BILL_DOUBT")


def run(
    *, customers: int = N_CUSTOMERS, orders: int = N_ORDERS, opened: int = N_OPENED
) -> dict[str, Any]:
    """Measure on a database of its own."""
    scratch.prepare()
    from django.conf import settings  # noqa: PLC0415, RUF100 - after the setup

    begun = _clock()
    made = county.make(n_customers=customers, field_key=settings.FIELD_KEY)
    figures = {"customers": customers, "county_made": _since(begun)}
    figures |= measured(
        made=made,
        n_orders=orders,
        n_by_door=min(orders, BY_THE_DOOR),
        n_opened=opened,
        field_key=settings.FIELD_KEY,
        crowd=True,
    )
    return figures


def measured(
    *, made: County, n_orders: int, n_by_door: int, n_opened: int, field_key: bytes, crowd: bool
) -> dict[str, Any]:
    """Measure on the present database; *crowd*: also with a server in front of it."""
    from lamplighter.action.service import rules as service_rules  # noqa: PLC0415, RUF100

    rules = service_rules.in_force(on=NOW.date(), zone=ZONE)
    desk = _Desk(rules, made=made, field_key=field_key)
    begun = _clock()
    desk.open_many(n_by_door)
    brought_in = _since(begun)
    desk.copy(n_orders - n_by_door)
    figures: dict[str, Any] = {
        "opening_one": desk.opening(n_opened),
        "open_orders": desk.n_open(),
        "brought_in": brought_in
        | {"orders": n_by_door, "orders_per_cpu_second": _rate(n_by_door, brought_in)},
    }
    if crowd:
        for name, pause_seconds in (("agents", PAUSE_SECONDS), ("agents_without_pause", 0.0)):
            figures[name] = desk_crowd.measured(
                made=made,
                n_rounds=N_ROUNDS,
                pause_seconds=pause_seconds,
                field_key=field_key,
                seed=len(name),
            )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures["recomputed"] = desk.recomputed()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return figures | {"peak_mib": round(after / 1024), "peak_mib_before": round(before / 1024)}


class _Desk:
    """An agent of the county, and what they do."""

    def __init__(self, rules: Any, *, made: County, field_key: bytes) -> None:
        from lamplighter.facts.network import queries as network  # noqa: PLC0415, RUF100

        self.rules, self.made, self.field_key = rules, made, field_key
        self.viewer = network.viewer_of_user(user_id=made.user_ids[0])
        self.n = 0

    def account_id(self, n: int) -> int:
        """Return whose the order of a number is; neighbours in time are none in place."""
        return n * FAR_APART % self.made.n_customers + 1

    def request(self) -> Any:
        from lamplighter.action.service import services as service  # noqa: PLC0415, RUF100

        self.n += 1
        return service.Request(
            type_code=TYPES[self.n % len(TYPES)],
            channel="PHONE",
            asked_at=NOW - timedelta(minutes=self.n % 600),
            account_number=self.made.door(self.account_id(self.n)).number,
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
            field_key=self.field_key,
        )

    def copy(self, n: int) -> None:
        """Copy the rows of the orders that are there until there are so many more of them."""
        from django.db import connection  # noqa: PLC0415, RUF100 - after the setup

        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("SELECT min(id) - 1, max(id) FROM service_serviceorder")
            before, last = cursor.fetchone()
            for first in range(0, n, last - before):
                values = {
                    "shift": last - before + first,
                    "before": before,
                    "last": min(last, before + n - first),
                    "far": FAR_APART,
                    "customers": self.made.n_customers,
                }
                for statement in _copies():
                    cursor.execute(statement, values)
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('service_serviceorder', 'id'), max(id))"
                " FROM service_serviceorder"
            )
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("ANALYZE")

    def n_open(self) -> int:
        """Return how many orders are open; those written bare have numbers below nothing."""
        from lamplighter.action.service import models  # noqa: PLC0415, RUF100

        return models.ServiceOrder.objects.filter(pk__gt=0, closed_at__isnull=True).count()

    def opening(self, n: int) -> dict[str, Any]:
        """Open orders one by one and write the rows of such orders bare, in turns."""
        from lamplighter.action.service import services as service  # noqa: PLC0415, RUF100

        ours: list[dict[str, float]] = []
        bare: list[dict[str, float]] = []
        again: list[dict[str, float]] = []
        for turn in range(N_WARMING + n):
            request = self.request()
            begun = _clock()
            opened = service.open_order(
                viewer=self.viewer,
                request=request,
                now=NOW,
                rules=self.rules,
                field_key=self.field_key,
            )
            one = _since(begun)
            spent = []
            for place, rows_of in enumerate(
                (_at_another_door(opened.order_id, turn), opened.order_id)
            ):
                write = _bare_inserts(rows_of, 2 * turn + place, event_of=opened.order_id)
                begun = _clock()
                write()
                spent.append(_since(begun))
            if turn >= N_WARMING:
                ours.append(one)
                bare.append(spent[0])
                again.append(spent[1])
        figures = {
            name: {
                key: round(statistics.median(line[f"{key}_seconds"] for line in lines) * 1000, 3)
                for key in ("wall", "cpu")
            }
            for name, lines in (
                ("service_ms", ours),
                ("bare_ms", bare),
                ("same_rows_again_ms", again),
            )
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


def _copies() -> list[str]:
    """Return the statements that copy a run of orders with their rows to other accounts."""
    from lamplighter.action.service import models  # noqa: PLC0415, RUF100 - after the setup

    other = {
        "id": "t.id + %(shift)s",
        "number": "'COPY-' || t.id + %(shift)s",
        "request_key": "''",
        "account_id": "a.id",
        "customer_id": "a.customer_id",
        "premise_id": "p.id",
        "area_id": "p.area_id",
        "unit_id": "area.station_id",
    }
    at_another = """
        JOIN customers_account a ON a.id = (t.id + %(shift)s) * %(far)s %% %(customers)s + 1
        JOIN customers_premise p ON p.account_id = a.id AND p.superseded_at IS NULL
        JOIN network_area area ON area.id = p.area_id
    """
    found = [_copy_of(models.ServiceOrder, key="id", other=other, joined=at_another)]
    for model in (models.OrderStep, models.Promise, models.OrderEvent):
        below = {"order_id": "t.order_id + %(shift)s"}
        found.append(_copy_of(model, key="order_id", other=below, joined=""))
    return found


def _copy_of(model: Any, *, key: str, other: dict[str, str], joined: str) -> str:
    fields = [f.column for f in model._meta.concrete_fields if f.column != "id" or key == "id"]
    table = model._meta.db_table
    values = ", ".join(other.get(name, f"t.{name}") for name in fields)
    return (
        f"INSERT INTO {table} ({', '.join(fields)}) SELECT {values} FROM {table} t {joined}"
        f" WHERE t.{key} > %(before)s AND t.{key} <= %(last)s"
    )


def _at_another_door(order_id: int, turn: int) -> int:
    """Return an order of the same type, far from this one and from those of other turns."""
    from lamplighter.action.service import models  # noqa: PLC0415, RUF100 - after set-up

    order = models.ServiceOrder.objects.get(pk=order_id)
    others = models.ServiceOrder.objects.filter(type_code=order.type_code, pk__gt=0).order_by("pk")
    far = others.filter(pk__gte=turn * FAR_APART % order_id).first()
    return far.pk if far is not None else order_id


def _bare_inserts(order_id: int, turn: int, *, event_of: int) -> Callable[[], None]:
    """Return what writes the rows of an order again, under other numbers, and nothing else."""
    from django.db import connection, transaction  # noqa: PLC0415, RUF100 - after set-up

    from lamplighter.action.service import models  # noqa: PLC0415, RUF100
    from lamplighter.ledger.models import Event  # noqa: PLC0415, RUF100

    order = models.ServiceOrder.objects.get(pk=order_id)
    event = Event.objects.filter(subject=f"order:{event_of}").order_by("-pk")[0]
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
