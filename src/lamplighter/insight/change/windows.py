"""Two windows side by side over every day of every point, by running sums."""

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Floats, Singles


class NoWindow(ValueError):
    """A window has no days, or is not of whole weeks where weekdays are compared."""


def level_shift(
    values: Singles, *, after_days: int, before_days: int, measured_share: float
) -> Singles:
    """Return mean after minus mean before, for a split before each day.

    ``shift[t] = mean(values[t : t + after_days]) - mean(values[t - before_days : t])``

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity, best centred near zero. [any] NaN: missing.
    after_days, before_days : int
        Lengths of the two windows. [day]
    measured_share : float
        Least share of each window that must be there. [share]

    Returns
    -------
    (n_points, n_days) float32
        The shift; NaN where a window has too little. [any]

    Raises
    ------
    NoWindow
        A window has no days.

    Examples
    --------
    >>> level_shift(
    ...     np.array([[1.0, 1.0, 4.0, 4.0]], dtype=np.float32),
    ...     after_days=2, before_days=2, measured_share=1.0,
    ... )
    array([[nan, nan,  3., nan]], dtype=float32)
    """
    if after_days < 1 or before_days < 1:
        raise NoWindow(f"{after_days} after, {before_days} before")
    missing = np.isnan(values)
    totals = running(np.where(missing, np.float32(0.0), values))
    counts = running((~missing).astype(np.float32))
    after, n_after = _ahead(totals, after_days), _ahead(counts, after_days)
    before, n_before = _behind(totals, before_days), _behind(counts, before_days)
    too_few = (n_after < measured_share * after_days) | (n_before < measured_share * before_days)
    after /= np.maximum(n_after, 1.0, out=n_after)
    before /= np.maximum(n_before, 1.0, out=n_before)
    after -= before
    after[too_few] = np.nan
    return after


def rhythm_shift(
    values: Singles, *, after_days: int, before_days: int, measured_share: float
) -> Singles:
    """Return how far the seven weekdays' means moved against each other at each split.

    Root of the sum over weekdays of ``(shift of the weekday's mean - mean shift) ** 2``. A
    common shift of all weekdays counts nothing.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity. [any] NaN: missing.
    after_days, before_days : int
        Lengths of the two windows, whole weeks. [day]
    measured_share : float
        Least share of each window that must be there. [share]

    Returns
    -------
    (n_points, n_days) float32
        The shift of rhythm, never negative; NaN where a window has too little, and where the
        window before would start before the first day. [any]

    Raises
    ------
    NoWindow
        A window is not of whole weeks.

    Examples
    --------
    From here on Mondays differ by 7 and all else stays.

    >>> week = np.zeros(14, dtype=np.float32)
    >>> week[7] = 7.0
    >>> shift = rhythm_shift(week[None], after_days=7, before_days=7, measured_share=1.0)
    >>> bool(np.isclose(shift[0, 7], np.sqrt(6.0**2 + 6 * 1.0)))
    True
    """
    if min(after_days, before_days) < 1 or after_days % 7 or before_days % 7:
        raise NoWindow(f"{after_days} after, {before_days} before: not whole weeks")
    n_days = values.shape[1]
    missing = np.isnan(values)
    filled = np.where(missing, np.float32(0.0), values)
    there = (~missing).astype(np.float32)
    after, n_after = _weekday_means(filled, there, after_days, shift=0)
    before, n_before = _weekday_means(filled, there, before_days, shift=-before_days)
    after -= before
    after[(n_after < 0.5) | (n_before < 0.5)] = 0.0  # a weekday nobody measured says nothing
    sums = _ahead(running(after), 7)
    squares = _ahead(running(after * after), 7)
    squares -= sums * sums / np.float32(7.0)
    spread = np.sqrt(np.maximum(squares, 0.0, out=squares), out=squares)
    counts = running(there)
    n_after = _ahead(counts, after_days)
    n_before = _behind(counts, before_days)
    too_few = (n_after < measured_share * after_days) | (n_before < measured_share * before_days)
    spread[too_few] = np.nan
    spread[:, : min(before_days, n_days)] = np.nan
    spread[:, max(n_days - 6, 0) :] = np.nan
    return spread


