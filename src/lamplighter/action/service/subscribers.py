"""Who is told what happens to orders: the port that a gateway fills, and pages ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lamplighter.kernel.viewer import Viewer


class SubscriptionUnknown(LookupError):
    """There is no such subscription, or it has ended."""


class SubscriptionWrong(ValueError):
    """Nobody of the staff, an address that may not be called, or no such happening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A new subscription; its secret is shown this once."""

    subscription_id: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionLine:
    """One subscription, without its secret."""

    subscription_id: int
    staff_number: str
    url: str
    names: Sequence[str]  # of happenings; none: all
    read_until_id: int
    ended_at: datetime | None
    n_waiting: int
    n_delivered: int
    n_dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message, and how telling it went."""

    subscription_id: int
    key: str
    event_id: int
    state: str
    n_attempts: int
    next_at: datetime
    delivered_at: datetime | None
    last_outcome: str


class Subscribers(Protocol):
    """What other systems are told; each question is asked for one viewer's units alone."""

    def listed(self, *, viewer: Viewer) -> list[SubscriptionLine]:
        """Return the subscriptions of a viewer's people, the newest first."""

    def troubled(self, *, viewer: Viewer, limit: int) -> list[MessageLine]:
        """Return the messages that failed and wait, or were given up, the newest first."""

    def subscribe(
        self,
        *,
        viewer: Viewer,
        staff_number: str,
        url: str,
        names: Sequence[str],
        seed: str,
        now: datetime,
        field_key: bytes,
    ) -> Subscribed:
        """Tell an address from now on; the same seed twice is one. SubscriptionWrong."""

    def end(self, *, viewer: Viewer, subscription_id: int, now: datetime) -> None:
        """Tell an address nothing more. SubscriptionUnknown."""

    def replay(self, *, viewer: Viewer, subscription_id: int, after_id: int, now: datetime) -> None:
        """Tell an address again all behind a row of the ledger. SubscriptionUnknown."""
