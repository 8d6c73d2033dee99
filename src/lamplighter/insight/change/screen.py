"""Ten cheap signs of another habit, for every point on every day that is looked at."""

from dataclasses import dataclass

import numpy as np

from lamplighter.insight.change.motion import Motion
from lamplighter.insight.habits.arrays import Booleans, Integers, Singles

SIGNS = (
    "sign_level_7", "sign_week_step", "sign_pattern", "sign_step", "sign_spread", "sign_level_14",
    "sign_two_week_step", "sign_pattern_pair", "sign_correlation", "sign_size",
)  # fmt: skip
PAST_DAYS = 112
LEAST = np.float32(1e-3)
LEAST_SQUARE = np.float32(1e-5)
WEEKS = 8  # of the same weekday a day is compared with
FIRST_DAY = 84  # nothing is said of a day with fewer days before it
PEERS_MOST = 64
POINTS_AT_ONCE = 1024  # a block of so many stays near the processor
WIDE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Signs by day looked at and point, and what they usually are on that day."""

    look: Integers  # (n_look,) columns of the days looked at
    signs: Singles  # (len(SIGNS), n_look, n_points)
    usual: Singles  # (len(SIGNS), n_look) the points' median


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


def screen(*, motion: Motion, look: Integers, tells: Booleans | None = None) -> Screened:
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
    tells : (n_points,) bool
        Which points tell what is usual on a day; None: all.

    Returns
    -------
    Screened
        The signs.

    Raises
    ------
    IndexError
        A day lies outside the span.

    Examples
    --------
    >>> from lamplighter.insight.change import examples, motion
    >>> moved = motion.motion(energy_kwh=examples.doubling_home().energy_kwh)
    >>> found = screen(motion=moved, look=np.arange(84, 200))
    >>> int(found.look[np.argmax(found.signs[0, :, 0])]) in range(104, 116)  # doubled on day 100
    True
    """
    own = motion.own
    n_points = own.shape[1]
    if not len(look):
        empty = np.zeros((len(SIGNS), 0, n_points), dtype=np.float32)
        return Screened(look=look, signs=empty, usual=empty[:, :, 0])
    signs = np.empty((len(SIGNS), len(look), n_points), dtype=np.float32)
    for begin in range(0, n_points, POINTS_AT_ONCE):
        part = slice(begin, begin + POINTS_AT_ONCE)
        signs[:, :, part] = _signs(np.ascontiguousarray(own[:, part]), look)
    return Screened(
        look=look, signs=signs, usual=_usual(signs if tells is None else signs[:, :, tells])
    )


def _signs(own: Singles, look: Integers) -> Singles:
    new, late = _away(own, 14), _away(own, 7)
    usual_week = own - new
    signs = np.empty((len(SIGNS), len(look), own.shape[1]), dtype=np.float32)
    signs[1], signs[3], signs[6] = (_step(own, look, lag) for lag in (7, 1, 14))
    _of_level(signs, new, late, look)
    _of_pair(signs, new, late, look)
    _of_week(signs, own, usual_week, look)
    return signs


def _step(own: Singles, look: Integers, lag: int) -> Singles:
    step = np.zeros_like(own)
    np.subtract(own[lag:], own[:-lag], out=step[lag:])
    sums = _sums(np.abs(step, out=step))
    return _log_ratio(_mean(sums, look, 7), _mean(sums, look - 14, 56), LEAST)


def _of_level(signs: Singles, new: Singles, late: Singles, look: Integers) -> None:
    level = _mean(_sums(new), look, 7)
    both = (level + _mean(_sums(late), look - 7, 7)) / np.float32(2.0)
    square = _sums(np.square(new))
    spread = _mean(square, look, 7)
    pattern = np.maximum(spread - np.square(level), np.float32(0.0))
    usual = _past(spread, look, _mean(square, look - 14, 56))
    signs[0] = np.abs(level) / _root(_past(np.square(level), look, usual))
    signs[2] = _log_ratio(pattern, _past(pattern, look, usual), LEAST_SQUARE)
    signs[4] = _log_ratio(spread, usual, LEAST_SQUARE)
    signs[5] = np.abs(both) / _root(_past(np.square(both), look, usual))


