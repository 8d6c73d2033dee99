"""A Gaussian process over twelve weeks of days, the same for all points of a day: its factors.

New days come after the past ones, the last day first.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers

PAST_DAYS, NEW_DAYS = 70, 14
DAYS = PAST_DAYS + NEW_DAYS
PADDED = 72  # past days, with rows of zeros to a multiple of four
# How much of a usual day's variance is of what kind, to begin with; the neighbours' days decide.
MEAN, WEEKDAY, BESIDE, DRIFT, NOISE = 4.0, 0.5, 1.0, 0.2, 0.3
DRIFT_DAYS = 7.0  # a drift is forgotten so soon
SMALLEST = 1e-6
AT_ONCE = 4  # neighbours that are added together

compiled = njit(cache=True, nogil=True, error_model="numpy")


class Process(NamedTuple):
    """The days' kernel in factors."""

    upper: Floats  # (DAYS, DAYS) root of the past days; what they leave open of the new ones
    inverse: Floats  # (PADDED, PADDED) of the root's part of past days
    lower: Floats  # (PADDED, PADDED) the same, turned
    shown: Floats  # (PADDED, PADDED) what past days show of the new ones, the first columns
    precision: Floats  # (PAST_DAYS,) one over a past day's variance, all other past days known
    root: Floats  # (NEW_DAYS, NEW_DAYS) of what stays open, lower, over a past day's variance
    noise: Floats  # (2,) spreads of the last 14 and 7 days' sums, in the same


def own_kernel() -> Floats:
    """Return what days have in common where no neighbours are known.

    Parameters
    ----------

    Returns
    -------
    (DAYS, DAYS) float64
        Covariance of days in a point's own spreads.

    Raises
    ------

    Examples
    --------
    >>> kernel = own_kernel()
    >>> bool(kernel[0, 7] > kernel[0, 6]), round(float(kernel[0, 0]), 3)
    (True, 5.0)
    """
    day = np.r_[:PAST_DAYS, DAYS - 1 : PAST_DAYS - 1 : -1]
    gap = np.abs(day[:, None] - day)
    week = WEEKDAY * (gap % 7 == 0)
    return np.asarray(MEAN + week + DRIFT * np.exp(-gap / DRIFT_DAYS) + NOISE * np.eye(DAYS))


@compiled
def process(beside: Floats, own: Floats) -> Process:
    """Return the factors of a kernel that the neighbours' days are added to.

    Parameters
    ----------
    beside : (n_lines, DAYS) float64
        Neighbours' days, times the root of their share. A multiple of four lines; zeros add none.
    own : (DAYS, DAYS) float64
        What days have in common anyway.

    Returns
    -------
    Process
        The factors.

    Raises
    ------
    ZeroDivisionError
        Never: noise keeps the kernel away from singular.

    Examples
    --------
    >>> found = process(np.zeros((0, DAYS)), own_kernel())
    >>> past = own_kernel()[:PAST_DAYS, :PAST_DAYS]
    >>> bool(np.allclose(found.precision, np.diag(np.linalg.inv(past))))
    True
    """
    upper = own.copy()
    for number in range(0, beside.shape[0], AT_ONCE):
        one, two = beside[number], beside[number + 1]
        three, four = beside[number + 2], beside[number + 3]
        for row in range(DAYS):
            a, b, c, d, line = one[row], two[row], three[row], four[row], upper[row]
            for at in range(row, DAYS):
                line[at] += (a * one[at] + b * two[at]) + (c * three[at] + d * four[at])
    _take_roots(upper)
    inverse = _inverse(upper)
    lower, precision = inverse.T.copy(), np.zeros(PAST_DAYS)
    for row in range(PAST_DAYS):
        line = lower[row]
        for day in range(row + 1):
            precision[day] += line[day] * line[day]
    shown = np.zeros((PADDED, PADDED))
    shown[:PAST_DAYS, :NEW_DAYS] = upper[:PAST_DAYS, PAST_DAYS:]
    root, noise = _root(upper[PAST_DAYS:, PAST_DAYS:], precision)
    return Process(upper, inverse, lower, shown, precision, root, noise)


