"""How unusual each day is as the first day of a new habit, point by point."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.change import learnt, watch, windows
from lamplighter.insight.change import shapes as day_shapes
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import neighbours
from lamplighter.insight.habits.arrays import MAD_TO_SIGMA, Floats, Integers, Singles, row_median

CHI6_MEDIAN = 2.3126  # a chi distribution with six degrees of freedom: seven weekdays less a mean
CHI6_SIGMA = 0.6915
JUDGED_DAYS = 14  # so far a judge looks back; longer windows are compared as ever
STEP_FLOOR = 0.1  # share of the noise below which a step is no step
SHAPE_SPREAD_LEAST = 0.2  # a distance's own spread is at least this share of its usual size
PEER_STRIDE_DAYS = 3  # peers' spread moves slowly: every third day says enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Scores of every split; 1 at the policy's threshold, NaN where nothing can be compared."""

    level: Singles  # (n_points, n_days) best shift of level over all windows, with its sign
    habit: Singles  # (n_points, n_days) best shift of rhythm over all windows, never negative
    inflation: Floats  # (n_windows,) peers' noise of a window over that of independent days
    noise: Floats  # (n_points,) day-to-day noise of the softened log


def weigh(
    *,
    adjusted: neighbours.Adjusted,
    policy: ChangePolicy,
    shapes: npt.NDArray[np.floating] | None = None,
    judge: learnt.Judge | None = None,
) -> Evidence:
    """Score each day of each point as the first day of a new habit.

    Each window length compares the days after a split with those before, in softened logs. A
    shift counts in units of the point's own usual shift [1]_, and of its peers' spread of
    shifts at the same split where that is wider: where everybody moves unevenly, moving is not
    unusual. The rhythm is the seven weekdays' means against each other together with the
    size of the steps from day to day and, where there are interval readings, the shape of
    the day.

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

    Returns
    -------
    Evidence
        Scores of every split. A refused point has NaN everywhere.

    Raises
    ------
    windows.NoWindow
        A window of the policy is empty or not of whole weeks.
    shapes.NoSuchShape
        The shapes belong to other points, or their slots do not make hours.

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
    >>> int(np.nanargmax(found.level[0]))
    100
    """
    if shapes is not None and len(shapes) != len(adjusted.adjusted_kwh):
        raise day_shapes.NoSuchShape(f"{len(shapes)} of {len(adjusted.adjusted_kwh)} points")
    level = np.full(adjusted.adjusted_kwh.shape, np.nan, dtype=np.float32)
    habit = np.full_like(level, np.nan)
    softened = soften(adjusted=adjusted, share=policy.softening_share)
    noise = _noise(softened, floor=policy.noise_floor)
    inflation = np.empty(len(policy.windows_days))
    levels = windows.sums(softened)
    roughness = windows.sums(_steps(softened, noise=noise))
    for number, (after, before) in enumerate(
        zip(policy.windows_days, policy.references_days, strict=True)
    ):
        shift, inflation[number] = _standardised(levels, noise, after, before, policy=policy)
        shift /= np.float32(policy.level_threshold)
        _keep_larger(level, shift)
        if judge is None or after > JUDGED_DAYS:
            rhythm = _habit(levels, roughness, after, before, policy=policy)
            if shapes is not None and judge is None:
                shaped = _shape(shapes, after, before, n_days=len(adjusted.days), policy=policy)
                shaped *= np.float32(policy.shape_weight)
                np.fmax(shaped, 0.0, out=shaped)
                np.hypot(np.nan_to_num(rhythm, copy=False), shaped, out=rhythm)
            rhythm /= np.float32(policy.habit_threshold)
            _keep_larger(habit, rhythm)
    if judge is not None:
        _put_judged(habit, adjusted=adjusted, policy=policy, shapes=shapes, judge=judge)
    return Evidence(level=level, habit=habit, inflation=inflation, noise=noise)


