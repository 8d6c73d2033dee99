"""Shifts of some points' days in their usual sizes: their own, and their peers' at each split."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from lamplighter.insight.change import closer, shifting, tiles, unusual, windows
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import compiled
from lamplighter.insight.habits.arrays import Booleans, Floats, Integers, Singles

CHI6_MEDIAN = 2.3126  # a chi distribution with six degrees of freedom: seven weekdays less a mean
CHI6_SIGMA = 0.6915
SCALE_PART = 12  # a point's usual shift is told by every twelfth part of a window
OFF = {"level": 0.0, "rough": 0.0, "rhythm": CHI6_MEDIAN / CHI6_SIGMA}  # what is usual, in sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """How each point's shifts usually are; NaN where it has none."""

    noise: Floats  # (n_points,) day-to-day noise of the softened log
    level: Singles  # (n_windows, n_points) one over the usual shift of level …
    rough: Singles  # (n_rhythms, n_points) … of the steps …
    rhythm: Singles  # (n_rhythms, n_points) … of rhythm
    inflation: Floats  # (n_windows,) peers' noise of a window over that of independent days
    rough_inflation: Floats  # (n_rhythms,) the same of the steps

    def is_known(self) -> Booleans:
        """Return which points have a usual shift of each kind and window."""
        told = np.isfinite(np.concatenate([self.level, self.rough, self.rhythm]))
        known: Booleans = told.all(axis=0)
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """How all points' shifts, in their own sizes, lie at each split: the middle, the spread."""

    level: Singles  # (2, n_windows, n_splits)
    rough: Singles  # (2, n_rhythms, n_splits)
    rhythm: Singles  # (2, n_rhythms, n_splits)


def own_sizes(
    shifts: shifting.Shifts,
    *,
    grid: shifting.Grid,
    policy: ChangePolicy,
    peers: Own | None = None,
) -> Own:
    """Return how each point's shifts usually are.

    Parameters
    ----------
    shifts : shifting.Shifts
        All shifts of the points.
    grid : shifting.Grid
        Windows and splits.
    policy : ChangePolicy
        The numbers.
    peers : Own
        Of others, who tell how much noise remembers. None: these points do.

    Returns
    -------
    Own
        Their usual sizes.

    Raises
    ------
    ZeroDivisionError
        Never: windows have days.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> days = np.datetime64("2026-01-01") + np.arange(300)
    >>> grid = shifting.grid_of(days=days, policy=examples.POLICY, is_judged=True)
    >>> energy = np.random.default_rng(1).lognormal(1.0, 0.2, (40, 300)).astype(np.float32)
    >>> shifts = shifting.shifts_of(
    ...     energy, typical_kwh=np.full(40, 2.7), grid=grid, policy=examples.POLICY
    ... )
    >>> found = own_sizes(shifts, grid=grid, policy=examples.POLICY)
    >>> bool(found.is_known().all()), bool(0.8 < found.inflation[0] < 1.2)
    (True, True)
    """
    rows = shifts.laid.rows
    level, inflation = _scales(
        shifts.level,
        shifts.noise[rows],
        grid.levels,
        policy,
        None if peers is None else peers.inflation,
    )
    rough, rough_inflation = _scales(
        shifts.rough, np.ones(len(rows)), grid.habits, policy,
        None if peers is None else peers.rough_inflation,
    )  # fmt: skip
    return Own(
        noise=shifts.noise,
        level=_by_row(1.0 / level, rows),
        rough=_by_row(1.0 / rough, rows),
        rhythm=_by_row(_usual_rhythms(shifts.rhythm, len(rows), grid.habits), rows),
        inflation=inflation,
        rough_inflation=rough_inflation,
    )


def beside_peers(shifts: shifting.Shifts, *, own: Own, policy: ChangePolicy) -> Peers:
    """Return how all points' shifts lie at each split.

    Parameters
    ----------
    shifts : shifting.Shifts
        The shifts of all points.
    own : Own
        Their usual sizes; who has none says nothing.
    policy : ChangePolicy
        The numbers.

    Returns
    -------
    Peers
        Middle and spread.

    Raises
    ------
    IndexError
        The sizes are of other points.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> days = np.datetime64("2026-01-01") + np.arange(120)
    >>> grid = shifting.grid_of(days=days, policy=examples.POLICY, is_judged=True)
    >>> energy = np.random.default_rng(1).lognormal(1.0, 0.2, (40, 120)).astype(np.float32)
    >>> shifts = shifting.shifts_of(
    ...     energy, typical_kwh=np.full(40, 2.7), grid=grid, policy=examples.POLICY
    ... )
    >>> own = own_sizes(shifts, grid=grid, policy=examples.POLICY)
    >>> beside_peers(shifts, own=own, policy=examples.POLICY).level.shape
    (2, 4, 40)
    """
    rows = shifts.laid.rows
    place = np.empty(len(rows), dtype=np.int64)
    place[rows] = np.arange(len(place))
    who = place[unusual.evenly(len(place))]
    found = {}
    for kind, off in OFF.items():
        factor = getattr(own, kind)[:, rows]
        less = np.full(len(rows), off, dtype=np.float32)
        told = [
            unusual.of_peers(
                shift, factor=factor[pair], off=less, peers=who, peers_min=policy.peers_min
            )
            for pair, shift in enumerate(getattr(shifts, kind))
        ]
        found[kind] = np.array(told, dtype=np.float32).reshape(len(told), 2, -1).swapaxes(0, 1)
    return Peers(**found)


