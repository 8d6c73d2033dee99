"""All deadlines of many orders read off their waits at once; the same as `planning.replan` on each.

Promises are counted by calendar, steps by process: orders that run on the same version, by the same
case of a promise, are the rows of one table with a column for each step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.action.service import columns, planning
from lamplighter.action.service.columns import NEVER, Axis, Integers
from lamplighter.action.service.models import OrderStep, Promise
from lamplighter.action.service.planning import Terms
from lamplighter.action.service.whole import Whole
from lamplighter.kernel import worktime
from lamplighter.policy.processes.shapes import Limit

Booleans = npt.NDArray[np.bool_]
Stretches = list[tuple[Integers, Integers]]


def replan_all(found: Sequence[Whole], *, terms: Terms) -> None:
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

    def all_of(self, found: Sequence[Whole]) -> None:
        aims: dict[tuple[int, str], int] = {}
        by_calendar: dict[str, list[tuple[Whole, Promise]]] = {}
        for whole in found:
            for promise in whole.live_promises():
                if promise.given_at is not None or promise.starts_at is None:
                    aim = planning.set_due(promise, whole=whole, terms=self.terms)
                    aims[whole.order.pk, promise.code] = _us(aim)
                else:
                    by_calendar.setdefault(promise.calendar_code, []).append((whole, promise))
        for code, pairs in by_calendar.items():
            self._promises(code, pairs, aims)
        for whole in found:
            for step in whole.live_steps().values():
                step.begin_by_at = step.end_by_at = step.inner_by_at = None
        tables: dict[tuple[str, str, str], list[Whole]] = {}
        for whole in found:
            for promise in whole.live_promises():
                case = planning.case_of(whole=whole, by=whole.process.promise(promise.code).by)
                key = (whole.process.version, promise.code, case)
                tables.setdefault(key, []).append(whole)
        for (_, code, _), wholes in sorted(tables.items(), key=_place_of_promise):
            self._steps(code, wholes, aims)
        self._forward(found)

    def _promises(
        self,
        code: str,
        pairs: Sequence[tuple[Whole, Promise]],
        aims: dict[tuple[int, str], int],
    ) -> None:
        starts = columns.as_us([promise.starts_at for _, promise in pairs])
        stretches = _stretches([whole for whole, _ in pairs], starts)

        def due(ratios: Sequence[float]) -> Integers:
            parts = [
                (promise.allowed or timedelta()) * ratio
                for (_, promise), ratio in zip(pairs, ratios, strict=True)
            ]
            allowed = np.array([part // worktime.MICROSECOND for part in parts], dtype=np.int64)
            return columns.due(
                self.axis(code), starts_us=starts, allowed_us=allowed, stretches=stretches
            )

        due_at = columns.as_moments(due([1.0] * len(pairs)))
        warn_at = columns.as_moments(due([self.terms.warn_ratio] * len(pairs)))
        aim_us = due([whole.order.aim_ratio for whole, _ in pairs]).tolist()
        for n, (whole, promise) in enumerate(pairs):
            promise.due_at, promise.warn_at = due_at[n], warn_at[n]
            promise.is_provisional = self.terms.axes.is_provisional(code, due_at[n])
            aims[whole.order.pk, promise.code] = aim_us[n]

    def _steps(self, code: str, wholes: Sequence[Whole], aims: dict[tuple[int, str], int]) -> None:
        """Work one promise back into the steps of all orders of one table."""
        aim = np.array([aims[whole.order.pk, code] for whole in wholes], dtype=np.int64)
        running = np.flatnonzero(aim != NEVER)
        if not running.size:
            return
        wholes, aim = [wholes[n] for n in running.tolist()], aim[running]
        process = wholes[0].process
        inside = planning.steps_of(process=process, promise_code=code)
        cards = [card for card in process.steps if card.code in inside]
        ratios = [whole.order.aim_ratio for whole in wholes]
        begins: dict[str, Integers] = {}
        for card in reversed(cards):
            rows = [whole.steps[card.code] for whole in wholes]
            live = np.array([step.state not in {"DONE", "SKIPPED"} for step in rows])
            end = aim.copy()
            for after in cards:
                if any(way.step == card.code for way in after.follows):
                    end = np.minimum(end, begins[after.code])
            needs, calendar = planning.needs_of(card=card, promise_code=code, whole=wholes[0])
            of = {ratio: needs * ratio // worktime.MICROSECOND for ratio in set(ratios)}
            amount = np.array([of[ratio] for ratio in ratios], dtype=np.int64)
            begin = np.full(len(rows), NEVER)
            chosen = np.flatnonzero(live)
            begin[chosen] = columns.until(
                self.axis(calendar), ends_us=end[chosen], amount_us=amount[chosen]
            )
            begins[card.code] = begin  # NEVER where it is done: it holds nobody up
            _tighten(rows, chosen, begin=begin, end=end)

    def _forward(self, found: Sequence[Whole]) -> None:
        """Give steps outside every promise their own limit, and all the limits of their unit."""
        own: dict[str, list[tuple[Whole, OrderStep, timedelta]]] = {}
        inner: dict[str, list[tuple[Whole, OrderStep, timedelta]]] = {}
        for whole in found:
            covered = planning.covered(whole)
            for code, step in whole.live_steps().items():
                card = whole.process.step(code)
                if step.ready_at is None:
                    continue
                if code not in covered and isinstance(card.when, Limit):
                    needs = planning.minutes(card.when.minutes) * whole.order.aim_ratio
                    own.setdefault(card.when.calendar, []).append((whole, step, needs))
                if card.ola is not None:
                    needs = planning.minutes(card.ola.minutes)
                    inner.setdefault(card.ola.calendar, []).append((whole, step, needs))
        for limits, name in ((own, "end_by_at"), (inner, "inner_by_at")):
            for calendar, lines in limits.items():
                starts = columns.as_us([step.ready_at for _, step, _ in lines])
                due = columns.due(
                    self.axis(calendar),
                    starts_us=starts,
                    allowed_us=np.array([n // worktime.MICROSECOND for _, _, n in lines], np.int64),
                    stretches=_stretches([whole for whole, _, _ in lines], starts),
                )
                for (_, step, _), moment in zip(lines, columns.as_moments(due), strict=True):
                    setattr(step, name, moment)


def _place_of_promise(table: tuple[tuple[str, str, str], list[Whole]]) -> int:
    """Return which promise of its process a table is of: they are taken in that order."""
    (_, code, _), wholes = table
    return [promise.code for promise in wholes[0].process.promises].index(code)


def _tighten(
    rows: Sequence[OrderStep], chosen: npt.NDArray[Any], *, begin: Integers, end: Integers
) -> None:
    """Set the limits of steps where none stands yet or a later one does."""
    ends, begins = columns.as_moments(end[chosen]), columns.as_moments(begin[chosen])
    for n, row in enumerate(chosen.tolist()):
        step, end_by = rows[row], ends[n]
        if step.end_by_at is None or (end_by is not None and end_by < step.end_by_at):
            step.begin_by_at, step.end_by_at = begins[n], end_by


def _stretches(wholes: Sequence[Whole], starts: Integers) -> Stretches:
    """Return the first, second … stretch of each clock that starts at a moment, in columns."""
    parts: list[list[tuple[int, int]]] = []
    for whole, starts_us in zip(wholes, starts.tolist(), strict=True):
        if not whole.waits:
            parts.append([(starts_us, NEVER)])
            continue
        found: list[tuple[int, int]] = []
        reached = starts_us
        for wait in whole.waits:
            begins, ends = _us(wait.begins_at), _us(wait.ends_at)
            if reached == NEVER or ends <= reached:
                continue
            if begins > reached:
                found.append((reached, begins))
            reached = ends
        if reached != NEVER:
            found.append((reached, NEVER))
        parts.append(found)
    most = max((len(part) for part in parts), default=0)
    none = (NEVER, NEVER)
    table = np.array(
        [[*part, *[none] * (most - len(part))] for part in parts], dtype=np.int64
    ).reshape(len(parts), most, 2)
    return [(table[:, n, 0], table[:, n, 1]) for n in range(most)]


def _us(at: Any) -> int:
    return NEVER if at is None else worktime.microseconds(at)
