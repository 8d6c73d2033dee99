"""Boosted symmetric trees, evaluated on columns: one comparison a level, one look-up a tree."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles
from lamplighter.insight.judge.learnt import Forest, WrongForest

CASES_AT_ONCE = 512  # their places in a tree stay beside the processor


def score(*, forest: Forest, columns: Singles) -> Singles:
    """Return the sum of all trees for each case.

    Parameters
    ----------
    forest : Forest
        The trees.
    columns : (n_traits, n_cases) float32
        One row per trait, in the forest's order. [any] NaN answers "no" to every question.

    Returns
    -------
    (n_cases,) float32
        Sum of the trees. [log odds]

    Raises
    ------
    WrongForest
        Another number of traits, or leaves that do not fit the depth.

    References
    ----------
    .. [1] J. H. Friedman, "Greedy function approximation: a gradient boosting machine," Ann.
       Stat., vol. 29, no. 5, pp. 1189-1232, 2001, doi:10.1214/aos/1013203451.
    .. [2] L. Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features,"
       NeurIPS, 2018 (symmetric trees).

    Examples
    --------
    >>> forest = Forest(
    ...     traits=("height",), intercept=-1.0, column=np.array([[0]]),
    ...     limit=np.array([[2.0]], dtype=np.float32),
    ...     leaf=np.array([[0.0, 3.0]], dtype=np.float32),
    ... )
    >>> score(forest=forest, columns=np.array([[1.0, 5.0]], dtype=np.float32))
    array([-1.,  2.], dtype=float32)
    """
    if columns.ndim != 2:
        raise WrongForest(f"{columns.shape} for {len(forest.traits)} traits")
    nothing = np.empty((0, 1), dtype=np.float32)
    return np.asarray(score_rows(forest=forest, columns=columns[:, None], shared=nothing)[0])


def score_rows(*, forest: Forest, columns: Singles, shared: Singles) -> Singles:
    """Return the sum of all trees for rows of cases that share some of their traits.

    Parameters
    ----------
    forest : Forest
        The trees.
    columns : (n_own, n_rows, n_cases) float32
        The first traits in the forest's order, of each case. [any] NaN answers "no".
    shared : (n_traits - n_own, n_rows) float32
        The other traits, of all cases of a row. [any] NaN answers "no".

    Returns
    -------
    (n_rows, n_cases) float32
        Sum of the trees. [log odds]

    Raises
    ------
    WrongForest
        Another number of traits, or leaves that do not fit the depth.

    Examples
    --------
    >>> forest = Forest(
    ...     traits=("height", "usual"), intercept=-1.0, column=np.array([[0, 1]]),
    ...     limit=np.array([[2.0, 1.0]], dtype=np.float32),
    ...     leaf=np.array([[0.0, 1.0, 3.0, 5.0]], dtype=np.float32),
    ... )
    >>> heights = np.array([[[1.0, 5.0], [1.0, 5.0]]], dtype=np.float32)
    >>> score_rows(
    ...     forest=forest, columns=heights, shared=np.array([[0.0, 2.0]], dtype=np.float32)
    ... )
    array([[-1.,  2.],
           [ 0.,  4.]], dtype=float32)
    """
    n_trees, depth = forest.column.shape
    if len(columns) + len(shared) != len(forest.traits):
        raise WrongForest(f"{len(columns)} + {len(shared)} for {len(forest.traits)} traits")
    if depth > 16:
        raise WrongForest(f"depth {depth}")
    if forest.limit.shape != (n_trees, depth) or forest.leaf.shape != (n_trees, 2**depth):
        raise WrongForest(f"{forest.leaf.shape} leaves for {n_trees} trees of depth {depth}")
    if forest.column.size and not 0 <= forest.column.min() <= forest.column.max() < len(
        forest.traits
    ):
        raise WrongForest(f"asks about column {forest.column.max()} of {len(forest.traits)}")
    by_trait = np.ascontiguousarray(columns)  # lies case by case where cases were picked from it
    return np.asarray(
        _score(by_trait, shared, forest.column, forest.limit, forest.leaf, forest.intercept)
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _score(
    columns: Singles,
    shared: Singles,
    column: Integers,
    limit: Singles,
    leaf: Singles,
    intercept: float,
) -> Singles:
    n_own, n_rows, n_cases = columns.shape
    n_trees, depth = column.shape
    total = np.full((n_rows, n_cases), np.float32(intercept), dtype=np.float32)
    place = np.empty(CASES_AT_ONCE, dtype=np.uint32)  # unsigned: no look at the sign
    two = np.uint32(2)
    for row in range(n_rows):
        for begin in range(0, n_cases, CASES_AT_ONCE):
            width = min(CASES_AT_ONCE, n_cases - begin)
            sums = total[row, begin : begin + width]
            for tree in range(n_trees):
                place[:width] = 0
                for level in range(depth):
                    of, than = column[tree, level], limit[tree, level]
                    if of < n_own:
                        values = columns[of, row, begin : begin + width]
                        for case in range(width):
                            place[case] = two * place[case] + np.uint32(values[case] > than)
                    else:
                        answer = np.uint32(shared[of - n_own, row] > than)
                        for case in range(width):
                            place[case] = two * place[case] + answer
                leaves = leaf[tree]
                for case in range(width):
                    sums[case] += leaves[place[case]]
    return total


def grow(
    *,
    columns: Singles,
    outcome: npt.NDArray[np.bool_],
    weight: Singles,
    traits: tuple[str, ...],
    n_trees: int,
    depth: int,
    rate: float,
    rng: np.random.Generator,
    n_bins: int = 48,
    asked: int = 28,
    ridge: float = 20.0,
    on_tree: Callable[[], None] = lambda: None,
) -> Forest:
    """Learn a forest that tells outcomes apart, by boosting the logistic likelihood.

    Each tree sees half of the cases and *asked* of the traits.

    Parameters
    ----------
    columns : (n_traits, n_cases) float32
        One row per trait. [any] No NaN.
    outcome : (n_cases,) bool
        What is to be told.
    weight : (n_cases,) float32
        Weight of each case. [any]
    traits : tuple of str
        Names of the rows.
    n_trees, depth : int
        Trees, and questions in each.
    rate : float
        Share of each tree's own estimate that is taken. [share]
    rng : numpy.random.Generator
        Chance; the same one, the same forest.
    n_bins : int
        Limits tried per trait, at its quantiles.
    asked : int
        Traits each tree may ask about.
    ridge : float
        Weight that draws a leaf towards nothing. [cases]
    on_tree : callable
        Called after each tree.

    Returns
    -------
    Forest
        The trees.

    Raises
    ------
    WrongForest
        The arrays do not fit each other, or hold only one outcome.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(1, 400)).astype(np.float32)
    >>> forest = grow(
    ...     columns=x, outcome=x[0] > 0.5, weight=np.ones(400, dtype=np.float32),
    ...     traits=("x",), n_trees=20, depth=2, rate=0.3, rng=rng, ridge=1.0,
    ... )
    >>> told = score(forest=forest, columns=np.array([[0.0, 1.0]], dtype=np.float32))
    >>> bool(told[0] < 0.0 < told[1])
    True
    """
    n_traits, n_cases = columns.shape
    share = float(np.average(outcome, weights=weight)) if n_cases else 0.0
    if n_traits != len(traits) or len(outcome) != n_cases or not 0.0 < share < 1.0:
        raise WrongForest(f"{columns.shape}, {len(traits)} traits, share {share}")
    limits = [
        np.unique(np.quantile(row, np.linspace(0, 1, n_bins + 1)[1:-1]).astype(np.float32))
        for row in columns
    ]
    bins = np.stack(
        [np.searchsorted(at, row, side="left") for at, row in zip(limits, columns, strict=True)]
    ).astype(np.uint8)
    told = np.full(n_cases, np.log(share / (1.0 - share)), dtype=np.float32)
    grown = Forest(
        traits=traits,
        intercept=float(told[0]),
        column=np.zeros((n_trees, depth), dtype=np.int64),
        limit=np.zeros((n_trees, depth), dtype=np.float32),
        leaf=np.zeros((n_trees, 2**depth), dtype=np.float32),
    )
    n_limits = np.array([len(at) for at in limits])
    for number in range(n_trees):
        chance = 1.0 / (1.0 + np.exp(-told))
        seen = np.flatnonzero(rng.random(n_cases) < 0.5)
        some = rng.permutation(n_traits)[:asked]
        slope = (weight * (outcome - chance))[seen].astype(np.float64)
        bend = (weight * chance * (1.0 - chance))[seen].astype(np.float64)
        rows = np.stack([bins[of][seen] for of in some])
        place = np.zeros(len(seen), dtype=np.int64)
        for level in range(depth):
            of, at = _best(rows, place, slope, bend, n_limits[some], 2**level, n_bins, ridge)
            grown.column[number, level], grown.limit[number, level] = some[of], limits[some[of]][at]
            place = 2 * place + (rows[of] > at)
        up = np.bincount(place, slope, 2**depth)
        down = np.bincount(place, bend, 2**depth)
        grown.leaf[number] = rate * up / (down + ridge)
        told += _answers(columns, grown.column[number], grown.limit[number], grown.leaf[number])
        on_tree()
    return grown


def _answers(columns: Singles, column: Integers, limit: Singles, leaf: Singles) -> Singles:
    place = np.zeros(columns.shape[1], dtype=np.int64)
    for of, than in zip(column, limit, strict=True):
        place = 2 * place + (columns[of] > than)
    return np.asarray(leaf[place])


@njit(cache=True, nogil=True)
def _best(
    rows: npt.NDArray[np.uint8],
    place: Integers,
    slope: Floats,
    bend: Floats,
    n_limits: Integers,
    n_leaves: int,
    n_bins: int,
    ridge: float,
) -> tuple[int, int]:
    """Return the row and the limit that part all leaves of a level best."""
    best, of, at = -1.0, 0, 0
    for row in range(rows.shape[0]):
        sums = np.zeros((n_leaves, n_bins, 2))
        values = rows[row]
        for case in range(values.shape[0]):
            of_bin = sums[place[case], values[case]]
            of_bin[0] += slope[case]
            of_bin[1] += bend[case]
        gain = np.zeros(n_limits[row])
        for leaf in range(n_leaves):
            up, down = sums[leaf, :, 0].sum(), sums[leaf, :, 1].sum()
            left, mass = 0.0, 0.0
            for limit in range(n_limits[row]):
                left += sums[leaf, limit, 0]
                mass += sums[leaf, limit, 1]
                gain[limit] += left**2 / (mass + ridge) + (up - left) ** 2 / (down - mass + ridge)
        for limit in range(n_limits[row]):
            if gain[limit] > best:
                best, of, at = gain[limit], row, limit
    return of, at
