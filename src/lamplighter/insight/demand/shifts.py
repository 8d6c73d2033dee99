"""Counts of two spans of equal length: which of them moved beyond chance, up or down."""

from math import exp, lgamma, log

import numpy as np
import numpy.typing as npt

from lamplighter.insight.demand.emerging import CountsWrong

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
LEAST_SPREAD = 1e-9  # below, the two laws agree to all digits that are kept


def chances(*, before: Indices, after: Indices, spread: float) -> Floats:
    """Return how likely so large a shift either way is when nothing has changed.

    Given how many came in both spans together, the later span's part is binomial with one half
    where requests come by a Poisson law [1]_, and beta-binomial, alike on both sides, where spans
    differ more than dice would (negative binomial counts of one size [2]_).

    Parameters
    ----------
    before, after : (n_series,) int64
        Requests of the two spans. [requests]
    spread : float
        Extra variance of one span: variance = m + spread · m²; not below zero. [1]

    Returns
    -------
    (n_series,) float64
        Two-sided probabilities; NaN where nothing came in either span. [1]

    Raises
    ------
    CountsWrong
        Shapes disagree, a count is negative, or the spread is.

    References
    ----------
    .. [1] J. Przyborowski, H. Wilenski, "Homogeneity of results in testing samples from Poisson
       series," Biometrika, vol. 31, pp. 313-323, 1940, doi:10.1093/biomet/31.3-4.313.
    .. [2] J. G. Skellam, "A probability distribution derived from the binomial distribution by
       regarding the probability of success as variable between the sets of trials," Journal of the
       Royal Statistical Society B, vol. 10, pp. 257-261, 1948,
       doi:10.1111/j.2517-6161.1948.tb00014.x.

    Examples
    --------
    >>> chances(before=np.array([5, 0, 0]), after=np.array([5, 6, 0]), spread=0.0)
    array([1.     , 0.03125,     nan])
    """
    if before.shape != after.shape or before.ndim != 1 or not spread >= 0.0:
        raise CountsWrong(f"before {before.shape}, after {after.shape}, spread {spread}")
    if before.size and (before.min() < 0 or after.min() < 0):
        raise CountsWrong("a count is negative")
    found = np.full(len(before), np.nan)
    for n in np.flatnonzero(before + after):
        found[n] = _two_sided(int(min(before[n], after[n])), int(before[n] + after[n]), spread)
    return found


def _two_sided(fewer: int, total: int, spread: float) -> float:
    """Return the chance of a split at least as uneven; the law is alike on both sides."""
    if 2 * fewer == total:
        return 1.0
    logs = [_log_chance(k, total, spread) for k in range(fewer + 1)]
    return min(1.0, 2.0 * sum(exp(one) for one in logs))


def _log_chance(k: int, total: int, spread: float) -> float:
    ways = lgamma(total + 1.0) - lgamma(k + 1.0) - lgamma(total - k + 1.0)
    if spread < LEAST_SPREAD:
        return ways + total * log(0.5)
    size = 1.0 / spread
    return (
        ways
        + lgamma(k + size)
        + lgamma(total - k + size)
        - lgamma(total + 2.0 * size)
        + lgamma(2.0 * size)
        - 2.0 * lgamma(size)
    )
