"""Which day of a past year a day is to be compared with, festivals that move included."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Days, Integers

SIDESTEPS = (7, -7, 14, -14, 21, -21, 28, -28, 35, -35)  # same weekday, nearest first
SAME_FESTIVAL_DAYS = 45  # a festival moves by less than this from one year to the next


class ReferencePolicy(Protocol):
    """What the comparison of days needs of the policy "forecast"."""

    @property
    def year_lag_days(self) -> int: ...
    @property
    def festivals(self) -> tuple[str, ...]: ...
    @property
    def festival_days_before(self) -> int: ...
    @property
    def festival_days_after(self) -> int: ...


def past_days(*, days: Days, years: int, policy: ReferencePolicy) -> Days:
    """Return the day of a past year that each day is to be compared with.

    An ordinary day is compared with the day whole weeks before, so that weekdays agree. A day
    near a festival is compared with the day as near to the same festival of that year: what
    moves by the moon moves along. An ordinary day never looks at a festival's day: it steps
    aside by whole weeks.

    Parameters
    ----------
    days : (n_days,) datetime64
        Days to compare, past or to come. [day]
    years : int
        How many years back; at least 1. [years]
    policy : ReferencePolicy
        The lag of a year, and the festivals with their reach.

    Returns
    -------
    (n_days,) datetime64
        One day for each. [day]

    Raises
    ------
    ValueError
        The number of years is not positive.

    Examples
    --------
    The Spring Festival of 2026 was on 17 February, that of 2025 on 29 January.

    >>> from lamplighter.insight.forecast import examples
    >>> days = np.array(["2026-02-17", "2026-01-28", "2026-06-01"], dtype="datetime64[D]")
    >>> past_days(days=days, years=1, policy=examples.POLICY)
    array(['2025-01-29', '2025-02-12', '2025-06-02'], dtype='datetime64[D]')
    """
    if years < 1:
        raise ValueError(f"{years} years back")
    days = days.astype("datetime64[D]")
    lag = np.timedelta64(years * policy.year_lag_days, "D")
    past = days - lag
    festivals = np.sort(np.array(policy.festivals, dtype="datetime64[D]"))
    if festivals.size == 0:
        return past
    near = festival_of(days=days, festivals=festivals, policy=policy)
    festive, of_now = near >= 0, festivals[np.maximum(near, 0)]
    wanted: Days = np.asarray(of_now - lag, dtype="datetime64[D]")
    of_then = festivals[_nearest(days=wanted, festivals=festivals)]
    same = festive & (np.abs((of_then - wanted).astype(np.int64)) <= SAME_FESTIVAL_DAYS)
    past = np.where(same, of_then + (days - of_now), past)
    for step in SIDESTEPS:
        hit = ~festive & (festival_of(days=past, festivals=festivals, policy=policy) >= 0)
        if not hit.any():
            break
        aside = days - lag + np.timedelta64(step, "D")
        free = festival_of(days=aside, festivals=festivals, policy=policy) < 0
        past = np.where(hit & free, aside, past)
    return past


def festival_of(*, days: Days, festivals: Days, policy: ReferencePolicy) -> Integers:
    """Return the festival within whose reach each day lies.

    Parameters
    ----------
    days : (n_days,) datetime64
        Days. [day]
    festivals : (n_festivals,) datetime64
        Days of festivals, ascending, at least one. [day]
    policy : ReferencePolicy
        The reach before and after.

    Returns
    -------
    (n_days,) int64
        Index of the nearest festival in reach; −1 where there is none. [index]

    Raises
    ------
    IndexError
        There is no festival at all.

    Examples
    --------
    >>> from lamplighter.insight.forecast import examples
    >>> festival_of(
    ...     days=np.array(["2026-02-10", "2026-02-01"], dtype="datetime64[D]"),
    ...     festivals=np.array(["2026-02-17"], dtype="datetime64[D]"), policy=examples.POLICY,
    ... )
    array([ 0, -1])
    """
    nearest = _nearest(days=days, festivals=festivals)
    distance = (days - festivals[nearest]).astype(np.int64)
    near = (distance >= -policy.festival_days_before) & (distance <= policy.festival_days_after)
    return np.where(near, nearest, -1)


def _nearest(*, days: Days, festivals: Days) -> npt.NDArray[np.int64]:
    right = np.clip(np.searchsorted(festivals, days), 1, max(len(festivals) - 1, 1))
    right = np.minimum(right, len(festivals) - 1)
    left = np.maximum(right - 1, 0)
    earlier = np.abs(days - festivals[left]) <= np.abs(festivals[right] - days)
    return np.where(earlier, left, right).astype(np.int64)
