"""What a span's first days say of points and their neighbours: it holds while days are added."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits import arrays
from lamplighter.insight.habits.arrays import Booleans, Floats, Integers, Singles
from lamplighter.insight.habits.terms import REFUSED, NeighbourPolicy, State

LARGEST_LOG_RATIO = 1.5  # what a day is beyond says no more of how a point follows its neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What some days say of points and their neighbours, and later days do not change."""

    log_factor: Floats  # (n_groups, n_settled) common part of each group; 0 where nobody compares
    middle: Floats  # (n_groups,) what was taken off for the common part to lie about 0 [log]
    neighbours: Integers  # (n_groups,) points behind the common part of the median day
    is_known: Booleans  # (n_points,) enough days to say something
    tells: Booleans  # (n_points,) its days make the common part
    typical_kwh: Floats  # (n_points,) median of its positive days
    shift: Floats  # (n_points,) how far that day lies from a common one, where spans differ [log]
    response: Floats  # (n_points,) how strongly it follows the common part

    @property
    def n_days(self) -> int:
        return int(self.log_factor.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Days as they are looked at."""

    energy_kwh: Singles  # (n_points, n_days) refused points and unit slips NaN
    n_measured: Integers  # (n_points,)
    slip_days: Integers  # (n_points,) days left out as unit slips
    state: npt.NDArray[np.int8]  # (n_points,) State


def look(
    *, energy_kwh: npt.NDArray[np.floating], n_settled: int, policy: NeighbourPolicy
) -> Looked:
    """Return days in single precision without unit slips, and what can be said of each point.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: missing.
    n_settled : int
        The first days, that tell what is a slip, where a point has any above zero. [day]
    policy : NeighbourPolicy
        The numbers.

    Returns
    -------
    Looked
        A copy; all NaN where nothing can be said of a point.

    Raises
    ------
    numba.TypingError
        The array is not two-dimensional.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> found = look(energy_kwh=np.full((1, 30), 5.0), n_settled=28, policy=examples.NEIGHBOURS)
    >>> found.n_measured, State(found.state[0]).name
    (array([30]), 'OK')
    """
    energy = np.array(energy_kwh, np.float32, order="C")
    slip_days = _without_slips(energy, n_settled=n_settled, policy=policy)
    n_measured, state = _state(energy, slip_days=slip_days, policy=policy)
    energy[np.isin(state, REFUSED)] = np.nan
    return Looked(energy_kwh=energy, n_measured=n_measured, slip_days=slip_days, state=state)


def settle(
    *,
    energy_kwh: npt.NDArray[np.floating],
    group: npt.NDArray[np.integer],
    policy: NeighbourPolicy,
) -> Settled:
    """Say of some days what :func:`take_out_common` goes by.

    Parameters
    ----------
    energy_kwh : (n_points, n_settled) float64
        Energy of each day, the first ones of a span. [kWh] NaN: missing.
    group : (n_points,) int64
        Station area of each point. [code]
    policy : NeighbourPolicy
        The numbers of the comparison.

    Returns
    -------
    Settled
        Typical days, strengths and the common part of these days.

    Raises
    ------
    ValueError
        Shapes disagree.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> home = examples.doubling_home()
    >>> found = settle(
    ...     energy_kwh=home.energy_kwh[:, :140], group=np.zeros(1), policy=examples.NEIGHBOURS
    ... )
    >>> found.n_days, found.is_known
    (140, array([ True]))
    """
    groups, place = np.unique(group.astype(np.int64), return_inverse=True)
    looked = look(energy_kwh=energy_kwh, n_settled=energy_kwh.shape[1], policy=policy)
    return _settled(looked, place.astype(np.int64), n_groups=len(groups), policy=policy)


def go_on(
    *,
    settled: Settled | None,
    looked: Looked,
    of_group: Integers,
    n_groups: int,
    policy: NeighbourPolicy,
) -> tuple[Settled, Floats]:
    """Return what is settled, with young points too, and the common part of all days.

    Parameters
    ----------
    settled : Settled
        What :func:`settle` says of the first days. None, or known of fewer than half of those
        points that now have enough days: all days are settled.
    looked : Looked
        All days of the same points.
    of_group : (n_points,) int64
        Index into the groups. [index]
    n_groups : int
        Groups. [group]
    policy : NeighbourPolicy
        The numbers.

    Returns
    -------
    settled : Settled
        Points with too few settled days go by all of theirs.
    log_factor : (n_groups, n_days) float64
        Common part. [log]

    Raises
    ------
    ValueError
        Shapes disagree.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> policy, energy = examples.NEIGHBOURS, examples.doubling_home().energy_kwh
    >>> looked = look(energy_kwh=energy, n_settled=140, policy=policy)
    >>> first = settle(energy_kwh=energy[:, :140], group=np.zeros(1), policy=policy)
    >>> found, log_factor = go_on(
    ...     settled=first, looked=looked, of_group=np.array([0]), n_groups=1, policy=policy
    ... )
    >>> bool(found.typical_kwh[0] == first.typical_kwh[0]), log_factor.shape
    (True, (1, 200))
    """
    knows = ~np.isin(looked.state, REFUSED)
    if settled is None or 2 * np.count_nonzero(settled.is_known) < np.count_nonzero(knows):
        settled = _settled(looked, of_group, n_groups=n_groups, policy=policy)
    log_factor = _with_days_after(settled, looked.energy_kwh, of_group, policy=policy)
    young = np.flatnonzero(knows & ~settled.is_known)
    return _with_young(settled, looked, young, of_group, log_factor, policy=policy), log_factor


def _settled(
    looked: Looked, of_group: Integers, *, n_groups: int, policy: NeighbourPolicy
) -> Settled:
    from lamplighter.insight.habits import medians, passes  # late: pages must not wait for numba

    n_days = looked.energy_kwh.shape[1]
    tells = ~np.isin(looked.state, (*REFUSED, State.NET_EXPORT))
    typical, _count = medians.row_medians(values=looked.energy_kwh, least=0.0)
    log_ratio = passes.log_ratios(
        energy_kwh=looked.energy_kwh,
        typical_kwh=np.where(tells, typical, np.nan),
        low_share=policy.low_share,
    )
    factor, count = _of_groups(log_ratio, of_group, n_groups, policy=policy)
    middle = arrays.row_median(factor)
    shift = np.zeros(len(typical))
    if np.any(looked.n_measured[tells] < 0.9 * n_days):  # uneven spans: typical days are not alike
        shift = _shifts(log_ratio, np.nan_to_num(factor - middle[:, None]), of_group)
        log_ratio -= shift.astype(np.float32)[:, None]
        factor, count = _of_groups(log_ratio, of_group, n_groups, policy=policy)
        middle = arrays.row_median(factor)
    log_factor = np.nan_to_num(factor - middle[:, None])
    response = _response(log_ratio, log_factor, of_group, policy=policy)
    return Settled(
        log_factor=log_factor,
        middle=middle,
        neighbours=np.array([int(np.median(c)) if len(c) else 0 for c in count], np.int64),
        is_known=~np.isin(looked.state, REFUSED),
        tells=tells,
        typical_kwh=typical,
        shift=shift,
        response=np.where(tells, response, 0.0),
    )


def _with_days_after(
    settled: Settled, energy: Singles, of_group: Integers, *, policy: NeighbourPolicy
) -> Floats:
    """Return the common part of the settled days and of those after them."""
    from lamplighter.insight.habits import passes  # late: pages must not wait for numba

    after = np.ascontiguousarray(energy[:, settled.n_days :])
    if not after.shape[1]:
        return settled.log_factor
    log_ratio = passes.log_ratios(
        energy_kwh=after,
        typical_kwh=np.where(settled.tells, settled.typical_kwh, np.nan),
        low_share=policy.low_share,
    )
    log_ratio -= settled.shift.astype(np.float32)[:, None]
    factor, _count = _of_groups(log_ratio, of_group, len(settled.middle), policy=policy)
    factor = np.nan_to_num(factor - settled.middle[:, None])
    return np.concatenate([settled.log_factor, factor], axis=1)


def _with_young(
    settled: Settled,
    looked: Looked,
    young: Integers,
    of_group: Integers,
    log_factor: Floats,
    *,
    policy: NeighbourPolicy,
) -> Settled:
    """Return what is settled with points that are too young for it, by all of their days."""
    if not young.size:
        return settled
    from lamplighter.insight.habits import medians, passes  # late: pages must not wait for numba

    energy, groups = looked.energy_kwh[young], of_group[young]
    follows = looked.state[young] != State.NET_EXPORT
    median, _count = medians.row_medians(values=energy, least=0.0)
    log_ratio = passes.log_ratios(
        energy_kwh=energy,
        typical_kwh=np.where(follows, median, np.nan),
        low_share=policy.low_share,
    )
    moved = _shifts(log_ratio, log_factor, groups)
    log_ratio -= moved.astype(np.float32)[:, None]
    strength = np.where(follows, _response(log_ratio, log_factor, groups, policy=policy), 0.0)
    typical, shift, response = (
        of.copy() for of in (settled.typical_kwh, settled.shift, settled.response)
    )
    typical[young], shift[young], response[young] = median, moved, strength
    return replace(settled, typical_kwh=typical, shift=shift, response=response)


def _shifts(log_ratio: Singles, log_factor: Floats, of_group: Integers) -> Floats:
    """Return how far each point's days lie from its group's, in the middle."""
    from lamplighter.insight.habits import medians  # late: pages must not wait for numba

    return np.nan_to_num(
        medians.rest_medians(log_ratio=log_ratio, log_factor=log_factor, of_group=of_group)
    )


def _without_slips(energy: Singles, *, n_settled: int, policy: NeighbourPolicy) -> Integers:
    """Blank the days that were counted in another unit (Wh for kWh) and return how many.

    What is usual is told by the settled days, where a point has any above zero.
    """
    slip_days = np.zeros(len(energy), dtype=np.int64)
    if energy.shape[1] == 0:
        return slip_days
    suspects = np.flatnonzero(np.fmax.reduce(energy, axis=1) > policy.slip_kwh)
    if suspects.size == 0:
        return slip_days
    few = energy[suspects]
    positive = np.where(few > 0.0, few, np.float32(np.nan))
    has_settled = ~np.isnan(positive[:, :n_settled]).all(axis=1)
    positive[has_settled, n_settled:] = np.nan
    positive.sort(axis=1)
    count = np.count_nonzero(~np.isnan(positive), axis=1)
    quartile = positive[np.arange(len(few)), np.maximum(count - 1, 0) // 4]
    slips = (few > policy.slip_kwh) & (few > policy.slip_ratio * quartile[:, None])
    slip_days[suspects] = np.count_nonzero(slips, axis=1)
    energy[suspects] = np.where(slips, np.float32(np.nan), few)
    return slip_days


def _state(
    energy: Singles, *, slip_days: Integers, policy: NeighbourPolicy
) -> tuple[Integers, npt.NDArray[np.int8]]:
    """Return of each point how many days are measured, and its state."""
    from lamplighter.insight.habits import passes  # late: pages must not wait for numba

    count, negative, positive = passes.survey(energy)
    nonzero = positive + negative
    chosen = np.select(
        [
            count + slip_days == 0,
            count < policy.min_days,
            nonzero == 0,
            negative > policy.export_share * count,
            slip_days > 0,
        ],
        [
            State.ALL_MISSING,
            State.TOO_FEW_DAYS,
            State.ALL_ZERO,
            State.NET_EXPORT,
            State.UNIT_SLIP,
        ],
        State.OK,
    )
    return count, chosen.astype(np.int8)


def _of_groups(
    log_ratio: Singles, of_group: Integers, n_groups: int, *, policy: NeighbourPolicy
) -> tuple[Floats, Integers]:
    """Return the common part by group and day, and how many neighbours make it."""
    from lamplighter.insight.habits import medians  # late: pages must not wait for numba

    of_all, of_how_many = medians.day_medians(values=log_ratio, rows=np.arange(len(log_ratio)))
    of_all[of_how_many < policy.neighbours_min] = np.nan
    factor = np.empty((n_groups, log_ratio.shape[1]))
    counts = np.zeros((n_groups, log_ratio.shape[1]), dtype=np.int64)
    for number in range(n_groups):  # groups differ in size: no common shape to vectorise over
        own, count = medians.day_medians(values=log_ratio, rows=np.flatnonzero(of_group == number))
        weight = np.where(
            count >= policy.neighbours_min, count / (count + policy.neighbours_shrink), 0.0
        )
        factor[number] = np.where(weight > 0.0, weight * own + (1.0 - weight) * of_all, of_all)
        counts[number] = count
    return factor, counts


def _response(
    log_ratio: Singles,
    log_factor: Floats,
    of_group: Integers,
    *,
    policy: NeighbourPolicy,
) -> Floats:
    """Return how strongly each point follows its group, drawn towards 1."""
    from lamplighter.insight.habits import passes  # late: pages must not wait for numba

    product, square = passes.slopes_parts(
        log_ratio=log_ratio, log_factor=log_factor, of_group=of_group, most=LARGEST_LOG_RATIO
    )
    prior = (
        policy.response_prior_days * np.maximum(np.mean(log_factor**2, axis=1), 1e-6)[of_group]
        if log_factor.size
        else np.ones(len(of_group))
    )
    return np.asarray(np.clip((product + prior) / (square + prior), 0.0, policy.response_max))
