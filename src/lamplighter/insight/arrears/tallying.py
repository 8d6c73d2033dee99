"""A scorecard's points looked up and added up for many accounts in one pass, compiled.

Import this late: pages and commands that foresee nothing must not wait for numba.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.arrears import binning
from lamplighter.insight.arrears.scorecard import OtherFeatures, Scorecard

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class Flat(NamedTuple):
    """A scorecard as arrays, rows padded to one length; the same for every shard of a night."""

    column: Places  # (n_cards,) of the features
    n_edges: Places  # (n_cards,)
    edges: Floats  # (n_cards, most) rising
    points: Floats  # (n_cards, most + 2) the missing last [log odds]
    base: float  # [log odds]
    parts: Places  # (n_parts, 2) card and subscore, in the order they are added
    part_points: Floats  # (n_parts, most) [log odds]
    n_subscores: int
    source: Places  # (n_sides,) column of the features; −1 − subscore
    side_n_edges: Places  # (n_sides,)
    side_edges: Floats  # (n_sides, most) rising
    usual: Places  # (n_sides,) bin of the reference
    sides: Places  # (n_tables, 2) sides of each table
    tables: Floats  # (n_tables, most + 2, most + 2) the missing have none [log odds]


@lru_cache(maxsize=8)
def flat(*, scorecard: Scorecard, names: tuple[str, ...]) -> Flat:
    """Return a scorecard as arrays.

    Parameters
    ----------
    scorecard : Scorecard
        As learnt.
    names : tuple of str
        Of the columns that it will look at.

    Returns
    -------
    Flat
        Of as many cards, tables and subscores.

    Raises
    ------
    OtherFeatures
        A feature of the scorecard is absent.
    binning.NoBins
        Edges do not rise.
    ValueError
        A card, or a subscore's part, has other points than bins.

    Examples
    --------
    >>> from lamplighter.insight.arrears.scorecard import Card
    >>> card = Card(
    ...     name="late_share", edges=(0.5,), points=(0.0, 2.0, 1.0), accounts=(9, 1, 0),
    ...     reference=0,
    ... )
    >>> lamp = Scorecard(
    ...     cards=(card,), tables=(), base=-2.0, trained_accounts=10, trained_share=0.1
    ... )
    >>> flat(scorecard=lamp, names=("size_log", "late_share")).column
    array([1])
    """
    absent = [name for name in scorecard.names if name not in names]
    if absent:
        raise OtherFeatures(f"absent: {absent}")
    cards = scorecard.cards
    number_of = {card.name: number for number, card in enumerate(cards)}
    parts = [
        (number_of[name], number, points)
        for number, sub in enumerate(scorecard.subscores)
        for name, points in zip(sub.names, sub.points, strict=True)
    ]
    source = {name: names.index(name) for name in scorecard.names}
    source |= {sub.name: -1 - number for number, sub in enumerate(scorecard.subscores)}
    # Where an account in every reference bin is: beside its lower edge, at no points.
    lowest = {card.name: (-np.inf, *card.edges, np.nan)[card.reference] for card in cards}
    sides: dict[tuple[str, tuple[float, ...]], int] = {}
    for table in scorecard.tables:
        for side in zip(table.names, table.edges, strict=True):
            sides.setdefault(side, len(sides))
    usual = [_bin_of(lowest.get(name, 0.0), edges) for name, edges in sides]
    return Flat(
        column=np.array([source[card.name] for card in cards], np.int64),
        n_edges=np.array([len(card.edges) for card in cards], np.int64),
        edges=_rising([card.edges for card in cards]),
        points=_rows([card.points for card in cards], of=[len(card.edges) + 2 for card in cards]),
        base=float(scorecard.base),
        parts=np.array([part[:2] for part in parts], np.int64).reshape(-1, 2),
        part_points=_rows(
            [part[2] for part in parts], of=[len(cards[part[0]].edges) + 2 for part in parts]
        ),
        n_subscores=len(scorecard.subscores),
        source=np.array([source[name] for name, _edges in sides], np.int64),
        side_n_edges=np.array([len(edges) for _name, edges in sides], np.int64),
        side_edges=_rising([edges for _name, edges in sides]),
        usual=np.array(usual, np.int64),
        sides=np.array(
            [
                [sides[side] for side in zip(table.names, table.edges, strict=True)]
                for table in scorecard.tables
            ],
            np.int64,
        ).reshape(-1, 2),
        tables=_tables(scorecard),
    )


def _bin_of(value: float, edges: tuple[float, ...]) -> int:
    missing = len(edges) + 1
    return missing if np.isnan(value) else sum(value >= edge for edge in edges)


def _rising(rows: list[tuple[float, ...]]) -> Floats:
    for row in rows:
        if not np.all(np.diff(row) > 0.0):
            raise binning.NoBins(f"edges do not rise: {row}")
    return _rows(rows)


def _rows(rows: list[tuple[float, ...]], *, of: list[int] | None = None) -> Floats:
    """Return rows as one array; *of* so many numbers each, where something is looked up in them."""
    if of is not None and [len(row) for row in rows] != of:
        raise ValueError(f"{[len(row) for row in rows]} points for {of} bins")
    table = np.zeros((len(rows), max(map(len, rows), default=0)))
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return table


def _tables(scorecard: Scorecard) -> Floats:
    n_bins = [len(edges) + 2 for table in scorecard.tables for edges in table.edges]
    found = np.zeros((len(scorecard.tables), *(2 * [max(n_bins, default=0)])))
    for number, table in enumerate(scorecard.tables):
        shape = tuple(len(edges) + 1 for edges in table.edges)
        found[number, : shape[0], : shape[1]] = np.array(table.points).reshape(shape)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _places(values: Floats, edges: Floats, n_edges: int, out: Places) -> None:
    """Put each value's bin; NaN is in the one after the last."""
    out[:] = 0
    for number in range(n_edges):
        edge = edges[number]
        for row in range(len(values)):
            out[row] += np.int64(values[row] >= edge)
    for row in range(len(values)):
        if values[row] != values[row]:
            out[row] = n_edges + 1


