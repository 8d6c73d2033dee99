"""Topics that rise beyond chance: each against its own past, with the whole volume beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

FRACTION_STEPS_AT_MOST = 10_000
NEARLY_ZERO = 1e-300


class WeeksTooFew(ValueError):
    """There is no past to compare with."""


class CountsWrong(ValueError):
    """Shapes disagree, or a count is negative or above the volume of its week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergingPolicy:
    """Numbers a manager may change; field names are policy row keys."""

    false_share_allowed: float  # of the topics named, by chance
    texts_at_least: int  # in the new week
    rise_at_least_ratio: float  # new count over expected count
    weeks_at_least: int  # of past


@dataclass(frozen=True, slots=True, kw_only=True)
class Rises:
    """The test of every series in the newest week."""

    count: Indices  # (n_series,) in the newest week
    expected: Floats  # (n_series,) from its own past share of the volume
    chance: (
        Floats  # (n_series,) of so many or more when nothing has changed; 1 below the least count
    )
    is_emerging: Booleans  # (n_series,)
    spread: float  # extra variance from week to week: variance = m + spread · m²


def rises(*, counts: Indices, volumes: Indices, policy: EmergingPolicy, n_others: int = 0) -> Rises:
    """Test which series rose in the newest week.

    The expected count is the series' own share of all past requests times this week's volume. Weeks
    differ more than dice would: the extra variance is measured from the past of all series
    together, and the share's own uncertainty is added; the count is then negative binomial [1]_.
    Of the series named, at most the allowed share is expected to be chance [2]_.

    Parameters
    ----------
    counts : (n_series, n_weeks) int64
        Requests of each series a week; the newest week is last. [requests]
    volumes : (n_series, n_weeks) or (n_weeks,) int64
        All requests of those weeks (of the series' area, where series belong to areas). [requests]
    policy : EmergingPolicy
        Numbers in force.
    n_others : int
        Further series that have fewer texts than asked in the newest week and are not told apart:
        they count in the correction, and their weeks in no spread. [series]

    Returns
    -------
    Rises
        A series with fewer texts than asked in the newest week has chance 1 and still counts in the
        correction: whoever leaves such series out must do so without looking at when their texts
        came, or name how many they are, or the chances of the others are no longer chances.

    Raises
    ------
    WeeksTooFew
        Fewer weeks of past than asked.
    CountsWrong
        Shapes disagree, or a count is negative or above its volume, or *n_others* is negative.

    References
    ----------
    .. [1] J. F. Lawless, "Negative binomial and mixed Poisson regression," Canadian Journal of
       Statistics, vol. 15, pp. 209-225, 1987, doi:10.2307/3314912.
    .. [2] Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate," Journal of the Royal
       Statistical Society B, vol. 57, pp. 289-300, 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> numbers = EmergingPolicy(false_share_allowed=0.05, texts_at_least=5,
    ...                          rise_at_least_ratio=2.0, weeks_at_least=4)
    >>> found = rises(counts=np.array([[2, 3, 2, 3, 15], [9, 8, 9, 8, 9]]),
    ...               volumes=np.array([100, 100, 100, 100, 100]), policy=numbers)
    >>> found.is_emerging, found.expected
    (array([ True, False]), array([2.5, 8.5]))
    """
    if counts.ndim != 2 or volumes.shape[-1:] != counts.shape[1:]:
        raise CountsWrong(f"counts {counts.shape}, volumes {volumes.shape}")
    if n_others < 0:
        raise CountsWrong(f"n_others {n_others}")
    n_past = counts.shape[1] - 1
    if n_past < max(policy.weeks_at_least, 1):
        raise WeeksTooFew(f"{n_past} weeks of past, {policy.weeks_at_least} wanted")
    every = np.broadcast_to(volumes, counts.shape)
    if counts.size and ((counts < 0).any() or (counts > every).any()):
        raise CountsWrong("a count is negative or above the volume of its week")
    past, past_volume = counts[:, :-1].sum(axis=1), every[:, :-1].sum(axis=1)
    # Half a request is added to the past of each: what never came before may still come.
    known = np.maximum(past, 0.5)
    expected = known / np.maximum(past_volume, 1) * every[:, -1]
    spread = spread_of(counts=counts[:, :-1], volumes=every[:, :-1])
    newest = counts[:, -1]
    tested = newest >= policy.texts_at_least
    chance = np.ones(len(counts) + n_others)
    chance[: len(counts)][tested] = tails(
        counts=newest[tested],
        means=expected[tested],
        sizes=1.0 / (spread + 1.0 / (past[tested] + 0.5)),
    )
    named = discoveries(chance=chance, allowed=policy.false_share_allowed)[: len(counts)]
    chance = chance[: len(counts)]
    return Rises(
        count=newest.astype(np.int64),
        expected=expected,
        chance=chance,
        is_emerging=named & (newest >= policy.rise_at_least_ratio * expected),
        spread=spread,
    )


def spread_of(*, counts: Indices, volumes: Indices) -> float:
    """Measure how much more weeks differ than a Poisson law would make them.

    Parameters
    ----------
    counts, volumes : (n_series, n_weeks) int64
        Past weeks. [requests]

    Returns
    -------
    float
        Moment estimate of spread in variance = m + spread · m², not below zero; series weigh by
        their expected squares. [1]

    Raises
    ------
    Nothing

    Examples
    --------
    >>> spread_of(counts=np.array([[10, 10, 10]]), volumes=np.array([[50, 50, 50]]))
    0.0
    """
    n_weeks = counts.shape[1]
    if n_weeks < 2 or not counts.size:
        return 0.0
    share = counts.sum(axis=1) / np.maximum(volumes.sum(axis=1), 1)
    mean = share[:, None] * volumes
    squares = (counts - mean) ** 2 * (n_weeks / (n_weeks - 1.0))
    weight = float((mean**2).sum())
    return max(0.0, float((squares - mean).sum()) / weight) if weight > 0.0 else 0.0


