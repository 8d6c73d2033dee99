"""The expected energy of days to come."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lamplighter.insight.habits import arrays, neighbours
from lamplighter.insight.habits.arrays import Floats


class OutlookPolicy(Protocol):
    """What an outlook needs of the policy "forecast"."""

    @property
    def level_days(self) -> int: ...
    @property
    def level_half_life_days(self) -> float: ...
    @property
    def level_days_min(self) -> int: ...
    @property
    def weekday_days(self) -> int: ...
    @property
    def year_lag_days(self) -> int: ...
    @property
    def years_max(self) -> int: ...
    @property
    def anchor_days(self) -> int: ...
    @property
    def anchor_half_life_days(self) -> float: ...
    @property
    def own_season_weight(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What each point is expected to use on a day, past or to come, seen from one origin."""

    adjusted: neighbours.Adjusted
    policy: OutlookPolicy
    origin: int  # days known
    level_kwh: Floats  # (n_points,) present level on a common day; NaN: none
    weekday_ratio: Floats  # (n_points, 7)

    def past(self, *, begin: int) -> Floats:
        """Return the expected days from *begin* to the origin, (n_points, n_days)."""
        log = self.adjusted.log_factor[:, begin : self.origin]
        return self._daily(log, begin=begin)

    def over(self, *, begin: int, end: int) -> Floats:
        """Return the expected sum of days to come, (n_points,)."""
        if end <= begin:
            return np.where(np.isnan(self.level_kwh), np.nan, 0.0)
        log = common_ahead(
            log_factor=self.adjusted.log_factor[:, : self.origin],
            n_ahead=end - self.origin,
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
        """Return how the point moved a year ago, beyond its neighbours, drawn towards 1."""
        lag, back = self.policy.year_lag_days, self.policy.level_days
        n_points = len(self.level_kwh)
        if begin - lag - back < 0 or end - lag > self.origin:
            return np.ones(n_points)
        common = self.adjusted.adjusted_kwh
        then = arrays.row_mean(common[:, begin - lag : end - lag])
        before = arrays.row_mean(common[:, self.origin - lag - back : self.origin - lag])
        usable = (then > 0.0) & (before > 0.0)
        ratio = np.where(usable, then, 1.0) / np.where(usable, before, 1.0)
        return np.asarray(np.clip(ratio, 0.5, 2.0) ** self.policy.own_season_weight)


def outlook(
    *,
    adjusted: neighbours.Adjusted,
    policy: OutlookPolicy,
    origin: int | None = None,
    weekday_ratio: Floats | None = None,
) -> Outlook:
    """Look ahead from one origin.

    The present level is the mean of the last days on a common day, older days weighing less by
    a half-life.

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
    span = adjusted.adjusted_kwh[:, max(0, known - policy.level_days) : known]
    age = np.arange(span.shape[1])[::-1]
    there = ~np.isnan(span)
    weight = there * 0.5 ** (age / policy.level_half_life_days)
    total = weight.sum(axis=1)
    level = np.divide(
        np.sum(np.where(there, span, 0.0) * weight, axis=1),
        total,
        out=np.full(len(span), np.nan),
        where=np.count_nonzero(there, axis=1) >= max(policy.level_days_min, 1),
    )
    ratio = weekdays(adjusted=adjusted, policy=policy) if weekday_ratio is None else weekday_ratio
    return Outlook(
        adjusted=adjusted, policy=policy, origin=known, level_kwh=level, weekday_ratio=ratio
    )


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


def common_ahead(*, log_factor: Floats, n_ahead: int, policy: OutlookPolicy) -> Floats:
    """Return the common part of days to come: past years' shape, tied to the present.

    Parameters
    ----------
    log_factor : (n_groups, n_days) float64
        Common part of each group so far. [log]
    n_ahead : int
        Days to come. [day]
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
    >>> ahead = common_ahead(log_factor=year[:, :700], n_ahead=28, policy=examples.POLICY)
    >>> bool(np.allclose(ahead, year[:, 700:]))
    True
    """
    n_groups, n_days = log_factor.shape
    if n_days == 0:
        raise ValueError("no day to go on from")
    recent = log_factor[:, -policy.anchor_days :]
    fallback = recent.mean(axis=1, keepdims=True)
    ahead = n_days + np.arange(n_ahead)
    behind = np.arange(n_days - recent.shape[1], n_days)
    total, count = np.zeros((n_groups, n_ahead)), np.zeros(n_ahead)
    for year in range(1, policy.years_max + 1):
        lag = year * policy.year_lag_days
        if behind[0] - lag < 0:
            break
        offset = (recent - log_factor[:, behind - lag]).mean(axis=1, keepdims=True)
        fading = 0.5 ** (np.arange(1, n_ahead + 1) / policy.anchor_half_life_days)
        reachable = ahead - lag < n_days
        shape = log_factor[:, np.minimum(ahead - lag, n_days - 1)]
        total += np.where(reachable, shape + offset * fading, 0.0)
        count += reachable
    return np.where(count > 0, total / np.maximum(count, 1.0), fallback)
