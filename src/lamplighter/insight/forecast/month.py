"""The energy of the running bill, with an interval, and two naive anchors beside it."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from lamplighter.insight.forecast import errors, expected
from lamplighter.insight.habits import neighbours, terms
from lamplighter.insight.habits.arrays import Floats, Integers


class NoSuchMonth(ValueError):
    """The days known so far do not reach the bill's first day, or already pass its last."""


class State(IntEnum):
    """What can be said about a point's running bill."""

    OK = 0
    REFUSED = 1  # the point's series says nothing: all missing, all zero, too few days
    NO_LEVEL = 2  # no measured day of late to go on from
    NO_INTERVAL = 3  # a forecast, but too few past errors for an interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPolicy:
    """The numbers of the forecast; rows of the policy "forecast"."""

    level_days: int  # how far back the present level looks
    level_half_life_days: float  # how fast older days lose weight in it
    level_fast_half_life_days: float  # the same after a change of habit
    shift_recent_days: int  # last days that show a change of habit …
    shift_before_days: int  # … against so many days before them
    shift_from: float  # a change counts from this log ratio on …
    shift_full: float  # … and wholly from this one
    level_days_min: int  # fewest measured days for a level
    weekday_days: int  # how far back the weekdays' ratios look
    year_lag_days: int  # a year in whole weeks
    years_max: int  # how many past years give the season's shape
    anchor_days: int  # days that tie last year's common factor to this year's
    anchor_half_life_days: float  # how fast this tie fades into the future
    own_season_weight: float  # share of the point's own past shape, beyond its neighbours'
    own_season_years: int  # past years that show it
    festivals: tuple[str, ...]  # days of festivals that move from year to year
    festival_days_before: int  # reach of a festival …
    festival_days_after: int
    calibration_origins: int  # past origins whose errors make the interval
    calibration_step_days: int  # days between them, whole weeks
    calibration_half_life_days: float  # how fast older errors lose weight
    calibration_season_weight: float  # further weight of errors of the same season a year ago
    calibration_points_min: int  # fewest past errors of all points together
    error_prior_origins: float  # weight of all points' errors in a point's own, in origins
    interval: float  # probability inside the interval
    measured_share: float  # least measured share of a span that counts as its truth


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthForecast:
    """The running bill of each point."""

    state: npt.NDArray[np.int8]  # (n_points,) State
    so_far_kwh: Floats  # (n_points,) measured so far
    missing_days: Integers  # (n_points,) days so far that are missing and were filled in
    days_left: int  # days still to come
    forecast_kwh: Floats  # (n_points,) the whole bill
    low_kwh: Floats  # (n_points,) lower end of the interval
    high_kwh: Floats  # (n_points,) upper end
    last_year_kwh: Floats  # (n_points,) anchor: the same days a year of weeks ago
    last_month_kwh: Floats  # (n_points,) anchor: as many days just before the bill's first day


