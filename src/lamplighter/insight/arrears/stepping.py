"""Logistic regression on steps, some of which may not fall below zero."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import logistic
from lamplighter.insight.arrears.increments import Term

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

ROUNDS_AT_MOST = 60
TURNS_AT_MOST = 200
AT_REST = 1e-8  # of the loss per account
LEVEL = 1e-9  # of the steepest slope
LARGE_STEP = 0.2  # log odds; a step this large in the start is held by half of the smoothing
# The curvature only steers, so of many accounts a part is enough; slope and loss take all.
CURVED_ACCOUNTS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The steps found, and what they say of the accounts they were found on."""

    steps: tuple[Floats, ...]  # one array a term
    base: float
    log_odds: Floats  # (n_accounts,)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    terms: Sequence[Term]
    outcome: Floats
    smoothing: Floats  # (n_steps,)

    @property
    def starts(self) -> list[int]:
        sizes = [0, *(term.basis.shape[1] for term in self.terms)]
        return list(itertools.accumulate(sizes))

    def log_odds(self, steps: Floats) -> Floats:
        total = np.full(len(self.outcome), steps[-1])
        for term, start in zip(self.terms, self.starts, strict=False):
            total += (term.basis @ steps[start : start + term.basis.shape[1]])[term.places]
        return total

    def loss(self, steps: Floats, log_odds: Floats) -> float:
        missed = np.logaddexp(0.0, log_odds) - self.outcome * log_odds
        return float(missed.sum() + 0.5 * (self.smoothing * np.square(steps[:-1])).sum())


def fit(
    *, terms: Sequence[Term], outcome: Booleans, smoothing: float, start: Steps | None = None
) -> Steps:
    """Find the steps with the least log-loss and the least jumps.

    Minimises Σ log-loss + ½ · Σ smoothing · step², no bounded step below zero, by Newton's method;
    each of its quadratic problems is solved by projected Newton steps [1]_. The problem is strictly
    convex, so there is one answer.

    A step that was large in the start is held less, by ``smoothing / (1 + (step / 0.2)²)``: one
    turn towards a prior with long tails [2]_. Held as hard as the others, a step that many accounts
    vouch for came out too small, and chances too near the mean.

    Parameters
    ----------
    terms : sequence of Term
        All of the same accounts.
    outcome : (n_accounts,) bool
        Both outcomes occur. [1]
    smoothing : float
        Weight of the penalty, above zero: so many accounts' doubt against each step.
    start : Steps, optional
        Of the first terms, to begin from; the others begin at zero and are held in full.

    Returns
    -------
    Steps
        One array of steps a term, the base, and the accounts' log odds.

    Raises
    ------
    logistic.NotATable
        Shapes disagree, the smoothing is not positive or one outcome is absent.
    logistic.NotSettled
        No rest after 60 rounds.

    References
    ----------
    .. [1] D. P. Bertsekas, "Projected Newton methods for optimization problems with simple
       constraints," SIAM J. Control Optim., vol. 20, pp. 221-246, 1982.
    .. [2] K. Lange, R. Little and J. Taylor, "Robust statistical modeling using the t
       distribution," J. Amer. Statist. Assoc., vol. 84, pp. 881-896, 1989.

    Examples
    --------
    >>> from lamplighter.insight.arrears import increments
    >>> bins = np.repeat([0, 1], 100)
    >>> late = increments.of_feature(places=bins, bins=2, direction=1)
    >>> came = np.arange(200) % 100 < np.repeat([20, 60], 100)
    >>> found = fit(terms=[late], outcome=came, smoothing=1e-9)
    >>> round(float(found.steps[0][0]), 4), round(found.base, 4)  # log(6), log(1 / 4)
    (1.7918, -1.3863)
    """
    came = int(np.count_nonzero(outcome))
    if any(len(term.places) != outcome.size for term in terms) or not smoothing > 0.0:
        raise logistic.NotATable(f"{outcome.shape}, smoothing {smoothing}")
    if came in (0, outcome.size):
        raise logistic.NotATable(f"{came} of {outcome.size} came true")
    problem = _Problem(
        terms=terms,
        outcome=outcome.astype(np.float64),
        smoothing=_held(terms, smoothing, start),
    )
    bounded = np.concatenate([*(term.is_bounded for term in terms), [False]])
    steps = _beginning(problem, start)
    log_odds = problem.log_odds(steps)
    loss = problem.loss(steps, log_odds)
    for _ in range(ROUNDS_AT_MOST):
        curve, slope = _quadratic(problem, steps, log_odds)
        aim = _least(curve, curve @ steps - slope, bounded, steps)
        steps, log_odds, lower = _downhill(problem, steps, aim, loss)
        gain, loss = loss - lower, lower
        if gain <= AT_REST * outcome.size:
            starts = problem.starts
            found = tuple(steps[a:b] for a, b in itertools.pairwise(starts))
            return Steps(steps=found, base=float(steps[-1]), log_odds=log_odds)
    raise logistic.NotSettled(f"{len(steps)} steps, last gain {gain:.3g}")