def tail(*, count: int, mean: float, size: float) -> float:
    """Return the chance of *count* or more under a negative binomial law.

    Parameters
    ----------
    count : int
        Requests seen. [requests]
    mean : float
        Requests expected, not below zero. [requests]
    size : float
        Variance is mean + mean² / size; above zero. [1]

    Returns
    -------
    float
        Probability, as `tails` gives it. [1]

    Raises
    ------
    CountsWrong
        The mean is negative or the size not positive.

    Examples
    --------
    >>> round(tail(count=1, mean=1.0, size=1.0), 12)
    0.5
    """
    (found,) = tails(counts=np.array([count]), means=np.array([mean]), sizes=np.array([size]))
    return float(found)


def tails(*, counts: Indices, means: Floats, sizes: Floats) -> Floats:
    """Return the chances of so many or more, each under a negative binomial law of its own.

    It is the incomplete beta function at mean / (mean + size), by its continued fraction [1]_: a
    few steps also where the tail is long. All fractions go on together, each until it stands still.

    Parameters
    ----------
    counts : (n,) int64
        Requests seen. [requests]
    means : (n,) float64
        Requests expected, not below zero. [requests]
    sizes : (n,) float64
        Variance is mean + mean² / size; above zero. [1]

    Returns
    -------
    (n,) float64
        Probabilities, exact to about 9 digits also where they are tiny. [1]

    Raises
    ------
    CountsWrong
        A mean is negative or a size not positive.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.17.5 and 8.17.22,
       https://dlmf.nist.gov/8.17.

    Examples
    --------
    >>> tails(counts=np.array([1, 0]), means=np.array([1.0, 3.0]), sizes=np.array([1.0, 1.0]))
    array([0.5, 1. ])
    """
    wrong = ~((means >= 0.0) & (sizes > 0.0))
    if wrong.any():
        raise CountsWrong(f"{np.count_nonzero(wrong)} of {wrong.size} means or sizes")
    found = np.where(counts <= 0, 1.0, 0.0)
    ratios = means / (means + sizes)
    open_ = np.flatnonzero((counts > 0) & (ratios > 0.0))
    count, mean, size = counts[open_].astype(np.float64), means[open_], sizes[open_]
    ratio = ratios[open_]
    first = np.exp(
        _log_gamma(count + size)
        - _log_gamma(size)
        - _log_gamma(count)
        + count * np.log(ratio)
        - size * np.log1p(mean / size)
    )
    is_far = ratio < (count + 1.0) / (count + size + 2.0)  # else the rest below is summed
    begin, end = np.where(is_far, count, size), np.where(is_far, size, count)
    part = first / begin * _fractions(begin, end, np.where(is_far, ratio, size / (mean + size)))
    found[open_] = np.where(is_far, np.minimum(1.0, part), np.maximum(0.0, 1.0 - part))
    return found


def _log_gamma(values: Floats) -> Floats:
    different, place = np.unique(values, return_inverse=True)
    return np.array([lgamma(value) for value in different.tolist()], np.float64)[place]


def _fractions(a: Floats, b: Floats, x: Floats) -> Floats:
    """Return the continued fractions of the incomplete beta function by Lentz's method."""
    found = np.ones(len(a))
    going = np.arange(len(a))
    top, below = np.ones(len(a)), 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    value = below
    for m in range(1, FRACTION_STEPS_AT_MOST):
        for part in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            below = 1.0 / _not_zero(1.0 + part * below)
            top = _not_zero(1.0 + part / top)
            value = value * top * below
        found[going] = value
        left = np.abs(top * below - 1.0) >= 1e-15
        if not left.any():
            break
        going, a, b, x = going[left], a[left], b[left], x[left]
        top, below, value = top[left], below[left], value[left]
    return found


def _not_zero(values: Floats) -> Floats:
    return np.where(values == 0.0, NEARLY_ZERO, values)


def discoveries(*, chance: Floats, allowed: float) -> Booleans:
    """Tell which chances are small enough that few of those named are false (Benjamini-Hochberg).

    Parameters
    ----------
    chance : (n_series,) float64
        Probabilities; NaN was not tested and counts in no correction. [1]
    allowed : float
        Expected share of false ones among those named. [1]

    Returns
    -------
    (n_series,) bool
        Those named.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> discoveries(chance=np.array([0.001, 0.2, np.nan, 0.02]), allowed=0.05)
    array([ True, False, False,  True])
    """
    tested = np.flatnonzero(~np.isnan(chance))
    ordered = np.sort(chance[tested])
    under = ordered <= allowed * np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
    named = np.zeros(len(chance), dtype=bool)
    if under.any():
        named[tested] = chance[tested] <= ordered[np.flatnonzero(under)[-1]]
    return named


def terms_of(*, texts: Sequence[str], lengths: Sequence[int]) -> list[frozenset[str]]:
    """Return the runs of characters of each text, once each.

    Parameters
    ----------
    texts : sequence of str
        Reduced texts (symbols).
    lengths : sequence of int
        Lengths of the runs. [characters]

    Returns
    -------
    list of frozenset of str
        One set a text.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> sorted(terms_of(texts=["没电了"], lengths=[2])[0])
    ['没电', '电了']
    """
    return [
        frozenset(text[b : b + n] for n in lengths for b in range(len(text) - n + 1))
        for text in texts
    ]
