"""How well the forecast of the running bill would have done in past months."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.forecast import month
from lamplighter.insight.habits import neighbours, terms
from lamplighter.insight.habits.arrays import Days, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A past bill and the day its forecast would have been made on."""

    first_day: np.datetime64
    as_of: np.datetime64  # last day known
    last_day: np.datetime64


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The forecast against the truth; one entry per bill. NaN where no point could be judged."""

    n_judged: tuple[int, ...]  # points with truth, forecast and interval
    coverage: Floats  # (n_bills,) share of truths inside the interval
    error: Floats  # (n_bills,) sum of absolute errors over sum of truths
    last_year_error: Floats  # (n_bills,) the same of the anchor, over points that have it
    last_month_error: Floats  # (n_bills,)
    width: Floats  # (n_bills,) sum of interval widths over sum of truths
    overall_coverage: float  # over all points and bills


def backtest(
    *,
    energy_kwh: npt.NDArray[np.floating],
    days: Days,
    group: npt.NDArray[np.integer],
    bills: Sequence[Bill],
    neighbour_policy: terms.NeighbourPolicy,
    policy: month.ForecastPolicy,
) -> Backtest:
    """Repeat the forecast of past bills with what was known then, and judge it.

    Nothing after ``as_of`` enters: the neighbours' part is taken out anew from the days before.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: missing.
    days : (n_days,) datetime64
        Consecutive local days. [day]
    group : (n_points,) int64
        Station area of each point. [code]
    bills : Sequence[Bill]
        Past bills, all of whose days are within *days*.
    neighbour_policy : terms.NeighbourPolicy
        The numbers of the comparison with neighbours.
    policy : month.ForecastPolicy
        The numbers of the forecast.

    Returns
    -------
    Backtest
        Coverage and errors by bill. Only points measured on every day of a bill count.

    Raises
    ------
    month.NoSuchMonth
        A bill reaches outside the days.

    Examples
    --------
    >>> from lamplighter.insight.change import examples as homes
    >>> from lamplighter.insight.forecast import examples
    >>> home = homes.doubling_home()
    >>> july = Bill(
    ...     first_day=np.datetime64("2026-07-01"), as_of=np.datetime64("2026-07-10"),
    ...     last_day=np.datetime64("2026-07-19"),
    ... )
    >>> found = backtest(
    ...     energy_kwh=home.energy_kwh, days=home.days, group=np.array([1]), bills=[july],
    ...     neighbour_policy=homes.NEIGHBOURS, policy=examples.POLICY,
    ... )
    >>> found.n_judged  # five past errors of one home are too few for an interval
    (0,)
    """
    rows = []
    hits = judged_in_all = 0
    for bill in bills:
        known = int((bill.as_of - days[0]).astype(int)) + 1
        first = int((bill.first_day - days[0]).astype(int))
        last = int((bill.last_day - days[0]).astype(int)) + 1
        if last > len(days) or first < 0 or known < 1:
            raise month.NoSuchMonth(f"{bill.first_day} to {bill.last_day}")
        found = month.forecast_month(
            adjusted=neighbours.take_out_common(
                energy_kwh=energy_kwh[:, :known],
                days=days[:known],
                group=group,
                policy=neighbour_policy,
            ),
            first_day=bill.first_day,
            last_day=bill.last_day,
            policy=policy,
        )
        truth = energy_kwh[:, first:last].sum(axis=1)
        judged = ~np.isnan(truth) & (found.state == month.State.OK)
        inside = judged & (truth >= found.low_kwh) & (truth <= found.high_kwh)
        hits += int(np.count_nonzero(inside))
        judged_in_all += int(np.count_nonzero(judged))
        rows.append(
            (
                np.count_nonzero(judged),
                _share(inside.astype(float), np.ones(len(truth)), judged),
                _share(np.abs(found.forecast_kwh - truth), truth, judged),
                _share(np.abs(found.last_year_kwh - truth), truth, judged),
                _share(np.abs(found.last_month_kwh - truth), truth, judged),
                _share(found.high_kwh - found.low_kwh, truth, judged),
            )
        )
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 6)
    return Backtest(
        n_judged=tuple(int(count) for count in table[:, 0]),
        coverage=table[:, 1],
        error=table[:, 2],
        last_year_error=table[:, 3],
        last_month_error=table[:, 4],
        width=table[:, 5],
        overall_coverage=hits / judged_in_all if judged_in_all else float("nan"),
    )


def _share(part: Floats, whole: Floats, judged: npt.NDArray[np.bool_]) -> float:
    """Return sum of parts over sum of wholes where both are known."""
    both = judged & ~np.isnan(part) & ~np.isnan(whole)
    total = float(np.sum(whole[both]))
    return float(np.sum(part[both])) / total if total > 0.0 else float("nan")
