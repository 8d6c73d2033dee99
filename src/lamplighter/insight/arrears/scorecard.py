"""The scorecard: points per bin, added up; readable by a person, kept as plain values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import binning, logistic
from lamplighter.insight.arrears.features import Features

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

FORM = "scorecard/1"  # of the dict that a scorecard is kept as


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
class Scorecard:
    """Log odds of the outcome = base + the points of each feature's bin."""

    cards: tuple[Card, ...]
    base: float  # log odds of an account in every reference bin
    trained_accounts: int
    trained_share: float  # share of them with the outcome

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


def score(*, scorecard: Scorecard, features: Features) -> Scores:
    """Add up each account's points; the contributions and the base are the log odds exactly.

    Parameters
    ----------
    scorecard : Scorecard
        As learnt.
    features : Features
        Must hold every feature of the scorecard, in any order; others are not looked at.

    Returns
    -------
    Scores
        Probability, log odds, contribution and bin of each feature.

    Raises
    ------
    OtherFeatures
        A feature of the scorecard is absent.

    Examples
    --------
    >>> card = Card(
    ...     name="late_share", edges=(0.5,), points=(0.0, 2.0, 1.0), accounts=(9, 1, 0), reference=0
    ... )
    >>> lamp = Scorecard(cards=(card,), base=-2.0, trained_accounts=10, trained_share=0.1)
    >>> table = Features(names=("late_share",), values=np.array([[0.0], [0.8], [np.nan]]))
    >>> score(scorecard=lamp, features=table).log_odds
    array([-2.,  0., -1.])
    """
    absent = [name for name in scorecard.names if name not in features.names]
    if absent:
        raise OtherFeatures(f"absent: {absent}")
    accounts = len(features.values)
    log_odds = np.full(accounts, scorecard.base)
    contributions = np.empty((accounts, len(scorecard.cards)))
    places = np.empty((accounts, len(scorecard.cards)), dtype=np.int64)
    for number, card in enumerate(scorecard.cards):
        column = features.values[:, features.names.index(card.name)]
        places[:, number] = binning.places_of(values=column, edges=np.array(card.edges))
        contributions[:, number] = np.array(card.points)[places[:, number]]
        log_odds += contributions[:, number]
    return Scores(
        probability=logistic.probability_of(log_odds=log_odds),
        log_odds=log_odds,
        contributions=contributions,
        places=places,
    )


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
    >>> empty = Scorecard(cards=(), base=-2.0, trained_accounts=10, trained_share=0.1)
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
        cards = tuple(
            Card(
                name=str(card["name"]),
                edges=tuple(float(edge) for edge in card["edges"]),
                points=tuple(float(point) for point in card["points"]),
                accounts=tuple(int(count) for count in card["accounts"]),
                reference=int(card["reference"]),
            )
            for card in kept["cards"]
        )
        whole = Scorecard(
            cards=cards,
            base=float(kept["base"]),
            trained_accounts=int(kept["trained_accounts"]),
            trained_share=float(kept["trained_share"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotAScorecard(f"{type(error).__name__}: {error}") from error
    for card in cards:
        bins = len(card.edges) + 2
        if not len(card.points) == len(card.accounts) == bins or not 0 <= card.reference < bins:
            raise NotAScorecard(f"{card.name}: {bins} bins, {len(card.points)} points")
    return whole
