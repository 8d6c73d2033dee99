"""Putting a feature into a few bins."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

FEW_EDGES = 40


class NoBins(ValueError):
    """Bins cannot be made: no room for them, or edges out of order."""


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
