"""The profile of each point: how much, when in the week, when in the year, when in the day."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits import arrays, neighbours
from lamplighter.insight.habits.arrays import (
    MAD_TO_SIGMA,
    Booleans,
    Floats,
    Integers,
    Singles,
)

SEASONS = ("SPRING", "SUMMER", "AUTUMN", "WINTER")  # from March, June, September, December
YEAR_DAYS = 365


class NoSuchShape(ValueError):
    """The day shapes do not belong to these points and days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePolicy:
    """The numbers of the profile; rows of the policy "habits"."""

    season_days_min: int  # fewest measured days for a season's level
    weekday_days_min: int  # fewest measured days of one weekday for its ratio
    shape_days_min: int  # fewest whole days for a day's shape
    mild_months: tuple[int, ...]  # months that neither heat nor cool
    heating_months: tuple[int, ...]
    cooling_months: tuple[int, ...]
    part_hours: tuple[int, ...]  # hours at which the parts of a day begin, ascending from 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """One row per point. NaN where the days behind a figure are fewer than the policy asks."""

    state: npt.NDArray[np.int8]  # (n_points,) terms.State
    n_days: Integers  # (n_points,) measured days in all
    neighbours: Integers  # (n_points,) points it was compared with on the median day
    baseline_kwh: Floats  # (n_points,) usual day of the last year, common part taken out
    baseline_days: Integers  # (n_points,)
    season_kwh: Floats  # (n_points, 4) usual measured day, order of SEASONS
    season_days: Integers  # (n_points, 4)
    weekday_ratio: Floats  # (n_points, 7) usual weekday over usual day, Monday first
    weekday_days: Integers  # (n_points, 7)
    weekend_ratio: Floats  # (n_points,) usual weekend day over usual working day
    heating_share: Floats  # (n_points,) share of a year's energy above mild days in cold months
    cooling_share: Floats  # (n_points,) the same in hot months
    share_days: Integers  # (n_points,) measured days of the year both shares rest on
    variability: Floats  # (n_points,) robust spread of a day over its usual day
    response: Floats  # (n_points,) how strongly it follows its neighbours; 1 like them
    zero_days: Integers  # (n_points,) days of exactly zero in the last year
    mean_12m_kwh: Floats  # (n_points,) mean measured day of the last year
    mean_12m_days: Integers  # (n_points,)
    part_share: Floats  # (n_points, n_parts) share of the energy by part of the day
    peak_slot: Integers  # (n_points,) slot of the highest usual energy; -1 where unknown
    shape_days: Integers  # (n_points,) whole days behind the shape; 0 without interval data


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The usual day of each season and weekday, over all settled days of a point."""

    season_kwh: Floats  # (n_points, 4) as measured, order of SEASONS; NaN of too few days
    season_days: Integers  # (n_points, 4)
    weekday_kwh: Floats  # (n_points, 7) on a common day, Monday first; NaN of too few days
    weekday_days: Integers  # (n_points, 7)


def usual_days(*, adjusted: neighbours.Adjusted, policy: ProfilePolicy) -> Usual:
    """Return the usual days of the seasons and weekdays, over the days that are settled.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : ProfilePolicy
        The numbers.

    Returns
    -------
    Usual
        Young points by all of their days.

    Raises
    ------
    ValueError
        Shapes disagree.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> policy = ProfilePolicy(
    ...     season_days_min=14, weekday_days_min=4, shape_days_min=7, mild_months=(4, 5, 10),
    ...     heating_months=(12, 1, 2), cooling_months=(6, 7, 8), part_hours=(0, 6, 12, 18),
    ... )
    >>> found = usual_days(adjusted=examples.doubling_home(), policy=policy)
    >>> found.season_days
    array([[92, 49,  0, 59]])
    """
    days = adjusted.days
    season = (arrays.month_of(days) // 3 - 1) % 4  # March 0 … December 3
    season_kwh, season_days = _middles(
        adjusted.energy_kwh, season, n_kinds=len(SEASONS), of=adjusted, least=policy.season_days_min
    )
    weekday_kwh, weekday_days = _middles(
        adjusted.adjusted_kwh,
        arrays.weekday_of(days),
        n_kinds=7,
        of=adjusted,
        least=policy.weekday_days_min,
    )
    return Usual(
        season_kwh=season_kwh,
        season_days=season_days,
        weekday_kwh=weekday_kwh,
        weekday_days=weekday_days,
    )


def profile(
    *,
    adjusted: neighbours.Adjusted,
    policy: ProfilePolicy,
    shapes: npt.NDArray[np.floating] | None = None,
    shaped: Integers | None = None,
    usual: Usual | None = None,
) -> Profiles:
    """Describe the habits of each point.

    Levels, weekdays and variability use medians, so that a feast or a fault of some days does
    not move them. "The last year" is the last 365 days of the span; seasons and weekdays rest on
    the settled days.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : ProfilePolicy
        The numbers.
    shapes : (n_points, n_shape_days, n_slots) float64
        Energy of each slot of recent days, 24 or 96 a day, if there is any. [kWh] NaN: missing.
    shaped : (n_shaped,) int64
        The points that the shapes are of, if not of all. [row]
    usual : Usual, optional
        What :func:`usual_days` says of the same settled days, if known already of all points but
        the young.

    Returns
    -------
    Profiles
        Each figure with the number of days it rests on; NaN for refused points.

    Raises
    ------
    NoSuchShape
        The shapes have another number of points, or slots that do not divide a day's hours.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> policy = ProfilePolicy(
    ...     season_days_min=14, weekday_days_min=4, shape_days_min=7, mild_months=(4, 5, 10),
    ...     heating_months=(12, 1, 2), cooling_months=(6, 7, 8), part_hours=(0, 6, 12, 18),
    ... )
    >>> found = profile(adjusted=examples.doubling_home(), policy=policy)
    >>> int(found.baseline_days[0]), bool(5.0 < found.baseline_kwh[0] < 10.0)
    (200, True)
    """
    from lamplighter.insight.habits import medians, passes  # late: pages must not wait for numba

    refused = adjusted.is_refused()
    energy, common, days = adjusted.energy_kwh, adjusted.adjusted_kwh, adjusted.days
    year = np.arange(max(0, common.shape[1] - YEAR_DAYS), common.shape[1])
    usual = _known(usual, adjusted, policy=policy)
    weekday_ratio, weekend_ratio = _week(usual.weekday_kwh)
    total, count, zeros = passes.month_sums(energy, len(days) - len(year), arrays.month_of(days))
    heating, cooling = _shares(total, count, policy=policy)
    part_share, peak_slot, shape_days = _shape(shapes, shaped, len(energy), policy=policy)
    baseline, _days = medians.row_medians(values=common, columns=year)
    away = medians.row_spreads(values=common, middle=baseline, columns=year)
    measured = count.sum(axis=1)
    return Profiles(
        state=adjusted.state,
        n_days=adjusted.n_days,
        neighbours=adjusted.neighbours,
        baseline_kwh=baseline,
        baseline_days=measured,
        season_kwh=usual.season_kwh,
        season_days=usual.season_days,
        weekday_ratio=weekday_ratio,
        weekday_days=usual.weekday_days,
        weekend_ratio=weekend_ratio,
        heating_share=heating,
        cooling_share=cooling,
        share_days=measured,
        variability=_over(MAD_TO_SIGMA * away, baseline),
        response=np.where(refused, np.nan, adjusted.response),
        zero_days=zeros,
        mean_12m_kwh=_over(total.sum(axis=1), measured),
        mean_12m_days=measured,
        part_share=part_share,
        peak_slot=peak_slot,
        shape_days=shape_days,
    )


def _known(usual: Usual | None, adjusted: neighbours.Adjusted, *, policy: ProfilePolicy) -> Usual:
    """Return the usual days of all points, those of the young by all of their days."""
    if usual is None:
        return usual_days(adjusted=adjusted, policy=policy)
    young = np.flatnonzero(adjusted.is_young)
    if not young.size:
        return usual
    theirs = usual_days(adjusted=adjusted.rows(young), policy=policy)
    merged = {name: getattr(usual, name).copy() for name in Usual.__dataclass_fields__}
    for name, values in merged.items():
        values[young] = getattr(theirs, name)
    return Usual(**merged)


def _middles(
    values: Singles, kind: Integers, *, n_kinds: int, of: neighbours.Adjusted, least: int
) -> tuple[Floats, Integers]:
    """Return each row's median of each kind of day, and over how many; NaN of fewer than *least*"""
    from lamplighter.insight.habits import medians  # late: pages must not wait for numba

    level = np.full((len(values), n_kinds), np.nan)
    count = np.zeros((len(values), n_kinds), dtype=np.int64)
    young = np.flatnonzero(of.is_young)
    spans = [(None, of.n_settled), (young, len(kind))]
    for rows, end in spans[len(young) == len(values) :]:  # where all are young, theirs alone
        chosen = slice(None) if rows is None else rows
        some = values[chosen]
        for number in range(n_kinds):
            columns = np.flatnonzero(kind[:end] == number)
            level[chosen, number], count[chosen, number] = medians.row_medians(
                values=some, columns=columns
            )
    return np.where(count >= least, level, np.nan), count


