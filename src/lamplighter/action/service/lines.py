"""What the queries about orders return."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lamplighter.action.service.clock import Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An order in a list."""

    order_id: int
    number: str
    type_code: str
    channel: str
    state: str
    priority: str
    account_number: str  # empty: nobody's account was named
    phone_masked: str
    area_name: str
    unit_name: str
    owner_name: str
    incident_number: str
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None  # of the next promise; None: it waits, or none runs
    waits_for: str  # empty: it does not wait

    def slack(self, *, now: datetime) -> timedelta | None:
        """Return how long until the next promise is due; below nothing once it is late."""
        return None if self.due_at is None else self.due_at - now


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step in a list of work."""

    order: OrderLine
    step_code: str
    state: str
    post: str
    owner_id: int | None
    owner_name: str
    begin_by_at: datetime | None
    end_by_at: datetime | None
    inner_by_at: datetime | None
    ready_at: datetime | None
    assigned_at: datetime | None
    n_reassigned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFound:
    """A promise with every minute of its clock."""

    code: str
    is_outward: bool
    calendar_code: str  # empty: a fixed moment
    allowed: timedelta | None
    used: timedelta | None  # worked time; None: a fixed moment, or not begun
    left: timedelta | None
    starts_at: datetime | None
    due_at: datetime | None
    is_provisional: bool
    warned_at: datetime | None
    missed_at: datetime | None
    ended_at: datetime | None
    lapsed_at: datetime | None
    minutes: tuple[Minutes, ...]

    @property
    def outcome(self) -> str:
        """Return LAPSED, MISSED, KEPT or RUNNING."""
        if self.missed_at is not None:
            return "MISSED"
        if self.lapsed_at is not None:
            return "LAPSED"
        return "RUNNING" if self.ended_at is None else "KEPT"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFound:
    """A step of one order, as it stands."""

    code: str
    round: int
    state: str
    post: str
    owner_id: int | None
    owner_name: str
    begin_by_at: datetime | None
    end_by_at: datetime | None
    inner_by_at: datetime | None
    ready_at: datetime | None
    begun_at: datetime | None
    done_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFound:
    """A wait of one order."""

    reason: str
    step_code: str
    begins_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFound:
    """One line of an order's timeline."""

    kind: str
    at: datetime
    actor: str
    step_code: str
    detail: dict[str, Any]
    reason: str
    is_outward: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureFound:
    """A failure of service noted at an order."""

    failure_id: int
    code: str
    level: str
    step_code: str
    content: str
    method: str
    losses: tuple[str, int, int, int]  # economic [CNY], political, reputation, honour
    found_at: datetime
    found_by: str
    remedy: str
    weighed_at: datetime | None  # None: nobody has weighed its losses yet


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWhole:
    """One order with all that happened to it."""

    line: OrderLine
    process_version: str
    round: int
    cases: dict[str, str]
    is_green: bool
    words: str  # empty: none were said, or they have expired
    place: str  # as it was told where no account is named
    finished_at: datetime | None
    confirmed_at: datetime | None
    steps: tuple[StepFound, ...]
    promises: tuple[PromiseFound, ...]
    waits: tuple[WaitFound, ...]
    events: tuple[EventFound, ...]
    failures: tuple[FailureFound, ...]
    joined: tuple[str, ...]  # numbers of the other orders of its incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many promises, or step limits, of one group were kept."""

    group: str  # type, unit or step
    n_kept: int
    n_missed: int  # late, or late and still open
    n_running: int  # still within it

    @property
    def kept_ratio(self) -> float | None:
        """Return the share kept of those decided; None before any was."""
        decided = self.n_kept + self.n_missed
        return self.n_kept / decided if decided else None