def highest(
    shifts: shifting.Shifts,
    *,
    own: Own,
    peers: Peers,
    grid: shifting.Grid,
    policy: ChangePolicy,
    shaped: Singles | None = None,
) -> tuple[Singles, Singles]:
    """Return of each day the highest shift of level and of habit over all windows.

    Parameters
    ----------
    shifts : shifting.Shifts
        The shifts of some points.
    own, peers : Own, Peers
        How they usually are.
    grid : shifting.Grid
        Windows and splits.
    policy : ChangePolicy
        The numbers.
    shaped : (n_rhythms, n_points, n_days) float32
        Standardised shifts of the day's shape, if there are any. NaN: none.

    Returns
    -------
    level : (n_points, n_days) float32
        With its sign; 1 at the threshold. NaN: none.
    habit : (n_points, n_days) float32
        Never negative; 1 at the threshold, above it as likely as a shift of level. NaN: none.

    Raises
    ------
    IndexError
        The sizes are of other points.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> days = np.datetime64("2026-01-01") + np.arange(300)
    >>> grid = shifting.grid_of(days=days, policy=examples.POLICY, is_judged=True)
    >>> energy = np.random.default_rng(1).lognormal(1.0, 0.2, (40, 300)).astype(np.float32)
    >>> energy[7, 200:] *= 2.5
    >>> shifts = shifting.shifts_of(
    ...     energy, typical_kwh=np.full(40, 2.7), grid=grid, policy=examples.POLICY
    ... )
    >>> own = own_sizes(shifts, grid=grid, policy=examples.POLICY)
    >>> told = beside_peers(shifts, own=own, policy=examples.POLICY)
    >>> level, habit = highest(shifts, own=own, peers=told, grid=grid, policy=examples.POLICY)
    >>> bool(190 < np.nanargmax(level[7]) < 210)
    True
    >>> bool(np.nanmax(np.delete(level, 7, axis=0)) < 1.0)
    True
    """
    rows, (_, n_days, _) = shifts.laid.rows, shifts.laid.lanes.shape
    usual = {
        kind: windows.Usual(
            factor=np.ascontiguousarray(getattr(own, kind)[:, rows]),
            off=np.full((len(getattr(own, kind)), len(rows)), off, dtype=np.float32),
            middle=np.ascontiguousarray(getattr(peers, kind)[0]),
            spread=np.ascontiguousarray(getattr(peers, kind)[1]),
        )
        for kind, off in OFF.items()
    }
    level = closer.highest_levels(
        shifts.laid, pairs=grid.levels, shifts=shifts.level, usual=usual["level"],
        threshold=policy.level_threshold,
    )  # fmt: skip
    if not len(grid.habits.after_days):
        return level, np.full((len(rows), n_days), np.nan, dtype=np.float32)
    if shaped is None:
        shaped = np.empty((len(shifts.rhythm), 0, 1), dtype=np.float32)
    habit = closer.highest_habits(
        shifts.laid, shifts.steps, pairs=grid.habits, rhythm=(shifts.rhythm, usual["rhythm"]),
        rough=(shifts.rough, usual["rough"]), shaped=shaped[:, rows] if shaped.size else shaped,
        threshold=policy.habit_threshold,
    )  # fmt: skip
    _temper(habit, policy.rhythm_slope / policy.probability_slope)
    return level, habit


def _scales(
    shifts: Singles,
    noise: Floats,
    pairs: windows.Pairs,
    policy: ChangePolicy,
    told: Floats | None,
) -> tuple[Floats, Floats]:
    """Return usual shifts of level, points as in the tiles, and the inflation of noise."""
    scales, inflation = np.empty((len(shifts), len(noise))), np.ones(len(shifts))
    n_days = shifts.shape[2] * pairs.every
    for pair, (after, before) in enumerate(
        zip(pairs.after_days.tolist(), pairs.before_days.tolist(), strict=True)
    ):
        white = noise * np.sqrt(1.0 / after + 1.0 / before)
        scales[pair] = unusual.own_scale(
            shifts[pair],
            white=white,
            n_windows=n_days / (after + before),
            stride=max(1, after // SCALE_PART),
            prior_windows=policy.scale_prior_windows,
            inflation=None if told is None else float(told[pair]),
        )
        if np.any(np.isfinite(scales[pair])):
            inflation[pair] = np.nanmedian(scales[pair] / white)
    return scales, inflation


def _usual_rhythms(shifts: Singles, n_points: int, pairs: windows.Pairs) -> Floats:
    """Return one over the usual size of a shift of rhythm, points as in the tiles."""
    usual = np.empty((len(shifts), n_points))
    for pair, after in enumerate(pairs.after_days.tolist()):
        some = tiles.by_point(shifts[pair], n_points, max(1, after // SCALE_PART))
        usual[pair] = compiled.row_median(some)
    return OFF["rhythm"] / np.maximum(usual, 1e-6)


def _by_row(factor: Floats, rows: Integers) -> Singles:
    out = np.empty(factor.shape, dtype=np.float32)
    out[:, rows] = factor
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _temper(habit: Singles, power: float) -> None:
    """Bring scores above 1 to the scale of shifts of level: the same odds, the same score."""
    for point in range(habit.shape[0]):
        for day in range(habit.shape[1]):
            if habit[point, day] > 1.0:
                habit[point, day] **= np.float32(power)