def _week(level: Floats) -> tuple[Floats, Floats]:
    mean = level.mean(axis=1, keepdims=True)
    ratio = np.divide(level, mean, out=np.full_like(level, np.nan), where=mean > 0.0)
    working = level[:, :5].mean(axis=1)
    weekend = np.divide(
        level[:, 5:].mean(axis=1), working, out=np.full(len(level), np.nan), where=working > 0.0
    )
    return ratio, weekend


def _shares(
    total_kwh: Floats, measured: Integers, *, policy: ProfilePolicy
) -> tuple[Floats, Floats]:
    """Return which share of a year's energy heats and cools: what is above mild months' days."""

    def level(months: tuple[int, ...]) -> Floats:
        chosen = np.array(months) - 1
        count = measured[:, chosen].sum(axis=1)
        mean = _over(total_kwh[:, chosen].sum(axis=1), count)
        return np.where(count >= policy.season_days_min, mean, np.nan)

    mild = level(policy.mild_months)
    whole = _over(total_kwh.sum(axis=1), measured.sum(axis=1)) * 12.0

    def share(months: tuple[int, ...]) -> Floats:
        return _over(np.maximum(level(months) - mild, 0.0) * len(months), whole)

    return share(policy.heating_months), share(policy.cooling_months)


def _over(part: Floats, whole: Floats | Integers) -> Floats:
    """Return parts over wholes; NaN where there is no whole."""
    return np.asarray(
        np.divide(part, whole, out=np.full(len(part), np.nan), where=np.asarray(whole) > 0)
    )


