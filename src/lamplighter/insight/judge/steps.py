"""How a case steps from day to day and week to week, by itself and with everybody."""

from numba import njit

from lamplighter.insight.habits.arrays import Singles
from lamplighter.insight.judge.places import (
    AWAY,
    DAYS,
    E3,
    EIGHT,
    FRESH,
    FROM_STEP,
    INFINITE,
    LATE,
    LOGS,
    MEMORY,
    MEMORY_WEEKS,
    N13,
    N14,
    N42,
    N56,
    N63,
    NEAR,
    NEAREST_TO,
    OVER_TWO,
    PAST,
    SEVEN,
    SHARED,
    SLOPE_LEAST,
    STEP,
    SUMS,
    TENTH,
    TOGETHER,
    WEEK_STEP,
    ZERO,
    L,
)

compiled = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def step(x: Singles) -> None:
    """Write all that days and weeks after each other add up to.

    Parameters
    ----------
    x : (ALL,) float32
        The rows of a block, with the days, what all points did, and the days away from the usual
        week; changed in place: the last of these become the days and what all points did together.

    Returns
    -------
    None

    Raises
    ------
    IndexError
        Never: the caller keeps to the bounds, as nothing here checks them.

    Examples
    --------
    >>> import numpy as np
    >>> from lamplighter.insight.judge import places
    >>> x = np.zeros(places.ALL, dtype=np.float32)
    >>> x[places.DAYS + places.L * 83 :: places.L][:1] = 7.0  # the last day of the first case
    >>> step(x)
    >>> float(x[places.STEP + places.L])  # of the last seven steps
    1.0
    """
    _steps(x)
    _longer_steps(x)
    _fresh(x)
    for number, back in enumerate(NEAREST_TO):
        near = x[NEAR + L * 2 * number : NEAR + L * 2 * (number + 1)]
        _nearest(x[MEMORY:SHARED], MEMORY_WEEKS - back, near)
    _together(x)
    _left_open(x)
    _levels_together(x)


@compiled
def _steps(x: Singles) -> None:
    """Write the sizes of steps from day to day, and the new ones' means."""
    for lane in range(L):
        x[SUMS + lane] = ZERO
    for week in range(8):
        for lane in range(L):
            total, at = x[SUMS + lane], DAYS + L * (FROM_STEP + 7 * week) + lane
            for day in range(0, 7 * L, L):
                total += abs(x[at + day + L] - x[at + day])
            x[SUMS + lane] = total
    for lane in range(L):
        seven, fourteen, at = ZERO, ZERO, DAYS + L * (FROM_STEP + 56) + lane
        for day in range(14):
            step = abs(x[at + L * (day + 1)] - x[at + L * day])
            fourteen += step
            if day >= 7:
                seven += step
        x[STEP + lane], x[STEP + L + lane] = x[SUMS + lane] / N56, seven / SEVEN
        x[STEP + 2 * L + lane] = fourteen / N14
    for week in range(10):
        for lane in range(L):
            least, at = TENTH * x[STEP + lane] + E3, L * 7 * week + lane
            for day in range(0, 7 * L, L):
                step = abs(x[DAYS + L * 14 + at + day] - x[DAYS + L * 13 + at + day])
                x[LOGS + at + day] = step + least


@compiled
def _longer_steps(x: Singles) -> None:
    """Write the sizes of steps to the next week and the next but one."""
    for week in range(10):
        for lane in range(L):
            total, at = ZERO, DAYS + L * 7 * (week + 1) + lane
            for day in range(0, 7 * L, L):
                total += abs(x[at + 7 * L + day] - x[at + day])
            x[WEEK_STEP + L * week + lane] = total / SEVEN
    for lane in range(L):
        x[SUMS + lane] = ZERO
    for week in range(PAST, LATE - 2):
        for lane in range(L):
            total, at = x[SUMS + lane], DAYS + L * 7 * week + lane
            for day in range(0, 7 * L, L):
                total += abs(x[at + 14 * L + day] - x[at + day])
            x[SUMS + lane] = total
    for lane in range(L):
        total, at = ZERO, DAYS + L * 63 + lane
        for day in range(0, 7 * L, L):
            total += abs(x[at + 14 * L + day] - x[at + day])
        x[OVER_TWO + lane], x[OVER_TWO + L + lane] = x[SUMS + lane] / N42, total / SEVEN


