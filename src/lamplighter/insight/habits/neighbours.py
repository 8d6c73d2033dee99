"""What all neighbours do together: season, weekday, weather, festivals, taken out of each point."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits import arrays, settling
from lamplighter.insight.habits.arrays import Booleans, Days, Floats, Integers, Singles
from lamplighter.insight.habits.terms import REFUSED, NeighbourPolicy

ROWS_AT_ONCE = 64


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
    state: npt.NDArray[np.int8]  # (n_points,) terms.State
    n_settled: int  # first days that usual days and strengths rest on …
    is_young: Booleans  # (n_points,) … or all days, where too few of those were measured

    def is_refused(self) -> Booleans:
        """Return which points nothing can be said about."""
        return np.isin(self.state, REFUSED)

    def rows(self, index: Integers) -> "Adjusted":
        """Return some of the points."""
        of_points = (
            *("energy_kwh", "adjusted_kwh", "of_group", "response", "typical_kwh", "neighbours"),
            *("n_days", "slip_days", "state", "is_young"),
        )
        return replace(self, **{name: getattr(self, name)[index] for name in of_points})

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
    settled: settling.Settled | None = None,
) -> Adjusted:
    """Take out of each point's days what its neighbours did on the same days.

    The common part of a group and day is the median over its points of
    ``log(energy / typical day of the point)``, drawn towards the median of all points where
    the group is small, so that no single point moves it. Each point follows it with its own
    strength, fitted by least squares and drawn towards 1. Normalising against a control group
    is the idea of [1]_, the median against outliers that of [2]_.

    Typical days and strengths rest on the settled days where those are given, and what is taken
    out of a day then stays as it is while days are added. A point with too few settled days goes
    by all of its own; where most points are such, no day counts as settled.

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
    settled : settling.Settled, optional
        What :func:`settling.settle` says of the same points' first days; all days if not given.

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
    days = days.astype("datetime64[D]")
    arrays.check(energy_kwh=energy_kwh, days=days, group=group)
    groups, place = np.unique(group.astype(np.int64), return_inverse=True)
    of_group: Integers = place.astype(np.int64)
    n_settled = settled.n_days if settled else len(days)
    looked = settling.look(energy_kwh=energy_kwh, n_settled=n_settled, policy=policy)
    settled, log_factor = settling.go_on(
        settled=settled, looked=looked, of_group=of_group, n_groups=len(groups), policy=policy
    )
    return Adjusted(
        days=days,
        energy_kwh=looked.energy_kwh,
        adjusted_kwh=_without(log_factor, looked.energy_kwh, of_group, settled.response),
        log_factor=log_factor,
        groups=groups,
        of_group=of_group,
        response=settled.response,
        typical_kwh=settled.typical_kwh * np.exp(settled.shift),
        neighbours=settled.neighbours[of_group],
        n_days=looked.n_measured,
        slip_days=looked.slip_days,
        state=looked.state,
        n_settled=settled.n_days,
        is_young=~settled.is_known,
    )


def _without(
    log_factor: Floats, energy_kwh: Singles, of_group: Integers, response: Floats
) -> Singles:
    """Return each point's days without its group's common part; rows that stay in the cache."""
    shared, strength = log_factor.astype(np.float32), -response.astype(np.float32)[:, None]
    found = np.empty(energy_kwh.shape, np.float32)
    for begin in range(0, len(found), ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        some = np.take(shared, of_group[rows], axis=0)
        some *= strength[rows]
        np.exp(some, out=some)
        np.multiply(some, energy_kwh[rows], out=found[rows])
    return found