def _held(terms: Sequence[Term], smoothing: float, start: Steps | None) -> Floats:
    """Return by how much each step is held: less where it was large in the start."""
    held = np.full(sum(term.basis.shape[1] for term in terms), smoothing)
    if start is not None:
        known = np.concatenate([*start.steps, np.empty(0)])
        held[: len(known)] /= 1.0 + np.square(known / LARGE_STEP)
    return held


def _beginning(problem: _Problem, start: Steps | None) -> Floats:
    steps = np.zeros(problem.starts[-1] + 1)
    share = problem.outcome.mean()
    steps[-1] = np.log(share / (1.0 - share))
    if start is not None:
        known = np.concatenate([*start.steps, np.empty(0)])
        steps[: len(known)], steps[-1] = known, start.base
    return steps


def _quadratic(problem: _Problem, steps: Floats, log_odds: Floats) -> tuple[Floats, Floats]:
    """Return the curvature and the slope of the loss at these steps.

    Accounts enter as sums over pairs of cells only, so the cost grows with the accounts times the
    pairs of terms, never with accounts times steps.
    """
    from lamplighter.insight.arrears import compiled  # late: pages must not wait for numba

    chance = logistic.probability_of(log_odds=log_odds)
    weight, miss = chance * (1.0 - chance), chance - problem.outcome
    every = -(-len(log_odds) // CURVED_ACCOUNTS)
    bent = weight[::every] * every
    starts, terms = problem.starts, problem.terms
    some = [term.places[::every].astype(np.int16) for term in terms]
    curve, slope = np.zeros((len(steps), len(steps))), np.empty(len(steps))
    for n, term in enumerate(terms):
        here, cells = slice(starts[n], starts[n + 1]), len(term.basis)
        slope[here] = term.basis.T @ np.bincount(term.places, weights=miss, minlength=cells)
        own = np.bincount(some[n], weights=bent, minlength=cells)
        curve[here, here] = term.basis.T @ (own[:, None] * term.basis)
        curve[here, -1] = curve[-1, here] = term.basis.T @ own
        for m, other in enumerate(terms[:n]):
            there, shape = slice(starts[m], starts[m + 1]), (cells, len(other.basis))
            table = compiled.crossed(some[n], some[m], shape, bent)
            block = term.basis.T @ (table @ other.basis)
            curve[here, there], curve[there, here] = block, block.T
    slope[-1], curve[-1, -1] = miss.sum(), bent.sum()
    own_places = np.arange(len(steps) - 1)
    curve[own_places, own_places] += problem.smoothing
    slope[:-1] += problem.smoothing * steps[:-1]
    return curve, slope


def _least(curve: Floats, aim: Floats, bounded: Booleans, steps: Floats) -> Floats:
    """Return the least point of ½ x·curve·x − aim·x with the bounded above zero."""
    here = np.where(bounded, np.maximum(steps, 0.0), steps)
    steepest = float(np.abs(aim).max(initial=1.0))
    for _ in range(TURNS_AT_MOST):
        slope = curve @ here - aim
        free = np.flatnonzero(~(bounded & (here <= 0.0) & (slope > 0.0)))
        if np.abs(slope[free]).max(initial=0.0) <= LEVEL * steepest:
            return here
        move = np.zeros(len(here))
        move[free] = -np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        height = 0.5 * here @ (slope - aim)
        for halving in range(40):
            tried = here + move * 0.5**halving
            tried = np.where(bounded, np.maximum(tried, 0.0), tried)
            if 0.5 * tried @ (curve @ tried) - aim @ tried <= height:
                break
        if np.array_equal(tried, here):
            return here
        here = tried
    return here  # the outer rounds go on from here


def _downhill(
    problem: _Problem, steps: Floats, aim: Floats, loss: float
) -> tuple[Floats, Floats, float]:
    """Go to the aim, or a part of the way where the loss would rise."""
    for halving in range(30):
        tried = steps + (aim - steps) * 0.5**halving
        log_odds = problem.log_odds(tried)
        lower = problem.loss(tried, log_odds)
        if lower <= loss:
            return tried, log_odds, lower
    return steps, problem.log_odds(steps), loss  # at rest to the last digit