@compiled
def _fresh(x: Singles) -> None:
    """Write how the last two weeks remember the day before."""
    for lane in range(L):
        total, product, square, before = ZERO, ZERO, ZERO, ZERO
        for day in range(14):
            total += x[AWAY + L * (7 * LATE + day) + lane]
        mean = total / N14
        for day in range(14):
            one = x[AWAY + L * (7 * LATE + day) + lane] - mean
            product += one * before
            square += one * one
            before = one
        x[FRESH + lane], x[FRESH + L + lane] = product / N13, square / N14


@compiled
def _nearest(memory: Singles, place: int, near: Singles) -> None:
    """Write how far a week is from the nearest earlier one, as it is and about its mean."""
    last = memory[7 * L * place : 7 * L * (place + 1)]
    near[:] = INFINITE
    for week in range(place - 1):  # a week between
        earlier = memory[7 * L * week : 7 * L * (week + 1)]
        for lane in range(L):
            total, far = ZERO, ZERO
            for day in range(7):
                apart = earlier[L * day + lane] - last[L * day + lane]
                total += apart
                far += apart * apart
            mean, far = total / SEVEN, far / SEVEN
            shape = far - mean * mean
            least, about = near[lane], near[L + lane]
            near[lane] = min(least, far)  # NaN, before all, is never less
            near[L + lane] = min(about, shape)


@compiled
def _together(x: Singles) -> None:
    """Write the slope of the point's steps from week to week over everybody's."""
    for at in range(SHARED, SHARED + L * 84):
        x[AWAY - SHARED + at] = x[DAYS - SHARED + at] + x[at]  # the point's whole movement
    for at in range(3 * L):
        x[SUMS + at] = ZERO
    for week in range(9):
        for lane in range(L):
            both, square = x[SUMS + lane], x[SUMS + L + lane]
            for day in range(7):
                at = SHARED + L * (7 * week + day) + lane
                step = x[at + 7 * L] - x[at]
                both += step * (x[at + 91 * L] - x[at + 84 * L])
                square += step * step
            x[SUMS + lane], x[SUMS + L + lane] = both, square
    for lane in range(L):
        both, square = x[SUMS + lane] / N63, x[SUMS + L + lane] / N63
        x[TOGETHER + lane] = (both + SLOPE_LEAST) / (square + SLOPE_LEAST)


@compiled
def _left_open(x: Singles) -> None:
    """Write the squares of what the slope leaves open of past and new days, and of common steps."""
    for week in range(9):
        for lane in range(L):
            slope, past = x[TOGETHER + lane], x[SUMS + 2 * L + lane]
            for day in range(7):
                at = SHARED + L * (7 * week + day) + lane
                left = (x[at + 91 * L] - x[at + 84 * L]) - slope * (x[at + 7 * L] - x[at])
                past += left * left
            x[SUMS + 2 * L + lane] = past
    for lane in range(L):
        seven, fourteen, square, both = ZERO, ZERO, ZERO, ZERO
        for day in range(63, 77):
            at = SHARED + L * day + lane
            step = x[at + 7 * L] - x[at]
            left = (x[at + 91 * L] - x[at + 84 * L]) - x[TOGETHER + lane] * step
            fourteen += left * left
            square += step * step
            both += step * left
            if day >= 70:
                seven += left * left
        at = TOGETHER + lane
        x[at + L] = x[SUMS + 2 * L + lane] / N63
        x[at + 2 * L], x[at + 3 * L] = seven / SEVEN, fourteen / N14
        x[at + 4 * L], x[at + 5 * L] = square / N14, both / N14


@compiled
def _levels_together(x: Singles) -> None:
    """Write the last two weeks' whole level and the common one, each less its usual week."""
    for lane in range(L):
        one, two, three = ZERO, ZERO, ZERO
        for weekday in range(7):
            whole, usual, at = ZERO, ZERO, SHARED + L * weekday + lane
            for week in range(PAST, LATE):
                whole += x[at + L * (84 + 7 * week)]
                usual += x[at + L * 7 * week]
            one += x[at + L * (84 + 77)] - whole / EIGHT
            two += x[at + L * (84 + 70)] - whole / EIGHT
            three += x[at + L * 77] - usual / EIGHT
        at = TOGETHER + lane
        x[at + 6 * L], x[at + 7 * L], x[at + 8 * L] = one / SEVEN, two / SEVEN, three / SEVEN
