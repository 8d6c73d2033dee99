"""All deadlines of many orders read off their waits at once; the same as `planning.replan` on each.

Promises are counted by calendar, steps by process: orders that run on the same version, by the same
case of a promise, are the rows of one table with a column for each step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, lru_cache

import numpy as np

from lamplighter.action.service import columns, planning
from lamplighter.action.service.columns import NEVER, Axis, Integers
from lamplighter.action.service.flat import FlatOrder, FlatPromise, FlatStep
from lamplighter.action.service.planning import Terms
from lamplighter.kernel import worktime
from lamplighter.policy.processes.shapes import Limit

Stretches = list[tuple[Integers, Integers]]
Table = tuple[str, str, str]  # version of a process, promise, case of the promise


def replan_all(found: Sequence[FlatOrder], *, terms: Terms) -> None:
    """Set the deadlines of all live promises and steps of many orders anew.

    Raises
    ------
    columns.OutsideColumns
        A promise reaches further than any calendar does.
    axes.CalendarUnknown
        A promise counts by a calendar that is no longer there.
    """
    _Count(terms=terms).all_of(found)


@dataclass(kw_only=True)
class _Count:
    """One reading of all deadlines."""

    terms: Terms
    axes: dict[str, Axis] = field(default_factory=dict)

    def axis(self, code: str) -> Axis:
        if code not in self.axes:
            self.axes[code] = columns.axis(self.terms.axes.calendar(code))
        return self.axes[code]

    def all_of(self, found: Sequence[FlatOrder]) -> None:
        by_calendar: dict[str, list[tuple[FlatOrder, FlatPromise]]] = {}
        tables: dict[Table, list[FlatOrder]] = {}
        for order in found:
            for step in order.steps.values():
                step.begin_by_us = step.end_by_us = step.inner_by_us = NEVER
            for code, promise in order.promises.items():
                by = order.process.promise(code).by
                case = planning.case_of(cases=order.cases, by=by)
                tables.setdefault((order.process.version, code, case), []).append(order)
                if promise.given_us != NEVER:
                    self._given(promise, order)
                elif promise.starts_us == NEVER:
                    promise.due_us = promise.warn_us = promise.aim_us = NEVER
                else:
                    by_calendar.setdefault(promise.calendar_code, []).append((order, promise))
        for code, pairs in by_calendar.items():
            self._promises(code, pairs)
        for table, orders in sorted(tables.items(), key=_place_of_promise):
            self._steps(table, orders)
        self._forward(found)

    def _given(self, promise: FlatPromise, order: FlatOrder) -> None:
        """Set what a promised moment says, as `planning.set_due` does."""
        starts_us = order.opened_us if promise.starts_us == NEVER else promise.starts_us
        span_us = promise.given_us - starts_us
        promise.due_us = promise.given_us
        promise.warn_us = starts_us + _part(span_us, self.terms.warn_ratio)
        promise.aim_us = starts_us + _part(span_us, order.aim_ratio)

    def _promises(self, code: str, pairs: Sequence[tuple[FlatOrder, FlatPromise]]) -> None:
        axis = self.axis(code)
        starts = np.array([promise.starts_us for _, promise in pairs], dtype=np.int64)
        stretches = _stretches([order for order, _ in pairs], starts)

        def due(amounts: Sequence[int]) -> list[int]:
            allowed = np.array(amounts, dtype=np.int64)
            moments = columns.due(axis, starts_us=starts, allowed_us=allowed, stretches=stretches)
            found: list[int] = moments.tolist()
            return found

        warn_ratio = self.terms.warn_ratio
        due_us = due([promise.allowed_us for _, promise in pairs])
        warn_us = due([_part(promise.allowed_us, warn_ratio) for _, promise in pairs])
        aim_us = due([_part(promise.allowed_us, order.aim_ratio) for order, promise in pairs])
        known_until = self.terms.axes.known_until(code)
        known_us = NEVER if known_until is None else worktime.microseconds(known_until)
        for n, (_, promise) in enumerate(pairs):
            promise.due_us, promise.warn_us, promise.aim_us = due_us[n], warn_us[n], aim_us[n]
            promise.is_provisional = known_us < due_us[n] < NEVER

    def _steps(self, table: Table, orders: Sequence[FlatOrder]) -> None:
        """Work one promise back into the steps of all orders of one table."""
        _, code, case = table
        running = [order for order in orders if order.promises[code].aim_us != NEVER]
        if not running:
            return
        aim = np.array([order.promises[code].aim_us for order in running], dtype=np.int64)
        process = running[0].process
        inside = planning.steps_of(process=process, promise_code=code)
        cards = [card for card in process.steps if card.code in inside]
        begins: dict[str, Integers] = {}
        for card in reversed(cards):
            rows = [order.steps.get(card.code) for order in running]
            end = aim.copy()
            for after in cards:
                if any(way.step == card.code for way in after.follows):
                    end = np.minimum(end, begins[after.code])
            needs, calendar = planning.needs_of(
                card=card, promise_code=code, process=process, case=case
            )
            needs_us = needs // worktime.MICROSECOND
            chosen = np.array([n for n, row in enumerate(rows) if row is not None], dtype=np.int64)
            begin = np.full(len(rows), NEVER)
            begins[card.code] = begin  # NEVER where it is done: it holds nobody up
            begin[chosen] = columns.until(
                self.axis(calendar),
                ends_us=end[chosen],
                amount_us=np.array(
                    [_part(needs_us, running[n].aim_ratio) for n in chosen.tolist()], np.int64
                ),
            )
            _tighten([row for row in rows if row is not None], begin[chosen], end[chosen])

    def _forward(self, found: Sequence[FlatOrder]) -> None:
        """Give steps outside every promise their own limit, and all the limits of their unit."""
        own: dict[str, list[tuple[FlatOrder, FlatStep, int]]] = {}
        inner: dict[str, list[tuple[FlatOrder, FlatStep, int]]] = {}
        for order in found:
            covered: frozenset[str] | None = None
            for code, step in order.steps.items():
                if step.ready_us == NEVER:
                    continue
                card = order.process.step(code)
                if isinstance(card.when, Limit):
                    if covered is None:
                        covered = planning.covered(process=order.process, codes=order.promises)
                    if code not in covered:
                        needs_us = _part(_minutes(card.when.minutes), order.aim_ratio)
                        own.setdefault(card.when.calendar, []).append((order, step, needs_us))
                if card.ola is not None:
                    needs_us = _minutes(card.ola.minutes)
                    inner.setdefault(card.ola.calendar, []).append((order, step, needs_us))
        for calendar, lines in own.items():
            for (_, step, _), moment in zip(lines, self._after(calendar, lines), strict=True):
                step.end_by_us = moment
        for calendar, lines in inner.items():
            for (_, step, _), moment in zip(lines, self._after(calendar, lines), strict=True):
                step.inner_by_us = moment

    def _after(
        self, calendar: str, lines: Sequence[tuple[FlatOrder, FlatStep, int]]
    ) -> Sequence[int]:
        """Return when what each step needs has passed since it was ready."""
        starts = np.array([step.ready_us for _, step, _ in lines], dtype=np.int64)
        due = columns.due(
            self.axis(calendar),
            starts_us=starts,
            allowed_us=np.array([needs_us for _, _, needs_us in lines], dtype=np.int64),
            stretches=_stretches([order for order, _, _ in lines], starts),
        )
        found: list[int] = due.tolist()
        return found


@lru_cache(maxsize=4_096)
def _part(amount_us: int, ratio: float) -> int:
    """Return a part of an amount, rounded as a span of time is; few amounts and ratios differ."""
    return timedelta(microseconds=amount_us) * ratio // worktime.MICROSECOND


@cache
def _minutes(number: float) -> int:
    return planning.minutes(number) // worktime.MICROSECOND


def _place_of_promise(table: tuple[Table, list[FlatOrder]]) -> int:
    """Return which promise of its process a table is of: they are taken in that order."""
    (_, code, _), orders = table
    return [promise.code for promise in orders[0].process.promises].index(code)


def _tighten(rows: Sequence[FlatStep], begin: Integers, end: Integers) -> None:
    """Set the limits of steps where none stands yet or a later one does."""
    for step, begin_us, end_us in zip(rows, begin.tolist(), end.tolist(), strict=True):
        if end_us < step.end_by_us:
            step.begin_by_us, step.end_by_us = begin_us, end_us


def _stretches(orders: Sequence[FlatOrder], starts: Integers) -> Stretches:
    """Return the first, second … stretch of each clock that starts at a moment, in columns."""
    waiting = {n: order.waits for n, order in enumerate(orders) if order.waits}
    parts = {n: _ran(int(starts[n]), waits) for n, waits in waiting.items()}
    most = max((len(part) for part in parts.values()), default=0)
    table = np.full((max(most, 1), 2, len(orders)), NEVER)
    table[0, 0] = starts  # it runs since then, wherever it never waited
    for n, part in parts.items():
        table[0, 0, n] = NEVER
        for place, (begins_us, ends_us) in enumerate(part):
            table[place, :, n] = begins_us, ends_us
    return [(begins, ends) for begins, ends in table]


def _ran(starts_us: int, waits: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return when a clock that starts at a moment ran: whenever no wait did."""
    found: list[tuple[int, int]] = []
    reached = starts_us
    for begins_us, ends_us in waits:
        if reached == NEVER or ends_us <= reached:
            continue
        if begins_us > reached:
            found.append((reached, begins_us))
        reached = ends_us
    if reached != NEVER:
        found.append((reached, NEVER))
    return found
