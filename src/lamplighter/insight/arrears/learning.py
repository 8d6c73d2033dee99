"""Learning a scorecard from accounts whose next bill is known to have been paid or not."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import binning, logistic
from lamplighter.insight.arrears.features import DIRECTIONS, FREE, Features
from lamplighter.insight.arrears.scorecard import Card, OtherFeatures, Scorecard

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

DIGITS = 6  # points are kept to this many digits: readable, and no trace of the order of sums


class TooFewToLearn(ValueError):
    """Too few accounts, or too few of one outcome, to learn from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPolicy:
    """Numbers that steer the learning; field names are policy row keys."""

    bins_at_most: int  # per feature, without the bin of missing values
    sweeps: int  # rounds over all features
    step_share: float  # share of Newton's step taken each time, 0…1
    ridge: float  # pulls points to zero like so many accounts' doubt
    min_accounts_to_learn: int
    min_unpaid_to_learn: int  # and as many paid


@dataclass(slots=True)
class _Column:
    """One feature while its points are learnt."""

    name: str
    edges: Floats
    places: Places
    points: Floats
    direction: int


def fit(*, features: Features, outcome: Booleans, policy: FitPolicy) -> Scorecard:
    """Learn points per bin: an additive logistic model, each feature monotone where it must be.

    Every sweep takes each feature in turn and moves its bins by a part of Newton's step of the
    ridge-penalised log-loss, then pools bins that run against the feature's direction (cyclic
    boosting of additive models [1]_ with pooled adjacent violators).

    Parameters
    ----------
    features : Features
        One row an account; NaN has a bin of its own.
    outcome : (n_accounts,) bool
        True where the next bill was not paid in its window. [1]
    policy : FitPolicy
        Bins, sweeps, step, ridge and the least numbers to learn from.

    Returns
    -------
    Scorecard
        Points are zero in each feature's commonest bin. Features that say nothing are left out.

    Raises
    ------
    TooFewToLearn
        Fewer accounts, or fewer of either outcome, than the policy asks for.
    OtherFeatures
        Rows and outcomes do not agree.

    References
    ----------
    .. [1] Y. Lou, R. Caruana and J. Gehrke, "Intelligible models for classification and
       regression," KDD 2012, pp. 150-158.

    Examples
    --------
    >>> table = Features(
    ...     names=("late_share",), values=np.repeat([[0.0], [0.0], [1.0], [1.0]], 50, axis=0)
    ... )
    >>> unpaid = np.arange(200) % 50 < np.repeat([5, 5, 40, 40], 50)
    >>> policy = FitPolicy(
    ...     bins_at_most=4,
    ...     sweeps=50,
    ...     step_share=0.5,
    ...     ridge=1.0,
    ...     min_accounts_to_learn=100,
    ...     min_unpaid_to_learn=20,
    ... )
    >>> card = fit(features=table, outcome=unpaid, policy=policy).cards[0]
    >>> card.edges, card.points[0] < card.points[1]
    ((1.0,), True)
    """
    _refuse_too_few(features, outcome, policy)
    columns = _columns(features, policy=policy)
    share = float(np.count_nonzero(outcome) / outcome.size)
    base = float(np.log(share / (1.0 - share)))
    log_odds = np.full(outcome.size, base)
    for _ in range(policy.sweeps):
        for column in columns:
            log_odds += _move(column, log_odds, outcome, policy=policy)[column.places]
        chance = logistic.probability_of(log_odds=log_odds)
        shift = float((outcome - chance).sum() / (chance * (1.0 - chance)).sum())
        base += shift
        log_odds += shift
    cards = [_card(column) for column in columns]
    told = [(card, column) for card, column in zip(cards, columns, strict=True) if any(card.points)]
    base += sum(column.points[card.reference] for card, column in zip(cards, columns, strict=True))
    return Scorecard(
        cards=tuple(card for card, _ in told),
        base=round(base, DIGITS),
        trained_accounts=outcome.size,
        trained_share=round(share, DIGITS),
    )