def _shape(
    shapes: npt.NDArray[np.floating] | None,
    shaped: Integers | None,
    n_points: int,
    *,
    policy: ProfilePolicy,
) -> tuple[Floats, Integers, Integers]:
    n_parts = len(policy.part_hours)
    shares = np.full((n_points, n_parts), np.nan)
    peak, count = np.full(n_points, -1), np.zeros(n_points, dtype=np.int64)
    if shapes is None:
        return shares, peak, count
    some = np.arange(n_points) if shaped is None else shaped
    if shapes.ndim != 3 or shapes.shape[0] != len(some) or shapes.shape[2] % 24:
        raise NoSuchShape(f"{shapes.shape} for {len(some)} points")
    whole: Booleans = ~np.isnan(shapes).any(axis=2)  # (n_some, n_shape_days)
    count[some] = np.count_nonzero(whole, axis=1)
    total = np.asarray(np.sum(shapes, axis=1, where=whole[:, :, None], dtype=np.float64))
    known = (count[some] >= policy.shape_days_min) & (total.sum(axis=1) > 0.0)
    starts = np.array(policy.part_hours) * (shapes.shape[2] // 24)
    parts = np.add.reduceat(total[known], starts, axis=1)
    shares[some[known]] = parts / total[known].sum(axis=1, keepdims=True)
    peak[some[known]] = np.argmax(total[known], axis=1)
    return shares, peak, count