@compiled
def _take_roots(upper: Floats) -> None:
    """Bring the past days' rows of a kernel to their root, two rows at a time."""
    flat = upper.ravel()
    for row in range(0, PAST_DAYS, 2):
        one, two = upper[row], upper[row + 1]
        by = 1.0 / np.sqrt(one[row])
        for at in range(row, DAYS):
            one[at] *= by
        times = one[row + 1]
        for at in range(row + 1, DAYS):
            two[at] -= times * one[at]
        by = 1.0 / np.sqrt(two[row + 1])
        for at in range(row + 1, DAYS):
            two[at] *= by
        for below in range(row + 2, DAYS, 2):
            known, lines = flat[DAYS * row + below :], flat[DAYS * below + below :]
            _take_out(lines, known, known[0], known[DAYS], known[1], known[DAYS + 1], DAYS - below)


@compiled
def _take_out(
    to: Floats, known: Floats, a: float, b: float, c: float, d: float, n_days: int
) -> None:
    """Take two known rows out of two others."""
    for at in range(n_days):
        one, two = known[at], known[DAYS + at]
        to[at] = (to[at] - a * one) - b * two
        to[DAYS + at] = (to[DAYS + at] - c * one) - d * two


@compiled
def _inverse(upper: Floats) -> Floats:
    """Return the inverse of the past days' root."""
    inverse = np.zeros((PADDED + 4, PADDED))
    flat, times = inverse.ravel(), np.zeros(PADDED + 4)
    for row in range(PAST_DAYS - 1, -1, -1):
        by = 1.0 / upper[row, row]
        for below in range(row + 1, PAST_DAYS):
            times[below] = -upper[row, below] * by
        for below in range(row + 1, PAST_DAYS, 4):
            _add_four(inverse[row, below:], flat[PADDED * below + below :], times[below:])
        inverse[row, row] = by
    return inverse[:PADDED]


@compiled
def _add_four(to: Floats, rows: Floats, times: Floats) -> None:
    """Add four padded rows, each so many times."""
    a, b, c, d = times[0], times[1], times[2], times[3]
    for at in range(len(to)):
        both = (to[at] + a * rows[at]) + b * rows[PADDED + at]
        to[at] = (both + c * rows[2 * PADDED + at]) + d * rows[3 * PADDED + at]


