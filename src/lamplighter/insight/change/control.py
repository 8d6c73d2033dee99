"""The neighbours as a control group: what they let expect of a point's last two weeks."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

from lamplighter.insight.change import process
from lamplighter.insight.change.process import AT_ONCE, BESIDE, DAYS, NEW_DAYS, PAST_DAYS
from lamplighter.insight.habits.arrays import Floats, Integers, Singles

WINDOWS = (14, 10, 7, 5, 3)  # last days that are weighed together
SPREAD_LEAST = np.float32(0.01)
USUAL_LEAST = np.float32(1e-3)  # of the square of a usual difference, in own spreads
FAR = np.float32(5.0)  # own spreads; a day beyond is no farther
DAYS_FAR = np.float32(6.0)  # usual differences; a day beyond is no farther
LANES = 32  # cases side by side
# Rows of what is said.
DAYS_AT, EXPECTED, TOLD, WINDOWS_AT = 0, NEW_DAYS, 2 * NEW_DAYS, 3 * NEW_DAYS
LEVELS = WINDOWS_AT + len(WINDOWS)
USUAL, MOST, SPREAD = LEVELS + 2, LEVELS + 3, LEVELS + 4
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
        told=rows[TOLD : TOLD + NEW_DAYS],
        windows=rows[WINDOWS_AT : WINDOWS_AT + len(WINDOWS)],
        levels=rows[LEVELS : LEVELS + 2],
        usual=rows[USUAL],
        most=rows[MOST],
        spread=rows[SPREAD],
    )


class _Block(NamedTuple):
    """Cases side by side, and what is shared by all but those with neighbours left out."""

    weeks: Singles  # (DAYS, LANES) in own spreads, the new days from the last one backwards
    past: Singles  # (PAST_DAYS, LANES) the same, none too far
    white: Singles  # (PAST_DAYS, LANES)
    solved: Singles  # (PAST_DAYS, LANES)
    variance: Singles  # (PAST_DAYS, LANES)
    root: Singles  # (NEW_DAYS, NEW_DAYS, LANES)
    noise: Singles  # (2, LANES)


@compiled
def _block() -> _Block:
    past = np.zeros((4, PAST_DAYS, LANES), dtype=np.float32)
    weeks = np.zeros((DAYS, LANES), dtype=np.float32)
    root = np.zeros((NEW_DAYS, NEW_DAYS, LANES), dtype=np.float32)
    noise = np.zeros((2, LANES), dtype=np.float32)
    return _Block(weeks, past[0], past[1], past[2], past[3], root, noise)


@compiled
def _surprises(
    found: Singles, values: Singles, common: Singles, day: Integers, point: Integers,
    peers: Integers, apart: Integers, own: Floats,
) -> None:  # fmt: skip
    n_cases, end = len(day), 0
    block, said = _block(), np.zeros((SPREAD + 1, LANES), dtype=np.float32)
    left = said[EXPECTED : EXPECTED + NEW_DAYS]
    beside = np.zeros((-(-len(peers) // AT_ONCE) * AT_ONCE, DAYS))
    while end < n_cases:
        begin, end = end, end + 1
        while end < n_cases and day[end] == day[begin]:
            end += 1
        span = values[:, day[begin] + 1 - DAYS : day[begin] + 1]
        shared = common[day[begin] + 1 - DAYS : day[begin] + 1]
        _write_beside(beside, block.weeks, said[SPREAD], span, shared, peers)
        of_day = process.process(beside, own)
        upper, inverse = of_day.upper.astype(np.float32), of_day.inverse.astype(np.float32)
        pulls = process.no_pulls(len(peers))
        for first in range(begin, end, LANES):
            until = min(first + LANES, end)
            _gather(block.weeks, span, shared, point[first:until])
            _in_own_spreads(block.weeks, said[SPREAD])
            _share(block, of_day)
            _solve(block, left, upper, inverse)
            for lane in range(until - first):
                if np.any(apart[first + lane] >= 0):
                    _leave_out(block, left, lane, of_day, beside, pulls, apart[first + lane])
            _weigh(block, said)
            for row in range(SPREAD + 1):
                found[row, first:until] = said[row, : until - first]


@compiled
def _gather(weeks: Singles, span: Singles, shared: Singles, point: Integers) -> None:
    for lane in range(len(point)):
        line = span[point[lane]]
        for day in range(PAST_DAYS):
            weeks[day, lane] = line[day] + shared[day]
        for day in range(NEW_DAYS):
            weeks[PAST_DAYS + day, lane] = line[DAYS - 1 - day] + shared[DAYS - 1 - day]


@compiled
def _in_own_spreads(weeks: Singles, spread: Singles) -> None:
    """Bring days to spreads of their past about its mean, and write the spreads."""
    mean, square = np.zeros(LANES, dtype=np.float32), np.zeros(LANES, dtype=np.float32)
    for day in range(PAST_DAYS):
        line = weeks[day]
        for lane in range(LANES):
            mean[lane] += line[lane] * OF_PAST
    for day in range(DAYS):
        line = weeks[day]
        for lane in range(LANES):
            line[lane] -= mean[lane]
    for day in range(PAST_DAYS):
        line = weeks[day]
        for lane in range(LANES):
            square[lane] += line[lane] * line[lane] * OF_PAST
    for lane in range(LANES):
        spread[lane] = np.sqrt(square[lane]) + SPREAD_LEAST
        square[lane] = ONE / spread[lane]
    for day in range(DAYS):
        line = weeks[day]
        for lane in range(LANES):
            line[lane] *= square[lane]


@compiled
def _write_beside(
    beside: Floats, weeks: Singles, spread: Singles, span: Singles, shared: Singles,
    peers: Integers,
) -> None:  # fmt: skip
    """Write the neighbours' days in their own spreads, none too far, times their share's root."""
    share = np.sqrt(BESIDE / max(len(peers), 1))
    for first in range(0, len(peers), LANES):
        some = peers[first : first + LANES]
        _gather(weeks, span, shared, some)
        _in_own_spreads(weeks, spread)
        for lane in range(len(some)):
            line = beside[first + lane]
            for day in range(DAYS):
                line[day] = share * min(max(weeks[day, lane], -FAR), FAR)


@compiled
def _share(block: _Block, of_day: process.Process) -> None:
    """Write what all cases of a day share."""
    for day in range(PAST_DAYS):
        block.variance[day] = 1.0 / of_day.precision[day]
    for row in range(NEW_DAYS):
        for column in range(row + 1):
            block.root[row, column] = of_day.root[row, column]
    for number in range(2):
        block.noise[number] = of_day.noise[number]


@compiled
def _solve(block: _Block, left: Singles, upper: Singles, inverse: Singles) -> None:
    """Solve the past days by the kernel, and write what is left of the new ones."""
    past, white, solved = block.past, block.white, block.solved
    white[:], solved[:] = ZERO, ZERO
    for day in range(PAST_DAYS):
        of, to = block.weeks[day], past[day]
        for lane in range(LANES):
            to[lane] = min(max(of[lane], -FAR), FAR)
    for day in range(0, PAST_DAYS, 2):  # two days at once: half of the loads and stores
        one, two = past[day], past[day + 1]
        for row in range(day, PAST_DAYS):
            a, b, line = inverse[day, row], inverse[day + 1, row], white[row]
            for lane in range(LANES):
                line[lane] += a * one[lane] + b * two[lane]
    for row in range(NEW_DAYS):
        left[row] = block.weeks[PAST_DAYS + row]
    for day in range(0, PAST_DAYS, 2):
        one, two = white[day], white[day + 1]
        for row in range(day + 2):
            a, b, line = inverse[row, day], inverse[row, day + 1], solved[row]
            for lane in range(LANES):
                line[lane] += a * one[lane] + b * two[lane]
        for row in range(NEW_DAYS):
            a, b, line = upper[day, PAST_DAYS + row], upper[day + 1, PAST_DAYS + row], left[row]
            for lane in range(LANES):
                line[lane] -= a * one[lane] + b * two[lane]


@compiled
def _leave_out(
    block: _Block, left: Singles, lane: int, of_day: process.Process, beside: Floats,
    pulls: process.Pulls, apart: Integers,
) -> None:  # fmt: skip
    """Say of one case what is said without some neighbours."""
    past, solved = block.past[:, lane].astype(np.float64), block.solved[:, lane].astype(np.float64)
    new = left[:, lane].astype(np.float64)
    precision, root, noise = process.without(of_day, beside, pulls, apart, past, solved, new)
    block.solved[:, lane], left[:, lane] = solved, new
    block.variance[:, lane] = 1.0 / precision
    block.root[:, :, lane], block.noise[:, lane] = root, noise


@compiled
def _weigh(block: _Block, said: Singles) -> None:
    """Write what is said: past days left out in turn, new days' differences and their news.

    What is left of the new days lies where what was expected will.
    """
    usual, most, level = said[USUAL], said[MOST], said[LEVELS]
    usual[:], most[:], level[:] = ZERO, ZERO, ZERO
    total, week = np.zeros(LANES, dtype=np.float32), np.zeros(LANES, dtype=np.float32)
    for day in range(PAST_DAYS):
        solved, variance = block.solved[day], block.variance[day]
        for lane in range(LANES):
            out = solved[lane] * variance[lane]
            week[lane] += out * out
        if day % 7 == 6:
            for lane in range(LANES):
                usual[lane] += week[lane] * OF_PAST
                most[lane] = max(most[lane], week[lane] * OF_WEEK)
                week[lane] = ZERO
    for lane in range(LANES):
        usual[lane] += USUAL_LEAST
        most[lane] /= usual[lane]
        week[lane] = ONE / np.sqrt(usual[lane])
    at, white = len(WINDOWS) - 1, block.white
    for row in range(NEW_DAYS):
        days, left, told, news = said[row], said[EXPECTED + row], said[TOLD + row], white[row]
        for lane in range(LANES):
            days[lane] = min(max(left[lane] * week[lane], -DAYS_FAR), DAYS_FAR)
            told[lane] = block.weeks[PAST_DAYS + row, lane]
            left[lane] = told[lane] - left[lane]
            level[lane] += days[lane]
            news[lane] = days[lane]
        for column in range(row):
            times, known = block.root[row, column], white[column]
            for lane in range(LANES):
                news[lane] -= times[lane] * known[lane]
        times = block.root[row, row]
        for lane in range(LANES):
            news[lane] /= times[lane]
            total[lane] += news[lane] * news[lane]
        if row + 1 == WINDOWS[at]:
            said[WINDOWS_AT + at] = total / np.float32(row + 1)
            at -= 1
        if 2 * (row + 1) == NEW_DAYS:
            said[LEVELS + 1] = np.abs(level) / block.noise[1]
    level[:] = np.abs(level) / block.noise[0]
