"""Learning a scorecard from accounts whose next bill is known to have been paid or not."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import (
    binning,
    increments,
    logistic,
    pairing,
    risk,
    scorecard,
    stepping,
)
from lamplighter.insight.arrears.features import DIRECTIONS, FREE, RISES, Features
from lamplighter.insight.arrears.scorecard import Card, OtherFeatures, Scorecard, Subscore, Table

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

SUMMED = ("PAY_TIME", "ARREARS_COUNT")  # reasons whose features are also looked at added up
DIGITS = 6  # points are kept to this many digits: readable, and no trace of the order of sums


class TooFewToLearn(ValueError):
    """Too few accounts, or too few of one outcome, to learn from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPolicy:
    """Numbers that steer the learning; field names are policy row keys."""

    bins_at_most: int  # per feature, without the bin of missing values
    smoothing: float  # accounts' doubt against each step from a bin to the next
    tables_at_most: int  # of two features together
    table_bins_at_most: int  # per side of a table
    min_accounts_to_learn: int
    min_unpaid_to_learn: int  # and as many paid


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One feature in bins."""

    name: str
    edges: Floats
    places: Places
    direction: int

    @property
    def reference(self) -> int:
        return int(np.argmax(np.bincount(self.places, minlength=len(self.edges) + 2)))

    @property
    def term(self) -> increments.Term:
        return increments.of_feature(
            places=self.places, bins=len(self.edges) + 1, direction=self.direction
        )


def fit(*, features: Features, outcome: Booleans, policy: FitPolicy) -> Scorecard:
    """Learn points per bin and small tables of two features, monotone where they must be.

    An additive logistic model with pairs [1]_, learnt in three rounds: every feature alone; again,
    with large steps held less; then with those pairs of features whose cells are missed most by
    that, beyond what chance would do. Lateness has many features that say nearly the same: a side
    of a pair may also be their sum, as the second round has it [2]_. Other steps from one bin to
    the next are held small (:mod:`stepping`) and none runs against a feature's direction, in cards
    and tables alike (:mod:`increments`): worse facts never lower a score.

    Parameters
    ----------
    features : Features
        One row an account; NaN has a bin of its own.
    outcome : (n_accounts,) bool
        True where the next bill was not paid in its window. [1]
    policy : FitPolicy
        Bins, smoothing, tables and the least numbers to learn from.

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
    logistic.NotATable
        The smoothing is not positive.
    logistic.NotSettled
        No rest was found.

    References
    ----------
    .. [1] Y. Lou, R. Caruana, J. Gehrke and G. Hooker, "Accurate intelligible models with pairwise
       interactions," KDD 2013, pp. 623-631.
    .. [2] C. Chen et al., "A holistic approach to interpretability in financial lending: models,
       visualizations, and summary-explanations," Decision Support Systems, vol. 152, 2022: a model
       of two layers, the first adding up the features of one theme.

    Examples
    --------
    >>> table = Features(
    ...     names=("late_share",), values=np.repeat([[0.0], [0.0], [1.0], [1.0]], 50, axis=0)
    ... )
    >>> unpaid = np.arange(200) % 50 < np.repeat([5, 5, 40, 40], 50)
    >>> policy = FitPolicy(
    ...     bins_at_most=4,
    ...     smoothing=1.0,
    ...     tables_at_most=0,
    ...     table_bins_at_most=2,
    ...     min_accounts_to_learn=100,
    ...     min_unpaid_to_learn=20,
    ... )
    >>> card = fit(features=table, outcome=unpaid, policy=policy).cards[0]
    >>> card.edges, card.points[0] < card.points[1]
    ((1.0,), True)
    """
    _refuse_too_few(features, outcome, policy)
    columns = _columns(features, bins=policy.bins_at_most)
    terms = [column.term for column in columns]
    found = stepping.fit(terms=terms, outcome=outcome, smoothing=policy.smoothing)
    found = stepping.fit(terms=terms, outcome=outcome, smoothing=policy.smoothing, start=found)
    subscores = _subscores(columns, found)
    pairs = pairing.pairs_of(
        features=_with_sums(features, columns, subscores),
        outcome=outcome,
        log_odds=found.log_odds,
        directions=DIRECTIONS | {subscore.name: RISES for subscore in subscores},
        bins=policy.table_bins_at_most,
        smoothing=policy.smoothing,
        at_most=policy.tables_at_most,
    )
    if pairs:
        terms += [pair.term for pair in pairs]
        found = stepping.fit(terms=terms, outcome=outcome, smoothing=policy.smoothing, start=found)
    points = [term.basis @ steps for term, steps in zip(terms, found.steps, strict=True)]
    tables = [_table(p, cells) for p, cells in zip(pairs, points[len(columns) :], strict=True)]
    tables = [table for table in tables if any(any(row) for row in table.points)]
    paired = {name for table in tables for name in table.names}
    subscores = [subscore for subscore in subscores if subscore.name in paired]
    paired.update(name for subscore in subscores for name in subscore.names)
    cards = [_card(c, at) for c, at in zip(columns, points[: len(columns)], strict=True)]
    base = found.base + sum(at[card.reference] for card, at in zip(cards, points, strict=False))
    return Scorecard(
        cards=tuple(card for card in cards if any(card.points) or card.name in paired),
        tables=tuple(tables),
        base=round(float(base), DIGITS),
        trained_accounts=outcome.size,
        trained_share=round(float(np.count_nonzero(outcome) / outcome.size), DIGITS),
        subscores=tuple(subscores),
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
    >>> plain = Scorecard(cards=(), tables=(), base=0.0, trained_accounts=4, trained_share=0.5)
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
    tables = tuple(
        replace(
            table,
            points=tuple(
                tuple(round(stretch * point, DIGITS) for point in row) for row in table.points
            ),
        )
        for table in scorecard.tables
    )
    base = round(stretch * scorecard.base + found.intercept, DIGITS)
    return replace(scorecard, cards=cards, tables=tables, base=base)


def _columns(features: Features, *, bins: int) -> list[_Column]:
    columns = []
    for number, name in enumerate(features.names):
        values = features.values[:, number]
        edges = binning.edges_of(values=values, bins=bins)
        places = binning.places_of(values=values, edges=edges)
        if places.min() < places.max():  # a constant tells nothing
            direction = DIRECTIONS.get(name, FREE)
            columns.append(_Column(name=name, edges=edges, places=places, direction=direction))
    return columns


def _card(column: _Column, points: Floats) -> Card:
    accounts = np.bincount(column.places, minlength=len(points))
    return Card(
        name=column.name,
        edges=tuple(column.edges.tolist()),
        points=_kept(points - points[column.reference]),
        accounts=tuple(accounts.tolist()),
        reference=column.reference,
    )


def _subscores(columns: list[_Column], found: stepping.Steps) -> list[Subscore]:
    """Return each summed reason's points as they are before there are tables."""
    subscores = []
    for reason in SUMMED:
        names, points = [], []
        for column, steps in zip(columns, found.steps, strict=True):
            if risk.REASON_OF.get(column.name) == reason:
                own = column.term.basis @ steps
                names.append(column.name)
                points.append(_kept(own - own[column.reference]))
        if len(names) > 1:  # one alone is its own sum
            subscores.append(Subscore(name=reason, names=tuple(names), points=tuple(points)))
    return subscores


