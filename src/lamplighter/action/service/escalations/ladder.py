"""The levels of the policy `escalation`: to which post an order is escalated, and when."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from lamplighter.action.service.escalations.errors import LadderImpossible
from lamplighter.action.service.rules import Rules
from lamplighter.policy import loader

NAME = "escalation"
PROMISE, STEP, CHASED = "PROMISE", "STEP", "CHASED"  # why an order is escalated


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One step of the ladder; any of the three brings an order there."""

    number: int  # 1: the lowest
    post: str
    promise_used_ratio: float
    step_late: timedelta
    n_chased: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """All levels, the lowest first."""

    policy_version: str
    levels: tuple[Level, ...]

    def place(self, role: str) -> int:
        """Return the level of a role; 0 for who does not stand on the ladder."""
        return next((level.number for level in self.levels if level.post == role), 0)


def in_force(*, on: date, rules: Rules) -> Ladder:
    """Return the ladder of a day.

    Raises
    ------
    LadderImpossible
        A level is reached before a promise is warned of, or earlier than the level below it.
    loader.PolicyUnknown, loader.PolicyRowUnknown
        None was in force yet, or a row is missing.
    """
    policy = loader.load(name=NAME, on=on)
    levels = tuple(
        Level(
            number=number,
            post=post,
            promise_used_ratio=policy.number(f"promise_used_ratio.{post}"),
            step_late=timedelta(hours=policy.number(f"step_late_hours.{post}")),
            n_chased=policy.integer(f"chased_times.{post}"),
        )
        for number, post in enumerate(policy.row("ladder").value, start=1)
    )
    least = rules.policy.number("warn_ratio")
    for level in levels:
        if level.promise_used_ratio < least:
            raise LadderImpossible(f"{policy.version}: {level.post} before {least} of a promise")
        if level.n_chased < 1 or level.step_late < timedelta():
            raise LadderImpossible(f"{policy.version}: {level.post} without a cause")
    for lower, upper in pairwise(levels):
        falls = (
            upper.promise_used_ratio < lower.promise_used_ratio,
            upper.step_late < lower.step_late,
            upper.n_chased < lower.n_chased,
        )
        if any(falls):
            raise LadderImpossible(f"{policy.version}: {upper.post} before {lower.post}")
    return Ladder(policy_version=policy.version, levels=levels)
