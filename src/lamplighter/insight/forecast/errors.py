"""How far past forecasts of as many days were off: the interval of the next."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lamplighter.insight.forecast import expected
from lamplighter.insight.habits import arrays, neighbours
from lamplighter.insight.habits.arrays import Booleans, Floats, Integers

LARGEST_ERROR = 2.0  # of the forecast; beyond, a point was empty or is not itself
SMALLEST_ERROR = 1e-3  # of the forecast; below, luck and not skill
LARGEST_SHIFT = 1.5  # [log]
STEEPEST = 3.0  # at most so many powers of roughness or of shift
STEADY = 10.0  # weight of "neither matters", in past errors
ROUGH_DAYS = 200
CLOSENESS_DAYS = 28.0


class ErrorPolicy(expected.OutlookPolicy, Protocol):
    """What past errors need of the policy "forecast"."""

    @property
    def calibration_origins(self) -> int: ...
    @property
    def calibration_step_days(self) -> int: ...
    @property
    def calibration_points_min(self) -> int: ...
    @property
    def calibration_half_life_days(self) -> float: ...
    @property
    def calibration_season_weight(self) -> float: ...
    @property
    def error_prior_origins(self) -> float: ...
    @property
    def interval(self) -> float: ...
    @property
    def measured_share(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PastErrors:
    """Relative errors of past forecasts over as many days."""

    error: Floats  # (n_points, n_origins) (measured − forecast) / forecast; NaN: not known
    shift: Floats  # (n_points, n_origins) how far the last days then lay from those before
    age_days: Floats  # (n_origins,) from each origin to the present


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is foreseen of some days to come, and how past forecasts of as many days were off."""

    now: expected.Outlook
    to_come_kwh: Floats  # (n_points,) NaN without a level
    past: PastErrors


def interval(
    *,
    adjusted: neighbours.Adjusted,
    n_ahead: int,
    policy: ErrorPolicy,
    look: Look | None = None,
) -> tuple[Floats, Floats]:
    """Return the interval of a sum of days to come, as shares of its forecast.

    Past forecasts over as many days are repeated. How large an error is to be expected grows
    with the roughness of a point's days and with a recent change of its habit, as all points'
    past errors together show; a point's own past errors then widen or narrow it. Each past
    error is divided by what was to be expected of it, the error itself left out; the quantiles
    of all of these, newer ones and those of the same season a year ago weighing more
    (normalised, weighted conformal prediction [1]_ [2]_), times what is to be expected now, are
    the ends.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    n_ahead : int
        Days to come. [day]
    policy : ErrorPolicy
        The numbers.
    look : Look, optional
        What :func:`look_at` says of these days, if known already.

    Returns
    -------
    low, high : (n_points,) float64
        Ends relative to the forecast, low mostly negative. [share] NaN: too few past errors.

    Raises
    ------
    ValueError
        The number of days is negative.

    References
    ----------
    .. [1] H. Papadopoulos, V. Vovk, A. Gammerman, "Regression conformal prediction with nearest
       neighbours," J. Artif. Intell. Res., vol. 40, pp. 815-840, 2011, doi:10.1613/jair.3198.
    .. [2] R. F. Barber, E. J. Candes, A. Ramdas, R. J. Tibshirani, "Conformal prediction beyond
       exchangeability," Ann. Stat., vol. 51, no. 2, pp. 816-845, 2023, doi:10.1214/23-AOS2276.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> low, high = interval(adjusted=homes.doubling_home(), n_ahead=0, policy=examples.POLICY)
    >>> low, high
    (array([0.]), array([0.]))
    """
    n_points = len(adjusted.energy_kwh)
    if n_ahead < 0:
        raise ValueError(f"{n_ahead} days ahead")
    if n_ahead == 0:
        return np.zeros(n_points), np.zeros(n_points)
    if look is None:
        look = look_at(adjusted=adjusted, n_ahead=n_ahead, policy=policy)
    past, moved = look.past, look.now.shift
    there = ~np.isnan(past.error)
    if np.count_nonzero(there) < policy.calibration_points_min:
        return np.full(n_points, np.nan), np.full(n_points, np.nan)
    weight = _weights(past.age_days, policy=policy)
    usual, usual_now = _usual(past, there, weight, roughness=_roughness(adjusted), now=moved)
    scaled = np.where(there, np.clip(past.error, -LARGEST_ERROR, LARGEST_ERROR) / usual, 0.0)
    weights = np.where(there, weight / weight.mean(), 0.0)
    prior = policy.error_prior_origins
    typical = max(float(np.median(np.abs(scaled[there]))) * arrays.MAD_TO_SIGMA, 1e-3) ** 2
    square = weights * scaled**2
    total, count = square.sum(axis=1), weights.sum(axis=1)
    own = np.sqrt((total + prior * typical) / (count + prior))
    left_out = np.maximum(total[:, None] - square, 0.0), np.maximum(count[:, None] - weights, 0.0)
    others = np.sqrt((left_out[0] + prior * typical) / (left_out[1] + prior))
    tail = (1.0 - policy.interval) / 2.0
    low, high = _quantiles((scaled / others)[there], weights[there], (tail, 1.0 - tail))
    return own * usual_now * low, own * usual_now * high


