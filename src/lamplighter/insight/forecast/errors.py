"""How far past forecasts of as many days were off: the interval of the next."""

from typing import Protocol

import numpy as np

from lamplighter.insight.forecast import expected
from lamplighter.insight.habits import arrays, neighbours
from lamplighter.insight.habits.arrays import Floats


class ErrorPolicy(expected.OutlookPolicy, Protocol):
    """What past errors need of the policy "forecast"."""

    @property
    def calibration_origins(self) -> int: ...
    @property
    def calibration_step_days(self) -> int: ...
    @property
    def calibration_points_min(self) -> int: ...
    @property
    def error_prior_origins(self) -> float: ...
    @property
    def interval(self) -> float: ...
    @property
    def measured_share(self) -> float: ...


def interval(
    *, adjusted: neighbours.Adjusted, n_ahead: int, policy: ErrorPolicy
) -> tuple[Floats, Floats]:
    """Return the interval of a sum of days to come, as shares of its forecast.

    Past forecasts over as many days are repeated; each point's relative errors are divided by
    its own usual error without the one at hand, drawn towards all points'; the quantiles of
    all of these, times the point's usual error, are the ends.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    n_ahead : int
        Days to come. [day]
    policy : ErrorPolicy
        The numbers.

    Returns
    -------
    low, high : (n_points,) float64
        Ends relative to the forecast, low mostly negative. [share] NaN: too few past errors.

    Raises
    ------
    ValueError
        The number of days is negative.

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
    error = past_errors(adjusted=adjusted, n_ahead=n_ahead, policy=policy)
    there = ~np.isnan(error)
    if np.count_nonzero(there) < policy.calibration_points_min:
        return np.full(n_points, np.nan), np.full(n_points, np.nan)
    square = np.where(there, np.clip(error, -2.0, 2.0) ** 2, 0.0)
    prior = policy.error_prior_origins
    usual = float(np.median(np.abs(error[there])) * arrays.MAD_TO_SIGMA) ** 2
    usual = max(usual, 1e-6)
    total, count = square.sum(axis=1), np.count_nonzero(there, axis=1)
    own = np.sqrt((total + prior * usual) / (count + prior))
    others = np.sqrt((total[:, None] - square + prior * usual) / (count[:, None] - 1 + prior))
    scaled = (error / others)[there]
    tail = (1.0 - policy.interval) / 2.0
    low, high = np.quantile(scaled, [tail, 1.0 - tail])
    return own * low, own * high


def past_errors(*, adjusted: neighbours.Adjusted, n_ahead: int, policy: ErrorPolicy) -> Floats:
    """Return relative errors of past forecasts over as many days.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    n_ahead : int
        Days forecast each time. [day]
    policy : ErrorPolicy
        The numbers.

    Returns
    -------
    (n_points, n_origins) float64
        ``(measured - forecast) / forecast``; NaN where either is unknown or the forecast is
        next to nothing. [share]

    Raises
    ------
    IndexError
        The arrays have no days axis.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> past_errors(adjusted=homes.doubling_home(), n_ahead=12, policy=examples.POLICY).shape
    (1, 5)
    """
    n_days = len(adjusted.days)
    ratio = expected.weekdays(adjusted=adjusted, policy=policy)
    columns = []
    for number in range(policy.calibration_origins):
        origin = n_days - n_ahead - number * policy.calibration_step_days
        if origin < policy.level_days:
            break
        view = expected.outlook(
            adjusted=adjusted, policy=policy, origin=origin, weekday_ratio=ratio
        )
        forecast = view.over(begin=origin, end=origin + n_ahead)
        span = adjusted.energy_kwh[:, origin : origin + n_ahead]
        count = np.count_nonzero(~np.isnan(span), axis=1)
        truth = np.where(
            count >= policy.measured_share * n_ahead, arrays.row_mean(span) * n_ahead, np.nan
        )
        large = np.abs(forecast) > 0.02 * np.abs(adjusted.typical_kwh) * n_ahead
        size = np.where(large, np.abs(forecast), 1.0)
        columns.append(np.where(large, (truth - forecast) / size, np.nan))
    return np.stack(columns, axis=1) if columns else np.full((len(adjusted.energy_kwh), 0), np.nan)