@compiled
def _root(left: Floats, precision: Floats) -> tuple[Floats, Floats]:
    """Return the lower root of the new days' covariance, and the spreads of their last sums.

    Of the covariance only what is on and above the diagonal is read.
    """
    one = 0.0
    for day in range(PAST_DAYS):
        one += 1.0 / precision[day] / PAST_DAYS
    root, noise = np.zeros((NEW_DAYS, NEW_DAYS)), np.zeros(2)
    for row in range(NEW_DAYS):
        for column in range(row + 1):
            value = left[column, row] / one
            for before in range(column):
                value -= root[row, before] * root[column, before]
            if column < row:
                root[row, column] = value / root[column, column]
            else:
                root[row, row] = np.sqrt(max(value, SMALLEST))
    for number in range(2):
        total = 0.0
        for row in range(NEW_DAYS // (number + 1)):
            total += left[row, row]
            for column in range(row + 1, NEW_DAYS // (number + 1)):
                total += 2.0 * left[row, column]
        noise[number] = np.sqrt(max(total / one, SMALLEST))
    return root, noise


class Pulls(NamedTuple):
    """How each neighbour's days pull on the others', where that was asked about already."""

    past: Floats  # (n_peers, PADDED)
    new: Floats  # (n_peers, NEW_DAYS)
    is_known: Floats  # (n_peers,) 1: yes


@compiled
def no_pulls(n_peers: int) -> Pulls:
    """Return room for the pulls of a day's neighbours.

    Parameters
    ----------
    n_peers : int
        How many.

    Returns
    -------
    Pulls
        None known.

    Raises
    ------

    Examples
    --------
    >>> no_pulls(3).past.shape
    (3, 72)
    """
    return Pulls(np.zeros((n_peers, PADDED)), np.zeros((n_peers, NEW_DAYS)), np.zeros(n_peers))


@compiled
def without(
    process: Process, beside: Floats, pulls: Pulls, peers: Integers, past: Floats,
    solved: Floats, new: Floats,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Take some neighbours out of the kernel again, one after the other, for one point.

    Parameters
    ----------
    process : Process
        The day's process.
    beside : (n_lines, DAYS) float64
        Neighbours' days, as the process was given them.
    pulls : Pulls
        What is known of them; filled in.
    peers : (n,) int64
        Lines to take out. Below zero: none.
    past : (PAST_DAYS,) float64
        The point's past days.
    solved, new : (PAST_DAYS,), (NEW_DAYS,) float64
        The past solved by the kernel, and what the new days have beyond it; changed in place.

    Returns
    -------
    precision, root, noise : (PAST_DAYS,), (NEW_DAYS, NEW_DAYS), (2,) float64
        As of a process without these neighbours.

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> beside = np.zeros((4, DAYS))
    >>> beside[0] = np.sin(np.arange(DAYS))
    >>> day, none = process(beside, own_kernel()), np.zeros(PAST_DAYS)
    >>> precision, _, _ = without(
    ...     day, beside, no_pulls(4), np.array([0]), none, none.copy(), np.zeros(NEW_DAYS)
    ... )
    >>> bool(np.allclose(precision, process(0.0 * beside, own_kernel()).precision))
    True
    """
    precision = process.precision.copy()
    left = process.upper[PAST_DAYS:, PAST_DAYS:].copy()
    some, shows = np.zeros((len(peers), PAST_DAYS)), np.zeros((len(peers), NEW_DAYS))
    lefts = np.ones(len(peers))
    for number in range(len(peers)):
        if peers[number] < 0:
            continue
        if pulls.is_known[peers[number]] == 0.0:
            _pull(process, beside, pulls, peers[number])
        peer, pull, show = beside[peers[number]], some[number], shows[number]
        pull[:], show[:] = pulls.past[peers[number], :PAST_DAYS], pulls.new[peers[number]]
        for before in range(number):
            shared = _product(some[before], peer) / lefts[before]
            _add(pull, some[before], shared)
            _add(show, shows[before], shared)
        lefts[number] = max(lefts[number] - _product(pull, peer), SMALLEST)
        told = _product(pull, past) / lefts[number]
        _add(solved, pull, told)
        _add(new, show, told)
        over = 1.0 / lefts[number]
        for day in range(PAST_DAYS):
            precision[day] += pull[day] * pull[day] * over
        for row in range(NEW_DAYS):
            _add(left[row], show, -show[row] * over)
    root, noise = _root(left, precision)
    return precision, root, noise


@compiled
def _product(one: Floats, two: Floats) -> float:
    """Return the sum of products, in four parts: each addition waits for the one before."""
    a, b, c, d, n = 0.0, 0.0, 0.0, 0.0, len(one) // 4
    for at in range(n):
        a += one[at] * two[at]
        b += one[n + at] * two[n + at]
        c += one[2 * n + at] * two[2 * n + at]
        d += one[3 * n + at] * two[3 * n + at]
    for at in range(4 * n, len(one)):
        a += one[at] * two[at]
    return (a + b) + (c + d)


@compiled
def _add(to: Floats, line: Floats, times: float) -> None:
    for at in range(len(to)):
        to[at] += line[at] * times


@compiled
def _pull(process: Process, beside: Floats, pulls: Pulls, peer: int) -> None:
    days, white = np.zeros(PADDED), np.zeros(PADDED)
    past, new = pulls.past[peer], pulls.new[peer]
    days[:PAST_DAYS], new[:] = beside[peer, :PAST_DAYS], beside[peer, PAST_DAYS:]
    inverse, lower, shown = process.inverse.ravel(), process.lower.ravel(), process.shown.ravel()
    for day in range(0, PADDED, 4):
        _add_four(white[day:], inverse[PADDED * day + day :], days[day:])
    for day in range(0, PADDED, 4):
        _add_four(past[: day + 4], lower[PADDED * day :], white[day:])
        _add_four(new, shown[PADDED * day :], -white[day : day + 4])
    pulls.is_known[peer] = 1.0
