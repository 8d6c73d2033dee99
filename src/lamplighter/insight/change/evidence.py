"""How unusual each day is as the first day of a new habit, point by point."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.change import closer, learnt, soft, tiles, unusual, watch, windows
from lamplighter.insight.change import shapes as day_shapes
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import compiled, medians, neighbours
from lamplighter.insight.habits.arrays import MAD_TO_SIGMA, Floats, Integers, Singles

CHI6_MEDIAN = 2.3126  # a chi distribution with six degrees of freedom: seven weekdays less a mean
CHI6_SIGMA = 0.6915
SHAPE_SPREAD_LEAST = 0.2  # a distance's own spread is at least this share of its usual size
SCALE_PART = 12  # a point's usual shift is told by every twelfth part of a window
JUDGED_DAYS = 14  # so far a judge looks back; longer windows are compared as ever
RHYTHM_FROM_DAYS = 14  # a single week shows each weekday once: no rhythm in that
STEP_FLOOR = 0.1  # share of the noise below which a step is no step


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Scores of every split; 1 at the policy's threshold, NaN where nothing can be compared."""

    level: Singles  # (n_points, n_days) best shift of level over all windows, with its sign
    habit: Singles  # (n_points, n_days) shift of rhythm; above 1 as likely as one of level
    inflation: Floats  # (n_windows,) peers' noise of a window over that of independent days
    noise: Floats  # (n_points,) day-to-day noise of the softened log
    softened: Singles  # (n_points, n_days) softened logs; NaN missing


