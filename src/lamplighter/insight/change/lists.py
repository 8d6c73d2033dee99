"""Two lists that must not be mixed: sudden jumps, and merely high use."""

from dataclasses import dataclass

import numpy as np

from lamplighter.insight.habits import arrays, neighbours
from lamplighter.insight.habits.arrays import MAD_TO_SIGMA, Booleans, Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpPolicy:
    """The numbers of the list of sudden jumps; rows of the policy "habits"."""

    jump_days: int  # the recent days
    jump_reference_days: int  # the days before, that give the point's own expectation
    jump_measured_share: float  # least share of both that must be measured
    jump_ratio_min: float  # recent over expected, at least
    jump_kwh_min: float  # recent less expected, at least, kWh per day
    jump_score_min: float  # recent less expected, at least, own standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumps:
    """Recent days against each point's own expectation."""

    recent_kwh: Floats  # (n_points,) mean of the recent days
    expected_kwh: Floats  # (n_points,) what they would be by habit and neighbours
    extra_kwh: Floats  # (n_points,) per day
    ratio: Floats  # (n_points,)
    score: Floats  # (n_points,) extra in own standard deviations
    days: Integers  # (n_points,) measured recent days
    is_jump: Booleans  # (n_points,)
    rank: Integers  # (n_points,) 0 first; -1 off the list


@dataclass(frozen=True, slots=True, kw_only=True)
class HighUsePolicy:
    """The numbers of the list of high use; rows of the policy "habits"."""

    high_days: int  # the days looked at
    high_days_min: int  # fewest of them measured
    high_neighbours_min: int  # fewest neighbours, else all points of the call
    high_percentile: float  # at or above this share of the neighbours
    high_ratio_min: float  # and at least this many times their median


@dataclass(frozen=True, slots=True, kw_only=True)
class HighUse:
    """The last days against the neighbours'."""

    mean_kwh: Floats  # (n_points,) mean of the days
    neighbours_kwh: Floats  # (n_points,) median of the neighbours' means
    ratio: Floats  # (n_points,)
    percentile: Floats  # (n_points,) share of neighbours at or below; 1 the highest
    neighbours: Integers  # (n_points,) points compared with, itself included
    days: Integers  # (n_points,)
    is_high: Booleans  # (n_points,)
    rank: Integers  # (n_points,) 0 first; -1 off the list


def sudden_jumps(*, adjusted: neighbours.Adjusted, policy: JumpPolicy) -> Jumps:
    """List the points whose last days are far above their own expectation.

    The expectation is the point's level of the days before times its neighbours' factor of the
    recent days: a heat wave makes no jump, nor does a steady high user. The rank is by score
    times the log of the ratio, so that what is both unusual for the point and large in
    proportion comes first, whatever the size of the customer.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : JumpPolicy
        The numbers.

    Returns
    -------
    Jumps
        One row per point; NaN and off the list where too few days are measured.

    Raises
    ------
    ValueError
        A span of the policy has no days.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lamplighter.insight.change import examples
    >>> policy = JumpPolicy(
    ...     jump_days=7, jump_reference_days=56, jump_measured_share=0.7, jump_ratio_min=1.5,
    ...     jump_kwh_min=2.0, jump_score_min=4.0,
    ... )
    >>> home = examples.doubling_home()
    >>> sudden_jumps(adjusted=home, policy=policy).is_jump  # doubled 100 days ago
    array([False])
    >>> sudden_jumps(adjusted=examples.until(adjusted=home, n_days=107), policy=policy).is_jump
    array([ True])
    """
    if min(policy.jump_days, policy.jump_reference_days) < 1:
        raise ValueError(f"{policy.jump_days} against {policy.jump_reference_days} days")
    recent = slice(max(0, len(adjusted.days) - policy.jump_days), None)
    begin = max(0, recent.start - policy.jump_reference_days)
    before = adjusted.adjusted_kwh[:, begin : recent.start]
    level = arrays.row_mean(before)
    n_before = np.count_nonzero(~np.isnan(before), axis=1)
    energy = adjusted.energy_kwh[:, recent]
    there = ~np.isnan(energy)
    n_recent = np.count_nonzero(there, axis=1)
    log = adjusted.log_factor[:, recent][adjusted.of_group] * adjusted.response[:, None]
    expected = level * arrays.row_mean(np.where(there, np.exp(log), np.nan))
    recent_kwh = arrays.row_mean(energy)
    extra = recent_kwh - expected
    enough = (n_recent >= policy.jump_measured_share * policy.jump_days) & (
        n_before >= policy.jump_measured_share * policy.jump_reference_days
    )
    middle = arrays.row_median(before)
    away = MAD_TO_SIGMA * arrays.row_median(np.abs(before - middle.astype(np.float32)[:, None]))
    least = 0.05 * np.maximum(np.abs(level), 0.1)  # a constant series still has a scale
    error = np.fmax(away, least) * np.sqrt(2.0 / np.maximum(n_recent, 1))  # two: days remember
    score = np.where(enough, extra / error, np.nan)
    ratio = np.where(
        enough & (expected > 0.0), recent_kwh / np.where(expected > 0.0, expected, 1.0), np.nan
    )
    ratio = np.where(enough & (expected == 0.0) & (recent_kwh > 0.0), np.inf, ratio)
    is_jump = (
        enough
        & (ratio >= policy.jump_ratio_min)
        & (extra >= policy.jump_kwh_min)
        & (score >= policy.jump_score_min)
    )
    weight = np.nan_to_num(score) * np.log(np.clip(np.nan_to_num(ratio, posinf=100.0), 1.0, 100.0))
    return Jumps(
        recent_kwh=recent_kwh,
        expected_kwh=np.where(enough, expected, np.nan),
        extra_kwh=np.where(enough, extra, np.nan),
        ratio=ratio,
        score=score,
        days=n_recent,
        is_jump=is_jump,
        rank=_rank(weight, listed=is_jump),
    )