def calibrate(*, scorecard: Scorecard, log_odds: Floats, outcome: Booleans) -> Scorecard:
    """Return the scorecard with its points stretched and its base moved to fit what came.

    Platt's scaling [1]_: outcome ~ logistic(a · log odds + b). It stays additive and, as *a* is
    kept above zero, ranks as before.

    Parameters
    ----------
    scorecard : Scorecard
        The card to calibrate.
    log_odds : (n_accounts,) float64
        What a card learnt without these accounts said of them. [1]
    outcome : (n_accounts,) bool
        What came. [1]

    Returns
    -------
    Scorecard
        The same bins with other points.

    Raises
    ------
    TooFewToLearn
        The log odds rank the wrong way round.
    logistic.NotATable
        Shapes disagree or only one outcome occurs.

    References
    ----------
    .. [1] J. Platt, "Probabilistic outputs for support vector machines," Advances in Large Margin
       Classifiers, 1999.

    Examples
    --------
    >>> plain = Scorecard(cards=(), base=0.0, trained_accounts=4, trained_share=0.5)
    >>> said = np.array([0.0, 0.0, 0.0, 0.0])
    >>> came = np.array([False, False, False, True])
    >>> round(calibrate(scorecard=plain, log_odds=said, outcome=came).base, 3)
    -1.099
    """
    found = logistic.fit(columns=log_odds[:, None], outcome=outcome, ridge=1e-6)
    stretch = float(found.slopes[0])
    flat = float(np.ptp(log_odds)) == 0.0
    if stretch <= 0.0 and not flat:
        raise TooFewToLearn(f"stretch {stretch:.3g} on {outcome.size} accounts")
    cards = tuple(
        replace(card, points=tuple(round(stretch * point, DIGITS) for point in card.points))
        for card in scorecard.cards
    )
    base = round(stretch * scorecard.base + found.intercept, DIGITS)
    return replace(scorecard, cards=cards, base=base)


def _columns(features: Features, *, policy: FitPolicy) -> list[_Column]:
    columns = []
    for number, name in enumerate(features.names):
        values = features.values[:, number]
        edges = binning.edges_of(values=values, bins=policy.bins_at_most)
        places = binning.places_of(values=values, edges=edges)
        if places.min() < places.max():  # a constant tells nothing
            points = np.zeros(len(edges) + 2)
            direction = DIRECTIONS.get(name, FREE)
            columns.append(_Column(name, edges, places, points, direction))
    return columns


def _move(column: _Column, log_odds: Floats, outcome: Booleans, *, policy: FitPolicy) -> Floats:
    """Move the points of one feature and return by how much each bin moved."""
    bins = len(column.points)
    chance = logistic.probability_of(log_odds=log_odds)
    slope = np.bincount(column.places, weights=outcome - chance, minlength=bins)
    curve = np.bincount(column.places, weights=chance * (1.0 - chance), minlength=bins)
    weight = np.asarray(curve + policy.ridge, dtype=np.float64)
    moved = column.points + policy.step_share * (slope - policy.ridge * column.points) / weight
    if column.direction != FREE:
        ordered = binning.pooled(level=moved[:-1] * column.direction, weight=weight[:-1])
        moved[:-1] = ordered * column.direction
    change = moved - column.points
    column.points = moved
    return change


def _card(column: _Column) -> Card:
    accounts = np.bincount(column.places, minlength=len(column.points))
    reference = int(np.argmax(accounts))
    points = column.points - column.points[reference]
    return Card(
        name=column.name,
        edges=tuple(column.edges.tolist()),
        points=tuple((points.round(DIGITS) + 0.0).tolist()),
        accounts=tuple(accounts.tolist()),
        reference=reference,
    )


def _refuse_too_few(features: Features, outcome: Booleans, policy: FitPolicy) -> None:
    if features.values.shape != (outcome.size, len(features.names)) or outcome.ndim != 1:
        raise OtherFeatures(f"{features.values.shape}, {len(features.names)}, {outcome.shape}")
    unpaid = int(np.count_nonzero(outcome))
    fewest = min(unpaid, outcome.size - unpaid)
    enough = outcome.size >= policy.min_accounts_to_learn and fewest >= policy.min_unpaid_to_learn
    if not enough or fewest == 0:
        raise TooFewToLearn(f"{outcome.size} accounts, {unpaid} unpaid")
