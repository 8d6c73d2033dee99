"""What all neighbours do together: season, weekday, weather, festivals, taken out of each point."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits import arrays
from lamplighter.insight.habits.arrays import Booleans, Days, Floats, Integers, Singles


class State(IntEnum):
    """What can be said about a point's series, and if not all, why not."""

    OK = 0
    ALL_MISSING = 1  # no day was measured
    ALL_ZERO = 2  # every measured day is zero
    TOO_FEW_DAYS = 3  # fewer measured days than the policy asks for
    UNIT_SLIP = 4  # some days are a different unit; they were left out
    NET_EXPORT = 5  # feeds into the grid; the neighbours' factor is not applied


LARGEST_LOG_RATIO = 1.5  # what a day is beyond says no more of how a point follows its neighbours
REFUSED = (State.ALL_MISSING, State.ALL_ZERO, State.TOO_FEW_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourPolicy:
    """The numbers of the comparison with neighbours; rows of the policy "habits"."""

    min_days: int  # fewest measured days of a point for any statement
    neighbours_min: int  # fewest neighbours on a day for a factor of their own
    neighbours_shrink: float  # weight of the wider group, in neighbours
    low_share: float  # a day below this share of the typical day says nothing of the weather
    response_prior_days: float  # weight of "responds like its neighbours", in days
    response_max: float  # strongest response to the common factor
    export_share: float  # share of negative days from which a point is a feeder-in
    slip_ratio: float  # a day this many times the lower quartile is a unit slip …
    slip_kwh: float  # … if it is also above this energy


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """Points by days with the neighbours' common part taken out.

    ``energy = adjusted * exp(response * log_factor[of_group])`` on each measured day.
    """

    days: Days  # (n_days,)
    energy_kwh: Singles  # (n_points, n_days) as measured, unit slips NaN
    adjusted_kwh: Singles  # (n_points, n_days) on a common day; NaN missing
    log_factor: Floats  # (n_groups, n_days) common part of each group; 0 where nobody compares
    groups: Integers  # (n_groups,) the group codes, ascending
    of_group: Integers  # (n_points,) index into groups
    response: Floats  # (n_points,) how strongly the point follows the common part
    typical_kwh: Floats  # (n_points,) median of its positive adjusted days
    neighbours: Integers  # (n_points,) points behind its factor on the median day
    n_days: Integers  # (n_points,) measured days
    slip_days: Integers  # (n_points,) days left out as unit slips
    state: npt.NDArray[np.int8]  # (n_points,) State

    def is_refused(self) -> Booleans:
        """Return which points nothing can be said about."""
        return np.isin(self.state, REFUSED)

    def factor(self) -> Singles:
        """Return each point's common factor by day, (n_points, n_days)."""
        log = self.log_factor.astype(np.float32)[self.of_group]
        log *= self.response.astype(np.float32)[:, None]
        return np.exp(log, out=log)


def take_out_common(
    *,
    energy_kwh: npt.NDArray[np.floating],
    days: Days,
    group: npt.NDArray[np.integer],
    policy: NeighbourPolicy,
) -> Adjusted:
    """Take out of each point's days what its neighbours did on the same days.

    The common part of a group and day is the median over its points of
    ``log(energy / typical day of the point)``, drawn towards the median of all points where
    the group is small, so that no single point moves it. Each point follows it with its own
    strength, fitted by least squares and drawn towards 1. Normalising against a control group
    is the idea of [1]_, the median against outliers that of [2]_.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day, negative when the point fed in more than it took. [kWh] NaN: missing.
    days : (n_days,) datetime64
        Consecutive local days. [day]
    group : (n_points,) int64
        Station area of each point: who is whose neighbour. [code]
    policy : NeighbourPolicy
        The numbers of the comparison.

    Returns
    -------
    Adjusted
        The same points and days without the common part. A point that nothing can be said
        about keeps its row, all NaN, and says why in ``state``; where too few neighbours
        measure on a day, the factor of that day is 1 and ``neighbours`` says how few they are.

    Raises
    ------
    arrays.NotPointsByDays
        The shapes do not agree, the days are not consecutive, or an energy is infinite.

    References
    ----------
    .. [1] A. Abadie, A. Diamond, J. Hainmueller, "Synthetic control methods for comparative case
       studies," J. Am. Stat. Assoc., vol. 105, no. 490, pp. 493-505, 2010,
       doi:10.1198/jasa.2009.ap08746.
    .. [2] J. W. Tukey, Exploratory Data Analysis, Addison-Wesley, 1977 (median polish).

    Examples
    --------
    Six homes use twice as much on the second day: nothing of that is any one home's own.

    >>> policy = NeighbourPolicy(
    ...     min_days=2, neighbours_min=3, neighbours_shrink=10.0, low_share=0.05,
    ...     response_prior_days=60.0, response_max=2.5, export_share=0.05,
    ...     slip_ratio=300.0, slip_kwh=1000.0,
    ... )
    >>> found = take_out_common(
    ...     energy_kwh=np.array([[4.0, 8.0]] * 6),
    ...     days=np.array(["2026-11-01", "2026-11-02"], dtype="datetime64[D]"),
    ...     group=np.zeros(6, dtype=int),
    ...     policy=policy,
    ... )
    >>> bool(np.allclose(found.adjusted_kwh[:, 0], found.adjusted_kwh[:, 1]))
    True
    """
    from lamplighter.insight.habits import medians, passes  # late: pages must not wait for numba

    days = days.astype("datetime64[D]")
    arrays.check(energy_kwh=energy_kwh, days=days, group=group)
    energy = np.array(energy_kwh, np.float32, order="C")
    slip_days = _without_slips(energy, policy=policy)
    n_measured, state = _state(energy, slip_days=slip_days, policy=policy)
    energy[np.isin(state, REFUSED)] = np.nan
    groups, place = np.unique(group.astype(np.int64), return_inverse=True)
    of_group: Integers = place.astype(np.int64)
    follows = ~np.isin(state, (*REFUSED, State.NET_EXPORT))
    typical, _count = medians.row_medians(values=energy, least=0.0)
    log_ratio = passes.log_ratios(
        energy_kwh=energy,
        typical_kwh=np.where(follows, typical, np.nan),
        low_share=policy.low_share,
    )
    log_factor, count = _log_factor(log_ratio, of_group, len(groups), policy=policy)
    if np.any(n_measured[follows] < 0.9 * len(days)):  # uneven spans: typical days are not alike
        shift = np.nan_to_num(
            medians.rest_medians(log_ratio=log_ratio, log_factor=log_factor, of_group=of_group)
        )
        log_ratio -= shift.astype(np.float32)[:, None]
        typical = typical * np.exp(shift)
        log_factor, count = _log_factor(log_ratio, of_group, len(groups), policy=policy)
    response = _response(log_ratio, log_factor, of_group, follows=follows, policy=policy)
    adjusted = log_factor.astype(np.float32)[of_group]
    adjusted *= -response.astype(np.float32)[:, None]
    np.exp(adjusted, out=adjusted)
    adjusted *= energy
    return Adjusted(
        days=days,
        energy_kwh=energy,
        adjusted_kwh=adjusted,
        log_factor=log_factor,
        groups=groups,
        of_group=of_group,
        response=response,
        typical_kwh=typical,
        neighbours=count[of_group],
        n_days=n_measured,
        slip_days=slip_days,
        state=state,
    )


def _without_slips(energy: Singles, *, policy: NeighbourPolicy) -> Integers:
    """Blank the days that were counted in another unit (Wh for kWh) and return how many."""
    slip_days = np.zeros(len(energy), dtype=np.int64)
    if energy.shape[1] == 0:
        return slip_days
    suspects = np.flatnonzero(np.fmax.reduce(energy, axis=1) > policy.slip_kwh)
    if suspects.size == 0:
        return slip_days
    few = energy[suspects]
    positive = np.sort(np.where(few > 0.0, few, np.nan), axis=1)
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


def _log_factor(
    log_ratio: Singles, of_group: Integers, n_groups: int, *, policy: NeighbourPolicy
) -> tuple[Floats, Integers]:
    """Return the common part by group and day, and the neighbours of its median day."""
    from lamplighter.insight.habits import medians  # late: pages must not wait for numba

    of_all, of_how_many = medians.day_medians(values=log_ratio, rows=np.arange(len(log_ratio)))
    of_all[of_how_many < policy.neighbours_min] = np.nan
    factor = np.empty((n_groups, log_ratio.shape[1]))
    neighbours = np.zeros(n_groups, dtype=np.int64)
    for number in range(n_groups):  # groups differ in size: no common shape to vectorise over
        own, count = medians.day_medians(values=log_ratio, rows=np.flatnonzero(of_group == number))
        weight = np.where(
            count >= policy.neighbours_min, count / (count + policy.neighbours_shrink), 0.0
        )
        factor[number] = np.where(weight > 0.0, weight * own + (1.0 - weight) * of_all, of_all)
        neighbours[number] = int(np.median(count)) if len(count) else 0
    middle = arrays.row_median(factor)
    return np.nan_to_num(factor - middle[:, None]), neighbours


def _response(
    log_ratio: Singles,
    log_factor: Floats,
    of_group: Integers,
    *,
    follows: Booleans,
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
    response = np.clip((product + prior) / (square + prior), 0.0, policy.response_max)
    return np.where(follows, response, 0.0)
