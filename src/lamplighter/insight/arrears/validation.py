"""Judging a way of learning on accounts it has not seen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import learning, measures, scorecard
from lamplighter.insight.arrears.features import Features

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

ECE_BINS = 10


class TooFewGroups(ValueError):
    """There are fewer groups with an outcome than folds, or groups and outcomes disagree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What cards said of accounts they were not learnt from."""

    fold: Places  # (n_accounts,)
    probability: Floats  # (n_accounts,)
    log_odds: Floats  # (n_accounts,)
    fold_auc: tuple[float, ...]
    auc: float  # mean of the folds
    auc_spread: float  # standard deviation of the folds
    ece: float  # over all accounts
    brier: float


def groups_of_rows(*, values: Floats) -> Places:
    """Return a group number per row, the same for rows that are equal in every column.

    Parameters
    ----------
    values : (n_accounts, n_columns) float64
        Any table. [any unit] NaN equals NaN here.

    Returns
    -------
    (n_accounts,) int64
        Group, 0…n_groups − 1 in the order of the rows' values. [group]

    Raises
    ------
    TooFewGroups
        Not a table.

    Examples
    --------
    >>> groups_of_rows(values=np.array([[2.0, 1.0], [1.0, np.nan], [2.0, 1.0]]))
    array([1, 0, 1])
    """
    if values.ndim != 2:
        raise TooFewGroups(f"{values.shape} is no table")
    # NaN is not equal to itself, so rows are told apart by rank within the column.
    ranks = np.column_stack(
        [np.unique(values[:, n], return_inverse=True)[1] for n in range(values.shape[1])]
    )
    return np.unique(ranks, axis=0, return_inverse=True)[1].reshape(-1)


def folds_of(*, groups: Places, outcome: Booleans, folds: int, seed: int) -> Places:
    """Deal groups into folds so that each fold has about the same share of outcomes.

    Parameters
    ----------
    groups : (n_accounts,) int64
        Accounts of one group stay together. [group]
    outcome : (n_accounts,) bool
        A group counts as having it when one of its accounts has. [1]
    folds : int
        Number of folds, 2 or more.
    seed : int
        Another seed, another deal; the same seed, the same deal.

    Returns
    -------
    (n_accounts,) int64
        Fold of each account, 0…folds − 1. [fold]

    Raises
    ------
    TooFewGroups
        Fewer groups with (or without) the outcome than folds.

    Examples
    --------
    >>> folds_of(
    ...     groups=np.array([0, 0, 1, 2, 3]),
    ...     outcome=np.array([True, False, True, False, False]),
    ...     folds=2,
    ...     seed=1,
    ... ).tolist()[:2] in ([0, 0], [1, 1])
    True
    """
    if groups.shape != outcome.shape or groups.ndim != 1 or folds < 2:
        raise TooFewGroups(f"{groups.shape}, {outcome.shape}, {folds} folds")
    names, place = np.unique(groups, return_inverse=True)
    has_outcome = np.bincount(place, weights=outcome, minlength=len(names)) > 0.0
    fold = np.empty(len(names), dtype=np.int64)
    dealer = np.random.default_rng(seed)
    for side in (True, False):
        members = np.flatnonzero(has_outcome == side)
        if len(members) < folds:
            raise TooFewGroups(f"{len(members)} groups with outcome {side}, {folds} folds")
        fold[members[dealer.permutation(len(members))]] = np.arange(len(members)) % folds
    return fold[place]


def cross_validate(
    *,
    features: Features,
    outcome: Booleans,
    groups: Places,
    folds: int,
    seed: int,
    policy: learning.FitPolicy,
) -> Validation:
    """Learn on all folds but one, score that one, and measure over all folds.

    Parameters
    ----------
    features : Features
        One row an account.
    outcome : (n_accounts,) bool
        True where the next bill was not paid in its window. [1]
    groups : (n_accounts,) int64
        Accounts that must not be split: duplicates, accounts of one customer. [group]
    folds : int
        Number of folds.
    seed : int
        Seed of the deal.
    policy : learning.FitPolicy
        How to learn.

    Returns
    -------
    Validation
        Out-of-fold probabilities and their quality.

    Raises
    ------
    TooFewGroups
        The groups cannot be dealt.
    learning.TooFewToLearn
        A fold leaves too few to learn from.

    Examples
    --------
    >>> table = Features(names=("late_share",), values=np.tile([[0.0], [1.0]], (300, 1)))
    >>> found = cross_validate(
    ...     features=table,
    ...     outcome=(table.values[:, 0] > 0.5) ^ (np.arange(600) % 7 == 0),
    ...     groups=np.arange(600),
    ...     folds=3,
    ...     seed=1,
    ...     policy=learning.FitPolicy(
    ...         bins_at_most=4,
    ...         smoothing=1.0,
    ...         tables_at_most=0,
    ...         table_bins_at_most=2,
    ...         min_accounts_to_learn=100,
    ...         min_unpaid_to_learn=20,
    ...     ),
    ... )
    >>> 0.8 < found.auc < 0.9
    True
    """
    fold = folds_of(groups=groups, outcome=outcome, folds=folds, seed=seed)
    log_odds = np.empty(outcome.size)
    probability = np.empty(outcome.size)
    fold_auc = []
    for number in range(folds):
        held = fold == number
        card = learning.fit(features=features.rows(~held), outcome=outcome[~held], policy=policy)
        said = scorecard.score(scorecard=card, features=features.rows(held))
        log_odds[held], probability[held] = said.log_odds, said.probability
        fold_auc.append(measures.ranking_quality(score=said.log_odds, outcome=outcome[held]))
    return Validation(
        fold=fold,
        probability=probability,
        log_odds=log_odds,
        fold_auc=tuple(fold_auc),
        auc=float(np.mean(fold_auc)),
        auc_spread=float(np.std(fold_auc)),
        ece=measures.calibration_error(probability=probability, outcome=outcome, bins=ECE_BINS),
        brier=measures.squared_error(probability=probability, outcome=outcome),
    )
