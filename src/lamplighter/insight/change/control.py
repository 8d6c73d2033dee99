"""The neighbours as a control group: what they let expect of a point's last two weeks."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles

PAST_DAYS, NEW_DAYS = 70, 14
DAYS = PAST_DAYS + NEW_DAYS
WINDOWS = (14, 10, 7, 5, 3)  # last days that are weighed together
# How much of a usual day's variance is of what kind, to begin with; the neighbours' days decide.
MEAN, WEEKDAY, BESIDE, DRIFT, NOISE = 4.0, 0.5, 1.0, 0.2, 0.3
DRIFT_DAYS = 7.0  # a drift is forgotten so soon
SPREAD_LEAST = 0.01
USUAL_LEAST = 1e-3  # of the square of a usual difference, in own spreads
FAR = 5.0  # own spreads; a day beyond is no farther
DAYS_FAR = 6.0  # usual differences; a day beyond is no farther
SMALLEST = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """How far the last two weeks of some points are from what was to be expected."""

    days: Floats  # (n_points, NEW_DAYS) difference over the usual difference
    expected: Floats  # (n_points, NEW_DAYS) what was expected, in the point's own spreads
    told: Floats  # (n_points, NEW_DAYS) what came, in the same
    windows: Floats  # (n_points, len(WINDOWS)) mean square of the last days' news; 1 is usual
    levels: Floats  # (n_points, 2) size of the mean difference of 14, of 7 days over its usual one
    usual: Floats  # (n_points,) square of the usual difference, in own spreads
    most: Floats  # (n_points,) mean square of the past week that was hardest to foretell
    spread: Floats  # (n_points,) standard deviation of the past, as the quantity


def surprise(*, weeks: Singles, beside: Singles, apart: Integers) -> Surprise:
    """Compare each point's last two weeks with what ten weeks and its neighbours let expect.

    A Gaussian process [1]_ over the days, the same for all points but for their size: a mean,
    weekdays, a drift that is soon forgotten, noise, and whatever the neighbours' days have in
    common with each other. Each past day is foretold from all other past days as well, which
    gives the usual difference. A difference's news is what the days taken before it, from the
    last day backwards, did not show already. What is said of a point does not depend, to the
    last bit, on which other points are asked about.

    Parameters
    ----------
    weeks : (n_points, DAYS) float32
        Any quantity, the last day last. [any]
    beside : (n_peers, DAYS) float32
        The same quantity of the neighbours. [any] No peers: only the point's own past counts.
    apart : (n_points, n) int64
        Neighbours that must not tell of a point, such as itself. [row] Below zero: none.

    Returns
    -------
    Surprise
        The differences.

    Raises
    ------
    ValueError
        The days are not as many as stated, or the points.

    References
    ----------
    .. [1] C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, MIT
       Press, 2006, sec. 2.2 and 5.4.2 (leave one out).

    Examples
    --------
    Two points follow their neighbours; the second does so no longer.

    >>> rng = np.random.default_rng(1)
    >>> beside = rng.normal(size=(8, 84)).astype(np.float32)
    >>> weeks = (beside.sum(axis=0) + 0.1 * rng.normal(size=(2, 84))).astype(np.float32)
    >>> weeks[1, -7:] = rng.normal(size=7)
    >>> found = surprise(weeks=weeks, beside=beside, apart=np.full((2, 1), -1))
    >>> bool(found.windows[0, 2] < 3.0 < 10.0 < found.windows[1, 2])
    True
    """
    if weeks.shape[1:] != (DAYS,) or beside.shape[1:] != (DAYS,) or len(apart) != len(weeks):
        raise ValueError(f"{weeks.shape}, {beside.shape} and {apart.shape}")
    values, spread = _in_own_spread(weeks)
    peers = np.clip(_in_own_spread(beside)[0], -FAR, FAR)
    peers *= np.sqrt(BESIDE / max(len(peers), 1))
    out, left, news, sizes = _surprise(values, *_process(peers, _own_kernel()), peers, apart)
    square = np.square(out)
    usual = square.mean(axis=1) + USUAL_LEAST
    weekly = square.reshape(-1, PAST_DAYS // 7, 7).mean(axis=2)
    return Surprise(
        days=np.clip(left / np.sqrt(usual)[:, None], -DAYS_FAR, DAYS_FAR),
        expected=values[:, PAST_DAYS:] - left,
        told=values[:, PAST_DAYS:],
        windows=np.stack([news[:, :n].mean(axis=1) for n in WINDOWS], axis=1),
        levels=sizes,
        usual=usual,
        most=weekly.max(axis=1) / usual,
        spread=spread,
    )


def _own_kernel() -> Floats:
    day = np.arange(DAYS)
    gap = np.abs(day[:, None] - day)
    week = WEEKDAY * (gap % 7 == 0)
    return np.asarray(MEAN + week + DRIFT * np.exp(-gap / DRIFT_DAYS) + NOISE * np.eye(DAYS))


def _in_own_spread(weeks: Singles) -> tuple[Floats, Floats]:
    values = weeks.astype(np.float64, order="C")
    values -= values[:, :PAST_DAYS].mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(values[:, :PAST_DAYS]).mean(axis=1)) + SPREAD_LEAST
    values /= spread[:, None]
    return values, spread


@njit(cache=True, nogil=True)
def _process(peers: Floats, kernel: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the inverse kernel of the past, and the new days' weights on it and covariance."""
    for peer in range(peers.shape[0]):
        for row in range(DAYS):
            for column in range(DAYS):
                kernel[row, column] += peers[peer, row] * peers[peer, column]
    # Gauss and Jordan: pivots of a positive definite matrix need no exchange.
    whole = np.zeros((PAST_DAYS, 2 * PAST_DAYS))
    whole[:, :PAST_DAYS] = kernel[:PAST_DAYS, :PAST_DAYS]
    for row in range(PAST_DAYS):
        whole[row, PAST_DAYS + row] = 1.0
    for pivot in range(PAST_DAYS):
        over = 1.0 / whole[pivot, pivot]
        for column in range(pivot, PAST_DAYS + pivot + 1):
            whole[pivot, column] *= over
        for row in range(PAST_DAYS):
            if row != pivot:
                times = whole[row, pivot]
                for column in range(pivot, PAST_DAYS + pivot + 1):
                    whole[row, column] -= times * whole[pivot, column]
    inverse = whole[:, PAST_DAYS:].copy()
    forward = np.zeros((NEW_DAYS, PAST_DAYS))
    covariance = kernel[PAST_DAYS:, PAST_DAYS:].copy()
    for row in range(NEW_DAYS):
        for day in range(PAST_DAYS):
            of = kernel[PAST_DAYS + row, day]
            for column in range(PAST_DAYS):
                forward[row, column] += of * inverse[day, column]
        for column in range(NEW_DAYS):
            for day in range(PAST_DAYS):
                covariance[row, column] -= forward[row, day] * kernel[day, PAST_DAYS + column]
    return inverse, forward, covariance


