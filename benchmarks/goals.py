"""What was aimed at, said beforehand, and whether a run's figures reach it."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LEFT_OUT = "left_out"  # a part of a benchmark's figures that has but this says why it has no more
COMPARISONS: dict[str, Callable[[float, float], bool]] = {"≥": operator.ge, "≤": operator.le}


class NoSuchFigure(LookupError):
    """A goal names a figure that its benchmark does not print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One aim: the words for it, the figure's place (dots between keys), and the bound."""

    words: str
    figure: str
    compare: str
    bound: float

    def said(self) -> str:
        return f"{self.compare} {self.bound:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A goal beside what was measured."""

    goal: Goal
    measured: float | None  # None: the part that holds the figure was left out

    @property
    def is_met(self) -> bool:
        if self.measured is None:
            return False
        return COMPARISONS[self.goal.compare](self.measured, self.goal.bound)


def reached(*, goals: tuple[Goal, ...], figures: Mapping[str, Any]) -> list[Reached]:
    """Return each goal with its measured figure.

    Raises
    ------
    NoSuchFigure
        The benchmark did not print the figure.
    """
    return [Reached(goal=goal, measured=_at(figures, goal.figure)) for goal in goals]


def _at(figures: Mapping[str, Any], place: str) -> float | None:
    found: Any = figures
    for key in place.split("."):
        if isinstance(found, Mapping) and LEFT_OUT in found:
            return None
        if not isinstance(found, Mapping) or key not in found:
            raise NoSuchFigure(f"{place}: no {key}")
        found = found[key]
    return None if found is None else float(found)
