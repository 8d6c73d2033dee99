"""Six cheap signs of another habit, for every point on every day that is looked at."""

from dataclasses import dataclass

import numpy as np

from lamplighter.insight.change.motion import Motion
from lamplighter.insight.habits.arrays import Booleans, Integers, Singles

SIGNS = ("level_7", "week_on_week", "pattern", "step", "spread", "level_14")
PAST_DAYS = 112
LEAST = np.float32(1e-3)
LEAST_SQUARE = np.float32(1e-5)
WEEKS = 8  # of the same weekday a day is compared with
FIRST_DAY = 84  # nothing is said of a day with fewer days before it
PEERS_MOST = 64


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
    return days[(days + first) % every == 0]


def screen(*, motion: Motion, look: Integers, tells: Booleans | None = None) -> Screened:
    """Return the signs of every point on the days looked at.

    ``level_7`` and ``level_14``: the last days' mean against the same weekdays of eight weeks
    before, over its own usual size. The other four are logs of the last week over the weeks
    before: the steps from week to week, the pattern within the week, the steps from day to
    day, the distance from the usual weekday.

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
    >>> int(found.look[np.argmax(found.signs[0, :, 0])]) in range(104, 110)  # doubled on day 100
    True
    """
    own = motion.own
    n_days, n_points = own.shape
    if not len(look):
        empty = np.zeros((len(SIGNS), 0, n_points), dtype=np.float32)
        return Screened(look=look, signs=empty, usual=empty[:, :, 0])
    sevenths = own.copy()
    for day in range(7, n_days):
        sevenths[day] += sevenths[day - 7]
    away = _sums(_against_weekdays(own, sevenths, 14))
    square = _sums(np.square(_against_weekdays(own, sevenths, 14)))
    week_before = _sums(_against_weekdays(own, sevenths, 7))
    steps, weeks = np.zeros_like(own), np.zeros_like(own)
    np.abs(own[1:] - own[:-1], out=steps[1:])
    np.abs(own[7:] - own[:-7], out=weeks[7:])
    steps, weeks = _sums(steps), _sums(weeks)

    level_7 = _mean(away, look, 7)
    level_14 = (level_7 + _mean(week_before, look - 7, 7)) / np.float32(2.0)
    spread = _mean(square, look, 7)
    pattern = np.maximum(spread - np.square(level_7), np.float32(0.0))
    usual_spread = _past(spread, look, np.median(spread, axis=1, keepdims=True))
    signs = np.stack(
        [
            np.abs(level_7) / _root(_past(np.square(level_7), look, usual_spread)),
            _log_ratio(_mean(weeks, look, 7), _mean(weeks, look - 14, 56), LEAST),
            _log_ratio(pattern, _past(pattern, look, usual_spread), LEAST_SQUARE),
            _log_ratio(_mean(steps, look, 7), _mean(steps, look - 14, 56), LEAST),
            _log_ratio(spread, usual_spread, LEAST_SQUARE),
            np.abs(level_14) / _root(_past(np.square(level_14), look, usual_spread)),
        ]
    )
    return Screened(look=look, signs=signs, usual=_usual(signs if tells is None else signs[:, :, tells]))


def _against_weekdays(own: Singles, sevenths: Singles, lag: int) -> Singles:
    """Return each day less the mean of the eight same weekdays from *lag* days before."""
    out = np.zeros_like(own)
    first = lag + 7 * WEEKS
    last = len(own) - lag
    mean = sevenths[7 * WEEKS : last] - sevenths[: max(last - 7 * WEEKS, 0)]
    mean *= np.float32(-1.0 / WEEKS)
    mean += own[first:]
    out[first:] = mean
    return out


def _sums(values: Singles) -> Singles:
    sums = np.zeros((len(values) + 1, values.shape[1]), dtype=np.float32)
    np.cumsum(values, axis=0, out=sums[1:])
    return sums


def _mean(sums: Singles, day: Integers, width: int) -> Singles:
    """Return the mean of each day and those before it, *width* in all."""
    out = sums[day + 1]
    out -= sums[day + 1 - width]
    out *= np.float32(1.0 / width)
    return out


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
    return out


def _root(square: Singles) -> Singles:
    return np.sqrt(square + LEAST_SQUARE)


def _log_ratio(now: Singles, then: Singles, least: np.float32) -> Singles:
    return np.log((now + least) / (then + least))


def _usual(signs: Singles) -> Singles:
    few = signs
    if signs.shape[2] > PEERS_MOST:  # evenly by the first sign's mean: no matter how rows lie
        order = np.argsort(signs[0].mean(axis=0), kind="stable")
        few = signs[:, :, order[np.linspace(0, len(order) - 1, PEERS_MOST).astype(int)]]
    return np.median(few, axis=2).astype(np.float32)
