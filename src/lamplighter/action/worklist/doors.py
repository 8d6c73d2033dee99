"""What is known of one door when the day is planned."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lamplighter.facts.billing.touches import DebitsFailed
from lamplighter.facts.customers.doors import DoorPeople
from lamplighter.findings.attention import DoorFinding, DoorSignal

SETTLED = {"DONE", "NOT_NEEDED"}
WELFARE_KINDS = {"DROP", "VACANCY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An earlier line with what came of it."""

    account_id: int
    day: date
    hour: int  # local
    remedy: str
    is_visit: bool
    outcome: str
    promised_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One account as the planning sees it."""

    finding: DoorFinding
    people: DoorPeople
    signal: DoorSignal | None  # the surest recent change
    debits: DebitsFailed
    attempts: tuple[Attempt, ...]  # oldest first
    contacted: dict[int, tuple[date, ...]] = field(repr=False)  # by customer, oldest first
    is_due_for_round: bool = False  # a regular visit

    @property
    def account_id(self) -> int:
        return self.finding.account_id

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def wrong_number(self) -> bool:
        """Whether the newest thing we learnt of the telephone is that it is wrong."""
        return self.last is not None and self.last.outcome == "WRONG_NUMBER"

    @property
    def n_not_reached(self) -> int:
        """How often in a row, up to now, nobody was reached."""
        n = 0
        for attempt in reversed(self.attempts):
            if attempt.outcome != "NOT_REACHED":
                break
            n += 1
        return n


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One remedy that could be used at one door today."""

    account_id: int
    customer_id: int  # whose contacts it uses up
    contact_account_id: int | None  # whose people are called, when it is not the door's
    area_id: int
    remedy: str
    is_visit: bool
    minutes: int
    kind: str  # ARREARS, CARE or LANDLORD
    parts: tuple[dict[str, Any], ...]  # the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why a door is kept off the plan whatever it is worth."""

    why: str  # a left-out reason
    code: str  # its sentence
    numbers: dict[str, Any]
