"""How unusual each day is as the first day of a new habit, point by point."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.change import (
    scores,
    scoring,
    settling,
    shifting,
    tiles,
    unusual,
    windows,
)
from lamplighter.insight.change import shapes as day_shapes
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import compiled, neighbours
from lamplighter.insight.habits.arrays import MAD_TO_SIGMA, Floats, Integers, Singles
from lamplighter.insight.judge import learnt, watch

SHAPE_SPREAD_LEAST = 0.2  # a distance's own spread is at least this share of its usual size


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the judge said: a score of a rhythm at the day it names, as a shift would score it."""

    point: Integers  # (n_said,)
    day: Integers  # (n_said,)
    score: Singles  # (n_said,) 1: as likely as a shift at the threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Scores of every split; 1 at the policy's threshold."""

    scores: scores.Scores  # best shift of level over all windows, and of rhythm
    judged: Judged | None  # at least so much is the rhythm's score
    inflation: Floats  # (n_windows,) peers' noise of a window over that of independent days


def weigh(
    *,
    adjusted: neighbours.Adjusted,
    policy: ChangePolicy,
    shapes: npt.NDArray[np.floating] | None = None,
    judge: learnt.Judge | None = None,
    said: watch.Watched | None = None,
    settled: settling.Settled | None = None,
) -> Evidence:
    """Score each day of each point as the first day of a new habit.

    Each window length compares the days after a split with those before, in softened logs. A
    shift counts in units of the point's own usual shift [1]_, and of its peers' spread of
    shifts at the same split where that is wider: where everybody moves unevenly, moving is not
    unusual. The rhythm is the seven weekdays' means against each other together with the
    size of the steps from day to day and, where there are interval readings, the shape of
    the day.

    Usual shifts rest on the settled days, so that scores stay to the bit while days are added
    (``settling``). Where most points have too few of those, or shapes of days are compared
    without a judge, they rest on all days.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : ChangePolicy
        The numbers.
    shapes : (n_points, n_shape_days, n_slots) float64
        Energy of each slot of the last days, 24 or 96 a day, if there is any. [kWh] NaN: missing.
    judge : learnt.Judge
        Who was taught by spliced meters; it speaks for the last two weeks' rhythm and for the
        shape of the day, longer windows as ever. None: all windows are compared.
    said : watch.Watched
        What the judge said of these days, if he was asked already.
    settled : settling.Settled
        What ``settling.settle`` says of these points' settled days, if it was asked already.

    Returns
    -------
    Evidence
        Scores of every split. A refused point has none.

    Raises
    ------
    windows.NoWindow
        A window of the policy is empty or not of whole weeks.
    shapes.NoSuchShape
        The shapes belong to other points, or their slots do not make hours.
    settling.OtherDays
        What is settled is of other days.

    References
    ----------
    .. [1] E. S. Page, "Continuous inspection schemes," Biometrika, vol. 41, no. 1/2,
       pp. 100-115, 1954, doi:10.1093/biomet/41.1-2.100; windows after A. G. Tartakovsky,
       I. Nikiforov, M. Basseville, Sequential Analysis, CRC, 2014, ch. 8.

    Examples
    --------
    A home doubles on its 101st day.

    >>> from lamplighter.insight.change import examples
    >>> found = weigh(adjusted=examples.doubling_home(), policy=examples.POLICY)
    >>> level, _habit = found.scores.whole()
    >>> int(np.nanargmax(level[0]))
    100
    """
    if shapes is not None and len(shapes) != len(adjusted.adjusted_kwh):
        raise day_shapes.NoSuchShape(f"{len(shapes)} of {len(adjusted.adjusted_kwh)} points")
    is_judged = judge is not None
    found, inflation = _scores(
        adjusted, policy, shapes=None if is_judged else shapes, is_judged=is_judged, settled=settled
    )
    judged = None
    if judge is not None:
        if said is None:
            said = watch.watch(
                energy_kwh=adjusted.energy_kwh, days=adjusted.days, judge=judge, shapes=shapes
            )
        judged = _judged(said, adjusted=adjusted, policy=policy)
    return Evidence(scores=found, judged=judged, inflation=inflation)


