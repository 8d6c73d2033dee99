"""The promise worked back into steps: until when each may begin and must end, to keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lamplighter.kernel import worktime
from lamplighter.kernel.worktime import Calendar


class NotAPlan(ValueError):
    """A step follows itself through others, or one that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step needs and what it waits for."""

    code: str
    needs: timedelta  # worked time of its own calendar
    calendar: Calendar
    follows: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The last moments that still keep the promise."""

    begin_by: datetime
    end_by: datetime


def worked_back(*, steps: Sequence[Step], due_at: datetime) -> dict[str, Limit]:
    """Return the latest begin and end of each step, worked back from the promise.

    A step must end before each that follows it must begin; one that nothing follows ends with the
    promise. Parallel branches are worked back each for itself.

    Raises
    ------
    NotAPlan
        The steps do not stand in an order.
    worktime.OutsideAxis
        A calendar does not reach that far back.

    Examples
    --------
    >>> from datetime import UTC, date
    >>> from zoneinfo import ZoneInfo
    >>> always = worktime.calendar(
    ...     code="24X7", zone=ZoneInfo("Asia/Shanghai"), first_day=date(2026, 1, 1),
    ...     end_day=date(2027, 1, 1), hours=[(0, 1440)], is_worked=lambda day: True,
    ... )
    >>> go = Step(code="GO", needs=timedelta(minutes=30), calendar=always, follows=frozenset())
    >>> mend = Step(
    ...     code="MEND", needs=timedelta(hours=2), calendar=always, follows=frozenset({"GO"})
    ... )
    >>> limits = worked_back(steps=[go, mend], due_at=datetime(2026, 11, 2, 8, tzinfo=UTC))
    >>> print(limits["GO"].end_by)
    2026-11-02 06:00:00+00:00
    """
    followers = _followers(steps)
    limits: dict[str, Limit] = {}
    by_code = {step.code: step for step in steps}
    for code in reversed(in_order(follows={step.code: step.follows for step in steps})):
        step = by_code[code]
        end_by = min((limits[after].begin_by for after in followers[code]), default=due_at)
        begin_by = worktime.before(calendar=step.calendar, ends_at=end_by, amount=step.needs)
        limits[code] = Limit(begin_by=begin_by, end_by=end_by)
    return limits


def in_order(*, follows: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the steps so that each stands after all it follows, by name where it does not matter.

    Raises
    ------
    NotAPlan
        A step follows itself through others, or one that there is not.
    """
    unknown = sorted({of for before in follows.values() for of in before} - set(follows))
    if unknown:
        raise NotAPlan(f"{unknown[0]} is no step")
    placed: list[str] = []
    done: set[str] = set()
    while len(placed) < len(follows):
        ready = sorted(code for code, of in follows.items() if code not in done and of <= done)
        if not ready:
            ring = sorted(set(follows) - done)
            raise NotAPlan(f"{', '.join(ring)} wait for each other")
        placed += ready
        done.update(ready)
    return placed


def _followers(steps: Sequence[Step]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {step.code: [] for step in steps}
    for step in steps:
        for before in step.follows & found.keys():
            found[before].append(step.code)
    return found
