"""The expected energy of days to come."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from lamplighter.insight.forecast import references
from lamplighter.insight.habits import arrays, neighbours
from lamplighter.insight.habits.arrays import Floats, Integers

LONGEST_AHEAD = 62  # two months of days to come


class OutlookPolicy(references.ReferencePolicy, Protocol):
    """What an outlook needs of the policy "forecast"."""

    def __hash__(self) -> int: ...
    @property
    def level_days(self) -> int: ...
    @property
    def level_half_life_days(self) -> float: ...
    @property
    def level_fast_half_life_days(self) -> float: ...
    @property
    def shift_recent_days(self) -> int: ...
    @property
    def shift_before_days(self) -> int: ...
    @property
    def shift_from(self) -> float: ...
    @property
    def shift_full(self) -> float: ...
    @property
    def level_days_min(self) -> int: ...
    @property
    def weekday_days(self) -> int: ...
    @property
    def years_max(self) -> int: ...
    @property
    def anchor_days(self) -> int: ...
    @property
    def anchor_half_life_days(self) -> float: ...
    @property
    def own_season_weight(self) -> float: ...
    @property
    def own_season_years(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What each point is expected to use on a day, past or to come, seen from one origin."""

    adjusted: neighbours.Adjusted
    policy: OutlookPolicy
    origin: int  # days known
    level_kwh: Floats  # (n_points,) present level on a common day; NaN: none
    shift: Floats  # (n_points,) |log| of the last days over those before; NaN: not known
    weekday_ratio: Floats  # (n_points, 7)
    compared: Integers  # (n_years, n_columns) columns that days are compared with; below 0: none

    def ahead(self, *, n_days: int) -> Floats:
        """Return the expected sum of so many days after the origin, (n_points,)."""
        found = sums(
            adjusted=self.adjusted,
            policy=self.policy,
            origins=np.array([self.origin], np.int64),
            level_kwh=self.level_kwh[:, None],
            weekday_ratio=self.weekday_ratio,
            compared=self.compared,
            n_ahead=n_days,
        )
        return found[:, 0].copy()


def outlook(
    *,
    adjusted: neighbours.Adjusted,
    policy: OutlookPolicy,
    origin: int | None = None,
    weekday_ratio: Floats | None = None,
    compared: Integers | None = None,
) -> Outlook:
    """Look ahead from one origin.

    The present level is the mean of the last days on a common day, older days weighing less by
    a half-life. Where the last days lie far from those before, a habit has changed: the level
    moves over to a mean with a short half-life.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : OutlookPolicy
        The numbers.
    origin : int, optional
        Days known; all of them if not given. [day]
    weekday_ratio : (n_points, 7) float64
        Weekdays over the mean day, Monday first, if known already. [share]
    compared : (n_years, n_columns) int64
        From :func:`past_columns`, if known already. [column]

    Returns
    -------
    Outlook
        Expected days of each point; NaN where it has no level.

    Raises
    ------
    IndexError
        The origin lies beyond the days.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> ahead = outlook(adjusted=homes.doubling_home(), policy=examples.POLICY)
    >>> bool(95.0 < ahead.ahead(n_days=10)[0] < 105.0)
    True
    """
    known = len(adjusted.days) if origin is None else origin
    if known > len(adjusted.days):
        raise IndexError(f"origin {known} of {len(adjusted.days)} days")
    level, shift = levels(adjusted=adjusted, policy=policy, origins=np.array([known], np.int64))
    ratio = weekdays(adjusted=adjusted, policy=policy) if weekday_ratio is None else weekday_ratio
    if compared is None:
        compared = past_columns(adjusted=adjusted, n_ahead=LONGEST_AHEAD, policy=policy)
    return Outlook(
        adjusted=adjusted,
        policy=policy,
        origin=known,
        level_kwh=level[:, 0].copy(),
        shift=shift[:, 0].copy(),
        weekday_ratio=ratio,
        compared=compared,
    )


def levels(
    *, adjusted: neighbours.Adjusted, policy: OutlookPolicy, origins: Integers
) -> tuple[Floats, Floats]:
    """Return the level of each point at some origins, and how far its last days lay from before.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : OutlookPolicy
        The numbers.
    origins : (n_origins,) int64
        Days known at each, at most all of them. [day]

    Returns
    -------
    level : (n_points, n_origins) float64
        Weighted mean of the last days. [kWh] NaN: too few are measured.
    shift : (n_points, n_origins) float64
        Absolute log ratio of the means of the last days and those before. [log] NaN: one of
        them is missing or not positive.

    Raises
    ------
    IndexError
        An origin lies beyond the days.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> level, shift = levels(
    ...     adjusted=homes.doubling_home(), policy=examples.POLICY, origins=np.array([100, 200])
    ... )
    >>> level.shape, shift.shape
    ((1, 2), (1, 2))
    """
    from lamplighter.insight.forecast import present  # late: pages must not wait for numba

    if len(origins) and int(origins.max()) > len(adjusted.days):
        raise IndexError(f"origin {origins.max()} of {len(adjusted.days)} days")
    age = np.arange(policy.level_days, dtype=np.float64)
    return present.levels(
        adjusted.adjusted_kwh,
        origins,
        0.5 ** (age / policy.level_half_life_days),
        0.5 ** (age / policy.level_fast_half_life_days),
        policy.level_days_min,
        policy.shift_recent_days,
        policy.shift_before_days,
        policy.shift_from,
        policy.shift_full,
    )


