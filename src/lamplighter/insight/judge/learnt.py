"""What a judge learnt, as arrays; apart from the kernels, so that who names it loads none."""

from dataclasses import dataclass

from lamplighter.insight.habits.arrays import Integers, Singles

KERNEL_VERSION = "change/12"


class WrongForest(ValueError):
    """A forest's arrays do not fit each other, or the traits it is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """A sum of symmetric trees: every node of a level asks the same question."""

    traits: tuple[str, ...]  # names of the columns asked about, in their order
    intercept: float  # log odds before any tree
    column: Integers  # (n_trees, depth) column asked about at each level
    limit: Singles  # (n_trees, depth) the question: is it above this?
    leaf: Singles  # (n_trees, 2 ** depth) log odds to add, the first answer the highest bit


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Says by a part of the traits what is worth a closer look."""

    forest: Forest
    limit: float  # least log odds for a closer look


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What was learnt: which days are worth a closer look, and how to look."""

    every: int  # a look every so many days
    glances: tuple[Glance, ...]  # each at what the one before let pass; the first by signs alone
    days: Forest  # judges by daily totals
    hours: Forest  # judges by daily totals and the shape of the day
