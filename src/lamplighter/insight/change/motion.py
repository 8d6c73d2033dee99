"""How each point moved from day to day beside its neighbours, by what was known on each day."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Booleans, Floats, Singles, row_mean, row_median

BASE_DAYS = 56  # a point's own level of late
HEAD_DAYS = 84  # the first days give a point's scale
LATE_DAYS = 28  # … or, of a point that comes later, its own first days
SOFT_SHARE = np.float32(0.1)  # below this share of the scale, differences count and not ratios
PEERS_MOST = 128  # so many neighbours tell the common movement well enough
PEERS_LEAST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Days by points, laid out so that all points of a day lie together."""

    own: Singles  # (n_days, n_points) softened log less the common movement, gaps filled
    common: Singles  # (n_days,) the common movement
    measured: npt.NDArray[np.int32]  # (n_days + 1, n_points) measured days before each day


def motion(*, energy_kwh: npt.NDArray[np.floating], tells: Booleans | None = None) -> Motion:
    """Return each point's movement with that of its neighbours taken out, day by day.

    The common movement of a day is the median over points of the day's softened log less the
    point's mean of the 56 days before, plus the common movement's own mean of these days. No
    day depends on a later one but for the scale, which comes from the first 84 days. A
    missing day takes the value of a week before.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: missing.
    tells : (n_points,) bool
        Which points tell the common movement; None: all.

    Returns
    -------
    Motion
        The same points and days, turned.

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
    >>> bool(np.abs(found.own[80:] - found.own[:7].mean()).max() < 1e-5)
    True
    """
    energy = np.asarray(energy_kwh, dtype=np.float32)
    log = _soft_log(energy)
    missing = np.isnan(log)
    common = _common(log, energy) if tells is None else _common(log[tells], energy[tells])
    own = np.ascontiguousarray(log.T)
    own -= common[:, None]
    gaps = missing.T
    if gaps.any():
        _fill(own, gaps)
    measured = np.zeros((own.shape[0] + 1, own.shape[1]), dtype=np.int32)
    np.cumsum(~gaps, axis=0, out=measured[1:])
    return Motion(own=own, common=common, measured=measured)


def _soft_log(energy: Singles) -> Singles:
    head = energy[:, :HEAD_DAYS]
    scale = row_median(np.where(head > 0.0, head, np.float32(np.nan)))
    late = ~(scale > 0.0)
    if (
        late.any() and energy.shape[1]
    ):  # nothing in the first weeks: four weeks from its first use on
        rest = energy[late]
        day = np.arange(rest.shape[1])
        first = np.argmax(rest > 0.0, axis=1)[:, None]
        used = (rest > 0.0) & (day >= first) & (day < first + LATE_DAYS)
        scale[late] = row_median(np.where(used, rest, np.float32(np.nan)))
    scale = np.where(scale > 0.0, scale, 1.0)
    log = energy * (1.0 / (2.0 * SOFT_SHARE * scale)).astype(np.float32)[:, None]
    np.arcsinh(log, out=log)
    log -= np.arcsinh(np.float32(1.0) / (2.0 * SOFT_SHARE))  # a day of the scale's size is zero
    return log


def _common(log: Singles, energy: Singles) -> Singles:
    n_points, n_days = log.shape
    if n_points < PEERS_LEAST or n_days == 0:
        return np.zeros(n_days, dtype=np.float32)
    if n_points > PEERS_MOST:  # evenly by size, so that the order of rows does not matter
        by_size = np.argsort(np.nan_to_num(row_mean(energy)), kind="stable")
        log = log[by_size[np.linspace(0, n_points - 1, PEERS_MOST).astype(int)]]
    there = ~np.isnan(log)
    total = _running(np.where(there, log, np.float32(0.0)))
    count = _running(there)
    begin = np.maximum(np.arange(n_days) - BASE_DAYS, 0)
    known = count[:, :-1] - count[:, begin]
    base = np.where(
        known >= BASE_DAYS / 2, (total[:, :-1] - total[:, begin]) / np.maximum(known, 1), np.nan
    )
    base[:, :BASE_DAYS] = row_median(log[:, :BASE_DAYS])[:, None]
    apart = np.ascontiguousarray((log - base).T)
    step = row_median(apart)
    few: Booleans = np.count_nonzero(~np.isnan(apart), axis=1) < PEERS_LEAST
    step[few | np.isnan(step)] = 0.0
    return _add_own_past(step).astype(np.float32)


def _add_own_past(step: Floats) -> Floats:
    common, total = step.copy(), 0.0
    for day in range(len(step)):  # each day rests on the days before it
        if day >= BASE_DAYS:
            common[day] += total / BASE_DAYS
            total -= common[day - BASE_DAYS]
        total += common[day]
    return common


def _running(values: npt.NDArray[np.generic]) -> Floats:
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _fill(own: Singles, gaps: npt.NDArray[np.bool_]) -> None:
    """Give each missing day the value of a week before; before the first day known, zero."""
    own[:7][gaps[:7]] = 0.0
    for day in np.flatnonzero(gaps[7:].any(axis=1)) + 7:
        lacking = gaps[day]
        own[day, lacking] = own[day - 7, lacking]
