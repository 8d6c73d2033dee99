"""One estimate of one change.

A sudden jump is found on the last days alone, and kept with the excess of those days, by which it
is found and ranked. Where a change of the history stands behind it, that one is measured over all
the days since it began: the better estimate, with an interval, and the one that a customer's page
shows. Whoever reads of a jump is told this one, so that no two places give the same change two
sizes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any, Protocol, TypeVar

MEASURED = (
    *("size_kwh_per_day", "size_low_kwh_per_day", "size_high_kwh_per_day"),
    *("level_before_kwh_per_day", "level_after_kwh_per_day"),
)


class Change(Protocol):
    """What tells a change from another, in a list of the night's."""

    @property
    def account_id(self) -> int: ...
    @property
    def list(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def changed_date(self) -> date | None: ...
    @property
    def size_kwh_per_day(self) -> float: ...


Found = TypeVar("Found", bound=Change)


def of_history(*, signals: Sequence[Found], changes: Iterable[Found]) -> list[Found]:
    """Return signals, each jump with the size of the change of the history behind it.

    A jump without one keeps its own. *changes* may hold further signals; of several changes of
    one account that began on one day and are of one kind, the first counts.
    """
    behind: dict[tuple[int, str, date | None], Found] = {}
    for change in changes:
        if change.list == "CHANGE":
            behind.setdefault((change.account_id, change.kind, change.changed_date), change)
    return [_measured(signal, behind) for signal in signals]


def _measured(jump: Found, behind: dict[tuple[int, str, date | None], Found]) -> Found:
    change = behind.get((jump.account_id, jump.kind, jump.changed_date))
    if jump.list != "JUMP" or change is None:
        return jump
    there = {one.name for one in fields(jump)}  # type: ignore[arg-type]  # the two are dataclasses
    measured: dict[str, Any] = {n: getattr(change, n) for n in MEASURED if n in there}
    return replace(jump, **measured)  # type: ignore[type-var]  # the two are dataclasses
