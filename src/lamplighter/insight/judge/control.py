"""The neighbours as a control group: what they let expect of a point's last two weeks."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Floats, Integers, Singles
from lamplighter.insight.judge import process
from lamplighter.insight.judge.process import AT_ONCE, BESIDE, DAYS, NEW_DAYS, PADDED, PAST_DAYS

WINDOWS = (14, 10, 7, 5, 3)  # last days that are weighed together
SPREAD_LEAST = np.float32(0.01)
USUAL_LEAST = np.float32(1e-3)  # of the square of a usual difference, in own spreads
FAR = np.float32(5.0)  # own spreads; a day beyond is no farther
DAYS_FAR = np.float32(6.0)  # usual differences; a day beyond is no farther
L = 32  # lanes: cases side by side
# Rows of what is said.
DAYS_AT, EXPECTED, TOLD_AT, WINDOWS_AT = 0, NEW_DAYS, 2 * NEW_DAYS, 3 * NEW_DAYS
LEVELS = WINDOWS_AT + len(WINDOWS)
USUAL, MOST, SPREAD = LEVELS + 2, LEVELS + 3, LEVELS + 4
# Where the rows of a block of cases begin: all in one array, so that the compiler knows that they
# do not overlap. Days in own spreads, the new ones from the last one backwards; past ones none too
# far, whitened and solved, with rows of zeros to a multiple of four; what most cases share.
WEEKS, NEW, PAST = 0, L * PAST_DAYS, L * DAYS
WHITE, SOLVED, VARIANCE = PAST + L * PADDED, PAST + L * 2 * PADDED, PAST + L * 3 * PADDED
ROOT = VARIANCE + L * PAST_DAYS
NOISE, NEWS = ROOT + L * NEW_DAYS**2, ROOT + L * (NEW_DAYS**2 + 2)
SUMS, SAID = NEWS + L * NEW_DAYS, NEWS + L * (NEW_DAYS + 3)
LEFT, TOLD, ALL = SAID + L * EXPECTED, SAID + L * TOLD_AT, SAID + L * (SPREAD + 1)
ZERO, ONE = np.float32(0.0), np.float32(1.0)
OF_PAST, OF_WEEK = np.float32(1.0 / PAST_DAYS), np.float32(1.0 / 7.0)
OWN_KERNEL = process.own_kernel()

compiled = njit(cache=True, nogil=True, error_model="numpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """How far the last two weeks of each case are from what was to be expected."""

    days: Singles  # (NEW_DAYS, n_cases) difference over the usual one, the last day first
    expected: Singles  # (NEW_DAYS, n_cases) what was expected, in the point's own spreads
    told: Singles  # (NEW_DAYS, n_cases) what came, in the same
    windows: Singles  # (len(WINDOWS), n_cases) mean square of the last days' news; 1 is usual
    levels: Singles  # (2, n_cases) size of the mean difference of 14, of 7 days over its usual one
    usual: Singles  # (n_cases,) square of the usual difference, in own spreads
    most: Singles  # (n_cases,) mean square of the past week that was hardest to foretell
    spread: Singles  # (n_cases,) standard deviation of the past, as the quantity


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
    >>> bool(found.windows[2, 0] < 3.0 < 10.0 < found.windows[2, 1])
    True
    """
    if len(day) and int(day.min()) < DAYS - 1:
        raise ValueError(f"{int(day.min()) + 1} days up to a case")
    if len(apart) != len(values) or common.shape != values.shape[1:]:
        raise ValueError(f"{values.shape}, {common.shape} and {apart.shape}")
    place = np.full(len(values) + 1, -1)
    place[peers] = np.arange(len(peers))  # the last stays: of no point
    rows = np.empty((SPREAD + 1, len(day)), dtype=np.float32)
    _surprises(
        rows, values, common, day, point, peers, place[np.maximum(apart[point], -1)], OWN_KERNEL
    )
    return Surprise(
        days=rows[DAYS_AT : DAYS_AT + NEW_DAYS],
        expected=rows[EXPECTED : EXPECTED + NEW_DAYS],
        told=rows[TOLD_AT : TOLD_AT + NEW_DAYS],
        windows=rows[WINDOWS_AT : WINDOWS_AT + len(WINDOWS)],
        levels=rows[LEVELS : LEVELS + 2],
        usual=rows[USUAL],
        most=rows[MOST],
        spread=rows[SPREAD],
    )