def _of_pair(signs: Singles, new: Singles, late: Singles, look: Integers) -> None:
    pair = new.copy()
    pair[7:] += late[:-7]
    pair *= np.float32(0.5)
    level = _mean(_sums(pair), look, 7)
    square = _sums(np.square(pair, out=pair))
    shape = _mean(square, look, 7)
    shape -= np.square(level)
    np.maximum(shape, np.float32(0.0), out=shape)
    usual = _past(shape, look, _mean(square, look - 14, 56))
    signs[7] = _log_ratio(shape, usual, LEAST_SQUARE)


def _of_week(signs: Singles, own: Singles, usual_week: Singles, look: Integers) -> None:
    mean, usual = _mean(_sums(own), look, 7), _mean(_sums(usual_week), look, 7)
    both = _mean(_sums(own * usual_week), look, 7) - mean * usual
    size = np.maximum(_mean(_sums(np.square(own)), look, 7) - np.square(mean), 0.0)
    then = np.maximum(_mean(_sums(np.square(usual_week)), look, 7) - np.square(usual), 0.0)
    signs[8] = both / np.sqrt(size * then + np.float32(1e-7))
    signs[9] = _log_ratio(size, then, np.float32(1e-4))


def _away(own: Singles, lag: int) -> Singles:
    """Return each day less the mean of up to eight same weekdays from *lag* days before."""
    out = own.copy()
    total = np.zeros_like(own)
    n_days = len(own)
    for week in range(WEEKS):
        back = lag + 7 * week
        if back < n_days:
            total[back:] += own[: n_days - back]
    count = np.clip((np.arange(n_days) - lag) // 7 + 1, 0, WEEKS)
    total *= (1.0 / np.maximum(count, 1)).astype(np.float32)[:, None]
    out -= total
    out[:lag] = 0.0
    return out


def _sums(values: Singles) -> Singles:
    sums = np.zeros((len(values) + 1, values.shape[1]), dtype=np.float32)
    if values.shape[1] < WIDE:
        np.cumsum(values, axis=0, out=sums[1:])
        return sums
    for day, row in enumerate(values):  # whole rows: ten times as fast as cumsum down columns
        np.add(sums[day], row, out=sums[day + 1])
    return sums


def _mean(sums: Singles, day: Integers, width: int) -> Singles:
    """Return the mean of each day and those before it, *width* in all."""
    out = sums[day + 1]
    out -= sums[day + 1 - width]
    out *= np.float32(1.0 / width)
    return np.asarray(out)


def _past(values: Singles, look: Integers, prior: Singles) -> Singles:
    """Return the mean of a statistic over its past up to two weeks ago, drawn to a prior."""
    every = int(look[1] - look[0]) if len(look) > 1 else 1
    sums = _sums(values)
    end = np.maximum(np.arange(len(look)) - -(-14 // every) + 1, 0)
    begin = np.maximum(end - PAST_DAYS // every, 0)
    out = sums[end] - sums[begin]
    weight = np.float32(9.0 / every)  # the prior counts as nine days
    out += prior * weight
    out /= (end - begin).astype(np.float32)[:, None] + weight
    return np.asarray(out)


def _root(square: Singles) -> Singles:
    return np.asarray(np.sqrt(square + LEAST_SQUARE))


def _log_ratio(now: Singles, then: Singles, least: np.float32) -> Singles:
    return np.asarray(np.log((now + least) / (then + least)))


def _usual(signs: Singles) -> Singles:
    few = signs
    if signs.shape[2] > PEERS_MOST:  # evenly by the first sign's mean: no matter how rows lie
        order = np.argsort(signs[0].mean(axis=0), kind="stable")
        few = signs[:, :, order[np.linspace(0, len(order) - 1, PEERS_MOST).astype(int)]]
    return np.median(few, axis=2).astype(np.float32)
