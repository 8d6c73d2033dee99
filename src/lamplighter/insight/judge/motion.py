"""How each point moved from day to day beside its neighbours, by what was known on each day."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.habits import compiled
from lamplighter.insight.habits.arrays import Booleans, Floats, Integers, Singles, row_mean
from lamplighter.insight.judge import soft

BASE_DAYS = 56  # a point's own level of late
HEAD_DAYS = 84  # the first days give a point's scale
LATE_DAYS = 28  # … or, of a point that comes later, its own first days
SOFT_SHARE = np.float32(0.1)  # below this share of the scale, differences count and not ratios
PEERS_MOST = 128  # so many neighbours tell the common movement well enough
PEERS_LEAST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Points by days."""

    own: Singles  # (n_points, n_days) softened log less the common movement, gaps filled
    common: Singles  # (n_days,) the common movement
    measured: npt.NDArray[np.int32]  # (n_points, n_days + 1) measured days before each day
    peers: Integers  # (up to PEERS_MOST,) points that tell what neighbours do, evenly by size


def motion(*, energy_kwh: npt.NDArray[np.floating], tells: Booleans | None = None) -> Motion:
    """Return each point's movement with that of its neighbours taken out, day by day.

    The common movement of a day is the median over points of the day's softened log less the
    point's mean of the 56 days before, plus the common movement's own mean of these days. No
    day depends on a later one but for the scale and the choice of neighbours, which come from
    the first 84 days. A missing day takes the value of a week before.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: missing.
    tells : (n_points,) bool
        Which points tell the common movement; None: all.

    Returns
    -------
    Motion
        The same points and days.

    Raises
    ------
    IndexError
        The array is not two-dimensional.

    Examples
    --------
    Six homes double together: nobody moved by itself.

    >>> energy = np.ones((6, 90))
    >>> energy[:, 80:] = 2.0
    >>> found = motion(energy_kwh=energy)
    >>> bool(np.abs(found.own[:, 80:] - found.own[:, :7].mean()).max() < 1e-5)
    True
    """
    energy = np.asarray(energy_kwh, dtype=np.float32)
    log = _soft_log(energy)
    told_by = np.arange(len(log)) if tells is None else np.flatnonzero(tells)
    peers = told_by[_evenly(energy[told_by, :HEAD_DAYS])]
    common = _common(log[peers])
    own, measured = _own(log, common)
    return Motion(own=own, common=common, measured=measured, peers=peers)


def may_change(*, energy_kwh: npt.NDArray[np.floating]) -> bool:
    """Tell whether a later day can change how days before it moved.

    It can while the first 84 days, or the first 28 of a point that came later, are not whole.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: missing.

    Returns
    -------
    bool
        False: what `motion` says of these days, it says of them whatever comes.

    Raises
    ------
    IndexError
        The array is not two-dimensional.

    Examples
    --------
    >>> energy = np.zeros((1, 90))
    >>> energy[0, 85:] = 2.0
    >>> may_change(energy_kwh=energy), may_change(energy_kwh=energy[:, :85])
    (True, False)
    """
    used = np.asarray(energy_kwh, dtype=np.float32) > 0.0
    if used.shape[1] < HEAD_DAYS:
        return True
    rest = used[~used[:, :HEAD_DAYS].any(axis=1)]
    begins = np.argmax(rest, axis=1)
    return bool(np.any(rest.any(axis=1) & (begins + LATE_DAYS > used.shape[1])))


def _soft_log(energy: Singles) -> Singles:
    head = energy[:, :HEAD_DAYS]
    scale = compiled.row_median(np.where(head > 0.0, head, np.float32(np.nan)))
    late = ~(scale > 0.0)
    if (
        late.any() and energy.shape[1]
    ):  # nothing in the first weeks: four weeks from its first use on
        rest = energy[late]
        day = np.arange(rest.shape[1])
        first = np.argmax(rest > 0.0, axis=1)[:, None]
        used = (rest > 0.0) & (day >= first) & (day < first + LATE_DAYS)
        scale[late] = compiled.row_median(np.where(used, rest, np.float32(np.nan)))
    scale = np.where(scale > 0.0, scale, 1.0)
    log = energy * (1.0 / (2.0 * SOFT_SHARE * scale)).astype(np.float32)[:, None]
    soft.to_soft_logs(log)
    log -= np.arcsinh(np.float32(1.0) / (2.0 * SOFT_SHARE))  # a day of the scale's size is zero
    return log


def _evenly(head: Singles) -> Integers:
    """Return some points evenly by size, so that the order of rows does not matter."""
    if len(head) <= PEERS_MOST:
        return np.arange(len(head))
    by_size = np.argsort(np.nan_to_num(row_mean(head)), kind="stable")
    return np.asarray(by_size[np.linspace(0, len(head) - 1, PEERS_MOST).astype(int)])


def _common(log: Singles) -> Singles:
    if len(log) < PEERS_LEAST:
        return np.zeros(log.shape[1], dtype=np.float32)
    apart = _apart(log, compiled.row_median(log[:, :BASE_DAYS]))
    step = compiled.row_median(apart)
    few: Booleans = np.count_nonzero(~np.isnan(apart), axis=1) < PEERS_LEAST
    step[few | np.isnan(step)] = 0.0
    return _add_own_past(step).astype(np.float32)


@njit(cache=True, nogil=True, error_model="numpy")
def _apart(log: Singles, first: Floats) -> Floats:
    """Return, day by point, how far each day is from the point's mean of the 56 days before."""
    n_points, n_days = log.shape
    apart = np.empty((n_days, n_points))
    totals, counts = np.zeros(n_days + 1), np.zeros(n_days + 1, dtype=np.int64)
    for point in range(n_points):
        for day in range(n_days):
            value = log[point, day]
            there = value == value
            totals[day + 1] = totals[day] + (value if there else 0.0)
            counts[day + 1] = counts[day] + there
            base = first[point]
            if day >= BASE_DAYS:
                known = counts[day] - counts[day - BASE_DAYS]
                base = np.nan
                if 2 * known >= BASE_DAYS:
                    base = (totals[day] - totals[day - BASE_DAYS]) / known
            apart[day, point] = value - base
    return apart


@njit(cache=True, nogil=True, error_model="numpy")
def _add_own_past(step: Floats) -> Floats:
    common, total = step.copy(), 0.0
    for day in range(len(step)):  # each day rests on the days before it
        if day >= BASE_DAYS:
            common[day] += total / BASE_DAYS
            total -= common[day - BASE_DAYS]
        total += common[day]
    return common


@njit(cache=True, nogil=True, error_model="numpy")
def _own(log: Singles, common: Singles) -> tuple[Singles, npt.NDArray[np.int32]]:
    """Take out what is common; a missing day is as a week before, zero if nothing was before."""
    n_points, n_days = log.shape
    own = np.empty((n_points, n_days), dtype=np.float32)
    measured = np.zeros((n_points, n_days + 1), dtype=np.int32)
    for point in range(n_points):
        for day in range(n_days):
            value = log[point, day] - common[day]
            there = value == value
            if not there:
                value = own[point, day - 7] if day >= 7 else np.float32(0.0)
            own[point, day] = value
            measured[point, day + 1] = measured[point, day] + there
    return own, measured
