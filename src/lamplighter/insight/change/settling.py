"""What a span's settled days say of shifts: it holds while days are added.

Usual sizes rest on settled days alone. So the score of a split whose windows lie within them stays,
to the bit, until another day settles or a settled one is corrected.
"""

from dataclasses import dataclass, replace

import numpy as np

from lamplighter.insight.change import scoring, shifting
from lamplighter.insight.change.scores import Scores
from lamplighter.insight.change.scoring import Own, Peers
from lamplighter.insight.change.shifting import Grid
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import compiled, neighbours
from lamplighter.insight.habits.arrays import Floats, Integers, Singles


class OtherDays(ValueError):
    """What is known is of another number of settled days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What settled days say of shifts, and later days do not change."""

    n_days: int  # so many are settled
    own: Own
    peers: Peers  # at the splits of the settled days
    point: Integers  # (n_high,) rows of scores that reach the threshold, on firm days
    day: Integers  # (n_high,) … and their columns
    level: Singles  # (n_high,) … shift of level, with its sign; 1 at the threshold
    habit: Singles  # (n_high,) … shift of habit


def settle(*, adjusted: neighbours.Adjusted, policy: ChangePolicy, is_judged: bool) -> Settled:
    """Score what lies within the settled days.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part; young points say nothing here.
    policy : ChangePolicy
        The numbers.
    is_judged : bool
        A judge speaks for the rhythm of the last two weeks.

    Returns
    -------
    Settled
        Usual sizes, and the scores of firm days that reach the threshold.

    Raises
    ------
    windows.NoWindow
        A window of the policy is empty or not of whole weeks.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> home = replace(examples.doubling_home(), n_settled=190)
    >>> found = settle(adjusted=home, policy=examples.POLICY, is_judged=False)
    >>> found.n_days, int(found.day[np.nanargmax(found.level)])
    (190, 100)
    """
    n_days = adjusted.n_settled
    grid = shifting.grid_of(days=adjusted.days, policy=policy, is_judged=is_judged)
    energy_kwh = adjusted.adjusted_kwh[:, :n_days].copy()
    energy_kwh[adjusted.is_young] = np.nan
    shifts = shifting.shifts_of(energy_kwh, typical_kwh=typical(adjusted), grid=grid, policy=policy)
    own = scoring.own_sizes(shifts, grid=grid, policy=policy)
    peers = scoring.beside_peers(shifts, own=own, policy=policy)
    level, habit = scoring.highest(shifts, own=own, peers=peers, grid=grid, policy=policy)
    n_firm = _firm_days(grid, n_days)
    level, habit = level[:, :n_firm], habit[:, :n_firm]
    point, day = np.nonzero((np.abs(level) >= 1.0) | (habit >= 1.0))
    return Settled(
        n_days=n_days,
        own=own,
        peers=peers,
        point=point,
        day=day,
        level=level[point, day],
        habit=habit[point, day],
    )