def soften(*, adjusted: neighbours.Adjusted, share: float) -> Singles:
    """Return the logs of the days over the typical day, flattened near and below zero.

    ``arcsinh(x / (2 * share * typical))``: a log for usual days, a line near zero, odd for
    days of feeding in, so that an empty home is a finite distance away.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    share : float
        Share of the typical day below which the log flattens. [share]

    Returns
    -------
    (n_points, n_days) float32
        Softened logs, each point's median at zero. [log]

    Raises
    ------
    FloatingPointError
        Never under numpy's standard settings.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> logs = soften(adjusted=examples.doubling_home(), share=0.1)
    >>> bool(0.6 < logs[0, 150:].mean() - logs[0, :100].mean() < 0.8)
    True
    """
    typical = np.where(adjusted.typical_kwh > 0.0, adjusted.typical_kwh, _size(adjusted))
    scale = (1.0 / (2.0 * share * typical)).astype(np.float32)
    out = adjusted.adjusted_kwh * scale[:, None]
    np.arcsinh(out, out=out)
    out -= row_median(out).astype(np.float32)[:, None]
    return out


def _size(adjusted: neighbours.Adjusted) -> Floats:
    """Return a typical size for points that never take more than they feed in."""
    size = row_median(np.abs(adjusted.adjusted_kwh))
    return np.where(size > 0.0, size, 1.0)


def _noise(softened: Singles, *, floor: float) -> Floats:
    """Return each point's day-to-day noise, were its days independent."""
    steps = np.abs(np.diff(softened, axis=1))
    noise = MAD_TO_SIGMA / np.sqrt(2.0) * row_median(steps)
    return np.where(noise > floor, noise, floor)


def _steps(softened: Singles, *, noise: Floats) -> Singles:
    """Return the log size of the steps from day to day, each point's median at zero."""
    steps = np.full_like(softened, np.nan)
    np.subtract(softened[:, 1:], softened[:, :-1], out=steps[:, 1:])
    np.abs(steps, out=steps)
    steps += (STEP_FLOOR * noise).astype(np.float32)[:, None]  # equal days: not minus infinity
    np.log(steps, out=steps)
    steps -= np.nan_to_num(row_median(steps)).astype(np.float32)[:, None]
    return steps