@njit(cache=True, nogil=True)
def _surprise(
    values: Floats,
    inverse: Floats,
    forward: Floats,
    covariance: Floats,
    peers: Floats,
    apart: Integers,
) -> tuple[Floats, Floats, Floats, Floats]:
    n_points = len(values)
    out, left = np.zeros((n_points, PAST_DAYS)), np.zeros((n_points, NEW_DAYS))
    news, sizes = np.zeros((n_points, NEW_DAYS)), np.zeros((n_points, 2))
    diagonal, own = np.zeros(PAST_DAYS), np.zeros((NEW_DAYS, NEW_DAYS))
    back = np.ascontiguousarray(forward.T)
    for point in range(n_points):
        solved, new = out[point], left[point]
        new[:] = values[point, PAST_DAYS:]
        for day in range(PAST_DAYS):
            value = min(max(values[point, day], -FAR), FAR)
            for row in range(PAST_DAYS):
                solved[row] += inverse[day, row] * value
            for row in range(NEW_DAYS):
                new[row] -= back[day, row] * value
            diagonal[day] = inverse[day, day]
        own[:] = covariance
        _without(solved, diagonal, new, own, values[point], inverse, back, peers, apart[point])
        usual, one = 0.0, 0.0
        for day in range(PAST_DAYS):
            solved[day] /= diagonal[day]
            usual += solved[day] * solved[day] / PAST_DAYS
            one += 1.0 / diagonal[day] / PAST_DAYS
        _weigh(news[point], sizes[point], new, own, usual + USUAL_LEAST, one)
    return out, left, news, sizes


