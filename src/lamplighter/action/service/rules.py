"""The numbers by which orders are worked, as the policy `service` gives them."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from lamplighter.action.service import axes, errors
from lamplighter.action.service.axes import Axes
from lamplighter.action.service.models import PRIORITIES, REASON_AT_MOST
from lamplighter.action.service.planning import Terms
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy

NAME = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policy in force on a day, with the calendars of that day."""

    on: date
    zone: ZoneInfo
    policy: Policy
    axes: Axes

    @property
    def terms(self) -> Terms:
        """Return by what deadlines are read."""
        return Terms(axes=self.axes, warn_ratio=self.policy.number("warn_ratio"))

    def posts(self, post: str) -> tuple[str, ...]:
        """Return the roles of the staff that do the work of a post."""
        return tuple(self.policy.row(f"post.{post}").value)

    def owner_posts(self, function: str) -> tuple[str, ...]:
        """Return the roles that answer to the customer for a function."""
        return tuple(self.policy.row(f"owner.{function}").value)

    def aim_ratio(self, *, priority: str, green_factor: float) -> float:
        """Return the part of a promise that steps are planned with.

        Raises
        ------
        errors.PriorityUnknown
            There is no such priority.
        """
        if priority not in PRIORITIES:
            raise errors.PriorityUnknown(priority)
        return min(self.policy.number(f"aim_ratio.{priority}"), green_factor)

    def silence(self, *, priority: str) -> timedelta:
        """Return after how much time at work an owner who has not begun counts as silent."""
        return timedelta(minutes=self.policy.integer(f"silent_minutes.{priority}"))

    def hours_of(self, post: str) -> str:
        """Return the calendar of the hours in which a post is at work."""
        row = self.policy.row("hours.OTHERS")
        found = [one for one in self.policy.rows_below("hours") if one.key == f"hours.{post}"]
        return str((found[0] if found else row).value)

    def check_role(self, viewer: Viewer, right: str) -> None:
        """Raise NotAllowed unless the policy gives the viewer's role this right."""
        if not self.has_right(viewer, right):
            raise errors.NotAllowed(f"{viewer.role} {right} ({self.policy.version})")

    def has_right(self, viewer: Viewer, right: str) -> bool:
        """Tell whether the policy gives the viewer's role this right."""
        return viewer.role in self.policy.row(right).value

    def checked_reason(self, reason: str, *, at_most: int = REASON_AT_MOST) -> str:
        """Return a reason as it is kept.

        Raises
        ------
        errors.ReasonMissing, errors.ReasonTooLong
            It says too little, or more than can be kept.
        """
        said = short(reason, at_most=at_most)
        if len(said) < self.policy.integer("reason_least"):
            raise errors.ReasonMissing(f"{len(said)} characters")
        return said


def short(text: str, *, at_most: int = REASON_AT_MOST) -> str:
    """Return a text as it is kept; raise ReasonTooLong where that would lose some of it."""
    said = text.strip()
    if len(said) > at_most:
        raise errors.ReasonTooLong(n=len(said), at_most=at_most)
    return said


def in_force(*, on: date, zone: ZoneInfo) -> Rules:
    """Return the rules of a day.

    Raises
    ------
    loader.PolicyUnknown
        None was in force yet.
    """
    return Rules(
        on=on,
        zone=zone,
        policy=loader.load(name=NAME, on=on),
        axes=axes.in_force(on=on, zone=zone),
    )