@compiled
def _surprises(
    found: Singles, values: Singles, common: Singles, day: Integers, point: Integers,
    peers: Integers, apart: Integers, own: Floats,
) -> None:  # fmt: skip
    n_cases, end = len(day), 0
    x = np.zeros(ALL, dtype=np.float32)
    lower = np.zeros((PADDED, PADDED), dtype=np.float32)
    upper, of_new = np.zeros_like(lower), np.zeros((NEW_DAYS, PADDED), dtype=np.float32)
    beside = np.zeros((-(-len(peers) // AT_ONCE) * AT_ONCE, DAYS))
    while end < n_cases:
        begin, end = end, end + 1
        while end < n_cases and day[end] == day[begin]:
            end += 1
        span = values[:, day[begin] + 1 - DAYS : day[begin] + 1]
        shared = common[day[begin] + 1 - DAYS : day[begin] + 1]
        _write_beside(beside, x, span, shared, peers)
        of_day = process.process(beside, own)
        upper[:] = of_day.inverse
        lower[:] = of_day.lower
        of_new[:] = -of_day.shown[:, :NEW_DAYS].T
        pulls = process.no_pulls(len(peers))
        _share(x, of_day, 0, L)
        for first in range(begin, end, L):
            n_lanes = min(L, end - first)
            _gather(x, span, shared, point[first : first + n_lanes])
            _in_own_spreads(x)
            _solve(x, lower, upper, of_new)
            for lane in range(n_lanes):
                if apart[first + lane].max() >= 0:
                    _leave_out(x, lane, of_day, beside, pulls, apart[first + lane])
            _weigh_past(x)
            _weigh_new(x)
            for row in range(SPREAD + 1):
                for lane in range(n_lanes):
                    found[row, first + lane] = x[SAID + L * row + lane]
            for lane in range(n_lanes):
                if apart[first + lane].max() >= 0:
                    _share(x, of_day, lane, 1)


@compiled
def _gather(x: Singles, span: Singles, shared: Singles, point: Integers) -> None:
    for lane in range(len(point)):
        line = span[point[lane]]
        for day in range(PAST_DAYS):
            x[WEEKS + L * day + lane] = line[day] + shared[day]
        for day in range(NEW_DAYS):
            x[NEW + L * day + lane] = line[DAYS - 1 - day] + shared[DAYS - 1 - day]


@compiled
def _in_own_spreads(x: Singles) -> None:
    """Bring days to spreads of their past about its mean, and write the spreads."""
    for lane in range(L):
        x[SUMS + lane] = x[SUMS + L + lane] = ZERO
    for week in range(PAST_DAYS // 7):
        for lane in range(L):
            mean = x[SUMS + lane]
            for day in range(7):
                mean += x[WEEKS + L * (7 * week + day) + lane] * OF_PAST
            x[SUMS + lane] = mean
    for week in range(PAST_DAYS // 7):
        for lane in range(L):
            mean, square = x[SUMS + lane], x[SUMS + L + lane]
            for day in range(7):
                one = x[WEEKS + L * (7 * week + day) + lane] - mean
                square += one * one * OF_PAST
            x[SUMS + L + lane] = square
    for lane in range(L):
        x[SAID + L * SPREAD + lane] = np.sqrt(x[SUMS + L + lane]) + SPREAD_LEAST
        x[SUMS + L + lane] = ONE / x[SAID + L * SPREAD + lane]
    for week in range(DAYS // 7):
        for lane in range(L):
            mean, by = x[SUMS + lane], x[SUMS + L + lane]
            for day in range(7):
                at = WEEKS + L * (7 * week + day) + lane
                x[at] = (x[at] - mean) * by


@compiled
def _write_beside(
    beside: Floats, x: Singles, span: Singles, shared: Singles, peers: Integers
) -> None:
    """Write the neighbours' days in their own spreads, none too far, times their share's root."""
    share = np.sqrt(BESIDE / max(len(peers), 1))
    for first in range(0, len(peers), L):
        some = peers[first : first + L]
        _gather(x, span, shared, some)
        _in_own_spreads(x)
        for lane in range(len(some)):
            line = beside[first + lane]
            for day in range(DAYS):
                line[day] = share * min(max(x[WEEKS + L * day + lane], -FAR), FAR)


@compiled
def _share(x: Singles, of_day: process.Process, lane: int, n_lanes: int) -> None:
    """Write what all cases of a day share, from a lane on."""
    for day in range(PAST_DAYS):
        _fill(x, VARIANCE + L * day + lane, n_lanes, 1.0 / of_day.precision[day])
    for row in range(NEW_DAYS):
        for column in range(row + 1):
            at = ROOT + L * (NEW_DAYS * row + column) + lane
            _fill(x, at, n_lanes, of_day.root[row, column])
    for number in range(2):
        _fill(x, NOISE + L * number + lane, n_lanes, of_day.noise[number])


@compiled
def _fill(x: Singles, first: int, n_lanes: int, value: float) -> None:
    single = np.float32(value)
    for at in range(first, first + n_lanes):
        x[at] = single


@compiled
def _solve(x: Singles, lower: Singles, upper: Singles, of_new: Singles) -> None:
    """Solve the past days by the kernel, and write what is left of the new ones."""
    for at in range(PAST, PAST + L * PAST_DAYS):
        x[at] = min(max(x[WEEKS - PAST + at], -FAR), FAR)
    for at in range(WHITE, WHITE + 2 * L * PADDED):  # and what is solved, below it
        x[at] = ZERO
    for at in range(L * NEW_DAYS):
        x[LEFT + at] = x[NEW + at]
    past, white = x[PAST : PAST + L * PADDED], x[WHITE : WHITE + L * PADDED]
    for row in range(0, PAST_DAYS, 2):
        _add(x[WHITE + L * row :], past, lower[row], lower[row + 1], row // 4 + 1)
    for row in range(0, PAST_DAYS, 2):
        day = row // 4 * 4
        to, n_fours = x[SOLVED + L * row :], (PADDED - day) // 4
        _add(to, white[L * day :], upper[row, day:], upper[row + 1, day:], n_fours)
    for row in range(0, NEW_DAYS, 2):
        _add(x[LEFT + L * row :], white, of_new[row], of_new[row + 1], PADDED // 4)


@compiled
def _add(to: Singles, days: Singles, by: Singles, by_2: Singles, n_fours: int) -> None:
    """Add days, four at a time and each so many times, to two rows."""
    for four in range(n_fours):
        a, b, c, d = by[4 * four], by[4 * four + 1], by[4 * four + 2], by[4 * four + 3]
        e, f, g, h = by_2[4 * four], by_2[4 * four + 1], by_2[4 * four + 2], by_2[4 * four + 3]
        for lane in range(L):
            at = L * 4 * four + lane
            one, two, three, last = days[at], days[at + L], days[at + 2 * L], days[at + 3 * L]
            to[lane] = to[lane] + (a * one + b * two) + (c * three + d * last)
            to[L + lane] = to[L + lane] + (e * one + f * two) + (g * three + h * last)


@compiled
def _leave_out(
    x: Singles, lane: int, of_day: process.Process, beside: Floats, pulls: process.Pulls,
    apart: Integers,
) -> None:  # fmt: skip
    """Say of one case what is said without some neighbours."""
    past = x[PAST + lane : PAST + L * PAST_DAYS : L].astype(np.float64)
    solved = x[SOLVED + lane : SOLVED + L * PAST_DAYS : L].astype(np.float64)
    new = x[LEFT + lane : LEFT + L * NEW_DAYS : L].astype(np.float64)
    precision, root, noise = process.without(of_day, beside, pulls, apart, past, solved, new)
    for day in range(PAST_DAYS):
        x[SOLVED + L * day + lane] = solved[day]
        x[VARIANCE + L * day + lane] = 1.0 / precision[day]
    for row in range(NEW_DAYS):
        x[LEFT + L * row + lane] = new[row]
        for column in range(row + 1):
            x[ROOT + L * (NEW_DAYS * row + column) + lane] = root[row, column]
    for number in range(2):
        x[NOISE + L * number + lane] = noise[number]


@compiled
def _weigh_past(x: Singles) -> None:
    """Write how well past days are told, each left out in turn."""
    for lane in range(L):
        x[SAID + L * USUAL + lane] = x[SAID + L * MOST + lane] = ZERO
    for week in range(PAST_DAYS // 7):
        for lane in range(L):
            square = ZERO
            for day in range(7):
                at = L * (7 * week + day) + lane
                out = x[SOLVED + at] * x[VARIANCE + at]
                square += out * out
            x[SAID + L * USUAL + lane] += square * OF_PAST
            x[SAID + L * MOST + lane] = max(x[SAID + L * MOST + lane], square * OF_WEEK)
    for lane in range(L):
        usual = x[SAID + L * USUAL + lane] + USUAL_LEAST
        x[SAID + L * USUAL + lane] = usual
        x[SAID + L * MOST + lane] /= usual
        x[SUMS + lane] = ONE / np.sqrt(usual)  # over the usual difference
        x[SUMS + L + lane] = x[SUMS + 2 * L + lane] = ZERO  # of news, of differences


@compiled
def _weigh_new(x: Singles) -> None:
    """Write the new days' differences and their news.

    What is left of the new days lies where what was expected will.
    """
    at = len(WINDOWS) - 1
    for row in range(NEW_DAYS):
        news = x[NEWS + L * row : NEWS + L * (row + 1)]
        for lane in range(L):
            left, told = x[LEFT + L * row + lane], x[NEW + L * row + lane]
            one = min(max(left * x[SUMS + lane], -DAYS_FAR), DAYS_FAR)
            x[SAID + L * row + lane] = news[lane] = one
            x[LEFT + L * row + lane], x[TOLD + L * row + lane] = told - left, told
            x[SUMS + 2 * L + lane] += one
        times = x[ROOT + L * NEW_DAYS * row : ROOT + L * NEW_DAYS * (row + 1)]
        for column in range(row):
            known = x[NEWS + L * column : NEWS + L * (column + 1)]
            for lane in range(L):
                news[lane] -= times[L * column + lane] * known[lane]
        for lane in range(L):
            news[lane] /= times[L * row + lane]
            x[SUMS + L + lane] += news[lane] * news[lane]
        if row + 1 == WINDOWS[at]:
            for lane in range(L):
                x[SAID + L * (WINDOWS_AT + at) + lane] = x[SUMS + L + lane] / np.float32(row + 1)
            at -= 1
        if 2 * (row + 1) == NEW_DAYS:
            for lane in range(L):
                level = np.abs(x[SUMS + 2 * L + lane])
                x[SAID + L * (LEVELS + 1) + lane] = level / x[NOISE + L + lane]
    for lane in range(L):
        x[SAID + L * LEVELS + lane] = np.abs(x[SUMS + 2 * L + lane]) / x[NOISE + lane]