def _scores(
    adjusted: neighbours.Adjusted,
    policy: ChangePolicy,
    *,
    shapes: npt.NDArray[np.floating] | None,
    is_judged: bool,
    settled: settling.Settled | None,
) -> tuple[scores.Scores, Floats]:
    """Return scores of level and habit, and the inflation of noise."""
    if shapes is None and adjusted.n_settled < adjusted.adjusted_kwh.shape[1]:
        if settled is None:
            settled = settling.settle(adjusted=adjusted, policy=policy, is_judged=is_judged)
        if settling.is_enough(settled=settled, adjusted=adjusted):
            found = settling.go_on(
                settled=settled, adjusted=adjusted, policy=policy, is_judged=is_judged
            )
            return found, settled.own.inflation
    grid = shifting.grid_of(days=adjusted.days, policy=policy, is_judged=is_judged)
    shifts = shifting.shifts_of(
        adjusted.adjusted_kwh, typical_kwh=settling.typical(adjusted), grid=grid, policy=policy
    )
    own = scoring.own_sizes(shifts, grid=grid, policy=policy)
    peers = scoring.beside_peers(shifts, own=own, policy=policy)
    shaped = None
    if shapes is not None:
        n_days = adjusted.adjusted_kwh.shape[1]
        shaped = _shaped(shapes, grid.habits, n_days=n_days, policy=policy)
    level, habit = scoring.highest(
        shifts, own=own, peers=peers, grid=grid, policy=policy, shaped=shaped
    )
    return scores.of_all_days(level, habit), own.inflation


def _shaped(
    shapes: npt.NDArray[np.floating], pairs: windows.Pairs, *, n_days: int, policy: ChangePolicy
) -> Singles:
    """Return the standardised distances between the shapes of the day, of every day."""
    out = []
    seen = np.arange(pairs.first, n_days, pairs.every)
    split = np.clip((np.arange(n_days) - pairs.first) // pairs.every, 0, max(len(seen) - 1, 0))
    for after, before in zip(pairs.after_days.tolist(), pairs.before_days.tolist(), strict=True):
        apart = policy.shape_weight * day_shapes.shape_shift(
            shapes,
            n_days=n_days,
            after_days=after,
            before_days=before,
            measured_share=policy.measured_share,
        )
        some = np.ascontiguousarray(apart[:, seen][:, :: max(1, after // scoring.SCALE_PART)])
        middle = compiled.row_median(some)
        wide = MAD_TO_SIGMA * compiled.row_median(np.abs(some - middle[:, None]))
        by = 1.0 / np.fmax(wide, np.maximum(SHAPE_SPREAD_LEAST * middle, 1e-3))
        factor, off = by.astype(np.float32), (middle * by).astype(np.float32)
        by_split = tiles.lay_in_order(np.ascontiguousarray(apart[:, seen]), np.arange(len(apart)))
        centre, spread = unusual.of_peers(
            by_split.lanes, factor=factor, off=off, peers=unusual.evenly(len(middle)),
            peers_min=policy.peers_min,
        )  # fmt: skip
        apart = apart * factor[:, None] - off[:, None]
        out.append((apart - centre[split]) / spread[split])
    return np.array(out, dtype=np.float32)


def _judged(said: watch.Watched, *, adjusted: neighbours.Adjusted, policy: ChangePolicy) -> Judged:
    """Return what the judge said at the days it names; 1 where it is as likely as a shift at 1."""
    odds = said.log_odds + np.float32(np.log(policy.turnovers_per_year))
    above = (odds - policy.probability_intercept) / policy.probability_slope
    known = ~adjusted.is_refused()[said.point]
    score = np.exp(np.clip(above, -8, 8))[known]
    return Judged(point=said.point[known], day=said.since[known], score=score)
