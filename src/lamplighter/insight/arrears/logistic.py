"""Logistic regression with a ridge, by Newton's method, the same bytes on every run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

STEPS_AT_MOST = 100
STEP_SMALL = 1e-10
STEP_ROUNDING = 1e-6  # the loss of many rows is flat to its last digit over a step like this


class NotSettled(ArithmeticError):
    """Newton's method did not come to rest."""


class NotATable(ValueError):
    """The columns and the outcomes do not agree, or a value is not finite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """log odds = intercept + columns · slopes."""

    intercept: float
    slopes: Floats  # (n_columns,)


def probability_of(*, log_odds: Floats) -> Floats:
    """Return 1 / (1 + exp(−log odds)) without overflow.

    Parameters
    ----------
    log_odds : (n_accounts,) float64
        Any log odds. [1] NaN stays NaN.

    Returns
    -------
    (n_accounts,) float64
        Probability, 0…1. [1]

    Raises
    ------
    Nothing

    Examples
    --------
    >>> probability_of(log_odds=np.array([-800.0, 0.0, 800.0]))
    array([0. , 0.5, 1. ])
    """
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0.0, 1.0, small) / (1.0 + small)


def fit(*, columns: Floats, outcome: Booleans, ridge: float) -> Logistic:
    """Fit the log odds of an outcome as a sum over columns.

    Minimises Σ log-loss + ridge/2 · |slopes|²; the intercept is free.

    Parameters
    ----------
    columns : (n_accounts, n_columns) float64
        Finite values; no column may hold the intercept. [any unit]
    outcome : (n_accounts,) bool
        Both outcomes occur. [1]
    ridge : float
        Weight of the penalty, above zero. [1]

    Returns
    -------
    Logistic
        Intercept and slopes.

    Raises
    ------
    NotATable
        Shapes disagree, a value is not finite, the ridge is not positive or one outcome is absent.
    NotSettled
        No rest after 100 steps.

    Examples
    --------
    >>> found = fit(
    ...     columns=np.array([[0.0], [0.0], [1.0], [1.0], [1.0]]),
    ...     outcome=np.array([False, True, True, True, False]),
    ...     ridge=1e-9,
    ... )
    >>> round(float(found.slopes[0]), 6)  # log(2 / 1) - log(1 / 1)
    0.693147
    """
    came = int(np.count_nonzero(outcome))
    if columns.ndim != 2 or outcome.shape != columns.shape[:1] or not ridge > 0.0:
        raise NotATable(f"{columns.shape}, {outcome.shape}, ridge {ridge}")
    if came in (0, outcome.size) or not np.isfinite(columns).all():
        raise NotATable(f"{came} of {outcome.size} came true, or a value is not finite")
    table = np.column_stack([np.ones(len(columns)), columns])
    penalty = np.full(table.shape[1], ridge)
    penalty[0] = 0.0
    slopes = np.zeros(table.shape[1])
    slopes[0] = np.log(came / (outcome.size - came))
    loss = _loss(table, outcome, slopes, penalty)
    for _ in range(STEPS_AT_MOST):
        chance = probability_of(log_odds=_weighted(table, slopes))
        gradient = _sums(table, chance - outcome) + penalty * slopes
        curvature = _products(table, chance * (1.0 - chance)) + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        slopes, loss = _downhill(table, outcome, slopes, penalty, step, loss)
        if np.abs(step).max() < STEP_SMALL:
            break
    if np.abs(step).max() < STEP_ROUNDING:
        return Logistic(intercept=float(slopes[0]), slopes=slopes[1:])
    raise NotSettled(f"{table.shape}, last step {np.abs(step).max():.3g}")


def _downhill(
    table: Floats, outcome: Booleans, slopes: Floats, penalty: Floats, step: Floats, loss: float
) -> tuple[Floats, float]:
    """Take Newton's step, halved until the loss does not rise."""
    for halving in range(30):
        tried = slopes - step * 0.5**halving
        lower = _loss(table, outcome, tried, penalty)
        if lower <= loss:
            return tried, lower
    return slopes, loss  # at rest to the last digit


def _loss(table: Floats, outcome: Booleans, slopes: Floats, penalty: Floats) -> float:
    odds = _weighted(table, slopes)
    missed = np.logaddexp(0.0, np.where(outcome, -odds, odds)).sum()
    return float(missed + 0.5 * (penalty * slopes * slopes).sum())


# einsum without BLAS: the sums keep one order whatever the number of threads.
def _weighted(table: Floats, slopes: Floats) -> Floats:
    total: Floats = np.einsum("ij,j->i", table, slopes, optimize=False)
    return total


def _sums(table: Floats, weight: Floats) -> Floats:
    total: Floats = np.einsum("ij,i->j", table, weight, optimize=False)
    return total


def _products(table: Floats, weight: Floats) -> Floats:
    total: Floats = np.einsum("ij,i,ik->jk", table, weight, table, optimize=False)
    return total
