"""How unusual shifts are: beside a point's own, and beside its peers' at the same split."""

import numpy as np
from numba import njit

from lamplighter.insight.habits import compiled
from lamplighter.insight.habits.arrays import MAD_TO_SIGMA, Floats, Integers, Singles

COLUMNS_AT_ONCE = 16  # a cache line of single precision
PEERS_MOST = 256  # so many points, evenly by row, tell how all of them moved


def own_scale(
    shifts: Singles, *, white: Floats, n_windows: float, stride: int, prior_windows: float
) -> Floats:
    """Return each point's usual size of a shift, from its own history and its peers'.

    The median absolute shift over the whole history covers noise that remembers yesterday. It
    is drawn, in logs, towards the point's day-to-day noise times what its peers show, the more
    the shorter the history.

    Parameters
    ----------
    shifts : (n_points, n_splits) float32
        Shifts at every split. [any] NaN: none.
    white : (n_points,) float64
        Size expected if days were independent, above zero. [any]
    n_windows : float
        Number of windows in a whole history. [window]
    stride : int
        Splits looked at: every so many. [split]
    prior_windows : float
        Weight of the peers. [window]

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
    >>> shifts = np.array([[1.0, -1.0, 1.0, -1.0]], dtype=np.float32)
    >>> own_scale(shifts, white=np.array([1.0]), n_windows=4.0, stride=1, prior_windows=4.0)
    array([1.4826])
    """
    if stride < 1:
        raise ValueError(f"every {stride} splits")
    middle, share = _usual_size(shifts, stride)
    from_history = MAD_TO_SIGMA * middle
    inflation = from_history / white
    known = inflation[np.isfinite(inflation) & (inflation > 0.0)]
    usual = white * (np.median(known) if known.size else 1.0)
    weight = n_windows * share / (n_windows * share + prior_windows)
    history = np.log(np.maximum(from_history, 1e-3 * usual))
    return np.asarray(np.exp(weight * history + (1.0 - weight) * np.log(usual)))


def of_peers(
    shift: Singles, *, factor: Singles, off: Singles, peers_min: int
) -> tuple[Singles, Singles]:
    """Return how shifts, each in its point's own sizes, lie among the points at the same split.

    Of more than PEERS_MOST points every so many tell it.

    Parameters
    ----------
    shift : (n_points, n_splits) float32
        Shifts. [any] NaN: none.
    factor, off : (n_points,) float32
        ``shift * factor - off`` is in the point's own sizes.
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
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> shift = np.array([[8.0], [9.0], [10.0], [11.0], [12.0]], dtype=np.float32)
    >>> own = np.ones(5, dtype=np.float32)
    >>> of_peers(shift, factor=own, off=0.0 * own, peers_min=5)
    (array([10.], dtype=float32), array([1.4826], dtype=float32))
    """
    rows = np.linspace(0, len(shift) - 1, min(len(shift), PEERS_MOST)).astype(np.int64)
    middle, spread = _of_peers(shift, factor, off, rows, max(peers_min, 1))
    return np.asarray(middle), np.asarray(spread)


@njit(cache=True, nogil=True, error_model="numpy")
def _usual_size(shifts: Singles, stride: int) -> tuple[Floats, Floats]:
    """Return the lower median of the absolute shifts, and the share of splits with a shift."""
    n_points, n_splits = shifts.shape
    middle, share = np.empty(n_points), np.empty(n_points)
    there = np.empty(n_splits + 1, dtype=np.float32)
    seen = max(1, (n_splits + stride - 1) // stride)
    for point in range(n_points):
        count = 0
        for split in range(0, n_splits, stride):
            value = shifts[point, split]
            there[count] = abs(value)
            count += value == value
        middle[point] = compiled.select(there, count, (count - 1) // 2) if count else np.nan
        share[point] = count / seen
    return middle, share


@njit(cache=True, nogil=True, error_model="numpy")
def _of_peers(
    shift: Singles, factor: Singles, off: Singles, rows: Integers, peers_min: int
) -> tuple[Singles, Singles]:
    n_splits = shift.shape[1]
    middle, spread = np.zeros(n_splits, dtype=np.float32), np.ones(n_splits, dtype=np.float32)
    there = np.empty((COLUMNS_AT_ONCE, len(rows) + 1), dtype=np.float32)
    count = np.zeros(COLUMNS_AT_ONCE, dtype=np.int64)
    for begin in range(0, n_splits, COLUMNS_AT_ONCE):
        width = min(COLUMNS_AT_ONCE, n_splits - begin)
        count[:] = 0
        for point in rows:
            by, less = factor[point], off[point]
            for place in range(width):
                value = shift[point, begin + place] * by - less
                there[place, count[place]] = value
                count[place] += value == value
        for place in range(width):
            if count[place] < peers_min:
                continue
            row = there[place]
            centre = np.float32(compiled.median(row, count[place]))
            for at in range(count[place]):
                row[at] = abs(row[at] - centre)
            middle[begin + place] = centre
            spread[begin + place] = max(MAD_TO_SIGMA * compiled.median(row, count[place]), 1.0)
    return middle, spread
