"""Where and when the worker works."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from lamplighter.gateway.webhooks import sending
from lamplighter.kernel import spans
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy
from lamplighter.worker.apart import Apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What day it is, and the rules of that day."""

    zone: ZoneInfo
    demo_today: date | None
    clock: Callable[[], datetime]

    def today(self) -> date:
        """Return the local day; in a demo, the day the demo takes for today."""
        return self.demo_today or self.clock().astimezone(self.zone).date()

    def policy(self) -> Policy:
        """Return the rules of the interface for programs, which webhooks share."""
        return loader.load(name="programs", on=self.today())


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Timing):
    """Where the worker works."""

    demo_ahead: timedelta | None
    field_key: bytes
    lake_folder: Path
    attachments_folder: Path
    limits: sending.Limits
    night: Apart  # the process that does the night's work

    def moment(self) -> datetime:
        """Return the moment orders are at; in a demo, the moment that the demo takes for now."""
        return spans.demo_moment(
            moment=self.clock(), day=self.demo_today, ahead=self.demo_ahead, zone=self.zone
        )
