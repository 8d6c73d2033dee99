"""Which options can still be part of a best day: the rest need not reach the solver.

Putting a price on a minute and on a visit turns the day's limits into costs. The best day at these
prices is worth at least as much as the true one, and falls apart by area and door, so it is found
at once; an option that cannot lift even this upper bound above a known day is in no best day.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lamplighter.action.worklist.options import Limits, Option

Floats = npt.NDArray[np.float64]
ROUNDS = 60
MARGIN_FEN = 1e-3  # rounding of the sums


class _Day:
    """The options as arrays, grouped by door and area."""

    def __init__(self, *, options: Sequence[Option], limits: Limits) -> None:
        self.limits = limits
        self.benefit = np.array([o.benefit_fen for o in options], dtype=np.float64)
        self.minutes = np.array([o.minutes for o in options], dtype=np.float64)
        self.is_visit = np.array([o.is_visit for o in options])
        pairs = sorted({(o.door, o.area) for o in options})
        place = {pair: n for n, pair in enumerate(pairs)}
        areas = sorted({area for _, area in pairs})
        area_place = {area: n for n, area in enumerate(areas)}
        self.door = np.array([place[(o.door, o.area)] for o in options])
        self.area_of_door = np.array([area_place[area] for _, area in pairs])
        self.way = np.array(
            [0.0 if a in limits.areas_on_the_way else limits.travel_minutes for a in areas]
        )

    def priced(self, minute: float, visit: float) -> tuple[float, Floats, Floats]:
        """Return the upper bound, its slope by the two prices, and the bound with each option."""
        worth = self.benefit - minute * self.minutes - visit * self.is_visit
        calls, any_kind = np.zeros(len(self.area_of_door)), np.zeros(len(self.area_of_door))
        np.maximum.at(calls, self.door[~self.is_visit], worth[~self.is_visit])
        np.maximum.at(any_kind, self.door, worth)
        n_areas = len(self.way)
        by_call = np.bincount(self.area_of_door, weights=calls, minlength=n_areas)
        by_any = (
            np.bincount(self.area_of_door, weights=any_kind, minlength=n_areas) - minute * self.way
        )
        best = np.maximum(by_call, by_any)
        fixed = minute * self.limits.minutes + visit * self.limits.visits_most
        bound = float(best.sum() + fixed)
        area = self.area_of_door[self.door]
        with_way = by_any[area] - any_kind[self.door] + worth
        without = np.where(self.is_visit, -np.inf, by_call[area] - calls[self.door] + worth)
        lifted = bound - best[area] + np.maximum(with_way, without)
        goes = by_any > by_call
        kind = np.where(goes[self.area_of_door], any_kind, calls)
        first = (worth > 0) & (worth >= kind[self.door]) & (goes[area] | ~self.is_visit)
        used = float(self.minutes[first].sum() + self.way[goes].sum())
        visits = float(np.count_nonzero(first & self.is_visit))
        slope = np.array([self.limits.minutes - used, self.limits.visits_most - visits])
        return bound, slope, lifted


def possible(*, options: Sequence[Option], limits: Limits, floor_fen: int) -> npt.NDArray[np.bool_]:
    """Return for each option whether a day better than *floor_fen* may hold it.

    Exact: an option that is marked as impossible is in no day worth more than *floor_fen*.
    """
    day = _Day(options=options, limits=limits)
    alive = np.ones(len(options), dtype=bool)
    prices = np.array([_density(day), 0.0])
    least = np.inf
    step = 1.0
    for _ in range(ROUNDS):
        bound, slope, lifted = day.priced(float(prices[0]), float(prices[1]))
        alive &= lifted > floor_fen + 1 - MARGIN_FEN
        step = step if bound < least else step * 0.8
        least = min(least, bound)
        length = float(slope @ slope)
        if length == 0.0:
            break
        prices = np.maximum(prices - step * (bound - floor_fen) / length * slope, 0.0)
    return alive


def _density(day: _Day) -> float:
    """Return the worth of a minute where the hours run out, as a price to start from."""
    per_minute = day.benefit / np.maximum(day.minutes, 1.0)
    order = np.argsort(-per_minute, kind="stable")
    filled = np.cumsum(day.minutes[order]) >= day.limits.minutes
    return float(per_minute[order][np.argmax(filled)]) if filled.any() else 0.0
