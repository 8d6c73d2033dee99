"""The scorecard: points per bin, added up; readable by a person, kept as plain values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import logistic
from lamplighter.insight.arrears.features import Features

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

FORM = "scorecard/3"  # of the dict that a scorecard is kept as


class OtherFeatures(ValueError):
    """The features are not those the scorecard was made from."""


class NotAScorecard(ValueError):
    """A dict is not the kept form of a scorecard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One feature's column of the scorecard; the last bin holds the missing values."""

    name: str
    edges: tuple[float, ...]  # n_edges, rising
    points: tuple[float, ...]  # n_edges + 2 [log odds], 0 at the reference bin
    accounts: tuple[int, ...]  # n_edges + 2, seen in training
    reference: int  # the bin most accounts were in


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscore:
    """The features of one reason added up, for tables to look at as if they were one feature.

    Its points are those of the cards before there were tables.
    """

    name: str  # of the reason
    names: tuple[str, ...]  # n_features, each has a card
    points: tuple[tuple[float, ...], ...]  # per bin of the card [log odds], 0 at the reference bin


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What two sides say together beyond their cards; nothing where either is missing."""

    names: tuple[str, str]  # each has a card, or is a subscore
    edges: tuple[tuple[float, ...], tuple[float, ...]]  # rising
    points: tuple[tuple[float, ...], ...]  # a row per bin of the first feature [log odds]
    accounts: tuple[tuple[int, ...], ...]  # seen in training


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Log odds of the outcome = base + the points of each feature's bin + those of each table."""

    cards: tuple[Card, ...]
    tables: tuple[Table, ...]
    base: float  # log odds of an account in every reference bin, without the tables
    trained_accounts: int
    trained_share: float  # share of them with the outcome
    subscores: tuple[Subscore, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(card.name for card in self.cards)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a scorecard says of each account."""

    probability: Floats  # (n_accounts,)
    log_odds: Floats  # (n_accounts,)
    contributions: Floats  # (n_accounts, n_cards) [log odds], against the reference bin
    places: Places  # (n_accounts, n_cards) bin of each feature
    joint: Floats  # (n_accounts, n_tables) [log odds]
    # The same tables with the first, the second, or both sides in their reference bin.
    joint_without: Floats  # (n_accounts, n_tables, 3) [log odds]


def score(*, scorecard: Scorecard, features: Features) -> Scores:
    """Add up each account's points: base, contributions and tables are the log odds exactly.

    Parameters
    ----------
    scorecard : Scorecard
        As learnt.
    features : Features
        Must hold every feature of the scorecard, in any order; others are not looked at.

    Returns
    -------
    Scores
        Probability, log odds, contribution and bin of each feature, and the tables' points.

    Raises
    ------
    OtherFeatures
        A feature of the scorecard is absent.

    Examples
    --------
    >>> card = Card(
    ...     name="late_share", edges=(0.5,), points=(0.0, 2.0, 1.0), accounts=(9, 1, 0), reference=0
    ... )
    >>> lamp = Scorecard(
    ...     cards=(card,), tables=(), base=-2.0, trained_accounts=10, trained_share=0.1
    ... )
    >>> table = Features(names=("late_share",), values=np.array([[0.0], [0.8], [np.nan]]))
    >>> score(scorecard=lamp, features=table).log_odds
    array([-2.,  0., -1.])
    """
    from lamplighter.insight.arrears import tallying  # late: pages must not wait for numba

    by = tallying.flat(scorecard=scorecard, names=features.names)
    log_odds, contributions, places, joint, without = tallying.tally(
        np.ascontiguousarray(features.values.T), by
    )
    return Scores(
        probability=logistic.probability_of(log_odds=log_odds),
        log_odds=log_odds,
        contributions=contributions.T,
        places=places.T,
        joint=joint.T,
        joint_without=without.transpose(2, 1, 0),
    )


def subscore_of(*, subscore: Subscore, names: tuple[str, ...], places: Places) -> Floats:
    """Add up a subscore's points for each account.

    Parameters
    ----------
    subscore : Subscore
        Features and their points.
    names : tuple of str
        Features of the columns of *places*, all of the subscore's among them.
    places : (n_accounts, n_features) int64
        Bin of each feature. [bin]

    Returns
    -------
    (n_accounts,) float64
        Sum of the points, 0 for an account in every reference bin. [log odds]

    Raises
    ------
    ValueError
        A feature is not among the names.

    Examples
    --------
    >>> late = Subscore(name="PAY_TIME", names=("delay_last",), points=((0.0, 0.7, 0.1),))
    >>> subscore_of(subscore=late, names=("delay_last",), places=np.array([[0], [1], [2]]))
    array([0. , 0.7, 0.1])
    """
    total = np.zeros(len(places))
    for name, points in zip(subscore.names, subscore.points, strict=True):
        total += np.array(points).take(places[:, names.index(name)])
    return total


def to_dict(*, scorecard: Scorecard) -> dict[str, Any]:
    """Return the scorecard as plain JSON values.

    Parameters
    ----------
    scorecard : Scorecard
        Any scorecard.

    Returns
    -------
    dict
        Lists, texts and numbers only; :func:`from_dict` gives the same scorecard back.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> empty = Scorecard(cards=(), tables=(), base=-2.0, trained_accounts=10, trained_share=0.1)
    >>> from_dict(kept=to_dict(scorecard=empty)) == empty
    True
    """
    return {
        "form": FORM,
        "base": scorecard.base,
        "trained_accounts": scorecard.trained_accounts,
        "trained_share": scorecard.trained_share,
        "cards": [
            {
                "name": card.name,
                "edges": list(card.edges),
                "points": list(card.points),
                "accounts": list(card.accounts),
                "reference": card.reference,
            }
            for card in scorecard.cards
        ],
        "tables": [
            {
                "names": list(table.names),
                "edges": [list(edges) for edges in table.edges],
                "points": [list(row) for row in table.points],
                "accounts": [list(row) for row in table.accounts],
            }
            for table in scorecard.tables
        ],
        "subscores": [
            {
                "name": subscore.name,
                "names": list(subscore.names),
                "points": [list(row) for row in subscore.points],
            }
            for subscore in scorecard.subscores
        ],
    }


def from_dict(*, kept: dict[str, Any]) -> Scorecard:
    """Read a scorecard back from what :func:`to_dict` gave.

    Parameters
    ----------
    kept : dict
        As read from JSON.

    Returns
    -------
    Scorecard
        Equal to the one that was kept.

    Raises
    ------
    NotAScorecard
        Another form, a missing part, or points that do not fit the edges.

    Examples
    --------
    >>> from_dict(kept={"form": "something else"})
    Traceback (most recent call last):
    lamplighter.insight.arrears.scorecard.NotAScorecard: form 'something else'
    """
    if kept.get("form") != FORM:
        raise NotAScorecard(f"form {kept.get('form')!r}")
    try:
        whole = Scorecard(
            cards=tuple(_card_of(card) for card in kept["cards"]),
            tables=tuple(_table_of(table) for table in kept["tables"]),
            base=float(kept["base"]),
            trained_accounts=int(kept["trained_accounts"]),
            trained_share=float(kept["trained_share"]),
            subscores=tuple(_subscore_of(subscore) for subscore in kept["subscores"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotAScorecard(f"{type(error).__name__}: {error}") from error
    for card in whole.cards:
        bins = len(card.edges) + 2
        if not len(card.points) == len(card.accounts) == bins or not 0 <= card.reference < bins:
            raise NotAScorecard(f"{card.name}: {bins} bins, {len(card.points)} points")
    for table in whole.tables:
        size = {(len(table.edges[0]) + 1, len(table.edges[1]) + 1)}
        if {np.shape(table.points), np.shape(table.accounts)} != size:
            raise NotAScorecard(f"{table.names}: {size}, {np.shape(table.points)} points")
        if not set(table.names) <= {*whole.names, *(sub.name for sub in whole.subscores)}:
            raise NotAScorecard(f"{table.names} without cards")
    bins_of = {card.name: len(card.points) for card in whole.cards}
    for sub in whole.subscores:
        if [len(row) for row in sub.points] != [bins_of.get(name) for name in sub.names]:
            raise NotAScorecard(f"{sub.name}: its points do not fit the cards of {sub.names}")
    return whole


def _card_of(kept: dict[str, Any]) -> Card:
    return Card(
        name=str(kept["name"]),
        edges=tuple(float(edge) for edge in kept["edges"]),
        points=tuple(float(point) for point in kept["points"]),
        accounts=tuple(int(count) for count in kept["accounts"]),
        reference=int(kept["reference"]),
    )


def _table_of(kept: dict[str, Any]) -> Table:
    first, second = kept["names"]
    one, other = kept["edges"]
    return Table(
        names=(str(first), str(second)),
        edges=(tuple(float(edge) for edge in one), tuple(float(edge) for edge in other)),
        points=tuple(tuple(float(point) for point in row) for row in kept["points"]),
        accounts=tuple(tuple(int(count) for count in row) for row in kept["accounts"]),
    )


def _subscore_of(kept: dict[str, Any]) -> Subscore:
    return Subscore(
        name=str(kept["name"]),
        names=tuple(str(name) for name in kept["names"]),
        points=tuple(tuple(float(point) for point in row) for row in kept["points"]),
    )
