"""Which two features say more together than each alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import binning, increments, logistic
from lamplighter.insight.arrears.features import FREE, Features

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

BEYOND_CHANCE = 3.0  # standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two features in coarse bins, and their steps together."""

    names: tuple[str, str]
    edges: tuple[Floats, Floats]
    term: increments.Term


def pairs_of(
    *,
    features: Features,
    outcome: Booleans,
    log_odds: Floats,
    directions: Mapping[str, int],
    bins: int,
    smoothing: float,
    at_most: int,
) -> list[Pair]:
    """Find the pairs of features whose cells are missed most, beyond what chance would do.

    A cell of two features' bins holds Σ (outcome − chance). If each feature alone said all there
    is, its square would be near Σ chance · (1 − chance); pairs are ranked by ::

        gain = Σ_cells  (Σ outcome − chance)² / (Σ chance · (1 − chance) + smoothing)

    and kept while the gain is 3 standard deviations above what chance gives.

    Parameters
    ----------
    features : Features
        One row an account.
    outcome : (n_accounts,) bool
        True where the next bill was not paid in its window. [1]
    log_odds : (n_accounts,) float64
        What the features say each alone. [1]
    directions : mapping of str to int
        RISES or FALLS by feature; the others are FREE.
    bins : int
        Bins of a feature at most.
    smoothing : float
        So many accounts' doubt against each cell.
    at_most : int
        Number of pairs at most.

    Returns
    -------
    list of Pair
        The strongest first; a pair of two features without direction is never among them.

    Raises
    ------
    binning.NoBins
        *bins* is below 1.

    Examples
    --------
    >>> dice = np.random.default_rng(1)
    >>> table = Features(names=("late_share", "unpaid_share"), values=dice.random((4000, 2)))
    >>> both = (table.values > 0.5).all(axis=1)
    >>> said = np.full(4000, np.log(0.3 / 0.7))
    >>> found = pairs_of(
    ...     features=table,
    ...     outcome=both,
    ...     log_odds=said,
    ...     directions={"late_share": 1, "unpaid_share": 1},
    ...     bins=2,
    ...     smoothing=10.0,
    ...     at_most=3,
    ... )
    >>> [pair.names for pair in found]
    [('late_share', 'unpaid_share')]
    """
    columns = []
    for number, name in enumerate(features.names):
        values = features.values[:, number]
        edges = binning.edges_of(values=values, bins=bins)
        places = binning.places_of(values=values, edges=edges)
        columns.append((name, edges, places, directions.get(name, FREE)))
    chance = logistic.probability_of(log_odds=log_odds)
    missed, weight = outcome - chance, chance * (1.0 - chance)
    gains = []
    cells = [places.astype(np.int16) for _, _, places, _ in columns]
    for n, (_, edges, _, direction) in enumerate(columns):
        for m in range(n + 1, len(columns)):
            _, other_edges, _, other_direction = columns[m]
            if direction == FREE == other_direction or at_most < 1:
                continue
            shape = (len(edges) + 2, len(other_edges) + 2)
            gain, expected, spread = _gain(cells[n], cells[m], shape, missed, weight, smoothing)
            if gain > expected + BEYOND_CHANCE * spread:
                gains.append((gain, n, m))
    gains.sort(key=lambda found: (-found[0], found[1], found[2]))
    return [_pair(columns[n], columns[m]) for _, n, m in gains[: max(at_most, 0)]]


def _gain(
    one: npt.NDArray[np.int16],
    other: npt.NDArray[np.int16],
    shape: tuple[int, int],
    missed: Floats,
    weight: Floats,
    smoothing: float,
) -> tuple[float, float, float]:
    """Return the gain of a table, what chance gives, and the spread of that."""
    from lamplighter.insight.arrears import compiled  # late: pages must not wait for numba

    sums = compiled.crossed(one, other, shape, missed).ravel()
    variance = compiled.crossed(one, other, shape, weight).ravel()
    share = variance / (variance + smoothing)
    gain = float((np.square(sums) / (variance + smoothing)).sum())
    return gain, float(share.sum()), float(np.sqrt(2.0 * np.square(share).sum()))


def _pair(one: tuple[str, Floats, Places, int], other: tuple[str, Floats, Places, int]) -> Pair:
    term = increments.of_pair(
        places=(one[2], other[2]),
        bins=(len(one[1]) + 1, len(other[1]) + 1),
        directions=(one[3], other[3]),
    )
    return Pair(names=(one[0], other[0]), edges=(one[1], other[1]), term=term)
