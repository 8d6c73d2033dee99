"""The parts of a score as sums of steps: a feature's steps, and two features' steps together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears.features import FALLS, FREE, RISES

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


class NotATerm(ValueError):
    """A direction is none of the three, or two features without a direction were paired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Points of a cell = basis · steps; a bounded step is never below zero."""

    places: Places  # (n_accounts,) cell
    basis: Floats  # (n_cells, n_steps)
    is_bounded: Booleans  # (n_steps,)


def of_feature(*, places: Places, bins: int, direction: int) -> Term:
    """Return a feature as one step per edge, and one for its missing values.

    Parameters
    ----------
    places : (n_accounts,) int64
        Bin of each account; bin *bins* holds the missing values. [bin]
    bins : int
        Number of bins without that one.
    direction : int
        RISES, FALLS or FREE.

    Returns
    -------
    Term
        Its points never run against the direction, whatever the steps.

    Raises
    ------
    NotATerm
        An unknown direction.

    Examples
    --------
    >>> term = of_feature(places=np.array([0, 1, 2, 3]), bins=3, direction=FALLS)
    >>> (term.basis @ [1.0, 2.0, 5.0]).tolist(), term.is_bounded.tolist()
    ([0.0, -1.0, -3.0, 5.0], [True, True, False])
    """
    if direction not in (RISES, FALLS, FREE):
        raise NotATerm(f"direction {direction}")
    basis = np.zeros((bins + 1, bins))
    basis[:bins, : bins - 1] = np.tri(bins, bins - 1, -1) * (FALLS if direction == FALLS else 1)
    basis[bins, bins - 1] = 1.0
    bounded = np.full(bins, direction != FREE)
    bounded[bins - 1] = False
    return Term(places=places, basis=basis, is_bounded=bounded)


def of_pair(
    *, places: tuple[Places, Places], bins: tuple[int, int], directions: tuple[int, int]
) -> Term:
    """Return two features together as steps that never run against either direction.

    Where both have a direction, a step is raised beyond an edge of the one *and* one of the
    other, or beyond an edge of the one *or* one of the other: sums of such steps, none below
    zero, rise along both. Where only one has a direction, its steps differ by the bin of the
    other. Accounts of which either is missing are in the last cell, which has no points.

    Parameters
    ----------
    places : pair of (n_accounts,) int64
        Bins of the first and of the second feature. [bin]
    bins : pair of int
        Numbers of bins without the one for missing values.
    directions : pair of int
        At least one is not FREE.

    Returns
    -------
    Term
        Cell ``first · bins[1] + second``; all steps are bounded.

    Raises
    ------
    NotATerm
        Both directions are FREE, or one is unknown.

    Examples
    --------
    >>> both = (np.array([0, 1, 1]), np.array([0, 0, 1]))
    >>> term = of_pair(places=both, bins=(2, 2), directions=(RISES, RISES))
    >>> (term.basis @ [1.0, 10.0]).tolist()
    [0.0, 10.0, 10.0, 11.0, 0.0]
    """
    if any(d not in (RISES, FALLS, FREE) for d in directions) or directions == (FREE, FREE):
        raise NotATerm(f"directions {directions}")
    first, second = np.divmod(np.arange(bins[0] * bins[1]), bins[1])
    if FREE not in directions:
        one = _beyond(first, bins[0], directions[0])
        other = _beyond(second, bins[1], directions[1])
        steps = [step for a in one for b in other for step in (a & b, a | b)]
    elif directions[1] == FREE:
        one = _beyond(first, bins[0], directions[0])
        steps = [a & (second == b) for a in one for b in range(bins[1])]
    else:
        other = _beyond(second, bins[1], directions[1])
        steps = [b & (first == a) for a in range(bins[0]) for b in other]
    basis = np.zeros((bins[0] * bins[1] + 1, len(steps)))
    for number, step in enumerate(steps):
        basis[:-1, number] = step
    missing = (places[0] >= bins[0]) | (places[1] >= bins[1])
    cell = np.where(missing, bins[0] * bins[1], places[0] * bins[1] + places[1])
    return Term(places=cell, basis=basis, is_bounded=np.ones(len(steps), dtype=np.bool_))


def _beyond(place: Places, bins: int, direction: int) -> list[Booleans]:
    """Return for each edge which cells lie on its risky side."""
    if direction == RISES:
        return [place >= edge for edge in range(1, bins)]
    return [place < edge for edge in range(1, bins)]
