"""Open orders flat: only what deadlines are read off, all moments in microseconds since 1970.

A pass over all orders reads millions of rows; as objects of the mapper they cost ten times as much.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from lamplighter.action.service.columns import NEVER
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.shapes import Process

US = "(extract(epoch FROM {name}) * 1000000)::bigint"
AT = "timestamptz 'epoch' + v.{name} * interval '1 microsecond'"
ORDERS = """
SELECT id, process_version, aim_ratio, cases, {opened} FROM service_serviceorder
WHERE id = ANY(%(ids)s) AND closed_at IS NULL ORDER BY id FOR UPDATE
""".format(opened=US.format(name="opened_at"))
STEPS = """
SELECT s.order_id, s.id, s.code, {ready}, {begin}, {end}, {inner} FROM service_orderstep s
JOIN service_serviceorder o ON o.id = s.order_id AND o.round = s.round
WHERE s.order_id = ANY(%(ids)s) AND s.state NOT IN ('DONE', 'SKIPPED')
""".format(
    ready=US.format(name="s.ready_at"),
    begin=US.format(name="s.begin_by_at"),
    end=US.format(name="s.end_by_at"),
    inner=US.format(name="s.inner_by_at"),
)
PROMISES = """
SELECT p.order_id, p.id, p.code, p.calendar_code, {allowed}, {given}, {starts}, {due}, {warn},
       p.is_provisional
FROM service_promise p
JOIN service_serviceorder o ON o.id = p.order_id AND o.round = p.round
WHERE p.order_id = ANY(%(ids)s) AND p.ended_at IS NULL AND p.lapsed_at IS NULL
ORDER BY p.order_id, p.id
""".format(
    allowed=US.format(name="p.allowed"),
    given=US.format(name="p.given_at"),
    starts=US.format(name="p.starts_at"),
    due=US.format(name="p.due_at"),
    warn=US.format(name="p.warn_at"),
)
WAITS = """
SELECT order_id, {begins}, {ends} FROM service_wait
WHERE order_id = ANY(%(ids)s) ORDER BY order_id, begins_at, id
""".format(begins=US.format(name="begins_at"), ends=US.format(name="ends_at"))
SET_STEPS = """
UPDATE service_orderstep t SET begin_by_at = {begin}, end_by_at = {end}, inner_by_at = {inner}
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
     AS v(id, begin_by, end_by, inner_by) WHERE t.id = v.id
""".format(
    begin=AT.format(name="begin_by"),
    end=AT.format(name="end_by"),
    inner=AT.format(name="inner_by"),
)
SET_PROMISES = """
UPDATE service_promise t SET due_at = {due}, warn_at = {warn}, is_provisional = v.provisional = 1
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
     AS v(id, due, warn, provisional) WHERE t.id = v.id
""".format(due=AT.format(name="due"), warn=AT.format(name="warn"))


@dataclass(slots=True)
class FlatStep:
    """A step that is still to be done; NEVER where it has no such moment."""

    id: int
    code: str
    ready_us: int
    stored: tuple[int, int, int]  # what the database holds of the next three
    begin_by_us: int = NEVER
    end_by_us: int = NEVER
    inner_by_us: int = NEVER

    def limits(self) -> tuple[int, int, int]:
        return self.begin_by_us, self.end_by_us, self.inner_by_us


@dataclass(slots=True)
class FlatPromise:
    """A promise that has neither ended nor lapsed."""

    id: int
    code: str
    calendar_code: str
    allowed_us: int  # NEVER: a fixed moment was promised
    given_us: int
    starts_us: int
    stored: tuple[int, int, bool]  # what the database holds of the next three
    due_us: int
    warn_us: int
    is_provisional: bool
    aim_us: int = NEVER  # what the steps are planned with

    def moments(self) -> tuple[int, int, bool]:
        return self.due_us, self.warn_us, self.is_provisional


@dataclass(slots=True)
class FlatOrder:
    """An open order of the current round."""

    id: int
    process: Process
    aim_ratio: float
    cases: dict[str, str]
    opened_us: int
    steps: dict[str, FlatStep] = field(default_factory=dict)
    promises: dict[str, FlatPromise] = field(default_factory=dict)
    waits: list[tuple[int, int]] = field(default_factory=list)  # begin and end, in order

    def differs(self) -> bool:
        """Tell whether a deadline is another one than the database holds."""
        return any(step.limits() != step.stored for step in self.steps.values()) or any(
            promise.moments() != promise.stored for promise in self.promises.values()
        )


def locked(*, order_ids: Sequence[int]) -> list[FlatOrder]:
    """Lock those of the orders that are open, in the order of their numbers. Four queries."""
    ids = {"ids": list(order_ids)}
    cases: dict[str, dict[str, str]] = {}  # few differ
    with connection.cursor() as cursor:
        cursor.execute(ORDERS, ids)
        found: dict[int, FlatOrder] = {}
        for order_id, version, aim_ratio, said, opened_us in cursor.fetchall():
            if said not in cases:
                cases[said] = json.loads(said)
            process = catalogue.by_version(version=version)
            found[order_id] = FlatOrder(order_id, process, aim_ratio, cases[said], opened_us)
        ids["ids"] = list(found)
        cursor.execute(STEPS, ids)
        for order_id, step_id, code, ready, begin, end, inner in cursor.fetchall():
            stored = (_us(begin), _us(end), _us(inner))
            found[order_id].steps[code] = FlatStep(step_id, code, _us(ready), stored)
        cursor.execute(PROMISES, ids)
        for order_id, promise_id, code, calendar, *moments, provisional in cursor.fetchall():
            allowed, given, starts, due, warn = map(_us, moments)
            stored_moments = (due, warn, provisional)
            found[order_id].promises[code] = FlatPromise(
                *(promise_id, code, calendar, allowed, given, starts),
                *(stored_moments, due, warn, provisional),
            )
        cursor.execute(WAITS, ids)
        for order_id, begins, ends in cursor.fetchall():
            found[order_id].waits.append((begins, _us(ends)))
    return list(found.values())


def save(found: Iterable[FlatOrder]) -> None:
    """Write the deadlines that the database does not hold yet. At most two queries."""
    orders = list(found)
    steps = [s for o in orders for s in o.steps.values() if s.limits() != s.stored]
    promises = [p for o in orders for p in o.promises.values() if p.moments() != p.stored]
    with connection.cursor() as cursor:
        if steps:
            lines = [(step.id, *step.limits()) for step in steps]
            cursor.execute(SET_STEPS, [_array(column) for column in zip(*lines, strict=True)])
        if promises:
            lines = [(p.id, p.due_us, p.warn_us, int(p.is_provisional)) for p in promises]
            cursor.execute(SET_PROMISES, [_array(column) for column in zip(*lines, strict=True)])


def _us(number: int | None) -> int:
    return NEVER if number is None else number


def _array(numbers: Iterable[int]) -> str:
    """Return an array as PostgreSQL reads it, which a driver takes ten times as long to write."""
    said = ("NULL" if number == NEVER else str(number) for number in numbers)
    return f"{{{','.join(said)}}}"
