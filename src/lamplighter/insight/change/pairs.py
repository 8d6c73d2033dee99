"""A pair of windows, split on a grid of days and, where that is near a change, on every day."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.change import shapes as day_shapes
from lamplighter.insight.change import unusual, windows
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import compiled
from lamplighter.insight.habits.arrays import MAD_TO_SIGMA, Days, Floats, Integers, Singles

CHI6_MEDIAN = 2.3126  # a chi distribution with six degrees of freedom: seven weekdays less a mean
CHI6_SIGMA = 0.6915
SHAPE_SPREAD_LEAST = 0.2  # a distance's own spread is at least this share of its usual size
EVERY_DAYS = 3  # the grid, the same days of the calendar whatever day a span begins with
NEAR = 0.6  # of the threshold, on the grid, for a closer look at the days around
SCALE_PART = 12  # a point's usual shift is told by every twelfth part of a window

Shifts = Callable[..., Singles]  # of point= and day=


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The splits of every point on every third day of the calendar."""

    first: int  # column of the first of these days
    n_days: int
    shape: tuple[int, int]  # n_points, n_splits
    point: Integers  # (n_points * n_splits,) row, ordered by point and day
    day: Integers  # (n_points * n_splits,) column


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Shifts of one kind, in a point's own usual sizes and its peers'."""

    shifts: Shifts
    factor: Singles  # (n_points,) one over the own usual size
    usual: Singles  # (n_points,) what is taken off then
    middle: Singles  # (n_splits,) peers' median
    spread: Singles  # (n_splits,) peers' spread, at least 1
    least: float  # below this all is alike
    on_grid: Singles  # (n_points, n_splits) NaN: none

    def on(self, *, point: Integers, day: Integers, grid: Grid) -> Singles:
        """Return the same for any splits."""
        found = self.shifts(point=point, day=day)
        split = np.maximum((day - grid.first) // EVERY_DAYS, 0)
        found *= self.factor[point]
        found -= self.usual[point]
        found -= self.middle[split]
        found /= self.spread[split]
        return np.maximum(found, np.float32(self.least), out=found)


def grid(*, days: Days, n_points: int) -> Grid:
    """Return the splits that every pair of windows is looked at.

    Parameters
    ----------
    days : (n_days,) datetime64
        Consecutive local days. [day]
    n_points : int
        Points. [point]

    Returns
    -------
    Grid
        Every third day of the calendar of every point.

    Raises
    ------
    TypeError
        The array holds no dates.

    Examples
    --------
    >>> grid(days=np.datetime64("2026-11-01") + np.arange(8), n_points=2).day
    array([2, 5, 2, 5])
    """
    begin = int(days[0].astype("datetime64[D]").astype(np.int64)) if len(days) else 0
    first = -begin % EVERY_DAYS
    splits = np.arange(first, len(days), EVERY_DAYS)
    return Grid(
        first=first,
        n_days=len(days),
        shape=(n_points, len(splits)),
        point=np.repeat(np.arange(n_points), len(splits)),
        day=np.tile(splits, n_points),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The days after a split and the days before it, side by side."""

    after: int
    before: int
    grid: Grid
    policy: ChangePolicy

    def level(self, values: Singles, *, white: Floats) -> tuple[Moved, float]:
        """Return the shifts of level, and the peers' inflation of noise."""
        shifts = self._shifts(windows.level_shift, values)
        found = shifts(point=self.grid.point, day=self.grid.day).reshape(self.grid.shape)
        scale = unusual.own_scale(
            found,
            white=white,
            n_windows=self.grid.n_days / (self.after + self.before),
            stride=self._stride(),
            prior_windows=self.policy.scale_prior_windows,
        )
        inflation = np.nanmedian(scale / white) if np.any(np.isfinite(scale)) else 1.0
        moved = self._beside_peers(shifts, found, 1.0 / scale, np.zeros(len(scale)), least=-np.inf)
        return moved, float(inflation)

    def rhythm(self, values: Singles) -> Moved:
        """Return the shifts of the seven weekdays against each other."""
        shifts = self._shifts(windows.rhythm_shift, values)
        found = shifts(point=self.grid.point, day=self.grid.day).reshape(self.grid.shape)
        usual = compiled.row_median(found[:, :: self._stride()])
        middle = CHI6_MEDIAN / CHI6_SIGMA
        factor = middle / np.maximum(usual, 1e-6)
        return self._beside_peers(shifts, found, factor, np.full(len(usual), middle), least=0.0)

    def shape(self, shapes: npt.NDArray[np.floating]) -> Moved:
        """Return the distances between the shapes of the day."""
        apart = day_shapes.shape_shift(
            shapes,
            n_days=self.grid.n_days,
            after_days=self.after,
            before_days=self.before,
            measured_share=self.policy.measured_share,
        )
        apart *= np.float32(self.policy.shape_weight)
        found = apart[self.grid.point, self.grid.day].reshape(self.grid.shape)
        seen = found[:, :: self._stride()]
        usual = compiled.row_median(seen)
        spread = MAD_TO_SIGMA * compiled.row_median(np.abs(seen - usual[:, None]))
        factor = 1.0 / np.fmax(spread, np.maximum(SHAPE_SPREAD_LEAST * usual, 1e-3))

        def shifts(*, point: Integers, day: Integers) -> Singles:
            return apart[point, day]

        return self._beside_peers(shifts, found, factor, usual * factor, least=0.0)

    def keep(self, best: Singles, moved: list[Moved], *, threshold: float) -> None:
        """Keep in *best*, of each day, whichever is farther from zero."""
        score = _together([one.on_grid for one in moved], threshold=threshold)
        _keep_larger(best, score.reshape(-1), self.grid.point, self.grid.day)
        point, day = _days_near(score, self.grid.first, self.grid.n_days, NEAR)
        closer = [one.on(point=point, day=day, grid=self.grid) for one in moved]
        _keep_larger(best, _together(closer, threshold=threshold), point, day)

    def _shifts(self, of: Shifts, values: Singles) -> Shifts:
        return partial(
            of,
            values,
            after_days=self.after,
            before_days=self.before,
            measured_share=self.policy.measured_share,
        )

    def _stride(self) -> int:
        return max(1, self.after // SCALE_PART)

    def _beside_peers(
        self, shifts: Shifts, found: Singles, factor: Floats, usual: Floats, *, least: float
    ) -> Moved:
        by, off = factor.astype(np.float32), usual.astype(np.float32)
        found *= by[:, None]
        found -= off[:, None]
        middle, spread = unusual.of_peers(found, peers_min=self.policy.peers_min)
        found -= middle
        found /= spread
        return Moved(
            shifts=shifts,
            factor=by,
            usual=off,
            middle=middle,
            spread=spread,
            least=least,
            on_grid=np.maximum(found, np.float32(least), out=found),
        )


def _together(parts: list[Singles], *, threshold: float) -> Singles:
    """Return one kind as it is; rhythm, steps and, if there is any, shape by their squares."""
    if len(parts) == 1:
        return parts[0] / np.float32(threshold)
    square = np.square(parts[0])
    square += np.square(parts[1])
    for shape in parts[2:]:  # it may be missing where the others are not, and they where it is not
        np.nan_to_num(square, copy=False)
        square += np.square(np.nan_to_num(shape))
    np.sqrt(square, out=square)
    square /= np.float32(threshold)
    return square


@njit(cache=True, nogil=True, error_model="numpy")
def _keep_larger(best: Singles, other: Singles, point: Integers, day: Integers) -> None:
    for number in range(other.shape[0]):
        value, known = other[number], best[point[number], day[number]]
        if known != known or abs(value) > abs(known):
            best[point[number], day[number]] = value


@njit(cache=True, nogil=True, error_model="numpy")
def _days_near(score: Singles, first: int, n_days: int, least: float) -> tuple[Integers, Integers]:
    """Return the days off the grid that have a high score before or after them, by point."""
    n_points, n_splits = score.shape
    most = n_points * (n_days - n_splits)
    points, days = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    total = 0
    for point in range(n_points):
        for number in range(-1, n_splits):  # the days between this split and the next
            high = number >= 0 and abs(score[point, number]) >= least
            if not high and not (number + 1 < n_splits and abs(score[point, number + 1]) >= least):
                continue
            split = first + number * EVERY_DAYS
            for day in range(max(split + 1, 0), min(split + EVERY_DAYS, n_days)):
                points[total], days[total] = point, day
                total += 1
    return points[:total].copy(), days[:total].copy()
