"""How unusual shifts are: beside a point's own, and beside its peers' at the same split."""

import numpy as np

from lamplighter.insight.change import tiles
from lamplighter.insight.habits import medians
from lamplighter.insight.habits.arrays import MAD_TO_SIGMA, Floats, Integers, Singles

PEERS_MOST = 256  # so many points, evenly by row, tell how all of them moved


def own_scale(
    shifts: Singles,
    *,
    white: Floats,
    n_windows: float,
    stride: int,
    prior_windows: float,
    inflation: float | None = None,
) -> Floats:
    """Return each point's usual size of a shift, from its own history and its peers'.

    The median absolute shift over the whole history covers noise that remembers yesterday. It
    is drawn, in logs, towards the point's day-to-day noise times what its peers show, the more
    the shorter the history.

    Parameters
    ----------
    shifts : (n_tiles, n_splits, L) float32
        Shifts at every split, points side by side. [any] NaN: none.
    white : (n_points,) float64
        Size expected if days were independent, above zero. [any]
    n_windows : float
        Number of windows in a whole history. [window]
    stride : int
        Splits looked at: every so many. [split]
    prior_windows : float
        Weight of the peers. [window]
    inflation : float
        What the peers show: usual sizes over those of independent days. [share] None: these points
        are each other's peers.

    Returns
    -------
    (n_points,) float64
        Usual size of a shift; NaN where a point has no shift at all. [any]

    Raises
    ------
    ValueError
        The stride is not positive.

    Examples
    --------
    >>> shifts = np.repeat(np.float32([[[1.0], [-1.0], [1.0], [-1.0]]]), tiles.L, axis=2)
    >>> own_scale(shifts, white=np.array([1.0]), n_windows=4.0, stride=1, prior_windows=4.0)
    array([1.4826])
    """
    if stride < 1:
        raise ValueError(f"every {stride} splits")
    middle, share = _usual_size(shifts, len(white), stride)
    from_history = MAD_TO_SIGMA * middle
    if inflation is None:
        shown = from_history / white
        known = shown[np.isfinite(shown) & (shown > 0.0)]
        inflation = float(np.median(known)) if known.size else 1.0
    usual = white * inflation
    weight = n_windows * share / (n_windows * share + prior_windows)
    history = np.log(np.maximum(from_history, 1e-3 * usual))
    return np.asarray(np.exp(weight * history + (1.0 - weight) * np.log(usual)))


def evenly(n_points: int) -> Integers:
    """Return which points tell how all of them moved, evenly by row.

    Parameters
    ----------
    n_points : int
        How many there are. [point]

    Returns
    -------
    (up to PEERS_MOST,) int64
        Some, or all. [row]

    Raises
    ------
    ValueError
        A number below zero.

    Examples
    --------
    >>> evenly(3), len(evenly(1000))
    (array([0, 1, 2]), 256)
    """
    return np.linspace(0, n_points - 1, min(n_points, PEERS_MOST)).astype(np.int64)


def of_peers(
    shift: Singles, *, factor: Singles, off: Singles, peers: Integers, peers_min: int
) -> tuple[Singles, Singles]:
    """Return how shifts, each in its point's own sizes, lie among the points at the same split.

    Parameters
    ----------
    shift : (n_tiles, n_splits, L) float32
        Shifts, points side by side. [any] NaN: none.
    factor, off : (n_points,) float32
        ``shift * factor - off`` is in the point's own sizes.
    peers : (n_peers,) int64
        Points that tell it. [lane]
    peers_min : int
        Fewest points with a shift for any judgement. [point]

    Returns
    -------
    middle : (n_splits,) float32
        Median over points; 0 where too few have a shift. [standard deviations]
    spread : (n_splits,) float32
        Their spread where that is above 1, else 1. [standard deviations]

    Raises
    ------
    IndexError
        A point lies outside.

    Examples
    --------
    >>> shift = np.zeros((1, 1, tiles.L), dtype=np.float32)
    >>> shift[0, 0, :5] = [8.0, 9.0, 10.0, 11.0, 12.0]
    >>> own = np.ones(5, dtype=np.float32)
    >>> of_peers(shift, factor=own, off=0.0 * own, peers=evenly(5), peers_min=5)
    (array([10.], dtype=float32), array([1.4826], dtype=float32))
    """
    picked = np.ascontiguousarray(shift[peers // tiles.L, :, peers % tiles.L].T)
    own = picked * factor[peers] - off[peers]
    centre, count = medians.row_medians(values=own)
    wide = medians.row_spreads(values=own, middle=centre, columns=np.arange(len(peers)))
    enough = count >= max(peers_min, 1)
    middle = np.where(enough, centre, 0.0).astype(np.float32)
    return middle, np.where(enough, np.fmax(MAD_TO_SIGMA * wide, 1.0), 1.0).astype(np.float32)


def _usual_size(shifts: Singles, n_points: int, stride: int) -> tuple[Floats, Floats]:
    """Return the lower median of the absolute shifts, and the share of splits with a shift."""
    size = tiles.by_point(shifts, n_points, stride)
    np.abs(size, out=size)
    n_splits = size.shape[1]
    if not n_splits:
        return np.full(n_points, np.nan), np.zeros(n_points)
    size.sort(axis=1)  # where there is none comes last
    count = np.count_nonzero(size == size, axis=1)
    middle = size[np.arange(n_points), np.maximum(count - 1, 0) // 2]
    return middle.astype(np.float64), count / n_splits
