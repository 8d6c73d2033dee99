"""Putting a feature into a few bins, and keeping a sequence over bins in order."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

FEW_EDGES = 40


class NoBins(ValueError):
    """Bins cannot be made: no room for them, or edges or weights out of order."""


def edges_of(*, values: Floats, bins: int) -> Floats:
    """Return the inner edges of bins that hold about the same number of accounts each.

    A value that many accounts share gets a bin of its own, so fewer bins may come out.

    Parameters
    ----------
    values : (n_accounts,) float64
        One feature. [any unit] NaN is left out.
    bins : int
        Number of bins at most.

    Returns
    -------
    (n_edges,) float64
        Rising edges; bin *b* holds ``edges[b - 1] <= value < edges[b]``. [unit of values]

    Raises
    ------
    NoBins
        *bins* is below 1.

    Examples
    --------
    >>> edges_of(values=np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, np.nan]), bins=3)
    array([1., 2.])
    """
    if bins < 1:
        raise NoBins(f"{bins} bins")
    known = np.sort(values[~np.isnan(values)])
    if known.size == 0:
        return np.empty(0)
    cuts = known[(np.arange(1, bins) * known.size) // bins]
    edges = np.unique(cuts)
    start, end = np.searchsorted(known, edges, side="left"), np.searchsorted(known, edges, "right")
    crowded = end - start > known.size // bins  # such a value stands alone: close its bin too
    after = known[np.minimum(end[crowded], known.size - 1)]
    edges = np.unique(np.concatenate([edges, after]))
    inner: Floats = edges[edges > known[0]]
    return inner


def places_of(*, values: Floats, edges: Floats) -> Places:
    """Return the bin of each value; NaN goes to the bin after the last.

    Parameters
    ----------
    values : (n_accounts,) float64
        One feature. [any unit] NaN: missing.
    edges : (n_edges,) float64
        Rising inner edges. [unit of values]

    Returns
    -------
    (n_accounts,) int64
        0…n_edges for values, n_edges + 1 for NaN. [bin]

    Raises
    ------
    NoBins
        The edges do not rise.

    Examples
    --------
    >>> places_of(values=np.array([-1.0, 1.0, 5.0, np.nan]), edges=np.array([1.0, 2.0]))
    array([0, 1, 2, 3])
    """
    if not np.all(np.diff(edges) > 0.0):
        raise NoBins(f"edges do not rise: {edges.tolist()}")
    if len(edges) > FEW_EDGES:
        place = np.searchsorted(edges, values, side="right").astype(np.int64)
    else:  # comparing whole columns is several times faster than searching for each value
        count = np.zeros(values.shape, dtype=np.int8)
        for edge in edges:
            count += values >= edge
        place = count.astype(np.int64)
    place[np.isnan(values)] = len(edges) + 1
    return place


def pooled(*, level: Floats, weight: Floats) -> Floats:
    """Return the rising sequence closest to a sequence in weighted squares.

    Neighbours that run against the order are pooled into their mean (pool adjacent violators
    [1]_). Meant for a handful of bins.

    Parameters
    ----------
    level : (n_bins,) float64
        Any sequence. [any unit]
    weight : (n_bins,) float64
        Weight of each value, above zero. [1]

    Returns
    -------
    (n_bins,) float64
        Never falls from one bin to the next. [unit of level]

    Raises
    ------
    NoBins
        Shapes disagree or a weight is not positive.

    References
    ----------
    .. [1] M. Ayer et al., "An empirical distribution function for sampling with incomplete
       information," Ann. Math. Statist., vol. 26, pp. 641-647, 1955.

    Examples
    --------
    >>> pooled(level=np.array([1.0, 3.0, 2.0, 4.0]), weight=np.array([1.0, 1.0, 3.0, 1.0]))
    array([1.  , 2.25, 2.25, 4.  ])
    """
    if level.shape != weight.shape or not np.all(weight > 0.0):
        raise NoBins(f"{level.shape}, {weight.shape}, least weight {weight.min(initial=1.0)}")
    blocks: list[tuple[float, float, int]] = []  # mean, weight, bins
    for mean, mass in zip(level.tolist(), weight.tolist(), strict=True):
        block = (mean, mass, 1)
        while blocks and blocks[-1][0] > block[0]:
            other = blocks.pop()
            whole = other[1] + block[1]
            mixed = (other[0] * other[1] + block[0] * block[1]) / whole
            block = (mixed, whole, other[2] + block[2])
        blocks.append(block)
    return np.repeat([block[0] for block in blocks], [block[2] for block in blocks])