def go_on(
    *, settled: Settled, adjusted: neighbours.Adjusted, policy: ChangePolicy, is_judged: bool
) -> Scores:
    """Return the scores of all days: of firm days as settled, of later ones anew.

    A point without a usual size of its own among the settled days goes by all of its days, and
    tells nothing of its peers.

    Parameters
    ----------
    settled : Settled
        What :func:`settle` says of the same points' settled days.
    adjusted : neighbours.Adjusted
        All their days.
    policy : ChangePolicy
        The numbers.
    is_judged : bool
        A judge speaks for the rhythm of the last two weeks.

    Returns
    -------
    Scores
        As of ``scoring.highest``; of firm days those alone that reach the threshold.

    Raises
    ------
    OtherDays
        These are not the days, or the points, of what is settled.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> home = replace(examples.doubling_home(), n_settled=190)
    >>> asked = {"policy": examples.POLICY, "is_judged": False}
    >>> found = settle(adjusted=home, **asked)
    >>> level, habit = go_on(settled=found, adjusted=home, **asked).whole()
    >>> int(np.nanargmax(level[0]))
    100
    """
    _check(settled, adjusted)
    grid = shifting.grid_of(days=adjusted.days, policy=policy, is_judged=is_judged)
    n_firm = _firm_days(grid, settled.n_days)
    first, begin = _first_open(grid, settled.n_days)
    later = Grid(*(replace(pairs, first=first - begin) for pairs in grid))
    typical_kwh, own = typical(adjusted), settled.own
    shifts = shifting.shifts_of(
        np.ascontiguousarray(adjusted.adjusted_kwh[:, begin:]),
        typical_kwh=typical_kwh,
        grid=later,
        policy=policy,
        noise=own.noise,
    )
    peers = scoring.beside_peers(shifts, own=own, policy=policy)
    anew = scoring.highest(shifts, own=own, peers=peers, grid=later, policy=policy)
    found = Scores(
        begin=n_firm,
        level=np.ascontiguousarray(anew[0][:, n_firm - begin :]),
        habit=np.ascontiguousarray(anew[1][:, n_firm - begin :]),
        point=settled.point,
        day=settled.day,
        high_level=settled.level,
        high_habit=settled.habit,
    )
    young = np.flatnonzero(~adjusted.is_refused() & ~own.is_known())
    if not young.size:
        return found
    peers = _joined(settled.peers, peers, (first - grid.levels.first) // grid.levels.every)
    theirs = _by_all_days(
        adjusted.adjusted_kwh[young], typical_kwh[young], own, peers, grid, policy
    )
    return _with_points(found, young, *theirs)


def is_enough(*, settled: Settled, adjusted: neighbours.Adjusted) -> bool:
    """Say whether settled days know at least half of the points that something is known of.

    Parameters
    ----------
    settled : Settled
        What they say.
    adjusted : neighbours.Adjusted
        All days of the same points.

    Returns
    -------
    bool
        Whether they tell what is usual; else all days do.

    Raises
    ------
    OtherDays
        These are not the days, or the points, of what is settled.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> for n_settled in (190, 40):
    ...     home = replace(examples.doubling_home(), n_settled=n_settled)
    ...     found = settle(adjusted=home, policy=examples.POLICY, is_judged=False)
    ...     print(is_enough(settled=found, adjusted=home))
    True
    False
    """
    _check(settled, adjusted)
    knows = ~adjusted.is_refused()
    n_known = np.count_nonzero(knows & settled.own.is_known())
    return bool(2 * n_known >= np.count_nonzero(knows))


def typical(adjusted: neighbours.Adjusted) -> Floats:
    """Return each point's typical day, above zero, told by settled days where it has some.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days.

    Returns
    -------
    (n_points,) float64
        The typical day; of points that never take more than they feed in, its size. [kWh]

    Raises
    ------
    numba.TypingError
        These are not points by days.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> home = examples.doubling_home()
    >>> bool(typical(home)[0] == home.typical_kwh[0])
    True
    """
    found = np.where(adjusted.typical_kwh > 0.0, adjusted.typical_kwh, np.nan)
    lacking = np.isnan(found)
    for is_of, end in ((adjusted.is_young, None), (~adjusted.is_young, adjusted.n_settled)):
        rows = np.flatnonzero(lacking & is_of)
        size = compiled.row_median(np.abs(adjusted.adjusted_kwh[rows, :end]))
        found[rows] = np.where(size > 0.0, size, 1.0)
    return found


def _check(settled: Settled, adjusted: neighbours.Adjusted) -> None:
    of, now = len(settled.own.noise), len(adjusted.adjusted_kwh)
    if (settled.n_days, of) != (adjusted.n_settled, now):
        raise OtherDays(f"{of} points, {settled.n_days} days; {now}, {adjusted.n_settled}")


def _firm_days(grid: Grid, n_settled: int) -> int:
    """Return how many days have only splits around them whose windows lie in the settled days."""
    pairs, n_splits = grid.levels, _firm_splits(grid, n_settled)
    return int(pairs.first + (n_splits - 1) * pairs.every + 1) if n_splits else 0


def _firm_splits(grid: Grid, n_settled: int) -> int:
    pairs = grid.levels
    room = n_settled - int(pairs.after_days.max()) - pairs.first
    return max(room // pairs.every + 1, 0)


def _first_open(grid: Grid, n_settled: int) -> tuple[int, int]:
    """Return the last firm split, or the first of all, and the first day it rests on.

    The day before is one more, which a step begins from.
    """
    pairs, n_splits = grid.levels, _firm_splits(grid, n_settled)
    if not n_splits:
        return pairs.first, 0
    split = int(pairs.first + (n_splits - 1) * pairs.every)
    return split, max(split - int(pairs.before_days.max()) - 1, 0)


def _by_all_days(
    energy_kwh: Singles,
    typical_kwh: Floats,
    own: Own,
    peers: Peers,
    grid: Grid,
    policy: ChangePolicy,
) -> tuple[Singles, Singles]:
    """Return the scores of points that go by all of their own days."""
    shifts = shifting.shifts_of(energy_kwh, typical_kwh=typical_kwh, grid=grid, policy=policy)
    by = scoring.own_sizes(shifts, grid=grid, policy=policy, peers=own)
    return scoring.highest(shifts, own=by, peers=peers, grid=grid, policy=policy)


def _with_points(found: Scores, points: Integers, level: Singles, habit: Singles) -> Scores:
    """Return scores with those of some points in the place of what they were."""
    early_level, early_habit = level[:, : found.begin], habit[:, : found.begin]
    row, day = np.nonzero((np.abs(early_level) >= 1.0) | (early_habit >= 1.0))
    stays = ~np.isin(found.point, points)
    point = np.concatenate([found.point[stays], points[row]])
    days = np.concatenate([found.day[stays], day])
    order = np.lexsort((days, point))
    found.level[points], found.habit[points] = level[:, found.begin :], habit[:, found.begin :]
    return replace(
        found,
        point=point[order],
        day=days[order],
        high_level=np.concatenate([found.high_level[stays], early_level[row, day]])[order],
        high_habit=np.concatenate([found.high_habit[stays], early_habit[row, day]])[order],
    )


def _joined(settled: Peers, later: Peers, n_splits: int) -> Peers:
    """Return how peers lie at all splits: the first ones as settled, then the others."""
    parts = {
        kind: np.concatenate([getattr(settled, kind)[..., :n_splits], getattr(later, kind)], axis=2)
        for kind in scoring.OFF
    }
    return Peers(**parts)
