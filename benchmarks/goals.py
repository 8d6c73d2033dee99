"""What was aimed at, said beforehand, and whether a run's figures reach it."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
    measured: float

    @property
    def is_met(self) -> bool:
        return COMPARISONS[self.goal.compare](self.measured, self.goal.bound)


def reached(*, goals: tuple[Goal, ...], figures: Mapping[str, Any]) -> list[Reached]:
    """Return each goal with its measured figure.

    Raises
    ------
    NoSuchFigure
        The benchmark did not print the figure.
    """
    return [Reached(goal=goal, measured=_at(figures, goal.figure)) for goal in goals]


def _at(figures: Mapping[str, Any], place: str) -> float:
    found: Any = figures
    for key in place.split("."):
        if not isinstance(found, Mapping) or key not in found:
            raise NoSuchFigure(f"{place}: no {key}")
        found = found[key]
    return float(found)
