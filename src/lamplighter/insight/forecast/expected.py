"""The expected energy of days to come."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lamplighter.insight.forecast import references
from lamplighter.insight.habits import arrays, neighbours
from lamplighter.insight.habits.arrays import Floats, Integers, Singles

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

    def past(self, *, begin: int) -> Floats:
        """Return the expected days from *begin* to the origin, (n_points, n_days)."""
        log = self.adjusted.log_factor[:, begin : self.origin]
        return self._daily(log, begin=begin)

    def over(self, *, begin: int, end: int) -> Floats:
        """Return the expected sum of days to come, (n_points,)."""
        if end > self.compared.shape[1]:
            raise IndexError(f"column {end} of {self.compared.shape[1]}")
        if end <= begin:
            return np.where(np.isnan(self.level_kwh), np.nan, 0.0)
        log = common_ahead(
            log_factor=self.adjusted.log_factor[:, : self.origin],
            past=self.compared[:, :end],
            policy=self.policy,
        )[:, begin - self.origin :]
        season = self._own_season(begin=begin, end=end)
        return np.asarray(self._daily(log, begin=begin).sum(axis=1) * season)

    def _daily(self, log: Floats, *, begin: int) -> Floats:
        factor = np.exp(log[self.adjusted.of_group] * self.adjusted.response[:, None])
        days = self.adjusted.days[0] + np.arange(begin, begin + log.shape[1])
        weekday = arrays.weekday_of(days)
        return np.asarray(factor * self.weekday_ratio[:, weekday] * self.level_kwh[:, None])

    def _own_season(self, *, begin: int, end: int) -> Floats:
        """Return how the point moved in past years, beyond its neighbours, drawn towards 1."""
        n_points = len(self.level_kwh)
        total, count = np.zeros(n_points), np.zeros(n_points)
        known = self.adjusted.adjusted_kwh[:, : self.origin]
        start = max(0, self.origin - self.policy.level_days)
        for past in self.compared[: self.policy.own_season_years]:
            then, before = past[begin:end], past[start : self.origin]
            if min(then.min(), before.min(initial=0)) < 0 or then.max() >= self.origin:
                break
            ahead, behind = arrays.row_mean(known[:, then]), arrays.row_mean(known[:, before])
            usable = (ahead > 0.0) & (behind > 0.0)
            ratio = np.where(usable, ahead, 1.0) / np.where(usable, behind, 1.0)
            total += np.log(np.clip(ratio, 0.5, 2.0))
            count += usable
        return np.exp(self.policy.own_season_weight * total / np.maximum(count, 1.0))


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
    seen = adjusted.adjusted_kwh[:, :known]
    shift = shift_of(adjusted_kwh=seen, policy=policy)
    slow, fast = _levels(seen, policy=policy)
    # Without days to compare there is no old habit to hold on to.
    reach = max(policy.shift_full - policy.shift_from, 1e-9)
    moved = np.clip((np.nan_to_num(shift, nan=np.inf) - policy.shift_from) / reach, 0.0, 1.0)
    ratio = weekdays(adjusted=adjusted, policy=policy) if weekday_ratio is None else weekday_ratio
    if compared is None:
        compared = past_columns(adjusted=adjusted, n_ahead=LONGEST_AHEAD, policy=policy)
    return Outlook(
        adjusted=adjusted,
        policy=policy,
        origin=known,
        level_kwh=slow + (fast - slow) * moved,
        shift=shift,
        weekday_ratio=ratio,
        compared=compared,
    )


def _levels(seen: Singles, *, policy: OutlookPolicy) -> tuple[Floats, Floats]:
    """Return the slow and the fast mean of the last days; NaN: too few measured."""
    span = seen[:, max(0, seen.shape[1] - policy.level_days) :]
    there = ~np.isnan(span)
    filled = np.where(there, span, np.float32(0.0))
    enough = np.count_nonzero(there, axis=1) >= max(policy.level_days_min, 1)
    age = np.arange(span.shape[1], dtype=np.float32)[::-1]
    means = []
    for half_life in (policy.level_half_life_days, policy.level_fast_half_life_days):
        weight = np.float32(0.5) ** (age / np.float32(half_life))
        total = np.sum(filled * weight, axis=1, dtype=np.float64)
        whole = np.sum(there * weight, axis=1, dtype=np.float64)
        means.append(np.divide(total, whole, out=np.full(len(span), np.nan), where=enough))
    return means[0], means[1]


def shift_of(*, adjusted_kwh: Singles, policy: OutlookPolicy) -> Floats:
    """Return how far the last days lie from those before.

    Parameters
    ----------
    adjusted_kwh : (n_points, n_days) float64
        Days on a common day, up to the origin. [kWh] NaN: missing.
    policy : OutlookPolicy
        How many days are "last" and "before".

    Returns
    -------
    (n_points,) float64
        Absolute log ratio of the means. [log] NaN: one of them is missing or not positive.

    Raises
    ------
    IndexError
        The array has no days axis.

    Examples
    --------
    >>> from lamplighter.insight.forecast import examples
    >>> use = np.concatenate([np.full(84, 5.0), np.full(14, 10.0)])[None]
    >>> shift_of(adjusted_kwh=use, policy=examples.POLICY).round(3)
    array([0.693])
    """
    split = max(0, adjusted_kwh.shape[1] - policy.shift_recent_days)
    recent = arrays.row_mean(adjusted_kwh[:, split:])
    before = arrays.row_mean(adjusted_kwh[:, max(0, split - policy.shift_before_days) : split])
    usable = (recent > 0.0) & (before > 0.0)
    ratio = np.where(usable, recent, 1.0) / np.where(usable, before, 1.0)
    return np.where(usable, np.abs(np.log(ratio)), np.nan)


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
    begin = max(0, len(adjusted.days) - policy.weekday_days)
    common = adjusted.adjusted_kwh[:, begin:]
    weekday = arrays.weekday_of(adjusted.days[begin:])
    means = np.stack([arrays.row_mean(common[:, weekday == number]) for number in range(7)], axis=1)
    mean = arrays.row_mean(means)[:, None]
    usable = ~np.isnan(means) & (mean > 0.0)
    return np.divide(means, mean, out=np.ones_like(means), where=usable)


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
