"""By which rules outages are written and told: the policy, and how early each kind is announced."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from lamplighter.action.outages import errors
from lamplighter.action.outages.lines import REASON_AT_MOST
from lamplighter.action.outages.models import PLANNED, TEMPORARY
from lamplighter.action.service import rules as service_rules
from lamplighter.action.service.rules import Rules as ServiceRules
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.shapes import Process

NAME, PROCESS = "outages", "RELEASE_OUTAGE"
NOTICES = {PLANNED: "PLANNED_AHEAD", TEMPORARY: "TEMPORARY_AHEAD"}
CREW = "CREW"
UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policy in force on a day, beside the rules by which orders are worked."""

    policy: Policy
    process: Process  # of the release of outage information
    service: ServiceRules

    @property
    def on(self) -> date:
        return self.service.on

    @property
    def is_confirmed_by_crew(self) -> bool:
        """Tell whether the crew confirms that supply is back before the customer is asked."""
        return bool(self.policy.row("end_is_confirmed_by").value == CREW)

    def notice(self, *, kind: str) -> timedelta | None:
        """Return how long before its begin a kind is announced; None where nobody can."""
        if kind not in NOTICES:
            return None
        (rule,) = [one for one in self.process.rules if one.code == NOTICES[kind]]
        return float(rule.value) * UNITS[rule.unit]

    def check_role(self, viewer: Viewer, right: str) -> None:
        """Raise NotAllowed unless the policy gives the viewer's role this right."""
        if not self.has_right(viewer, right):
            raise errors.NotAllowed(f"{viewer.role} {right} ({self.policy.version})")

    def has_right(self, viewer: Viewer, right: str) -> bool:
        """Tell whether the policy gives the viewer's role this right."""
        return viewer.role in self.policy.row(right).value

    def checked_reason(self, reason: str) -> str:
        """Return a reason as it is kept.

        Raises
        ------
        errors.ReasonMissing, errors.ReasonTooLong
            It says too little, or more than can be kept.
        """
        said = reason.replace("\x00", "").strip()
        if len(said) < self.policy.integer("reason_least"):
            raise errors.ReasonMissing(f"{len(said)} characters")
        if len(said) > REASON_AT_MOST:
            raise errors.ReasonTooLong(f"{len(said)} characters, at most {REASON_AT_MOST}")
        return said


def in_force(*, on: date, zone: ZoneInfo) -> Rules:
    """Return the rules of a day.

    Raises
    ------
    loader.PolicyUnknown, catalogue.ProcessUnknown
        None was in force yet.
    """
    return Rules(
        policy=loader.load(name=NAME, on=on),
        process=catalogue.in_force(code=PROCESS, on=on),
        service=service_rules.in_force(on=on, zone=zone),
    )