def sums(
    *,
    adjusted: neighbours.Adjusted,
    policy: OutlookPolicy,
    origins: Integers,
    level_kwh: Floats,
    weekday_ratio: Floats,
    compared: Integers,
    n_ahead: int,
) -> Floats:
    """Return the expected sum of the days after each of some origins.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : OutlookPolicy
        The numbers.
    origins : (n_origins,) int64
        Days known at each. [day]
    level_kwh : (n_points, n_origins) float64
        From :func:`levels`. [kWh]
    weekday_ratio : (n_points, 7) float64
        From :func:`weekdays`. [share]
    compared : (n_years, n_columns) int64
        From :func:`past_columns`. [column]
    n_ahead : int
        Days after each origin. [day]

    Returns
    -------
    (n_points, n_origins) float64
        Energy; NaN without a level. [kWh]

    Raises
    ------
    IndexError
        More days than *compared* reaches.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> home, origins = homes.doubling_home(), np.array([100, 200])
    >>> found = sums(
    ...     adjusted=home, policy=examples.POLICY, origins=origins,
    ...     level_kwh=levels(adjusted=home, policy=examples.POLICY, origins=origins)[0],
    ...     weekday_ratio=weekdays(adjusted=home, policy=examples.POLICY),
    ...     compared=past_columns(adjusted=home, n_ahead=10, policy=examples.POLICY), n_ahead=10,
    ... )
    >>> bool(95.0 < found[0, 1] < 105.0)
    True
    """
    from lamplighter.insight.forecast import ahead  # late: pages must not wait for numba

    if len(origins) and int(origins.max()) + n_ahead > compared.shape[1]:
        raise IndexError(f"column {origins.max() + n_ahead} of {compared.shape[1]}")
    if n_ahead <= 0:
        return np.where(np.isnan(level_kwh), np.nan, 0.0)
    fading = 0.5 ** (np.arange(1, n_ahead + 1) / policy.anchor_half_life_days)
    log_ahead = ahead.commons(
        adjusted.log_factor,
        origins,
        compared,
        n_ahead,
        policy.years_max,
        policy.anchor_days,
        fading,
    )
    # Taken, not indexed: laid out alike for one origin and for many, so compiled once.
    factor_ahead = log_ahead.astype(np.float32).take(adjusted.of_group, axis=1)
    factor_ahead *= adjusted.response.astype(np.float32)[:, None]
    np.exp(factor_ahead, out=factor_ahead)  # numpy takes many exponentials at once
    return ahead.sums(
        adjusted.adjusted_kwh,
        np.ascontiguousarray(level_kwh),
        weekday_ratio,
        factor_ahead,
        arrays.weekday_of(adjusted.days[0] + origins),
        origins,
        compared,
        policy.own_season_years,
        policy.level_days,
        policy.own_season_weight,
    )


def weekday_at(*, adjusted: neighbours.Adjusted, column: int) -> int:
    """Return the weekday of a column, known or to come, Monday 0.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days.
    column : int
        Days after the first. [column]

    Returns
    -------
    int
        Weekday. [Monday 0]

    Raises
    ------
    IndexError
        There is no day.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> weekday_at(adjusted=homes.doubling_home(), column=7) == weekday_at(
    ...     adjusted=homes.doubling_home(), column=0
    ... )
    True
    """
    return int(arrays.weekday_of(adjusted.days[:1] + np.int64(column))[0])


def weekdays(*, adjusted: neighbours.Adjusted, policy: OutlookPolicy) -> Floats:
    """Return each weekday's mean over the mean day; 1 where a weekday was never measured.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : OutlookPolicy
        The numbers.

    Returns
    -------
    (n_points, 7) float64
        Ratios, Monday first. [share]

    Raises
    ------
    IndexError
        The arrays have no days axis.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> weekdays(adjusted=homes.doubling_home(), policy=examples.POLICY).shape
    (1, 7)
    """
    from lamplighter.insight.forecast import compiled  # late: pages must not wait for numba

    begin = max(0, len(adjusted.days) - policy.weekday_days)
    if begin == len(adjusted.days):
        return np.ones((len(adjusted.energy_kwh), 7))
    return compiled.weekdays(
        adjusted.adjusted_kwh, begin, weekday_at(adjusted=adjusted, column=begin)
    )


def past_columns(*, adjusted: neighbours.Adjusted, n_ahead: int, policy: OutlookPolicy) -> Integers:
    """Return the columns of past years' days that each day, known or to come, is compared with.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days.
    n_ahead : int
        Days to come. [day]
    policy : OutlookPolicy
        The numbers.

    Returns
    -------
    (n_years, n_days + n_ahead) int64
        Columns; below 0: before the first. [column]

    Raises
    ------
    IndexError
        There is no day.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> home = homes.doubling_home()
    >>> past_columns(adjusted=home, n_ahead=30, policy=examples.POLICY)[0, :2]
    array([-364, -363])
    """
    first = int(adjusted.days[:1].astype("datetime64[D]").astype(np.int64)[0])
    return _past_columns(first, len(adjusted.days) + n_ahead, policy)


@lru_cache(maxsize=32)
def _past_columns(first_day: int, n_columns: int, policy: OutlookPolicy) -> Integers:
    """All shards of a night ask for the same days."""
    first = np.datetime64(first_day, "D")
    days = first + np.arange(n_columns)
    years = range(1, max(policy.years_max, policy.own_season_years) + 1)
    past = [references.past_days(days=days, years=year, policy=policy) for year in years]
    return np.stack([(day - first).astype(np.int64) for day in past])
