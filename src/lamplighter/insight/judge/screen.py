"""Ten cheap signs of another habit, for every point on every day that is looked at."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from lamplighter.insight.habits import medians
from lamplighter.insight.habits.arrays import Integers, Singles
from lamplighter.insight.judge.motion import Motion

SIGNS = (
    "sign_level_7", "sign_week_step", "sign_pattern", "sign_step", "sign_spread", "sign_level_14",
    "sign_two_week_step", "sign_pattern_pair", "sign_correlation", "sign_size",
)  # fmt: skip
PAST_DAYS = 112
LEAST = np.float32(1e-3)
LEAST_SQUARE = np.float32(1e-5)
WEEKS = 8  # of the same weekday a day is compared with
FIRST_DAY = 84  # nothing is said of a day with fewer days before it
USUAL, NEW, LATE, PAIR, STEP, OWN = 0, 1, 2, 3, 4, 7  # what is added up of each day
NEW_SQUARE, PAIR_SQUARE, OWN_SQUARE, USUAL_SQUARE, PRODUCT, DAILY = 8, 9, 10, 11, 12, 13
FIRST_BACK = 70  # the signs of a look speak of no day before these
POINTS_AT_ONCE = 16  # a cache line of single precision
LOGS = (1, 2, 3, 4, 6, 7, 9)  # signs that are logs of ratios


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Signs by day looked at and point, and what they usually are on that day."""

    look: Integers  # (n_look,) columns of the days looked at
    signs: Singles  # (len(SIGNS), n_look, n_points)
    usual: Singles  # (len(SIGNS), n_look) the median of the points that tell of neighbours


def looked_at(*, first: int, n_days: int, every: int) -> Integers:
    """Return the days that are looked at, the same whatever day a span begins or ends with.

    Parameters
    ----------
    first : int
        Number of the first day of the span, counted from 1970-01-01. [day]
    n_days : int
        Days of the span. [day]
    every : int
        A look every so many days. [day]

    Returns
    -------
    (n_look,) int64
        Columns, ascending.

    Raises
    ------
    ValueError
        Not a positive number of days.

    Examples
    --------
    >>> looked_at(first=20000, n_days=92, every=3)
    array([85, 88, 91])
    """
    if every < 1:
        raise ValueError(f"a look every {every} days")
    days = np.arange(FIRST_DAY, n_days)
    chosen: Integers = days[(days + first) % every == 0]
    return chosen


def screen(*, motion: Motion, look: Integers, since: int = 0) -> Screened:
    """Return the signs of every point on the days looked at.

    The two signs of level: the last one or two weeks' mean against the same weekdays of eight
    weeks before, over its own usual size. The correlation of the last week with the usual week.
    The others are logs of the last week over the weeks before: steps from day to day, to the
    week before and to the week before that; the pattern within one week, and within the mean of
    two; the distance from the usual weekday; the size of the week's pattern.

    Parameters
    ----------
    motion : Motion
        Days by points.
    look : (n_look,) int64
        Columns of the days looked at, ascending and evenly spaced, none before FIRST_DAY.
    since : int
        Looks before this one are only a past for the others, and are left out. [look]

    Returns
    -------
    Screened
        The signs.

    Raises
    ------
    IndexError
        A day lies outside the span, or has less than FIRST_DAY days before it.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> from lamplighter.insight.judge import motion
    >>> moved = motion.motion(energy_kwh=examples.doubling_home().energy_kwh)
    >>> found = screen(motion=moved, look=np.arange(84, 200))
    >>> int(found.look[np.argmax(found.signs[0, :, 0])]) in range(104, 116)  # doubled on day 100
    True
    """
    own = motion.own
    n_points, n_days = own.shape
    if len(look) and not FIRST_DAY <= look.min() <= look.max() < n_days:
        raise IndexError(f"looks from {look.min()} to {look.max()} in {n_days} days")
    every = int(look[1] - look[0]) if len(look) > 1 else 1
    begin = max(0, since - past_looks(every=every))
    signs = np.empty((len(SIGNS), max(len(look) - since, 0), n_points), dtype=np.float32)
    if signs.size:
        _signs(own, look[begin:], every, since - begin, signs)
        for sign in LOGS:
            np.log(signs[sign], out=signs[sign])
    peers = signs[:, :, motion.peers].reshape(len(SIGNS) * signs.shape[1], len(motion.peers))
    usual = medians.row_medians(values=peers)[0].astype(np.float32)
    return Screened(look=look[since:], signs=signs, usual=usual.reshape(signs.shape[:2]))


