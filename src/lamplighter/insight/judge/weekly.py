"""What the days of a case add up to, week by week: cases side by side, each in its own lane."""

from typing import NamedTuple

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Integers, Singles
from lamplighter.insight.judge import steps
from lamplighter.insight.judge.places import (
    ALL,
    APART,
    AWAY,
    DAYS,
    EIGHT,
    FLAT,
    FRESH,
    INFINITE,
    LATE,
    LEVEL,
    LOGS,
    MEMORY,
    N3,
    N55,
    N56,
    NEAR,
    NEW,
    NEWEST,
    NOISE,
    NOISE_LEAST,
    OF_WEEK,
    OTHERS,
    OVER_TWO,
    PAIR,
    PAST,
    SEVEN,
    SHAPE,
    SHAPE_NOW,
    SHAPE_USUAL,
    SHARED,
    SPREAD,
    STEP,
    SUMS,
    TOGETHER,
    TOLD,
    TWO,
    USUAL,
    WEEK_STEP,
    WEEKS,
    ZERO,
    L,
)

compiled = njit(cache=True, nogil=True, error_model="numpy")


class Weekly(NamedTuple):
    """Rows by cases; means over days. *Away* is from the usual week, *shape* from its own mean."""

    level: Singles  # (WEEKS, n_cases) mean away
    spread: Singles  # (WEEKS, n_cases) mean square away
    shape: Singles  # (WEEKS, n_cases) mean square of the shape
    pair: Singles  # (9, n_cases) square of the mean shape of a week and the one after
    flat: Singles  # (5, n_cases) past days: square, product with the day before, most, least, shape
    newest: Singles  # (3, n_cases) mean of the last three days; most and least of the last week
    apart: Singles  # (5, n_cases) over the weekday's own: new, late, pair, least of five; product
    of_week: Singles  # (5, n_cases) square of the usual shape; product and square: last, pair
    now: Singles  # (7, n_cases) shape of the last two weeks' mean
    usual: Singles  # (7, n_cases) shape of the usual week
    step: Singles  # (3, n_cases) size of a day's step: past, last 7 and 14 days
    logs: Singles  # (70, n_cases) steps whose logs are to be taken
    week_step: Singles  # (10, n_cases) size of the step to the week after
    over_two: Singles  # (2, n_cases) size of the step over two weeks: past, last
    fresh: Singles  # (2, n_cases) product with the day before, square of the last two weeks
    near: Singles  # (10, n_cases) square to the nearest week, of its shape, for each NEAREST_TO
    together: Singles  # (9, n_cases) how the point moved with everybody: slope; squares of
    # what it leaves open of past, 7 and 14 days, of common steps and product; levels of two weeks,
    # common level


