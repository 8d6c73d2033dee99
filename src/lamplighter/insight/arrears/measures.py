"""How good a probability is: ranking, calibration, squared error."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


class NotPaired(ValueError):
    """The probabilities and the outcomes are not one to one."""


class NotAProbability(ValueError):
    """A probability is missing or lies outside 0…1."""


class OneOutcomeOnly(ValueError):
    """All outcomes are the same, so nothing can be ranked or learnt."""


def ranking_quality(*, score: Floats, outcome: Booleans) -> float:
    """Return the area under the ROC curve (AUC).

    It is the chance that a random account with the outcome scores above a random one without it,
    ties counting one half (Mann and Whitney's U over the number of pairs [1]_).

    Parameters
    ----------
    score : (n_accounts,) float64
        Any score that rises with the risk. [1] NaN is refused.
    outcome : (n_accounts,) bool
        Whether it came true. [1]

    Returns
    -------
    float
        From 0 (all wrong) over 0.5 (no information) to 1 (all right).

    Raises
    ------
    NotPaired
        The shapes do not agree, or a score is NaN.
    OneOutcomeOnly
        There is no pair to compare.

    References
    ----------
    .. [1] J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a receiver
       operating characteristic (ROC) curve," Radiology, vol. 143, pp. 29-36, 1982.

    Examples
    --------
    >>> ranking_quality(
    ...     score=np.array([0.1, 0.4, 0.4, 0.9]), outcome=np.array([False, False, True, True])
    ... )
    0.875
    """
    _refuse_unpaired(score, outcome)
    if np.isnan(score).any():
        raise NotPaired(f"{np.count_nonzero(np.isnan(score))} of {score.size} scores are NaN")
    positives = int(np.count_nonzero(outcome))
    negatives = outcome.size - positives
    if positives == 0 or negatives == 0:
        raise OneOutcomeOnly(f"{positives} of {outcome.size} came true")
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    last_rank = np.cumsum(count)
    twice_mean_rank = 2 * last_rank - count + 1  # whole numbers: exact in any order
    twice_rank_sum = int(twice_mean_rank[place][outcome].sum())
    twice_wins = twice_rank_sum - positives * (positives + 1)
    return twice_wins / (2 * positives * negatives)


def calibration_error(*, probability: Floats, outcome: Booleans, bins: int) -> float:
    """Return the expected calibration error (ECE) over equally wide bins of probability.

    ::

        ECE = Σ_bins  n_bin / n · | mean outcome − mean probability |

    Parameters
    ----------
    probability : (n_accounts,) float64
        Said chance. [1] NaN is refused.
    outcome : (n_accounts,) bool
        Whether it came true. [1]
    bins : int
        Number of equally wide bins from 0 to 1.

    Returns
    -------
    float
        Mean distance between what was said and what came, 0 at best.

    Raises
    ------
    NotPaired
        The shapes do not agree, there is no row, or no bin.
    NotAProbability
        A value is NaN or outside 0…1.

    References
    ----------
    .. [1] C. Guo et al., "On calibration of modern neural networks," ICML 2017, section 2.

    Examples
    --------
    >>> calibration_error(
    ...     probability=np.array([0.25, 0.25, 0.75, 0.75]),
    ...     outcome=np.array([False, False, True, True]),
    ...     bins=10,
    ... )
    0.25
    """
    _refuse_unpaired(probability, outcome)
    _refuse_improbable(probability)
    if probability.size == 0 or bins < 1:
        raise NotPaired(f"{probability.size} rows, {bins} bins")
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    said = np.bincount(place, weights=probability, minlength=bins)
    came = np.bincount(place, weights=outcome.astype(np.float64), minlength=bins)
    return float(np.abs(said - came).sum() / probability.size)


def squared_error(*, probability: Floats, outcome: Booleans) -> float:
    """Return the mean squared error of the probabilities (Brier score).

    Parameters
    ----------
    probability : (n_accounts,) float64
        Said chance. [1] NaN is refused.
    outcome : (n_accounts,) bool
        Whether it came true. [1]

    Returns
    -------
    float
        0 at best, 1 at worst.

    Raises
    ------
    NotPaired
        The shapes do not agree or there is no row.
    NotAProbability
        A value is NaN or outside 0…1.

    Examples
    --------
    >>> squared_error(probability=np.array([0.5, 1.0]), outcome=np.array([False, True]))
    0.125
    """
    _refuse_unpaired(probability, outcome)
    _refuse_improbable(probability)
    if probability.size == 0:
        raise NotPaired("0 rows")
    return float(np.square(probability - outcome).mean())


def _refuse_unpaired(score: Floats, outcome: Booleans) -> None:
    if score.ndim != 1 or score.shape != outcome.shape or outcome.dtype != np.bool_:
        raise NotPaired(f"{score.shape}, {outcome.shape} {outcome.dtype}")


def _refuse_improbable(probability: Floats) -> None:
    wrong = np.count_nonzero(~((probability >= 0.0) & (probability <= 1.0)))
    if wrong:
        raise NotAProbability(f"{wrong} of {probability.size}")