def _standardised(
    of: windows.Sums, noise: Floats, after: int, before: int, *, policy: ChangePolicy
) -> tuple[Singles, float]:
    """Return shifts in own and peers' usual sizes, and the peers' inflation of noise."""
    shift = windows.level_shift(
        of, after_days=after, before_days=before, measured_share=policy.measured_share
    )
    white = noise * np.sqrt(1.0 / after + 1.0 / before)
    scale = windows.own_scale(
        shift,
        white=white,
        windows=of.n_days / (after + before),
        stride=max(1, after // 4),
        prior_windows=policy.scale_prior_windows,
    )
    shift /= scale.astype(np.float32)[:, None]
    against_peers(shift, peers_min=policy.peers_min)
    inflation = np.nanmedian(scale / white) if np.any(np.isfinite(scale)) else 1.0
    return shift, float(inflation)


def _habit(
    levels: windows.Sums,
    roughness: windows.Sums,
    after: int,
    before: int,
    *,
    policy: ChangePolicy,
) -> Singles:
    """Return the shift of the week's rhythm and of the steps' size together."""
    if after < 14:  # a single week shows each weekday once: no rhythm in that
        return np.full((levels.totals.shape[0], levels.n_days), np.nan, dtype=np.float32)
    one = np.ones(len(levels.totals))
    rough, _ = _standardised(roughness, one, after, before, policy=policy)
    rhythm = _rhythm(levels, after, before, policy=policy)
    return np.hypot(rough, np.maximum(rhythm, 0.0, out=rhythm), out=rhythm)


def _put_judged(
    habit: Singles,
    *,
    adjusted: neighbours.Adjusted,
    policy: ChangePolicy,
    shapes: npt.NDArray[np.floating] | None,
    judge: learnt.Judge,
) -> None:
    """Write what the judge said at the day it names; 1 at the policy's log odds."""
    said = watch.watch(
        energy_kwh=adjusted.energy_kwh, days=adjusted.days, judge=judge, shapes=shapes
    )
    above = (said.log_odds - policy.judged_log_odds) / policy.probability_slope
    known = ~adjusted.is_refused()[said.point]
    np.fmax.at(habit, (said.point[known], said.since[known]), np.exp(np.clip(above, -8, 8))[known])


def _rhythm(of: windows.Sums, after: int, before: int, *, policy: ChangePolicy) -> Singles:
    shift = windows.rhythm_shift(
        of, after_days=after, before_days=before, measured_share=policy.measured_share
    )
    usual = row_median(shift[:, :: max(1, after // 4)])
    shift *= (CHI6_MEDIAN / CHI6_SIGMA / np.maximum(usual, 1e-6)).astype(np.float32)[:, None]
    shift -= np.float32(CHI6_MEDIAN / CHI6_SIGMA)
    against_peers(shift, peers_min=policy.peers_min)
    return shift


def _shape(
    shapes: npt.NDArray[np.floating],
    after: int,
    before: int,
    *,
    n_days: int,
    policy: ChangePolicy,
) -> Singles:
    apart = day_shapes.shape_shift(
        shapes,
        n_days=n_days,
        after_days=after,
        before_days=before,
        measured_share=policy.measured_share,
    )
    seen = apart[:, :: max(1, after // 4)]
    usual = row_median(seen)
    apart -= usual.astype(np.float32)[:, None]
    spread = MAD_TO_SIGMA * row_median(np.abs(seen - usual.astype(np.float32)[:, None]))
    least = np.maximum(SHAPE_SPREAD_LEAST * usual, 1e-3)
    apart /= np.fmax(spread, least).astype(np.float32)[:, None]
    against_peers(apart, peers_min=policy.peers_min)
    return apart


def against_peers(shift: Singles, *, peers_min: int) -> None:
    """Centre and narrow standardised shifts, in place, where peers shift widely at the same split.

    Parameters
    ----------
    shift : (n_points, n_days) float32
        Standardised shifts; changed in place. [standard deviations] NaN: none.
    peers_min : int
        Fewest points with a shift for any judgement. [point]

    Returns
    -------
    None

    Raises
    ------
    IndexError
        The array is not two-dimensional.

    Examples
    --------
    >>> shift = np.array([[8.0], [9.0], [10.0], [11.0], [12.0]], dtype=np.float32)
    >>> against_peers(shift, peers_min=5)
    >>> shift[:, 0].round(2)
    array([-1.35, -0.67,  0.  ,  0.67,  1.35], dtype=float32)
    """
    n_days = shift.shape[1]
    if shift.shape[0] < peers_min or n_days == 0:
        return
    by_day = shift[:, ::PEER_STRIDE_DAYS].T.copy()
    few = np.count_nonzero(~np.isnan(by_day), axis=1) < peers_min
    middle = np.where(few, 0.0, row_median(by_day))
    by_day -= middle.astype(np.float32)[:, None]
    spread = MAD_TO_SIGMA * row_median(np.abs(by_day))
    spread = np.where(few | ~(spread > 1.0), 1.0, spread)
    at: Integers = np.minimum(np.arange(n_days) // PEER_STRIDE_DAYS, len(middle) - 1)
    shift -= middle.astype(np.float32)[at]
    shift /= spread.astype(np.float32)[at]


def _keep_larger(best: Singles, other: Singles) -> None:
    """Keep in *best* whichever is farther from zero, ignoring NaN."""
    better = np.abs(other) > np.abs(np.where(np.isnan(best), np.float32(0.0), best))
    np.copyto(best, other, where=better)
