"""The expected energy of days to come."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lamplighter.insight.forecast import references
from lamplighter.insight.habits import arrays, neighbours
from lamplighter.insight.habits.arrays import Floats, Integers

LONGEST_AHEAD = 62  # two months of days to come


class OutlookPolicy(references.ReferencePolicy, Protocol):
    """What an outlook needs of the policy "forecast"."""

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

    def over(self, *, begin: int, end: int) -> Floats:
        """Return the expected sum of days to come, (n_points,)."""
        from lamplighter.insight.forecast import compiled  # late: pages must not wait for numba

        if end > self.compared.shape[1]:
            raise IndexError(f"column {end} of {self.compared.shape[1]}")
        if end <= begin:
            return np.where(np.isnan(self.level_kwh), np.nan, 0.0)
        log = common_ahead(
            log_factor=self.adjusted.log_factor[:, : self.origin],
            past=self.compared[:, :end],
            policy=self.policy,
        )[:, begin - self.origin :]
        then, before = self._own_years(begin=begin, end=end)
        return compiled.sums(
            self.adjusted.adjusted_kwh,
            self.adjusted.of_group,
            self.adjusted.response,
            self.level_kwh,
            self.weekday_ratio,
            np.ascontiguousarray(log),
            weekday_at(adjusted=self.adjusted, column=begin),
            then,
            before,
            self.policy.own_season_weight,
        )

    def _own_years(self, *, begin: int, end: int) -> tuple[Integers, Integers]:
        """Return the columns that show a point's own season: those of the span in each past year,
        and those before it that the present level is compared with.
        """
        start = max(0, self.origin - self.policy.level_days)
        years = 0
        for past in self.compared[: self.policy.own_season_years]:
            then, before = past[begin:end], past[start : self.origin]
            if min(then.min(), before.min(initial=0)) < 0 or then.max() >= self.origin:
                break
            years += 1
        return (
            np.ascontiguousarray(self.compared[:years, begin:end]),
            np.ascontiguousarray(self.compared[:years, start : self.origin]),
        )


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
    >>> bool(95.0 < ahead.over(begin=200, end=210)[0] < 105.0)
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
    from lamplighter.insight.forecast import compiled  # late: pages must not wait for numba

    if len(origins) and int(origins.max()) > len(adjusted.days):
        raise IndexError(f"origin {origins.max()} of {len(adjusted.days)} days")
    age = np.arange(policy.level_days, dtype=np.float64)
    return compiled.levels(
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
    return int(arrays.weekday_of(adjusted.days[:1] + column)[0])


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
    first = adjusted.days[0]
    days = first + np.arange(len(adjusted.days) + n_ahead)
    years = range(1, max(policy.years_max, policy.own_season_years) + 1)
    past = [references.past_days(days=days, years=year, policy=policy) for year in years]
    return np.stack([(day - first).astype(np.int64) for day in past])


def common_ahead(*, log_factor: Floats, past: Integers, policy: OutlookPolicy) -> Floats:
    """Return the common part of days to come: past years' shape, tied to the present.

    Parameters
    ----------
    log_factor : (n_groups, n_days) float64
        Common part of each group so far. [log]
    past : (n_years, n_days + n_ahead) int64
        Columns that days are compared with; below 0: none. [column]
    policy : OutlookPolicy
        The numbers.

    Returns
    -------
    (n_groups, n_ahead) float64
        Expected common part. Where no past year reaches, the mean of the last days. [log]

    Raises
    ------
    ValueError
        There is no day to go on from.

    Examples
    --------
    >>> from lamplighter.insight.forecast import examples
    >>> year = np.sin(np.arange(728) * 2 * np.pi / 364)[None]
    >>> ahead = common_ahead(
    ...     log_factor=year[:, :650], past=np.arange(678)[None] - 364, policy=examples.POLICY
    ... )
    >>> bool(np.allclose(ahead, year[:, 650:678]))
    True
    """
    n_groups, n_days = log_factor.shape
    if n_days == 0:
        raise ValueError("no day to go on from")
    n_ahead = past.shape[1] - n_days
    recent = log_factor[:, -policy.anchor_days :]
    begin = n_days - recent.shape[1]
    total, count = np.zeros((n_groups, n_ahead)), np.zeros(n_ahead)
    fading = 0.5 ** (np.arange(1, n_ahead + 1) / policy.anchor_half_life_days)
    for columns in past[: policy.years_max]:
        behind, ahead = columns[begin:n_days], columns[n_days:]
        if min(behind.min(), ahead.min(initial=0)) < 0:
            break
        offset = (recent - log_factor[:, behind]).mean(axis=1, keepdims=True)
        reachable = ahead < n_days
        shape = log_factor[:, np.minimum(ahead, n_days - 1)]
        total += np.where(reachable, shape + offset * fading, 0.0)
        count += reachable
    fallback = recent.mean(axis=1, keepdims=True)
    return np.where(count > 0, total / np.maximum(count, 1.0), fallback)