@njit(cache=True, nogil=True, error_model="numpy")
def tally(values: Floats, by: Flat) -> tuple[Floats, Floats, Places, Floats, Floats]:
    """Add up the points of each account.

    Parameters
    ----------
    values : (n_features, n_accounts) float64
        A row a feature. [any] NaN: missing.
    by : Flat
        The scorecard; of just these features.

    Returns
    -------
    log_odds : (n_accounts,) float64
        Base, cards and tables, added in this order. [log odds]
    contributions : (n_cards, n_accounts) float64
        Of each feature. [log odds]
    places : (n_cards, n_accounts) int64
        Bin of each feature. [bin]
    joint : (n_tables, n_accounts) float64
        Of each table. [log odds]
    without : (3, n_tables, n_accounts) float64
        The same with the first, the second, or both sides in their reference bin. [log odds]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> from lamplighter.insight.arrears.scorecard import Card
    >>> card = Card(
    ...     name="late_share", edges=(0.5,), points=(0.0, 2.0, 1.0), accounts=(9, 1, 0),
    ...     reference=0,
    ... )
    >>> lamp = Scorecard(
    ...     cards=(card,), tables=(), base=-2.0, trained_accounts=10, trained_share=0.1
    ... )
    >>> by = flat(scorecard=lamp, names=("late_share",))
    >>> tally(np.array([[0.0, 0.8, np.nan]]), by)[0]
    array([-2.,  0., -1.])
    """
    n_rows, n_cards, n_tables = values.shape[1], len(by.column), len(by.sides)
    log_odds = np.full(n_rows, by.base)
    contributions, places = np.empty((n_cards, n_rows)), np.empty((n_cards, n_rows), np.int64)
    for card in range(n_cards):
        place, points = places[card], by.points[card]
        _places(values[by.column[card]], by.edges[card], by.n_edges[card], place)
        for row in range(n_rows):
            contributions[card, row] = points[place[row]]
            log_odds[row] += contributions[card, row]
    subscores = np.zeros((by.n_subscores, n_rows))
    for part in range(len(by.parts)):
        card, subscore = by.parts[part, 0], by.parts[part, 1]
        for row in range(n_rows):
            subscores[subscore, row] += by.part_points[part, places[card, row]]
    coarse = np.empty((len(by.source), n_rows), np.int64)
    for side in range(len(by.source)):
        source = by.source[side]
        of_side = values[source] if source >= 0 else subscores[-1 - source]
        _places(of_side, by.side_edges[side], by.side_n_edges[side], coarse[side])
    joint, without = np.empty((n_tables, n_rows)), np.empty((3, n_tables, n_rows))
    for table in range(n_tables):
        first, second = by.sides[table, 0], by.sides[table, 1]
        points, one, other = by.tables[table], coarse[first], coarse[second]
        usual, other_usual = by.usual[first], by.usual[second]
        for row in range(n_rows):
            joint[table, row] = points[one[row], other[row]]
            without[0, table, row] = points[usual, other[row]]
            without[1, table, row] = points[one[row], other_usual]
            without[2, table, row] = points[usual, other_usual]
            log_odds[row] += joint[table, row]
    return log_odds, contributions, places, joint, without


@njit(cache=True, nogil=True, error_model="numpy")
def reasons_of(
    contributions: Floats,
    joint: Floats,
    without: Floats,
    of_card: Places,
    of_side: Places,
    base: float,
    n_reasons: int,
) -> tuple[Floats, Floats]:
    """Return by how much the log odds would fall without each reason, and what is left.

    Parameters
    ----------
    contributions : (n_cards, n_accounts) float64
        As :func:`tally`. [log odds]
    joint : (n_tables, n_accounts) float64
        As :func:`tally`. [log odds]
    without : (3, n_tables, n_accounts) float64
        As :func:`tally`. [log odds]
    of_card : (n_cards,) int64
        Its reason. [reason]
    of_side : (n_tables, 2) int64
        Reasons of its sides. [reason]
    base : float
        Of the scorecard. [log odds]
    n_reasons : int
        Reasons. [reason]

    Returns
    -------
    base : (n_accounts,) float64
        With what two reasons say only together. [log odds]
    reasons : (n_accounts, n_reasons) float64
        What each says. [log odds]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> none = np.empty((0, 1))
    >>> reasons_of(
    ...     np.array([[2.0]]), none, np.empty((3, 0, 1)), np.array([1]),
    ...     np.empty((0, 2), np.int64), -2.0, 2,
    ... )
    (array([-2.]), array([[0., 2.]]))
    """
    n_rows = contributions.shape[1]
    left, reasons = np.full(n_rows, base), np.zeros((n_rows, n_reasons))
    for card in range(len(contributions)):
        for row in range(n_rows):
            reasons[row, of_card[card]] += contributions[card, row]
    for table in range(len(joint)):
        one, other = of_side[table, 0], of_side[table, 1]
        for row in range(n_rows):
            both, first = joint[table, row], without[0, table, row]
            second, neither = without[1, table, row], without[2, table, row]
            if one == other:
                reasons[row, one] += both - neither
                left[row] += neither
            else:
                reasons[row, one] += both - first
                reasons[row, other] += both - second
                left[row] += first + second - both
    return left, reasons