def weekly(own: Singles, common: Singles, *, day: Integers, point: Integers) -> Weekly:
    """Add up the weeks that end with each case's day.

    Parameters
    ----------
    own : (n_points, n_days) float32
        Each point's own movement. [log] No NaN.
    common : (n_days,) float32
        The common movement. [log]
    day, point : (n_cases,) int64
        Column and row of each case's last day, with twelve weeks up to it.

    Returns
    -------
    Weekly
        Sums of each case, the same to the bit whatever other cases are asked about.

    Raises
    ------
    IndexError
        A case lies outside the array or has fewer than twelve weeks.

    Examples
    --------
    >>> own = np.zeros((1, 84), dtype=np.float32)
    >>> own[0, -7:] = 2.0
    >>> found = weekly(own, 0.0 * own[0], day=np.array([83]), point=np.array([0]))
    >>> float(found.level[NEW, 0]), float(found.level[LATE, 0])
    (2.0, 0.0)
    """
    if common.shape != own.shape[1:] or len(point) != len(day):
        raise IndexError(f"{own.shape} and {common.shape}, {len(point)} and {len(day)}")
    if len(day) and not 7 * WEEKS <= day.min() + 1 <= day.max() + 1 <= own.shape[1]:
        raise IndexError(f"cases from {day.min()} to {day.max()} of {own.shape[1]} days")
    if len(day) and not 0 <= point.min() <= point.max() < len(own):
        raise IndexError(f"cases from {point.min()} to {point.max()} of {len(own)} points")
    told = np.empty((TOLD // L, -(-len(day) // L) * L), dtype=np.float32)
    _add_up(own, common, day, point, told)
    begins = (
        SPREAD, SHAPE, PAIR, FLAT, NEWEST, APART, OF_WEEK, SHAPE_NOW, SHAPE_USUAL, STEP, LOGS,
        WEEK_STEP, OVER_TWO, FRESH, NEAR, TOGETHER,
    )  # fmt: skip
    return Weekly(*np.split(told[:, : len(day)], [begin // L for begin in begins]))


@compiled
def _add_up(own: Singles, common: Singles, day: Integers, point: Integers, told: Singles) -> None:
    x = np.zeros(ALL, dtype=np.float32)
    for begin in range(0, day.shape[0], L):
        for lane in range(L):
            case = min(begin + lane, day.shape[0] - 1)  # lanes to spare tell the last once more
            _gather(own[point[case]], day[case], x[MEMORY + lane : SHARED : L])
            _gather(common, day[case], x[SHARED + lane : AWAY : L])
        _part(x)
        _levels(x)
        _past_days(x)
        _new_days(x)
        _pairs(x)
        _apart(x)
        _week(x)
        steps.step(x)
        for row in range(TOLD // L):
            for lane in range(L):
                told[row, begin + lane] = x[L * row + lane]


@compiled
def _gather(row: Singles, day: int, to: Singles) -> None:
    n_days = to.shape[0]
    early = max(n_days - 1 - day, 0)
    for at in range(early):
        to[at] = np.nan  # before all
    days = row[day + 1 - n_days + early :]
    for at in range(early, n_days):
        to[at] = days[at - early]


@compiled
def _part(x: Singles) -> None:
    """Write the usual week, all days less it, and the usual square of each weekday's past."""
    for at in range(7 * L):
        total, square = ZERO, ZERO
        for week in range(PAST, LATE):
            total += x[DAYS + 7 * L * week + at]
        mean = total / EIGHT
        x[USUAL + at] = mean
        for week in range(WEEKS):
            one = x[DAYS + 7 * L * week + at] - mean
            if PAST <= week < LATE:
                one *= OTHERS
                square += one * one
            x[AWAY + 7 * L * week + at] = one
        x[NOISE + at] = square / EIGHT + NOISE_LEAST


@compiled
def _levels(x: Singles) -> None:
    """Write each week's mean, square and shape."""
    for week in range(WEEKS):
        for lane in range(L):
            total, square, about = ZERO, ZERO, ZERO
            for day in range(7):
                one = x[AWAY + L * (7 * week + day) + lane]
                total += one
                square += one * one
            mean = total / SEVEN
            for day in range(7):
                shape = x[AWAY + L * (7 * week + day) + lane] - mean
                about += shape * shape
            x[LEVEL + L * week + lane] = mean
            x[SPREAD + L * week + lane] = square / SEVEN
            x[SHAPE + L * week + lane] = about / SEVEN


@compiled
def _past_days(x: Singles) -> None:
    for lane in range(L):
        x[FLAT + lane] = x[FLAT + L + lane] = x[FLAT + 4 * L + lane] = ZERO
        x[FLAT + 2 * L + lane], x[FLAT + 3 * L + lane] = -INFINITE, INFINITE
        x[SUMS + lane] = ZERO  # the day before
    for week in range(PAST, LATE):
        for lane in range(L):
            at, level = FLAT + lane, x[LEVEL + L * week + lane]
            square, product, before = x[at], x[at + L], x[SUMS + lane]
            most, least, shape = x[at + 2 * L], x[at + 3 * L], x[at + 4 * L]
            for day in range(7):
                one = x[AWAY + L * (7 * week + day) + lane]
                product += one * before
                square += one * one
                shape += (one - level) * (one - level)
                most, least, before = max(most, one), min(least, one), one
            x[at], x[at + L], x[SUMS + lane] = square, product, before
            x[at + 2 * L], x[at + 3 * L], x[at + 4 * L] = most, least, shape
    for lane in range(L):
        x[FLAT + lane] /= N56
        x[FLAT + L + lane] /= N55
        x[FLAT + 4 * L + lane] /= N56


@compiled
def _new_days(x: Singles) -> None:
    for lane in range(L):
        total, most, least = ZERO, -INFINITE, INFINITE
        for day in range(7):
            one = x[AWAY + L * (7 * NEW + day) + lane]
            most, least = max(most, one), min(least, one)
            if day >= 4:
                total += one
        x[NEWEST + lane] = total / N3
        x[NEWEST + L + lane], x[NEWEST + 2 * L + lane] = most, least


@compiled
def _pairs(x: Singles) -> None:
    """Write the square of the mean shape of two weeks."""
    for week in range(PAST, NEW):
        for lane in range(L):
            square = ZERO
            one, two = x[LEVEL + L * week + lane], x[LEVEL + L * (week + 1) + lane]
            for day in range(7):
                at = AWAY + L * (7 * week + day) + lane
                both = ((x[at + 7 * L] - two) + (x[at] - one)) / TWO
                square += both * both
            x[PAIR + L * (week - PAST) + lane] = square / SEVEN


@compiled
def _apart(x: Singles) -> None:
    """Write the new weeks over the usual square of each weekday."""
    for lane in range(L):
        new, late, pair, least, product = ZERO, ZERO, ZERO, INFINITE, ZERO
        one, two = x[LEVEL + L * LATE + lane], x[LEVEL + L * NEW + lane]
        for day in range(7):
            noise = x[NOISE + L * day + lane]
            before = x[AWAY + L * (7 * LATE + day) + lane]
            now = x[AWAY + L * (7 * NEW + day) + lane]
            far = now * now / noise
            if day >= 2:
                least = min(least, far)
            new += far
            late += before * before / noise
            both = ((now - two) + (before - one)) / TWO
            pair += both * both / noise
            product += (now - two) * (before - one)
        x[APART + lane], x[APART + L + lane] = new / SEVEN, late / SEVEN
        x[APART + 2 * L + lane], x[APART + 3 * L + lane] = pair / SEVEN, least
        x[APART + 4 * L + lane] = product / SEVEN


@compiled
def _week(x: Singles) -> None:
    """Write the shapes of the usual week and of the last two, and how alike they are."""
    for lane in range(L):
        of_usual, of_last, of_pair = ZERO, ZERO, ZERO
        for day in range(7):
            late, new = x[DAYS + L * (70 + day) + lane], x[DAYS + L * (77 + day) + lane]
            of_usual += x[USUAL + L * day + lane]
            of_last += new
            of_pair += (new + late) / TWO
        of_usual, of_last, of_pair = of_usual / SEVEN, of_last / SEVEN, of_pair / SEVEN
        size, both_1, own_1, both_2, own_2 = ZERO, ZERO, ZERO, ZERO, ZERO
        for day in range(7):
            late, new = x[DAYS + L * (70 + day) + lane], x[DAYS + L * (77 + day) + lane]
            then, last = x[USUAL + L * day + lane] - of_usual, new - of_last
            now = (new + late) / TWO - of_pair
            size += then * then
            both_1 += last * then
            own_1 += last * last
            both_2 += now * then
            own_2 += now * now
            x[SHAPE_USUAL + L * day + lane], x[SHAPE_NOW + L * day + lane] = then, now
        x[OF_WEEK + lane], x[OF_WEEK + L + lane] = size / SEVEN, both_1 / SEVEN
        x[OF_WEEK + 2 * L + lane], x[OF_WEEK + 3 * L + lane] = own_1 / SEVEN, both_2 / SEVEN
        x[OF_WEEK + 4 * L + lane] = own_2 / SEVEN