def look_at(*, adjusted: neighbours.Adjusted, n_ahead: int, policy: ErrorPolicy) -> Look:
    """Look ahead from the last day, and from past days over as many days.

    Each point is followed through all origins at once.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    n_ahead : int
        Days forecast each time; of none, nothing past is known. [day]
    policy : ErrorPolicy
        The numbers.

    Returns
    -------
    Look
        Past origins newest first. An error is NaN where the truth is not known or the forecast is
        next to nothing. [share]

    Raises
    ------
    IndexError
        There is no day.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> found = look_at(adjusted=homes.doubling_home(), n_ahead=12, policy=examples.POLICY)
    >>> found.past.error.shape, found.past.age_days[:2]
    ((1, 4), array([12., 40.]))
    """
    n_days = len(adjusted.days)
    least = max(policy.level_days, policy.shift_recent_days + policy.shift_before_days)
    ages = n_ahead + np.arange(policy.calibration_origins) * policy.calibration_step_days
    ages = ages[(n_days - ages >= least) & (n_ahead > 0)]
    origins = n_days - np.concatenate([[0], ages])
    level, shift = expected.levels(adjusted=adjusted, policy=policy, origins=origins)
    now = expected.Outlook(
        adjusted=adjusted,
        policy=policy,
        origin=n_days,
        level_kwh=level[:, 0].copy(),
        shift=shift[:, 0].copy(),
        weekday_ratio=expected.weekdays(adjusted=adjusted, policy=policy),
        compared=expected.past_columns(adjusted=adjusted, n_ahead=n_ahead, policy=policy),
    )
    forecast = expected.sums(
        adjusted=adjusted,
        policy=policy,
        origins=origins,
        level_kwh=level,
        weekday_ratio=now.weekday_ratio,
        compared=now.compared,
        n_ahead=n_ahead,
    )
    error = _errors(adjusted, forecast[:, 1:], origins[1:], n_ahead=n_ahead, policy=policy)
    past = PastErrors(error=error, shift=shift[:, 1:].copy(), age_days=ages.astype(np.float64))
    return Look(now=now, to_come_kwh=forecast[:, 0].copy(), past=past)


def _errors(
    adjusted: neighbours.Adjusted,
    forecast: Floats,
    origins: Integers,
    *,
    n_ahead: int,
    policy: ErrorPolicy,
) -> Floats:
    from lamplighter.insight.forecast import compiled  # late: pages must not wait for numba

    truth = compiled.truths(
        adjusted.energy_kwh, origins, origins + n_ahead, policy.measured_share * n_ahead
    )
    large = np.abs(forecast) > 0.02 * np.abs(adjusted.typical_kwh)[:, None] * n_ahead
    size = np.where(large, np.abs(forecast), 1.0)
    return np.where(large, (truth - forecast) / size, np.nan)


def _weights(age: Floats, *, policy: ErrorPolicy) -> Floats:
    """Return how much the errors of each origin count."""
    year = float(policy.year_lag_days)
    apart = np.minimum(age % year, year - age % year)
    season = np.exp(-((apart / CLOSENESS_DAYS) ** 2))
    fading = 0.5 ** (age / policy.calibration_half_life_days)
    return np.asarray(fading * (1.0 + policy.calibration_season_weight * season))


def _roughness(adjusted: neighbours.Adjusted) -> Floats:
    """Return each point's median step from day to day, centred. [log]"""
    from lamplighter.insight.habits import medians  # late: pages must not wait for numba

    span = adjusted.adjusted_kwh[:, -ROUGH_DAYS:]
    log = np.log(np.where(span > 0.0, span, np.float32(np.nan)))
    step, _count = medians.row_medians(values=np.abs(np.diff(log, axis=1)))
    rough = np.log(np.maximum(step, SMALLEST_ERROR))
    known = ~np.isnan(rough)
    middle = float(np.median(rough[known])) if known.any() else 0.0
    return np.where(known, rough - middle, 0.0)


def _usual(
    past: PastErrors, there: Booleans, weight: Floats, *, roughness: Floats, now: Floats
) -> tuple[Floats, Floats]:
    """Return the usual error of each past forecast and of the next, up to a common factor."""
    point, origin = np.nonzero(there)
    size = np.log(np.clip(np.abs(past.error[point, origin]), SMALLEST_ERROR, LARGEST_ERROR))
    shift = _moved(past.shift)
    table = np.stack([np.ones(len(point)), roughness[point], shift[point, origin]], axis=1)
    weighted = table * weight[origin][:, None]
    # Without BLAS: it sums in an order that depends on the number of its threads, which afterwards
    # spin for longer than this takes.
    square = np.einsum("ij,ik->jk", table, weighted, optimize=False)
    square += np.diag([0.0, STEADY, STEADY]) * weight.mean()
    aim = np.einsum("ij,i->j", weighted, size, optimize=False)
    slope = np.clip(np.linalg.solve(square, aim)[1:], 0.0, STEEPEST)
    usual = np.exp(slope[0] * roughness[:, None] + slope[1] * shift)
    return usual, np.exp(slope[0] * roughness + slope[1] * _moved(now))


def _moved(shift: Floats) -> Floats:
    """Return shifts as they count: an unknown one as the usual, a vast one as large."""
    known = ~np.isnan(shift)
    middle = float(np.median(shift[known])) if known.any() else 0.0
    return np.minimum(np.where(known, shift, middle), LARGEST_SHIFT)


def _quantiles(values: Floats, weights: Floats, shares: tuple[float, float]) -> tuple[float, float]:
    """Return weighted quantiles."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - weights[order] / 2.0
    low, high = np.interp(shares, reached / np.sum(weights), values[order])
    return float(low), float(high)