def forecast_month(
    *,
    adjusted: neighbours.Adjusted,
    first_day: np.datetime64,
    last_day: np.datetime64,
    policy: ForecastPolicy,
    rows: Integers | None = None,
) -> MonthForecast:
    """Forecast the energy of the running bill as of the last day of the arrays.

    Days so far count as measured; missing ones are filled in by expectation. A day to come is
    expected at ``present level * weekday * neighbours' factor of the season * own season``. The
    interval around the days to come is that of past errors over as many days, own and pooled,
    in the spirit of conformal prediction [1]_ (see :func:`errors.interval`).

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days up to the last complete day.
    first_day, last_day : datetime64
        First and last day of the bill, both within it. [day]
    policy : ForecastPolicy
        The numbers.
    rows : (n_rows,) int64
        The points to forecast, in this order, if not all; past errors are theirs alone. [row]

    Returns
    -------
    MonthForecast
        NaN where ``state`` says why.

    Raises
    ------
    NoSuchMonth
        The last known day is before the day before the first, or after the last.

    References
    ----------
    .. [1] J. Lei et al., "Distribution-free predictive inference for regression," J. Am. Stat.
       Assoc., vol. 113, no. 523, pp. 1094-1111, 2018, doi:10.1080/01621459.2017.1307116.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> found = forecast_month(
    ...     adjusted=homes.doubling_home(), first_day=np.datetime64("2026-07-01"),
    ...     last_day=np.datetime64("2026-07-31"), policy=examples.POLICY,
    ... )
    >>> found.days_left, bool(290.0 < found.forecast_kwh[0] < 330.0)
    (12, True)
    """
    from lamplighter.insight.forecast import compiled  # late: pages must not wait for numba

    if rows is not None:
        adjusted = adjusted.rows(rows)
    n_known = len(adjusted.days)
    first, last = _span(adjusted, first_day=first_day, last_day=last_day)
    left = last - n_known
    look = errors.look_at(adjusted=adjusted, n_ahead=left, policy=policy)
    outlook, to_come = look.now, look.to_come_kwh
    measured, filled, missing = compiled.filled(
        adjusted.energy_kwh,
        first,
        adjusted.of_group,
        adjusted.response,
        outlook.level_kwh,
        outlook.weekday_ratio,
        adjusted.log_factor,
        expected.weekday_at(adjusted=adjusted, column=first),
    )
    low, high = errors.interval(adjusted=adjusted, n_ahead=left, policy=policy, look=look)
    total = measured + filled + to_come
    state = np.select(
        [adjusted.is_refused(), np.isnan(total), np.isnan(low)],
        [State.REFUSED, State.NO_LEVEL, State.NO_INTERVAL],
        State.OK,
    ).astype(np.int8)
    ends = np.array([low, high]) * np.abs(to_come) + total
    exports = adjusted.state == terms.State.NET_EXPORT
    ends[0] = np.where(exports, ends[0], np.maximum(ends[0], measured + filled))
    bad = np.isin(state, (State.REFUSED, State.NO_LEVEL))
    year = policy.year_lag_days
    return MonthForecast(
        state=state,
        so_far_kwh=np.where(adjusted.is_refused(), np.nan, measured),
        missing_days=missing,
        days_left=left,
        forecast_kwh=np.where(bad, np.nan, total),
        low_kwh=np.where(bad, np.nan, ends[0]),
        high_kwh=np.where(bad, np.nan, ends[1]),
        last_year_kwh=_anchor(adjusted, first - year, last - year, policy=policy),
        last_month_kwh=_anchor(adjusted, 2 * first - last, first, policy=policy),
    )


def _span(
    adjusted: neighbours.Adjusted, *, first_day: np.datetime64, last_day: np.datetime64
) -> tuple[int, int]:
    """Return the bill as columns, half open."""
    if len(adjusted.days) == 0:
        raise NoSuchMonth(f"{first_day} to {last_day}: no day is known")
    start = adjusted.days[0]
    first = int((first_day.astype("datetime64[D]") - start).astype(int))
    last = int((last_day.astype("datetime64[D]") - start).astype(int)) + 1
    if not first <= len(adjusted.days) <= last or first < 0:
        raise NoSuchMonth(f"{first_day} to {last_day}: known {start} to {adjusted.days[-1]}")
    return first, last


def _anchor(
    adjusted: neighbours.Adjusted, begin: int, end: int, *, policy: ForecastPolicy
) -> Floats:
    """Return the measured energy of a past span, a missing day counted as its mean day."""
    if begin < 0 or end > len(adjusted.days):
        return np.full(len(adjusted.energy_kwh), np.nan)
    from lamplighter.insight.forecast import compiled  # late: pages must not wait for numba

    least = policy.measured_share * (end - begin)
    spans = np.array([begin]), np.array([end])
    return compiled.truths(adjusted.energy_kwh, *spans, least)[:, 0].copy()