def _with_sums(features: Features, columns: list[_Column], subscores: list[Subscore]) -> Features:
    """Return the features that have a column, and the subscores beside them."""
    places = np.column_stack([column.places for column in columns])
    names = tuple(column.name for column in columns)
    sums = [scorecard.subscore_of(subscore=s, names=names, places=places) for s in subscores]
    return Features(
        names=(*names, *(subscore.name for subscore in subscores)),
        values=np.column_stack([features.columns(names).values, *sums]),
    )


def _table(pair: pairing.Pair, cells: Floats) -> Table:
    bins = tuple(len(edges) + 1 for edges in pair.edges)
    accounts = np.bincount(pair.term.places, minlength=len(cells))
    return Table(
        names=pair.names,
        edges=(tuple(pair.edges[0].tolist()), tuple(pair.edges[1].tolist())),
        points=tuple(_kept(row) for row in cells[:-1].reshape(bins)),
        accounts=tuple(tuple(row.tolist()) for row in accounts[:-1].reshape(bins)),
    )


def _kept(points: Floats) -> tuple[float, ...]:
    return tuple((points.round(DIGITS) + 0.0).tolist())


def _refuse_too_few(features: Features, outcome: Booleans, policy: FitPolicy) -> None:
    if features.values.shape != (outcome.size, len(features.names)) or outcome.ndim != 1:
        raise OtherFeatures(f"{features.values.shape}, {len(features.names)}, {outcome.shape}")
    unpaid = int(np.count_nonzero(outcome))
    fewest = min(unpaid, outcome.size - unpaid)
    enough = outcome.size >= policy.min_accounts_to_learn and fewest >= policy.min_unpaid_to_learn
    if not enough or fewest == 0:
        raise TooFewToLearn(f"{outcome.size} accounts, {unpaid} unpaid")
