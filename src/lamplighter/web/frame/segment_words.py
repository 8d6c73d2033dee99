"""What the policy says of each segment, in the language of the page, and why one is in it."""

from dataclasses import dataclass
from datetime import date

from lamplighter.insight.segments import segments
from lamplighter.insight.segments.terms import NATURES
from lamplighter.kernel import points
from lamplighter.policy import loader
from lamplighter.web.frame import formats, versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A segment in words a manager uses, and its strategy."""

    name: str
    who: str
    need: str
    offer: str
    leave_alone: str


def told(*, code: str, on: date) -> Told:
    """Return the words of one segment.

    Raises
    ------
    loader.PolicyRowUnknown
        There is no such segment.
    """
    policy = loader.load(name="segments", on=on)
    return Told(
        **{name: _in_language(policy.text(f"{code}.{name}")) for name in Told.__dataclass_fields__}
    )


def condition(*, code: str, on: date) -> str:
    """Return how a condition is told."""
    return _in_language(loader.load(name="segments", on=on).text(f"condition.{code}"))


def why(*, nature: str, conditions: int, on: date) -> tuple[str, ...]:
    """Return the conditions that put an account into its segment, but that it is known."""
    deciding = segments.deciding(nature=NATURES.index(nature), conditions=conditions)
    return tuple(condition(code=code, on=on) for code in deciding if code != "IS_KNOWN")


def would_change(*, nature: str, conditions: int, on: date) -> tuple[tuple[str, str], ...]:
    """Return (condition, segment) of each single condition that would move an account."""
    moves = segments.changes(nature=NATURES.index(nature), conditions=conditions)
    return tuple(
        (condition(code=code, on=on), told(code=segment, on=on).name)
        for code, segment in moves
        if code != "IS_KNOWN"
    )


def version(*, on: date) -> str:
    """Say which version is in force."""
    return versions.said(version=loader.load(name="segments", on=on).version)


def _in_language(words: loader.Words) -> str:
    return points.chinese(words.zh) if formats.is_chinese() else words.en
