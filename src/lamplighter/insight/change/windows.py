"""Two windows side by side over every day of every point, by running sums."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Floats, Singles


class NoWindow(ValueError):
    """A window has no days, or is not of whole weeks where weekdays are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Running sums of one quantity, taken once for all window lengths.

    Where no day is missing the counts are one row that stands for all.
    """

    totals: Singles  # (n_points, n_days + 1)
    counts: Singles  # (n_points or 1, n_days + 1)
    weekday_totals: Singles  # (n_points, whole weeks) of every seventh day, up to a week before
    weekday_counts: Singles  # (n_points or 1, whole weeks)

    @property
    def n_days(self) -> int:
        """Return the number of days."""
        return int(self.totals.shape[1]) - 1


def sums(values: Singles) -> Sums:
    """Return the running sums that every window length is read from.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity, best centred near zero. [any] NaN: missing.

    Returns
    -------
    Sums
        Running sums and counts, over all days and over every seventh day.

    Raises
    ------
    IndexError
        The array is not two-dimensional.

    Examples
    --------
    >>> sums(np.array([[1.0, np.nan, 4.0]], dtype=np.float32)).totals
    array([[0., 1., 1., 5.]], dtype=float32)
    """
    missing = np.isnan(values)
    if missing.any():
        filled = np.where(missing, np.float32(0.0), values)
        there = (~missing).astype(np.float32)
    else:
        filled, there = values, np.ones((1, values.shape[1]), dtype=np.float32)
    return Sums(
        totals=running(filled),
        counts=running(there),
        weekday_totals=_running_sevenths(filled),
        weekday_counts=_running_sevenths(there),
    )


def level_shift(of: Sums, *, after_days: int, before_days: int, measured_share: float) -> Singles:
    """Return mean after minus mean before, for a split before each day.

    ``shift[t] = mean(values[t : t + after_days]) - mean(values[t - before_days : t])``

    Parameters
    ----------
    of : Sums
        Running sums of any quantity.
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
    ...     sums(np.array([[1.0, 1.0, 4.0, 4.0]], dtype=np.float32)),
    ...     after_days=2, before_days=2, measured_share=1.0,
    ... )
    array([[nan, nan,  3., nan]], dtype=float32)
    """
    if after_days < 1 or before_days < 1:
        raise NoWindow(f"{after_days} after, {before_days} before")
    n_after, n_before = _ahead(of.counts, after_days), _behind(of.counts, before_days)
    too_few = (n_after < measured_share * after_days) | (n_before < measured_share * before_days)
    n_after[too_few] = np.nan  # a mean over too little is none
    after, before = _ahead(of.totals, after_days), _behind(of.totals, before_days)
    after /= np.maximum(n_after, 1.0, out=n_after)
    before /= np.maximum(n_before, 1.0, out=n_before)
    after -= before
    return after


def rhythm_shift(of: Sums, *, after_days: int, before_days: int, measured_share: float) -> Singles:
    """Return how far the seven weekdays' means moved against each other at each split.

    Root of the sum over weekdays of ``(shift of the weekday's mean - mean shift) ** 2``. A
    common shift of all weekdays counts nothing.

    Parameters
    ----------
    of : Sums
        Running sums of any quantity.
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
    >>> shift = rhythm_shift(sums(week[None]), after_days=7, before_days=7, measured_share=1.0)
    >>> bool(np.isclose(shift[0, 7], np.sqrt(6.0**2 + 6 * 1.0)))
    True
    """
    if min(after_days, before_days) < 1 or after_days % 7 or before_days % 7:
        raise NoWindow(f"{after_days} after, {before_days} before: not whole weeks")
    n_days = of.n_days
    n_then, n_now = (
        _sevenths(of.weekday_counts, width, n_days=n_days) for width in (before_days, after_days)
    )
    moved = _sevenths(of.weekday_totals, after_days, n_days=n_days)
    moved /= np.maximum(n_now, 1.0)
    then = _sevenths(of.weekday_totals, before_days, n_days=n_days)
    then /= np.maximum(n_then, 1.0)
    moved[:, before_days:] -= then[:, : max(n_days - before_days, 0)]
    known = n_now > 0.5  # a weekday nobody measured says nothing
    known[:, before_days:] &= n_then[:, : max(n_days - before_days, 0)] > 0.5
    if not known.all():
        moved *= known
    total = _next_seven(moved)
    np.square(moved, out=moved)
    spread = _next_seven(moved)
    np.square(total, out=total)
    total /= np.float32(7.0)
    spread -= total
    np.sqrt(np.maximum(spread, 0.0, out=spread), out=spread)
    n_after, n_before = _ahead(of.counts, after_days), _behind(of.counts, before_days)
    too_few = (n_after < measured_share * after_days) | (n_before < measured_share * before_days)
    spread[np.broadcast_to(too_few, spread.shape)] = np.nan
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


def _running_sevenths(values: Singles) -> Singles:
    """Return for each day the sum of every seventh day before it, to the end of a whole week."""
    n_points, n_days = values.shape
    weeks = -(-n_days // 7)
    padded = np.zeros((n_points, weeks + 1, 7), dtype=np.float32)
    padded[:, 1:].reshape(n_points, 7 * weeks)[:, :n_days] = values
    for week in range(1, weeks):  # one add a week over all points beats a strided cumsum
        padded[:, week + 1] += padded[:, week]
    return padded.reshape(n_points, 7 * weeks + 7)


def _sevenths(sums_of: Singles, width: int, *, n_days: int) -> Singles:
    """Return the sum of each day and every seventh after it within *width* days."""
    out = np.empty((sums_of.shape[0], n_days), dtype=np.float32)
    whole = max(min(n_days, sums_of.shape[1] - width), 0)
    np.subtract(sums_of[:, width : width + whole], sums_of[:, :whole], out=out[:, :whole])
    if whole < n_days:
        last = sums_of[:, -7:]  # the whole sums, by place in the week
        place = np.arange(whole, n_days) % 7
        np.subtract(last[:, place], sums_of[:, whole:n_days], out=out[:, whole:])
    return out


def _next_seven(values: Singles) -> Singles:
    """Return the sum of each day and the six after it; the last six days hold fewer."""
    out = values.copy()
    for ahead in range(1, 7):
        out[:, :-ahead] += values[:, ahead:]
    return out


def _median_of_rows(values: npt.NDArray[np.floating]) -> Floats:
    ordered = np.sort(values, axis=1)
    count = np.count_nonzero(~np.isnan(ordered), axis=1)
    if ordered.shape[1] == 0:
        return np.full(len(ordered), np.nan)
    middle = ordered[np.arange(len(ordered)), np.maximum(count - 1, 0) // 2].astype(np.float64)
    return np.where(count > 0, middle, np.nan)
