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
    """How far the last two weeks of each case are from what was to be expected."""

    days: Floats  # (n_cases, NEW_DAYS) difference over the usual difference
    expected: Floats  # (n_cases, NEW_DAYS) what was expected, in the point's own spreads
    told: Floats  # (n_cases, NEW_DAYS) what came, in the same
    windows: Floats  # (n_cases, len(WINDOWS)) mean square of the last days' news; 1 is usual
    levels: Floats  # (n_cases, 2) size of the mean difference of 14, of 7 days over its usual one
    usual: Floats  # (n_cases,) square of the usual difference, in own spreads
    most: Floats  # (n_cases,) mean square of the past week that was hardest to foretell
    spread: Floats  # (n_cases,) standard deviation of the past, as the quantity


def surprise(
    *,
    values: Singles,
    common: Singles,
    day: Integers,
    point: Integers,
    peers: Integers,
    apart: Integers,
) -> Surprise:
    """Compare each case's last two weeks with what ten weeks and its neighbours let expect.

    A Gaussian process [1]_ over the days, the same for all points but for their size: a mean,
    weekdays, a drift that is soon forgotten, noise, and whatever the neighbours' days have in
    common with each other. Each past day is foretold from all other past days as well, which
    gives the usual difference. A difference's news is what the days taken before it, from the
    last day backwards, did not show already. What is said of a case does not depend, to the
    last bit, on which other cases are asked about.

    Parameters
    ----------
    values : (n_points, n_days) float32
        Any quantity. [any] No NaN.
    common : (n_days,) float32
        What all points have in common and *values* lack. [any]
    day, point : (n_cases,) int64
        Last day and point of each case, best by day. [column, row]
    peers : (n_peers,) int64
        Points that tell what neighbours do. [row] None: only the point's own past counts.
    apart : (n_points, n) int64
        Points that must not tell of a point, such as itself. [row] Below zero: none.

    Returns
    -------
    Surprise
        The differences.

    Raises
    ------
    ValueError
        A case has fewer than twelve weeks, or the points are not as many as stated.

    References
    ----------
    .. [1] C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, MIT
       Press, 2006, sec. 2.2 and 5.4.2 (leave one out).

    Examples
    --------
    Two points follow their neighbours; the second does so no longer.

    >>> rng = np.random.default_rng(1)
    >>> values = rng.normal(size=(10, 84)).astype(np.float32)
    >>> values[8:] = values[:8].sum(axis=0) + 0.1 * values[8:]
    >>> values[9, -7:] = rng.normal(size=7)
    >>> found = surprise(
    ...     values=values, common=0.0 * values[0], day=np.array([83, 83]),
    ...     point=np.array([8, 9]), peers=np.arange(8), apart=np.full((10, 1), -1),
    ... )
    >>> bool(found.windows[0, 2] < 3.0 < 10.0 < found.windows[1, 2])
    True
    """
    if len(day) and int(day.min()) < DAYS - 1:
        raise ValueError(f"{int(day.min()) + 1} days up to a case")
    if len(apart) != len(values) or common.shape != values.shape[1:]:
        raise ValueError(f"{values.shape}, {common.shape} and {apart.shape}")
    place = np.full(len(values) + 1, -1)
    place[peers] = np.arange(len(peers))  # the last stays: of no point
    found = _surprises(
        values, common, day, point, peers, place[np.maximum(apart[point], -1)], OWN_KERNEL
    )
    out, left, told, news, levels, spread = found
    square = np.square(out)
    usual = square.mean(axis=1) + USUAL_LEAST
    weekly = square.reshape(-1, PAST_DAYS // 7, 7).mean(axis=2)
    return Surprise(
        days=np.clip(left / np.sqrt(usual)[:, None], -DAYS_FAR, DAYS_FAR),
        expected=told - left,
        told=told,
        windows=np.stack([news[:, :n].mean(axis=1) for n in WINDOWS], axis=1),
        levels=levels,
        usual=usual,
        most=weekly.max(axis=1) / usual,
        spread=spread,
    )


def _own_kernel() -> Floats:
    day = np.arange(DAYS)
    gap = np.abs(day[:, None] - day)
    week = WEEKDAY * (gap % 7 == 0)
    return np.asarray(MEAN + week + DRIFT * np.exp(-gap / DRIFT_DAYS) + NOISE * np.eye(DAYS))


OWN_KERNEL = _own_kernel()


@njit(cache=True, nogil=True, error_model="numpy")
def _in_own_spread(out: Floats, values: Singles, common: Singles) -> float:
    """Write days in spreads of their past about its mean, and return the spread."""
    mean, square = 0.0, 0.0
    for day in range(DAYS):
        out[day] = values[day] + common[day]
    for day in range(PAST_DAYS):
        mean += out[day]
    mean /= PAST_DAYS
    for day in range(DAYS):
        out[day] -= mean
    for day in range(PAST_DAYS):
        square += out[day] * out[day]
    spread = np.sqrt(square / PAST_DAYS) + SPREAD_LEAST
    for day in range(DAYS):
        out[day] /= spread
    return float(spread)


@njit(cache=True, nogil=True, error_model="numpy")
def _surprises(
    values: Singles,
    common: Singles,
    day: Integers,
    point: Integers,
    peers: Integers,
    apart: Integers,
    own: Floats,
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    n_cases = len(day)
    out, left = np.zeros((n_cases, PAST_DAYS)), np.zeros((n_cases, NEW_DAYS))
    told, news = np.zeros((n_cases, NEW_DAYS)), np.zeros((n_cases, NEW_DAYS))
    levels, spread = np.zeros((n_cases, 2)), np.zeros(n_cases)
    weeks, beside = np.zeros(DAYS), np.zeros((len(peers), DAYS))
    share = np.sqrt(BESIDE / max(len(peers), 1))
    inverse, back, covariance = _process(beside, own)
    usual_root = _root(covariance, 1.0)
    last = -1
    for case in range(n_cases):
        if day[case] != last:
            last = day[case]
            shared = common[last + 1 - DAYS : last + 1]
            for peer in range(len(peers)):
                line = beside[peer]
                _in_own_spread(line, values[peers[peer], last + 1 - DAYS : last + 1], shared)
                for at in range(DAYS):
                    line[at] = share * min(max(line[at], -FAR), FAR)
            inverse, back, covariance = _process(beside, own)
            usual_root = _root(covariance, _one(np.diag(inverse)))
        spread[case] = _in_own_spread(
            weeks, values[point[case], last + 1 - DAYS : last + 1], shared
        )
        told[case] = weeks[PAST_DAYS:]
        _of_case(
            out[case], left[case], news[case], levels[case], weeks, inverse, back, covariance,
            usual_root, beside, apart[case],
        )  # fmt: skip
    return out, left, told, news, levels, spread


@njit(cache=True, nogil=True, error_model="numpy")
def _process(peers: Floats, own: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the past's inverse kernel, its days' weights on the new ones, these' covariance."""
    kernel = own.copy()
    for peer in range(peers.shape[0]):
        line = peers[peer]
        for row in range(DAYS):
            for column in range(row + 1):
                kernel[row, column] += line[row] * line[column]
    for row in range(DAYS):
        for column in range(row):
            kernel[column, row] = kernel[row, column]
    # Gauss and Jordan: pivots of a positive definite matrix need no exchange.
    whole = np.zeros((PAST_DAYS, 2 * PAST_DAYS))
    whole[:, :PAST_DAYS] = kernel[:PAST_DAYS, :PAST_DAYS]
    for row in range(PAST_DAYS):
        whole[row, PAST_DAYS + row] = 1.0
    for pivot in range(PAST_DAYS):
        whole[pivot, pivot : PAST_DAYS + pivot + 1] /= whole[pivot, pivot]
        for row in range(PAST_DAYS):
            if row != pivot:
                times = whole[row, pivot]
                for column in range(pivot, PAST_DAYS + pivot + 1):
                    whole[row, column] -= times * whole[pivot, column]
    inverse = whole[:, PAST_DAYS:].copy()
    back = np.zeros((PAST_DAYS, NEW_DAYS))
    covariance = kernel[PAST_DAYS:, PAST_DAYS:].copy()
    for day in range(PAST_DAYS):
        for at in range(PAST_DAYS):
            for row in range(NEW_DAYS):
                back[day, row] += inverse[day, at] * kernel[at, PAST_DAYS + row]
        for row in range(NEW_DAYS):
            for column in range(NEW_DAYS):
                covariance[row, column] -= back[day, row] * kernel[day, PAST_DAYS + column]
    return inverse, back, covariance


@njit(cache=True, nogil=True, error_model="numpy")
def _of_case(
    solved: Floats,
    new: Floats,
    news: Floats,
    levels: Floats,
    weeks: Floats,
    inverse: Floats,
    back: Floats,
    covariance: Floats,
    root: Floats,
    peers: Floats,
    apart: Integers,
) -> None:
    """Write what the process says of a case: past days left out in turn, new days' differences."""
    diagonal = np.empty(PAST_DAYS)
    for row in range(NEW_DAYS):
        new[row] = weeks[PAST_DAYS + row]
    for day in range(PAST_DAYS):
        value = min(max(weeks[day], -FAR), FAR)
        for row in range(PAST_DAYS):
            solved[row] += inverse[day, row] * value
        for row in range(NEW_DAYS):
            new[row] -= back[day, row] * value
        diagonal[day] = inverse[day, day]
    if np.any(apart >= 0):
        own = covariance.copy()
        _without(solved, diagonal, new, own, weeks, inverse, back, peers, apart)
        root = _root(own, _one(diagonal))
    usual = 0.0
    for day in range(PAST_DAYS):
        solved[day] /= diagonal[day]
        usual += solved[day] * solved[day] / PAST_DAYS
    _weigh(news, levels, new, root, usual + USUAL_LEAST)


@njit(cache=True, nogil=True, error_model="numpy")
def _one(diagonal: Floats) -> float:
    """Return the mean variance of a past day, all other past days known."""
    one = 0.0
    for day in range(PAST_DAYS):
        one += 1.0 / diagonal[day] / PAST_DAYS
    return one


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def _root(covariance: Floats, one: float) -> Floats:
    """Return the triangular root of the new days' covariance over *one*, the last day first.

    Two further rows hold the spreads of the last 14 and 7 days' sums.
    """
    root = np.zeros((NEW_DAYS + 2, NEW_DAYS))
    for row in range(NEW_DAYS):
        day = NEW_DAYS - 1 - row
        for column in range(row + 1):
            value = covariance[day, NEW_DAYS - 1 - column] / one
            for before in range(column):
                value -= root[row, before] * root[column, before]
            if column < row:
                root[row, column] = value / root[column, column]
            else:
                root[row, row] = np.sqrt(max(value, SMALLEST))
    for number in range(2):
        noise = 0.0
        for row in range(NEW_DAYS - NEW_DAYS // (number + 1), NEW_DAYS):
            for column in range(NEW_DAYS - NEW_DAYS // (number + 1), NEW_DAYS):
                noise += covariance[row, column] / one
        root[NEW_DAYS + number, 0] = np.sqrt(max(noise, SMALLEST))
    return root


@njit(cache=True, nogil=True, error_model="numpy")
def _weigh(news: Floats, sizes: Floats, new: Floats, root: Floats, usual: float) -> None:
    """Write the square of each day's news, the last day first, and the sizes of the levels."""
    white, apart, by = np.empty(NEW_DAYS), np.empty(NEW_DAYS), np.sqrt(usual)
    for row in range(NEW_DAYS):
        apart[row] = min(max(new[row] / by, -DAYS_FAR), DAYS_FAR)
    for row in range(NEW_DAYS):
        left = apart[NEW_DAYS - 1 - row]
        for column in range(row):
            left -= root[row, column] * white[column]
        white[row] = left / root[row, row]
        news[row] = white[row] * white[row]
    for number in range(2):
        level = 0.0
        for row in range(NEW_DAYS - NEW_DAYS // (number + 1), NEW_DAYS):
            level += apart[row]
        sizes[number] = abs(level) / root[NEW_DAYS + number, 0]
