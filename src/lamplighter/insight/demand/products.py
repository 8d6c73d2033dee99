"""Products of compressed rows, without a sparse library."""

import numpy as np
import numpy.typing as npt

from lamplighter.insight.demand.grams import Vectors

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

DENSE_FROM = 48  # rows that share a column, from which a dense product is quicker
CELLS_AT_ONCE = 4_000_000


class ShapesDisagree(ValueError):
    """Rows and weights do not fit each other."""


def times(*, rows: Vectors, weights: Floats) -> Floats:
    """Return rows · weights.

    Parameters
    ----------
    rows : Vectors
        (n_texts, n_columns).
    weights : (n_columns, n_types) float64
        Dense weights. [1]

    Returns
    -------
    (n_texts, n_types) float64
        The products; an empty row gives zeros. [1]

    Raises
    ------
    ShapesDisagree
        The weights have another number of columns.

    Examples
    --------
    >>> rows = Vectors(starts=np.array([0, 2, 2]), columns=np.array([0, 1]),
    ...                values=np.array([1.0, 2.0]), n_columns=2)
    >>> times(rows=rows, weights=np.array([[1.0], [10.0]]))
    array([[21.],
           [ 0.]])
    """
    if weights.ndim != 2 or len(weights) != rows.n_columns:
        raise ShapesDisagree(f"{rows.n_columns} columns, weights {weights.shape}")
    out = np.zeros((len(rows), weights.shape[1]))
    at_once = max(1, CELLS_AT_ONCE // max(weights.shape[1], 1))
    begin = 0
    while begin < len(rows):
        end = int(np.searchsorted(rows.starts, rows.starts[begin] + at_once, side="right")) - 1
        end = min(max(end, begin + 1), len(rows))
        part = slice(rows.starts[begin], rows.starts[end])
        terms = weights[rows.columns[part]] * rows.values[part, None]
        filled = np.flatnonzero(np.diff(rows.starts[begin : end + 1]))
        if len(filled):
            cuts = rows.starts[begin:end][filled] - rows.starts[begin]
            out[begin + filled] = np.add.reduceat(terms, cuts, axis=0)
        begin = end
    return out


def turned_times(*, rows: Vectors, weights: Floats) -> Floats:
    """Return rows turned · weights: the weight of each column from the weight of each row.

    Parameters
    ----------
    rows : Vectors
        (n_texts, n_columns).
    weights : (n_texts, n_types) float64
        Dense weights of the rows. [1]

    Returns
    -------
    (n_columns, n_types) float64
        The products; a column that no row has gives zeros. [1]

    Raises
    ------
    ShapesDisagree
        The weights have another number of rows.

    Examples
    --------
    >>> rows = Vectors(starts=np.array([0, 2, 2]), columns=np.array([0, 1]),
    ...                values=np.array([1.0, 2.0]), n_columns=2)
    >>> turned_times(rows=rows, weights=np.array([[1.0], [5.0]]))
    array([[1.],
           [2.]])
    """
    if weights.ndim != 2 or len(weights) != len(rows):
        raise ShapesDisagree(f"{len(rows)} rows, weights {weights.shape}")
    return times(rows=turned(rows=rows), weights=weights)


def turned(*, rows: Vectors) -> Vectors:
    """Return the rows turned: one row for each column.

    Parameters
    ----------
    rows : Vectors
        (n_texts, n_columns).

    Returns
    -------
    Vectors
        (n_columns, n_texts).

    Raises
    ------
    Nothing

    Examples
    --------
    >>> rows = Vectors(starts=np.array([0, 1, 2]), columns=np.array([1, 1]),
    ...                values=np.array([3.0, 4.0]), n_columns=2)
    >>> turned(rows=rows).starts, turned(rows=rows).columns
    (array([0, 0, 2]), array([0, 1]))
    """
    of_row = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
    order = np.argsort(rows.columns, kind="stable")
    counts = np.bincount(rows.columns, minlength=rows.n_columns)
    return Vectors(
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        columns=of_row[order],
        values=rows.values[order],
        n_columns=len(rows),
    )


def means(*, rows: Vectors, groups: Indices, n_groups: int) -> Vectors:
    """Return the mean row of each group.

    Parameters
    ----------
    rows : Vectors
        (n_texts, n_columns).
    groups : (n_texts,) int64
        Group of each row, 0 … n_groups − 1; every group has a row.
    n_groups : int
        Number of groups. [groups]

    Returns
    -------
    Vectors
        (n_groups, n_columns), columns ascending.

    Raises
    ------
    ShapesDisagree
        Not one group for each row, or a group without a row.

    Examples
    --------
    >>> rows = Vectors(starts=np.array([0, 1, 2]), columns=np.array([0, 0]),
    ...                values=np.array([1.0, 3.0]), n_columns=1)
    >>> means(rows=rows, groups=np.array([0, 0]), n_groups=1).values
    array([2.])
    """
    sizes = np.bincount(groups, minlength=n_groups)
    if len(groups) != len(rows) or len(sizes) != n_groups or not sizes.all():
        raise ShapesDisagree(f"{len(rows)} rows, {len(groups)} groups of {n_groups}")
    of_row = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
    cells = groups[of_row] * rows.n_columns + rows.columns
    kept, place = np.unique(cells, return_inverse=True)
    parts = rows.values / sizes[groups[of_row]]
    summed: Floats = np.bincount(place, weights=parts, minlength=len(kept)).astype(np.float64)
    counts = np.bincount(kept // rows.n_columns, minlength=n_groups)
    return Vectors(
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        columns=kept % rows.n_columns,
        values=summed,
        n_columns=rows.n_columns,
    )


def gram(*, rows: Vectors) -> Floats:
    """Return rows · rows turned: how much each text has in common with each.

    Columns that many rows share are multiplied as a dense block, the others pair by pair.

    Parameters
    ----------
    rows : Vectors
        (n_texts, n_columns).

    Returns
    -------
    (n_texts, n_texts) float64
        Symmetric. [1]

    Raises
    ------
    Nothing

    Examples
    --------
    >>> rows = Vectors(starts=np.array([0, 2, 3]), columns=np.array([0, 1, 1]),
    ...                values=np.array([1.0, 2.0, 4.0]), n_columns=2)
    >>> gram(rows=rows)
    array([[ 5.,  8.],
           [ 8., 16.]])
    """
    n = len(rows)
    by_column = turned(rows=rows)
    shared = np.diff(by_column.starts)
    total = np.zeros(n * n)
    for size in range(1, DENSE_FROM):
        begins = by_column.starts[:-1][shared == size]
        for part in np.array_split(begins, max(1, len(begins) * size * size // CELLS_AT_ONCE)):
            if len(part):
                cells = part[:, None] + np.arange(size)
                who, what = by_column.columns[cells], by_column.values[cells]
                pairs = (who[:, :, None] * n + who[:, None, :]).ravel()
                products = (what[:, :, None] * what[:, None, :]).ravel()
                total += np.bincount(pairs, weights=products, minlength=n * n)
    square: Floats = total.reshape(n, n)
    often = np.flatnonzero(shared >= DENSE_FROM)
    for part in np.array_split(often, max(1, len(often) * n // CELLS_AT_ONCE)):
        block = np.zeros((n, len(part)))
        for place, column in enumerate(part):
            cut = slice(by_column.starts[column], by_column.starts[column + 1])
            block[by_column.columns[cut], place] = by_column.values[cut]
        square += block @ block.T
    return square
