"""The shape of the day before and after each split, where interval readings exist."""

import numpy as np
import numpy.typing as npt

from lamplighter.insight.change import windows
from lamplighter.insight.habits.arrays import Singles

HOURS = 24
ROWS_AT_ONCE = 64  # bounds memory: points × days × hours, a few copies


class NoSuchShape(ValueError):
    """The day shapes do not belong to these points, or their slots do not make hours."""


def shape_shift(
    shapes: npt.NDArray[np.floating],
    *,
    n_days: int,
    after_days: int,
    before_days: int,
    measured_share: float,
) -> Singles:
    """Return the Hellinger distance between the mean day shapes after and before each split.

    A day's shape is each hour's share of the day's energy; how much was used counts nothing.
    Days with a missing or negative slot, or without any energy, have no shape [1]_.

    Parameters
    ----------
    shapes : (n_points, n_shape_days, n_slots) float64
        Energy of each slot of the last days of the span, 24 or 96 a day. [kWh] NaN: missing.
    n_days : int
        Days of the whole span, at least as many. [day]
    after_days, before_days : int
        Lengths of the two windows. [day]
    measured_share : float
        Least share of each window that must have a shape. [share]

    Returns
    -------
    (n_points, n_days) float32
        Distance from 0, alike, to 1; NaN where a window has too little. [share]

    Raises
    ------
    NoSuchShape
        The array is not points by days by slots of whole hours, or has more days than the span.
    windows.NoWindow
        A window has no days.

    References
    ----------
    .. [1] A. L. Gibbs, F. E. Su, "On choosing and bounding probability metrics," Int. Stat.
       Rev., vol. 70, no. 3, pp. 419-435, 2002, doi:10.1111/j.1751-5823.2002.tb00178.x.

    Examples
    --------
    >>> shapes = np.zeros((1, 4, 24))
    >>> shapes[0, :2, 7] = shapes[0, 2:, 19] = 3.0  # mornings, then evenings
    >>> shape_shift(shapes, n_days=4, after_days=2, before_days=2, measured_share=1.0)
    array([[nan, nan,  1., nan]], dtype=float32)
    """
    if after_days < 1 or before_days < 1:
        raise windows.NoWindow(f"{after_days} after, {before_days} before")
    if shapes.ndim != 3 or shapes.shape[2] % HOURS or not shapes.shape[2]:
        raise NoSuchShape(f"{shapes.shape}")
    if shapes.shape[1] > n_days:
        raise NoSuchShape(f"{shapes.shape[1]} days of shapes in a span of {n_days}")
    out = np.full((shapes.shape[0], n_days), np.nan, dtype=np.float32)
    begin = n_days - shapes.shape[1]
    for first in range(0, len(shapes), ROWS_AT_ONCE):
        part = slice(first, first + ROWS_AT_ONCE)
        out[part, begin:] = _distance(
            _shares(shapes[part]), after_days, before_days, measured_share=measured_share
        )
    return out


def _shares(shapes: npt.NDArray[np.floating]) -> Singles:
    """Return each hour's share of its day, (n_points, n_days, 24); NaN days without a shape."""
    n_points, n_days, n_slots = shapes.shape
    hours = shapes.reshape(n_points, n_days, HOURS, n_slots // HOURS).sum(axis=3)
    lacking = np.isnan(hours).any(axis=2) | (hours < 0.0).any(axis=2)
    total = np.where(lacking, 0.0, hours.sum(axis=2))
    usable = total > 0.0
    return np.where(
        usable[:, :, None], hours / np.where(usable, total, 1.0)[:, :, None], np.nan
    ).astype(np.float32)


def _distance(shares: Singles, after: int, before: int, *, measured_share: float) -> Singles:
    n_days = shares.shape[1]
    there = ~np.isnan(shares[:, :, 0])
    totals = np.zeros((shares.shape[0], n_days + 1, HOURS), dtype=np.float32)
    np.cumsum(np.where(there[:, :, None], shares, np.float32(0.0)), axis=1, out=totals[:, 1:])
    counts = np.zeros((shares.shape[0], n_days + 1), dtype=np.float32)
    np.cumsum(there, axis=1, out=counts[:, 1:])
    split = np.arange(n_days)
    end, begin = np.minimum(split + after, n_days), np.maximum(split - before, 0)
    n_after, n_before = counts[:, end] - counts[:, :-1], counts[:, :-1] - counts[:, begin]
    usable = (n_after >= measured_share * after) & (n_before >= measured_share * before)
    now = totals[:, end] - totals[:, :-1]
    now *= totals[:, :-1] - totals[:, begin]
    alike = np.sqrt(np.maximum(now, 0.0, out=now), out=now).sum(axis=2)
    alike /= np.sqrt(np.maximum(n_after * n_before, 1.0))
    apart = np.sqrt(np.maximum(1.0 - alike, 0.0))
    return np.where(usable, apart, np.float32(np.nan)).astype(np.float32)