@njit(cache=True, nogil=True)
def _without(
    solved: Floats,
    diagonal: Floats,
    new: Floats,
    covariance: Floats,
    values: Floats,
    inverse: Floats,
    back: Floats,
    peers: Floats,
    apart: Integers,
) -> None:
    """Take some neighbours out of the kernel again, one after the other."""
    pulls, shows = np.zeros((len(apart), PAST_DAYS)), np.zeros((len(apart), NEW_DAYS))
    lefts = np.ones(len(apart))
    for number in range(len(apart)):
        if apart[number] < 0:
            continue
        peer, pull, show = peers[apart[number]], pulls[number], shows[number]
        show[:] = peer[PAST_DAYS:]
        for day in range(PAST_DAYS):
            for row in range(PAST_DAYS):
                pull[row] += inverse[day, row] * peer[day]
            for row in range(NEW_DAYS):
                show[row] -= back[day, row] * peer[day]
        for before in range(number):
            shared = 0.0
            for day in range(PAST_DAYS):
                shared += pulls[before, day] * peer[day]
            pull += pulls[before] * (shared / lefts[before])
            show += shows[before] * (shared / lefts[before])
        told = 0.0
        for day in range(PAST_DAYS):
            lefts[number] -= pull[day] * peer[day]
            told += pull[day] * min(max(values[day], -FAR), FAR)
        lefts[number] = max(lefts[number], SMALLEST)
        solved += pull * (told / lefts[number])
        diagonal += pull * pull / lefts[number]
        new += show * (told / lefts[number])
        for row in range(NEW_DAYS):
            covariance[row] -= show[row] / lefts[number] * show


@njit(cache=True, nogil=True)
def _weigh(
    news: Floats, sizes: Floats, new: Floats, covariance: Floats, usual: float, one: float
) -> None:
    """Write the square of each day's news, the last day first, and the sizes of the levels."""
    root, white = np.empty((NEW_DAYS, NEW_DAYS)), np.empty(NEW_DAYS)
    for row in range(NEW_DAYS):
        day = NEW_DAYS - 1 - row
        left = min(max(new[day] / np.sqrt(usual), -DAYS_FAR), DAYS_FAR)
        for column in range(row + 1):
            value = covariance[day, NEW_DAYS - 1 - column] / one
            for before in range(column):
                value -= root[row, before] * root[column, before]
            if column < row:
                root[row, column] = value / root[column, column]
                left -= root[row, column] * white[column]
            else:
                root[row, row] = np.sqrt(max(value, SMALLEST))
        white[row] = left / root[row, row]
        news[row] = white[row] * white[row]
    for number in range(2):
        width = NEW_DAYS // (number + 1)
        level, noise = 0.0, 0.0
        for row in range(NEW_DAYS - width, NEW_DAYS):
            level += min(max(new[row] / np.sqrt(usual), -DAYS_FAR), DAYS_FAR)
            for column in range(NEW_DAYS - width, NEW_DAYS):
                noise += covariance[row, column] / one
        sizes[number] = abs(level) / np.sqrt(max(noise, SMALLEST))
