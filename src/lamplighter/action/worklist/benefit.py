"""What a contact is worth: pure arithmetic on arrays, no tables and no clock."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class NotAlike(ValueError):
    """The arrays do not describe the same candidates."""


class NotAProbability(ValueError):
    """A number that should be a probability lies outside [0, 1] or is missing."""


def help_probability(
    *,
    cause_probability: Floats,
    helps: Floats,
    n_failed: Floats,
    n_not_reached: Floats,
    after_failure_ratio: float,
    after_not_reached_ratio: float,
) -> Floats:
    """Return the chance that each candidate's remedy helps, over what its cause may be.

    The chance is ``sum_c P(cause c) * helps[c]``, multiplied once for every time the same remedy
    already failed or found nobody.

    Parameters
    ----------
    cause_probability : (n, n_causes) float64
        Probability of each cause; rows add up to at most one.
    helps : (n, n_causes) float64
        Chance that the candidate's remedy helps under each cause.
    n_failed, n_not_reached : (n,) float64
        Earlier uses of the same remedy at the same account.
    after_failure_ratio, after_not_reached_ratio : float
        What one earlier use leaves of the chance.

    Returns
    -------
    (n,) float64
        Chances in [0, 1].

    Raises
    ------
    NotAlike
        The shapes do not agree.
    NotAProbability
        A probability is missing or outside [0, 1], or a row adds up to more than one.

    Examples
    --------
    >>> help_probability(
    ...     cause_probability=np.array([[0.8, 0.2]]),
    ...     helps=np.array([[0.75, 0.15]]),
    ...     n_failed=np.array([1.0]),
    ...     n_not_reached=np.array([0.0]),
    ...     after_failure_ratio=0.5,
    ...     after_not_reached_ratio=0.9,
    ... )
    array([0.315])
    """
    if cause_probability.shape != helps.shape or cause_probability.ndim != 2:
        raise NotAlike(f"{cause_probability.shape}, {helps.shape}")
    if not n_failed.shape == n_not_reached.shape == cause_probability.shape[:1]:
        raise NotAlike(f"{n_failed.shape}, {n_not_reached.shape}, {cause_probability.shape}")
    _check(cause_probability)
    _check(helps)
    if np.any(cause_probability.sum(axis=1) > 1.0 + 1e-6):
        raise NotAProbability(f"{cause_probability.sum(axis=1).max()} over all causes")
    fresh = np.minimum((cause_probability * helps).sum(axis=1), 1.0)
    chance: Floats = fresh * after_failure_ratio**n_failed * after_not_reached_ratio**n_not_reached
    return chance


def expected_benefit(
    *,
    at_risk_cny: Floats,
    helps: Floats,
    complaint_probability: Floats,
    averts_complaint_ratio: Floats,
    complaint_costs_cny: float,
    further_cny: Floats,
    contact_costs_cny: Floats,
) -> Floats:
    """Return what each contact is worth. [CNY]

    ``at risk × helps + P(complaint) × averted share × cost of a complaint + further - cost``

    Parameters
    ----------
    at_risk_cny : (n,) float64
        Amount that is expected to stay unpaid without the contact. [CNY] Not negative.
    helps : (n,) float64
        Chance that the remedy helps.
    complaint_probability : (n,) float64
        Chance of a complaint without the contact.
    averts_complaint_ratio : (n,) float64
        Share of that chance which the contact takes away; below zero it adds to it.
    complaint_costs_cny : float
        What one complaint costs. [CNY]
    further_cny : (n,) float64
        Worth that is neither money recovered nor a complaint averted. [CNY]
    contact_costs_cny : (n,) float64
        What the contact costs, the disturbance included. [CNY]

    Returns
    -------
    (n,) float64
        Expected benefit; below zero where the contact does more harm than good. [CNY]

    Raises
    ------
    NotAlike
        The shapes do not agree.
    NotAProbability
        A probability is missing or outside [0, 1].

    Examples
    --------
    >>> expected_benefit(
    ...     at_risk_cny=np.array([100.0]),
    ...     helps=np.array([0.5]),
    ...     complaint_probability=np.array([0.1]),
    ...     averts_complaint_ratio=np.array([0.5]),
    ...     complaint_costs_cny=200.0,
    ...     further_cny=np.array([0.0]),
    ...     contact_costs_cny=np.array([4.0]),
    ... )
    array([56.])
    """
    arrays = (helps, complaint_probability, averts_complaint_ratio, further_cny, contact_costs_cny)
    if any(array.shape != at_risk_cny.shape for array in arrays):
        raise NotAlike(f"{at_risk_cny.shape}, {[array.shape for array in arrays]}")
    _check(helps)
    _check(complaint_probability)
    averted = complaint_probability * averts_complaint_ratio * complaint_costs_cny
    return at_risk_cny * helps + averted + further_cny - contact_costs_cny


def unpaid_amount(
    *,
    overdue_cny: Floats,
    due_cny: Floats,
    unpaid_probability: Floats,
    when_overdue: float,
    counts_due: npt.NDArray[np.bool_],
) -> Floats:
    """Return how much is expected to stay unpaid without a contact. [CNY]

    Overdue money stays unpaid with at least the probability *when_overdue*; money that is due but
    not late counts with its own probability, and only where *counts_due* holds.

    Parameters
    ----------
    overdue_cny, due_cny : (n,) float64
        What is late, and all that is open (the late part included). [CNY]
    unpaid_probability : (n,) float64
        Probability that the open amount stays unpaid.
    when_overdue : float
        Least probability for the overdue part.
    counts_due : (n,) bool
        Whether the part that is not late yet counts today.

    Returns
    -------
    (n,) float64
        Expected unpaid amount. [CNY]

    Raises
    ------
    NotAlike
        The shapes do not agree.
    NotAProbability
        A probability is missing or outside [0, 1].

    Examples
    --------
    >>> unpaid_amount(
    ...     overdue_cny=np.array([50.0]),
    ...     due_cny=np.array([80.0]),
    ...     unpaid_probability=np.array([0.5]),
    ...     when_overdue=0.8,
    ...     counts_due=np.array([True]),
    ... )
    array([55.])
    """
    arrays = (due_cny, unpaid_probability, counts_due)
    if any(array.shape != overdue_cny.shape for array in arrays):
        raise NotAlike(f"{overdue_cny.shape}, {[array.shape for array in arrays]}")
    _check(unpaid_probability)
    late = overdue_cny * np.maximum(unpaid_probability, when_overdue)
    soon = np.maximum(due_cny - overdue_cny, 0.0) * unpaid_probability
    return late + np.where(counts_due, soon, 0.0)


def _check(probability: Floats) -> None:
    if not np.all((probability >= 0.0) & (probability <= 1.0)):  # false for NaN too
        raise NotAProbability(f"{np.count_nonzero(~((probability >= 0) & (probability <= 1)))}")