def weigh(
    *,
    adjusted: neighbours.Adjusted,
    policy: ChangePolicy,
    shapes: npt.NDArray[np.floating] | None = None,
    judge: learnt.Judge | None = None,
    said: watch.Watched | None = None,
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
    said : watch.Watched
        What the judge said of these days, if he was asked already.

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
    softened = soften(adjusted=adjusted, share=policy.softening_share)
    sizes = _step_sizes(softened)
    noise = _noise(sizes, policy.noise_floor)
    pairs = windows.on_grid(
        days=adjusted.days,
        after_days=policy.windows_days,
        before_days=policy.references_days,
        measured_share=policy.measured_share,
    )
    laid = tiles.lay(softened)
    shifts = windows.level_shifts(laid, pairs=pairs)
    peers = _peers(laid)
    usual, inflation = _usual_levels(
        shifts, noise=noise[laid.rows], pairs=pairs, policy=policy, peers=peers
    )
    level = closer.highest_levels(
        laid, pairs=pairs, shifts=shifts, usual=usual, threshold=policy.level_threshold
    )
    steps = tiles.lay_in_order(_steps(sizes, noise=noise), laid.rows)
    habit = _habits(
        laid, steps, pairs=pairs, policy=policy, peers=peers, shapes=shapes, judge=judge
    )
    _temper(habit, policy.rhythm_slope / policy.probability_slope)
    if judge is not None:
        if said is None:
            said = watch.watch(
                energy_kwh=adjusted.energy_kwh, days=adjusted.days, judge=judge, shapes=shapes
            )
        _put_judged(habit, said, adjusted=adjusted, policy=policy)
    return Evidence(level=level, habit=habit, inflation=inflation, noise=noise, softened=softened)


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
        Softened logs, a typical day at zero. [log]

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
    typical = np.where(adjusted.typical_kwh > 0.0, adjusted.typical_kwh, np.nan)
    lacking = np.flatnonzero(np.isnan(typical))  # points that never take more than they feed in
    size = compiled.row_median(np.abs(adjusted.adjusted_kwh[lacking]))
    typical[lacking] = np.where(size > 0.0, size, 1.0)
    scale = (1.0 / (2.0 * share * typical)).astype(np.float32)
    out = adjusted.adjusted_kwh * scale[:, None]
    soft.to_soft_logs(out)
    out -= np.float32(np.arcsinh(0.5 / share))
    return out


def _step_sizes(softened: Singles) -> Singles:
    """Return the sizes of the steps from day to day; none leads to the first day."""
    sizes = np.full_like(softened, np.nan)
    np.subtract(softened[:, 1:], softened[:, :-1], out=sizes[:, 1:])
    return np.abs(sizes, out=sizes)


def _noise(sizes: Singles, floor: float) -> Floats:
    """Return each point's day-to-day noise, were its days independent."""
    usual = MAD_TO_SIGMA / np.sqrt(2.0) * medians.row_medians(values=sizes)[0]
    return np.asarray(np.fmax(usual, floor))


def _steps(sizes: Singles, *, noise: Floats) -> Singles:
    """Return the log size of the steps over the point's noise, in the place of the sizes."""
    sizes *= (1.0 / noise).astype(np.float32)[:, None]
    sizes += np.float32(STEP_FLOOR)  # equal days: not minus infinity
    return np.log(sizes, out=sizes)


def _peers(laid: tiles.Tiles) -> Integers:
    """Return in which places the points that tell of their peers lie."""
    place = np.empty(len(laid.rows), dtype=np.int64)
    place[laid.rows] = np.arange(len(place))
    return place[unusual.evenly(len(place))]


def _usual_levels(
    shifts: Singles, *, noise: Floats, pairs: windows.Pairs, policy: ChangePolicy, peers: Integers
) -> tuple[windows.Usual, Floats]:
    """Return how shifts of level usually are, and the peers' inflation of noise by window."""
    scales, inflation = [], np.ones(len(shifts))
    n_days = shifts.shape[2] * pairs.every
    for pair, (after, before) in enumerate(_lengths(pairs)):
        white = noise * np.sqrt(1.0 / after + 1.0 / before)
        scale = unusual.own_scale(
            shifts[pair],
            white=white,
            n_windows=n_days / (after + before),
            stride=max(1, after // SCALE_PART),
            prior_windows=policy.scale_prior_windows,
        )
        scales.append(scale)
        if np.any(np.isfinite(scale)):
            inflation[pair] = np.nanmedian(scale / white)
    factor = 1.0 / np.array(scales)
    off = np.zeros_like(factor)
    return _beside_peers(shifts, factor, off, policy=policy, peers=peers), inflation


def _beside_peers(
    shifts: Singles, factor: Floats, off: Floats, *, policy: ChangePolicy, peers: Integers
) -> windows.Usual:
    by, less = factor.astype(np.float32), off.astype(np.float32)
    told = [
        unusual.of_peers(
            shift, factor=by[pair], off=less[pair], peers=peers, peers_min=policy.peers_min
        )
        for pair, shift in enumerate(shifts)
    ]
    middle, spread = (np.stack([one[place] for one in told]) for place in (0, 1))
    return windows.Usual(factor=by, off=less, middle=middle, spread=spread)


def _lengths(pairs: windows.Pairs) -> list[tuple[int, int]]:
    return list(zip(pairs.after_days.tolist(), pairs.before_days.tolist(), strict=True))


def _habits(
    laid: tiles.Tiles,
    steps: tiles.Tiles,
    *,
    pairs: windows.Pairs,
    policy: ChangePolicy,
    peers: Integers,
    shapes: npt.NDArray[np.floating] | None,
    judge: learnt.Judge | None,
) -> Singles:
    least = RHYTHM_FROM_DAYS if judge is None else JUDGED_DAYS + 1
    n_points, n_days = len(laid.rows), laid.lanes.shape[1]
    kept = pairs.after_days >= least
    if not kept.any():
        return np.full((n_points, n_days), np.nan, dtype=np.float32)
    some = replace(pairs, after_days=pairs.after_days[kept], before_days=pairs.before_days[kept])
    rough = windows.level_shifts(steps, pairs=some)
    usual, _ = _usual_levels(rough, noise=np.ones(n_points), pairs=some, policy=policy, peers=peers)
    rhythm = windows.rhythm_shifts(laid, pairs=some)
    usual_rhythm = _usual_rhythms(rhythm, n_points=n_points, pairs=some, policy=policy, peers=peers)
    shaped = np.empty((len(rhythm), 0, 1), dtype=np.float32)
    if shapes is not None and judge is None:
        shaped = _shaped(shapes, some, n_days=n_days, policy=policy)[:, laid.rows]
    return closer.highest_habits(
        laid,
        steps,
        pairs=some,
        rhythm=(rhythm, usual_rhythm),
        rough=(rough, usual),
        shaped=shaped,
        threshold=policy.habit_threshold,
    )


def _usual_rhythms(
    shifts: Singles,
    *,
    n_points: int,
    pairs: windows.Pairs,
    policy: ChangePolicy,
    peers: Integers,
) -> windows.Usual:
    middle = CHI6_MEDIAN / CHI6_SIGMA
    usual = [
        compiled.row_median(tiles.by_point(shift, n_points, max(1, after // SCALE_PART)))
        for shift, (after, _) in zip(shifts, _lengths(pairs), strict=True)
    ]
    factor = middle / np.maximum(np.array(usual), 1e-6)
    off = np.full_like(factor, middle)
    return _beside_peers(shifts, factor, off, policy=policy, peers=peers)


def _shaped(
    shapes: npt.NDArray[np.floating], pairs: windows.Pairs, *, n_days: int, policy: ChangePolicy
) -> Singles:
    """Return the standardised distances between the shapes of the day, of every day."""
    out = []
    seen = np.arange(pairs.first, n_days, pairs.every)
    split = np.clip((np.arange(n_days) - pairs.first) // pairs.every, 0, max(len(seen) - 1, 0))
    for after, before in _lengths(pairs):
        apart = policy.shape_weight * day_shapes.shape_shift(
            shapes,
            n_days=n_days,
            after_days=after,
            before_days=before,
            measured_share=policy.measured_share,
        )
        some = np.ascontiguousarray(apart[:, seen][:, :: max(1, after // SCALE_PART)])
        middle = compiled.row_median(some)
        wide = MAD_TO_SIGMA * compiled.row_median(np.abs(some - middle[:, None]))
        factor = 1.0 / np.fmax(wide, np.maximum(SHAPE_SPREAD_LEAST * middle, 1e-3))
        by_split = tiles.lay_in_order(np.ascontiguousarray(apart[:, seen]), np.arange(len(apart)))
        usual = _beside_peers(
            by_split.lanes[None], factor[None], (middle * factor)[None], policy=policy,
            peers=unusual.evenly(len(middle)),
        )  # fmt: skip
        apart = apart * usual.factor[0][:, None] - usual.off[0][:, None]
        out.append((apart - usual.middle[0][split]) / usual.spread[0][split])
    return np.array(out, dtype=np.float32)


def _put_judged(
    habit: Singles, said: watch.Watched, *, adjusted: neighbours.Adjusted, policy: ChangePolicy
) -> None:
    """Write what the judge said at the day it names; 1 where it is as likely as a shift at 1."""
    odds = said.log_odds + np.float32(np.log(policy.turnovers_per_year))
    above = (odds - policy.probability_intercept) / policy.probability_slope
    known = ~adjusted.is_refused()[said.point]
    _raise(habit, said.point[known], said.since[known], np.exp(np.clip(above, -8, 8))[known])


@njit(cache=True, nogil=True, error_model="numpy")
def _temper(habit: Singles, power: float) -> None:
    """Bring scores above 1 to the scale of shifts of level: the same odds, the same score."""
    for point in range(habit.shape[0]):
        for day in range(habit.shape[1]):
            if habit[point, day] > 1.0:
                habit[point, day] **= np.float32(power)


@njit(cache=True, nogil=True, error_model="numpy")
def _raise(habit: Singles, point: Integers, day: Integers, score: Singles) -> None:
    for number in range(score.shape[0]):
        known = habit[point[number], day[number]]
        if known != known or score[number] > known:
            habit[point[number], day[number]] = score[number]