def high_use(*, adjusted: neighbours.Adjusted, policy: HighUsePolicy) -> HighUse:
    """List the points that simply use much, beside their neighbours.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days; the days as measured are compared.
    policy : HighUsePolicy
        The numbers.

    Returns
    -------
    HighUse
        One row per point; NaN and off the list where too few days are measured.

    Raises
    ------
    ValueError
        The policy looks at no days.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> policy = HighUsePolicy(
    ...     high_days=30, high_days_min=20, high_neighbours_min=8, high_percentile=0.95,
    ...     high_ratio_min=2.0,
    ... )
    >>> high_use(adjusted=examples.doubling_home(), policy=policy).is_high  # nobody beside it
    array([False])
    """
    if policy.high_days < 1:
        raise ValueError(f"{policy.high_days} days")
    energy = adjusted.energy_kwh[:, max(0, len(adjusted.days) - policy.high_days) :]
    days = np.count_nonzero(~np.isnan(energy), axis=1)
    enough = (days >= policy.high_days_min) & ~adjusted.is_refused()
    mean = np.where(enough, arrays.row_mean(energy), np.nan)
    middle, share, count = (np.full(len(mean), np.nan) for _ in range(3))
    for number in range(len(adjusted.groups)):  # groups differ in size
        members = adjusted.of_group == number
        beside = mean[members]
        beside = beside[~np.isnan(beside)]
        if len(beside) < policy.high_neighbours_min:
            beside = mean[~np.isnan(mean)]
        ordered = np.sort(beside)
        count[members] = len(ordered)
        if len(ordered):
            middle[members] = np.median(ordered)
            share[members] = np.searchsorted(ordered, mean[members], side="right") / len(ordered)
    ratio = np.where(middle > 0.0, mean / np.where(middle > 0.0, middle, 1.0), np.nan)
    is_high = (
        enough
        & (count >= policy.high_neighbours_min)
        & (share >= policy.high_percentile)
        & (ratio >= policy.high_ratio_min)
    )
    return HighUse(
        mean_kwh=mean,
        neighbours_kwh=middle,
        ratio=ratio,
        percentile=np.where(enough, share, np.nan),
        neighbours=np.nan_to_num(count).astype(np.int64),
        days=days,
        is_high=is_high,
        rank=_rank(np.nan_to_num(mean), listed=is_high),
    )


def _rank(weight: Floats, *, listed: Booleans) -> Integers:
    """Return places from 0 by falling weight among the listed, the earlier row first in a tie."""
    rank = np.full(len(weight), -1, dtype=np.int64)
    order = np.flatnonzero(listed)[np.argsort(-weight[listed], kind="stable")]
    rank[order] = np.arange(len(order))
    return rank