def past_looks(*, every: int) -> int:
    """Return how many looks before one it is compared with.

    Parameters
    ----------
    every : int
        A look every so many days. [day]

    Returns
    -------
    int
        So many. [look]

    Raises
    ------
    ZeroDivisionError
        No day lies between looks.

    Examples
    --------
    >>> past_looks(every=3)
    41
    """
    return PAST_DAYS // every + _gap(every) - 1


@njit(cache=True, nogil=True, error_model="numpy")
def _gap(every: int) -> int:
    """Return how many looks reach over two weeks."""
    return -(-14 // every)


@njit(cache=True, nogil=True, error_model="numpy")
def _signs(own: Singles, look: Integers, every: int, since: int, signs: Singles) -> None:
    n_look, n_points = look.shape[0], own.shape[0]
    first = look[0] - FIRST_BACK
    days = np.zeros((DAILY, look[-1] + 1 - first), dtype=np.float32)
    weekly = np.zeros_like(days)
    here = np.empty((2 * DAILY, n_look), dtype=np.float32)
    sums = np.empty((2, days.shape[1] + n_look + PAST_DAYS), dtype=np.float32)
    some = np.empty((POINTS_AT_ONCE, len(SIGNS), n_look), dtype=np.float32)
    for begin in range(0, n_points, POINTS_AT_ONCE):
        width = min(POINTS_AT_ONCE, n_points - begin)
        for place in range(width):
            _of_days(own[begin + place], first, sums, days)
            _by_week(days, weekly)
            _of_looks(weekly, every, here, sums, some[place])
        for sign in range(len(SIGNS)):
            for number in range(since, n_look):  # whole lines of the cache at once
                for place in range(width):
                    signs[sign, number - since, begin + place] = some[place, sign, number]


@njit(cache=True, nogil=True, error_model="numpy")
def _of_days(own: Singles, first: int, sums: Singles, days: Singles) -> None:
    """Write what the signs add up, day by day from *first* on."""
    n_days = days.shape[1]
    now, usual, new, late, pair = own[first:], days[USUAL], days[NEW], days[LATE], days[PAIR]
    _usual_weekday(own, first, 14, sums, usual)
    _usual_weekday(own, first, 7, sums, late)
    for day in range(n_days):
        new[day] = now[day] - usual[day]
        late[day] = now[day] - late[day]
    for day in range(min(7, n_days)):  # a week before, the first of these days
        then_day = first + day - 7
        pair[day] = (new[day] + own[then_day] - _usual(own, then_day, 7)) * np.float32(0.5)
    for day in range(n_days - 7):
        pair[day + 7] = (new[day + 7] + late[day]) * np.float32(0.5)
    for number, lag in enumerate((1, 7, 14)):
        step, then = days[STEP + number], own[first - lag :]
        for day in range(n_days):
            step[day] = abs(now[day] - then[day])
    for day in range(n_days):
        days[OWN, day] = now[day]
        days[NEW_SQUARE, day] = new[day] * new[day]
        days[PAIR_SQUARE, day] = pair[day] * pair[day]
        days[OWN_SQUARE, day] = now[day] * now[day]
        days[USUAL_SQUARE, day] = usual[day] * usual[day]
        days[PRODUCT, day] = now[day] * usual[day]


@njit(cache=True, nogil=True, error_model="numpy")
def _usual(own: Singles, day: int, lag: int) -> np.float32:
    """Return the mean of up to eight same weekdays from *lag* days before a day on."""
    total, count = np.float32(0.0), 0
    for week in range(WEEKS):
        back = day - lag - 7 * week
        if back >= 0:
            total += own[back]
            count += 1
    return total * np.float32(1.0 / max(count, 1))


@njit(cache=True, nogil=True, error_model="numpy")
def _usual_weekday(own: Singles, first: int, lag: int, sums: Singles, out: Singles) -> None:
    """Write the mean of up to eight same weekdays from *lag* days before each day on."""
    n_days = out.shape[0]
    whole = max(lag + 7 * (WEEKS - 1) - first, 0)  # from here on there are all eight
    for day in range(min(whole, n_days)):
        out[day] = _usual(own, first + day, lag)
    if whole < n_days:
        eight = _eight(own[first + whole - lag - 7 * (WEEKS - 1) : first + n_days - lag], sums)
        for day in range(n_days - whole):
            out[whole + day] = eight[day] * np.float32(1.0 / WEEKS)


@njit(cache=True, nogil=True, error_model="numpy")
def _by_week(days: Singles, weekly: Singles) -> None:
    """Write the mean of each day and the six before it."""
    n_days = days.shape[1] - 6
    for kind in range(DAILY):
        row, out = days[kind], weekly[kind, 6:]
        for day in range(n_days):
            early = (row[day] + row[day + 1]) + (row[day + 2] + row[day + 3])
            late = (row[day + 4] + row[day + 5]) + row[day + 6]
            out[day] = (early + late) * np.float32(1.0 / 7.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _of_looks(weekly: Singles, every: int, here: Singles, sums: Singles, signs: Singles) -> None:
    """Write the signs, logs still to be taken; a look is every so many days from the 71st on."""
    n_look = signs.shape[1]
    for kind in range(DAILY):
        _each(weekly[kind, FIRST_BACK::every], here[kind])
    _each(weekly[LATE, FIRST_BACK - 7 :: every], here[LATE])
    for kind in (STEP, STEP + 1, STEP + 2, NEW_SQUARE, PAIR_SQUARE):
        _eight_weeks(weekly[kind], every, sums, here[DAILY + kind])
    for sign, kind in ((3, STEP), (1, STEP + 1), (6, STEP + 2)):
        _ratio(here[kind], here[DAILY + kind], LEAST, signs[sign])
    mean, then = here[OWN], here[USUAL]
    size, was, product = here[OWN_SQUARE], here[USUAL_SQUARE], here[PRODUCT]
    _less_square(size, mean)
    _less_square(was, then)
    for number in range(n_look):
        product[number] -= mean[number] * then[number]
    for number in range(n_look):
        both = math.sqrt(size[number] * was[number] + np.float32(1e-7))
        signs[8, number] = product[number] / both
    _ratio(size, was, np.float32(1e-4), signs[9])
    level, two, spread, pattern = here[NEW], here[LATE], here[NEW_SQUARE], here[OWN]
    shape, of_pair, past = here[PAIR_SQUARE], here[PAIR], here[USUAL]
    for number in range(n_look):  # loop by loop: with fewer rows in each all lanes are taken
        two[number] = (level[number] + two[number]) / np.float32(2.0)
    for number in range(n_look):
        signs[0, number] = abs(level[number])
    for number in range(n_look):
        signs[5, number] = abs(two[number])
    for number in range(n_look):
        pattern[number] = spread[number]
    _less_square(pattern, level)
    _less_square(shape, of_pair)
    for row in (level, two):
        for number in range(n_look):
            row[number] *= row[number]
    _past(shape, here[DAILY + PAIR_SQUARE], every, sums, past)
    _ratio(shape, past, LEAST_SQUARE, signs[7])
    usual = here[PRODUCT]
    _past(spread, here[DAILY + NEW_SQUARE], every, sums, usual)
    _ratio(spread, usual, LEAST_SQUARE, signs[4])
    _past(pattern, usual, every, sums, past)
    _ratio(pattern, past, LEAST_SQUARE, signs[2])
    for sign, square in ((0, level), (5, two)):
        _past(square, usual, every, sums, past)
        for number in range(n_look):
            signs[sign, number] /= math.sqrt(past[number] + LEAST_SQUARE)


@njit(cache=True, nogil=True, error_model="numpy")
def _less_square(square: Singles, mean: Singles) -> None:
    """Take the mean's square out of a mean square."""
    for number in range(square.shape[0]):
        square[number] = max(square[number] - mean[number] * mean[number], np.float32(0.0))


@njit(cache=True, nogil=True, error_model="numpy")
def _each(values: Singles, out: Singles) -> None:
    for number in range(out.shape[0]):
        out[number] = values[number]


@njit(cache=True, nogil=True, error_model="numpy")
def _eight_weeks(weekly: Singles, every: int, sums: Singles, out: Singles) -> None:
    """Write the mean of the eight weeks up to two weeks before each look."""
    eight = _eight(weekly, sums)
    then = eight[FIRST_BACK - 14 - 7 * (WEEKS - 1) :: every]
    for number in range(out.shape[0]):
        out[number] = then[number] * np.float32(1.0 / WEEKS)


@njit(cache=True, nogil=True, error_model="numpy")
def _eight(values: Singles, sums: Singles) -> Singles:
    """Return each value and the seven that follow a week apart, by doubling."""
    n_values = values.shape[0]
    _add(values, values[7:], sums[0, : n_values - 7])
    _add(sums[0], sums[0, 14:], sums[1, : n_values - 21])
    _add(sums[1], sums[1, 28:], sums[0, : n_values - 49])
    return sums[0, : n_values - 49]


@njit(cache=True, nogil=True, error_model="numpy")
def _add(one: Singles, two: Singles, out: Singles) -> None:
    for place in range(out.shape[0]):
        out[place] = one[place] + two[place]


@njit(cache=True, nogil=True, error_model="numpy")
def _past(values: Singles, prior: Singles, every: int, sums: Singles, out: Singles) -> None:
    """Write the mean of a statistic over its past up to two weeks ago, drawn to a prior.

    The sum is put together of sums over 1, 2, 4 … looks, the newest first, so that it is the
    same whatever look is the first.
    """
    n_look, gap, most = values.shape[0], -(-14 // every), PAST_DAYS // every
    weight = np.float32(9.0 / every)  # the prior counts as nine days
    runs, other = sums[0, : n_look + most], sums[1, : n_look + most]
    looks = runs[most:]
    for place in range(most):
        runs[place] = 0.0  # before the first look
    for number in range(n_look):
        looks[number] = values[number]
        out[number] = 0.0
    width, end = 1, gap  # a run of so many looks, and how many looks ago the next one ends
    while width <= most:
        if most & width:
            begin = most - end - width + 1  # of the run that belongs to the first look
            run, to = runs[max(begin, 0) :], out[max(-begin, 0) :]
            for number in range(to.shape[0]):
                to[number] += run[number]
            end += width
        _add(runs, runs[width:], other[: n_look + most - width])
        runs, other = other, runs
        width *= 2
    early = min(gap + most, n_look)
    for number in range(early):
        count = np.float32(min(max(number - gap + 1, 0), most))
        out[number] = (out[number] + prior[number] * weight) / (count + weight)
    for number in range(early, n_look):
        out[number] = (out[number] + prior[number] * weight) / (np.float32(most) + weight)


@njit(cache=True, nogil=True, error_model="numpy")
def _ratio(now: Singles, then: Singles, least: np.float32, out: Singles) -> None:
    for number in range(out.shape[0]):
        out[number] = (now[number] + least) / (then[number] + least)