def own_scale(
    shifts: Singles, *, white: Floats, windows: float, stride: int, prior_windows: float
) -> Floats:
    """Return each point's usual size of a shift, from its own history and its peers'.

    The median absolute shift over the whole history covers noise that remembers yesterday. It
    is drawn, in logs, towards the point's day-to-day noise times what its peers show, the more
    the shorter the history.

    Parameters
    ----------
    shifts : (n_points, n_days) float32
        Shifts at every split. [any] NaN: none.
    white : (n_points,) float64
        Size expected if days were independent, above zero. [any]
    windows : float
        Number of windows in a whole history. [window]
    stride : int
        Splits looked at: every so many days. [day]
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
    >>> own_scale(shifts, white=np.array([1.0]), windows=4.0, stride=1, prior_windows=4.0)
    array([1.4826])
    """
    from_history = 1.4826 * _median_of_rows(np.abs(shifts[:, ::stride]))
    share = np.count_nonzero(~np.isnan(shifts[:, ::stride]), axis=1) / max(
        1, shifts[:, ::stride].shape[1]
    )
    inflation = from_history / white
    known = inflation[np.isfinite(inflation) & (inflation > 0.0)]
    usual = white * (np.median(known) if known.size else 1.0)
    weight = windows * share / (windows * share + prior_windows)
    history = np.log(np.maximum(from_history, 1e-3 * usual))
    return np.asarray(np.exp(weight * history + (1.0 - weight) * np.log(usual)))


def running(values: Singles) -> Singles:
    """Return running sums with a leading zero column.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity without NaN. [any]

    Returns
    -------
    (n_points, n_days + 1) float32
        Sum of the days before each day. [any]

    Raises
    ------
    IndexError
        The array is not two-dimensional.

    Examples
    --------
    >>> running(np.array([[1.0, 2.0]], dtype=np.float32))
    array([[0., 1., 3.]], dtype=float32)
    """
    sums = np.zeros((values.shape[0], values.shape[1] + 1), dtype=np.float32)
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _ahead(sums: Singles, width: int) -> Singles:
    """Return the sum of each day and the ones after it, *width* in all, fewer at the end."""
    n_days = sums.shape[1] - 1
    whole = max(n_days - width, 0)
    out = np.empty((sums.shape[0], n_days), dtype=np.float32)
    np.subtract(sums[:, width : width + whole], sums[:, :whole], out=out[:, :whole])
    np.subtract(sums[:, n_days:], sums[:, whole:n_days], out=out[:, whole:])
    return out


def _behind(sums: Singles, width: int) -> Singles:
    """Return the sum of the *width* days before each day, fewer at the start."""
    n_days = sums.shape[1] - 1
    short = min(width, n_days)
    out = np.empty((sums.shape[0], n_days), dtype=np.float32)
    out[:, :short] = sums[:, :short]
    np.subtract(sums[:, short:n_days], sums[:, : n_days - short], out=out[:, short:])
    return out


def _weekday_means(
    filled: Singles, there: Singles, width: int, *, shift: int
) -> tuple[Singles, Singles]:
    """Return the mean over every seventh day of a window that starts *shift* from each day."""
    total, count = _sevenths(filled, width), _sevenths(there, width)
    total /= np.maximum(count, 1.0)
    if shift < 0:
        moved, counted = np.zeros_like(total), np.zeros_like(count)
        moved[:, -shift:] = total[:, :shift]
        counted[:, -shift:] = count[:, :shift]
        return moved, counted
    return total, count


def _sevenths(values: Singles, width: int) -> Singles:
    """Return the sum of each day and every seventh after it within *width* days."""
    n_points, n_days = values.shape
    weeks = -(-n_days // 7)
    padded = np.zeros((n_points, weeks + 1, 7), dtype=np.float32)
    padded[:, 1:].reshape(n_points, 7 * weeks)[:, :n_days] = values
    sums = np.cumsum(padded, axis=1, out=padded).reshape(n_points, 7 * weeks + 7)  # sums[:, s]: up to s - 7
    out = np.empty((n_points, n_days), dtype=np.float32)
    for_whole = max(min(n_days, sums.shape[1] - width), 0)
    np.subtract(sums[:, width : width + for_whole], sums[:, :for_whole], out=out[:, :for_whole])
    last = sums[:, -7:]  # whole sums by weekday place
    if for_whole < n_days:
        place = np.arange(for_whole, n_days) % 7
        out[:, for_whole:] = last[:, place] - sums[:, for_whole:n_days]
    return out


def _median_of_rows(values: npt.NDArray[np.floating]) -> Floats:
    ordered = np.sort(values, axis=1)
    count = np.count_nonzero(~np.isnan(ordered), axis=1)
    if ordered.shape[1] == 0:
        return np.full(len(ordered), np.nan)
    middle = ordered[np.arange(len(ordered)), np.maximum(count - 1, 0) // 2].astype(np.float64)
    return np.where(count > 0, middle, np.nan)
