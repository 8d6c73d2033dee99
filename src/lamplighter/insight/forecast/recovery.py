"""What will still be unpaid at the end of each day of the running window, as in past windows."""

from dataclasses import dataclass

import numpy as np

from lamplighter.insight.habits.arrays import Floats

NOTHING = 1e-9


class NotWindows(ValueError):
    """The arrays do not describe windows by days, or a share is negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPolicy:
    """The numbers of the band; rows of the policy "forecast"."""

    recovery_windows: int  # past months to look at
    recovery_windows_min: int  # fewest of them for a band
    interval: float  # probability inside the band


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Share of the billed amount unpaid at the end of each day to come; the first entry is now."""

    low: Floats
    mid: Floats
    high: Floats


def band(*, past: Floats, now: float, day: int, n_days: int, policy: RecoveryPolicy) -> Band | None:
    """Carry the running window on as past windows went on from the same day.

    Of each past window the share is taken that remained of what was unpaid on this day. Windows
    differ in length and money comes in towards their end, so days to come are matched by how many
    days are left. The ends are the order statistics of these shares that hold the next one with
    the wanted probability if all windows are alike (conformal prediction [1]_).

    Parameters
    ----------
    past : (n_windows, n_days) float64
        Unpaid share of each past window at the end of each day since its bills were out. [share]
        NaN: beyond the window's end.
    now : float
        Unpaid share of the running window at the end of *day*. [share]
    day : int
        Days since the running window's bills were out, 0 on the first. [day]
    n_days : int
        Days of the running window, the first and the last counted. [day]
    policy : RecoveryPolicy
        Fewest windows, and the probability inside the band.

    Returns
    -------
    Band or None
        From *day* on to the last day; None where too few past windows were open then.

    Raises
    ------
    NotWindows
        Not windows by days, a negative share, or a day outside the window.

    References
    ----------
    .. [1] V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World, Springer,
       2005, ch. 2, doi:10.1007/b106715.

    Examples
    --------
    >>> past = np.array([[1.0, 0.5, 0.1], [1.0, 0.4, 0.2], [1.0, 0.6, 0.3]])
    >>> found = band(
    ...     past=past, now=0.5, day=1, n_days=3,
    ...     policy=RecoveryPolicy(recovery_windows=12, recovery_windows_min=3, interval=0.5),
    ... )
    >>> found.mid
    array([0.5 , 0.25])
    """
    if past.ndim != 2 or np.any(past < 0.0) or not now >= 0.0:
        raise NotWindows(f"{past.shape}, now {now}")
    if not 0 <= day < n_days:
        raise NotWindows(f"day {day} of {n_days}")
    ends = past.shape[1] - 1 - np.argmin(np.isnan(past[:, ::-1]), axis=1)
    usable = np.flatnonzero(~np.isnan(past).all(axis=1) & (ends > day))
    usable = usable[past[usable, day] > NOTHING]
    if len(usable) < policy.recovery_windows_min:
        return None
    left = n_days - 1 - np.arange(day, n_days)
    column = np.maximum(ends[usable][:, None] - left[None], day)
    column[:, 0] = day  # today is known
    ratios = past[usable[:, None], column] / past[usable, day][:, None]
    tail = (1.0 - policy.interval) / 2.0
    low, mid, high = now * _ordered(ratios, (tail, 0.5, 1.0 - tail))
    return Band(low=low, mid=mid, high=high)


def _ordered(values: Floats, shares: tuple[float, ...]) -> Floats:
    """Return the (n + 1) · share-th smallest of each column, between neighbours linearly."""
    ordered = np.sort(values, axis=0)
    place = np.clip(np.array(shares) * (len(values) + 1) - 1.0, 0.0, len(values) - 1.0)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, len(values) - 1)
    part = (place - below)[:, None]
    return np.asarray(ordered[below] * (1.0 - part) + ordered[above] * part)
