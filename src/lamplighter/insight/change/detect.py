"""The changes of every point: where, what kind, how large, how sure, and whether they stand."""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from lamplighter.insight.change import evidence, levels, peaks, settling, shifting
from lamplighter.insight.change.terms import ChangePolicy, Changes, Kind
from lamplighter.insight.habits import neighbours
from lamplighter.insight.habits.arrays import Booleans, Floats, Integers
from lamplighter.insight.judge import learnt, watch


def find_changes(
    *,
    adjusted: neighbours.Adjusted,
    policy: ChangePolicy,
    shapes: npt.NDArray[np.floating] | None = None,
    judge: learnt.Judge | None = None,
    said: watch.Watched | None = None,
    settled: settling.Settled | None = None,
) -> Changes:
    """Find the changes of habit of each point, as of the last day.

    Every split of every window is scored against the point's own usual shifts
    (``evidence.weigh``); the highest scores that stand apart become changes, are dated by the
    best split into two levels, measured in kWh per day, and named after the levels on both
    sides. The probability is a logistic function of the score's log whose two numbers the policy
    holds; it says how often such a score is a real change, not how important it is.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days without the neighbours' common part.
    policy : ChangePolicy
        The numbers.
    shapes : (n_points, n_shape_days, n_slots) float64
        Energy of each slot of the last days, 24 or 96 a day, if there is any. [kWh] NaN: missing.
    judge : learnt.Judge
        Who was taught by spliced meters to see another rhythm. None: two windows are compared.
    said : watch.Watched
        What the judge said of these days, if he was asked already.
    settled : settling.Settled
        What ``settling.settle`` says of these points' settled days, if it was asked already.

    Returns
    -------
    Changes
        One row per change, ordered by point and day; none for refused points.

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
    .. [1] C. Truong, L. Oudre, N. Vayatis, "Selective review of offline change point detection
       methods," Signal Processing, vol. 167, 107299, 2020, doi:10.1016/j.sigpro.2019.107299
       (window sliding, sec. 5.2.1).

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> found = find_changes(adjusted=examples.doubling_home(), policy=examples.POLICY)
    >>> found.kind, found.day
    (array(['SURGE'], dtype='<U9'), array(['2026-04-11'], dtype='datetime64[D]'))
    """
    weighed = evidence.weigh(
        adjusted=adjusted, policy=policy, shapes=shapes, judge=judge, said=said, settled=settled
    )
    n_days = adjusted.adjusted_kwh.shape[1]
    point, peak, level_score, habit_score = peaks.peaks(
        weighed.scores,
        judged=weighed.judged,
        threshold=1.0,
        spacing_days=policy.spacing_days,
        most=policy.max_changes,
        reach=policy.search_days,
    )
    begin, end = peaks.neighbours_in_time(point, peak, n_days=n_days)
    begin = np.maximum(begin, peak - policy.size_days)
    end = np.minimum(end, peak + policy.size_days)
    by_level = np.abs(level_score) >= 1.0
    dated = _dated(adjusted, policy, point=point, peak=peak, begin=begin, end=end)
    day = np.where(by_level, dated, peak)
    sides = levels.measure(
        adjusted=adjusted,
        point=point,
        day=day,
        begin=begin,
        end=end,
        inflation=float(np.max(weighed.inflation, initial=1.0)),
        last_days=policy.appliance_days_min,
    )
    found = _changes(
        adjusted=adjusted,
        policy=policy,
        point=point,
        day=day,
        sides=sides,
        level_score=level_score,
        habit_score=habit_score,
    )
    return _only(found, _worth_saying(found, policy=policy))


def _dated(
    adjusted: neighbours.Adjusted,
    policy: ChangePolicy,
    *,
    point: Integers,
    peak: Integers,
    begin: Integers,
    end: Integers,
) -> Integers:
    """Return the day near each peak that parts its surroundings into two levels best."""
    at = begin[:, None] + np.arange(2 * policy.size_days)
    around = adjusted.adjusted_kwh[point[:, None], np.minimum(at, end[:, None] - 1)]
    softened = shifting.soften(
        around, typical_kwh=settling.typical(adjusted)[point], share=policy.softening_share
    )
    day = peaks.best_split(
        softened,
        point=np.arange(len(point)),
        day=peak - begin,
        begin=np.zeros_like(begin),
        end=end - begin,
        search_days=policy.search_days,
    )
    return begin + day


def _changes(
    *,
    adjusted: neighbours.Adjusted,
    policy: ChangePolicy,
    point: Integers,
    day: Integers,
    sides: levels.Sides,
    level_score: Floats,
    habit_score: Floats,
) -> Changes:
    n_days = adjusted.adjusted_kwh.shape[1]
    standing = _standing(sides, by_rhythm=np.abs(level_score) < 1.0)
    margin = NormalDist().inv_cdf(0.5 + policy.size_interval / 2.0) * sides.error_kwh
    strength = np.maximum(np.abs(level_score), habit_score)
    odds = policy.probability_intercept + policy.probability_slope * np.log(
        np.maximum(strength, 1.0)
    )
    return Changes(
        point=point,
        day=adjusted.days[day] if n_days else np.zeros(0, dtype="datetime64[D]"),
        kind=_kinds(sides, level_score=level_score, habit_score=habit_score, policy=policy),
        size_kwh=sides.size_kwh,
        size_low_kwh=sides.size_kwh - margin,
        size_high_kwh=sides.size_kwh + margin,
        before_kwh=sides.before_kwh,
        after_kwh=sides.after_kwh,
        neighbours_ratio=sides.neighbours_ratio,
        probability=1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))),
        standing=standing,
        is_recent=(day >= n_days - policy.recent_days) & (standing >= 0.5),
        level_score=level_score,
        habit_score=habit_score,
        days_before=sides.days_before,
        days_after=sides.days_after,
    )


def _standing(sides: levels.Sides, *, by_rhythm: Booleans) -> Floats:
    """Return how much better the last days fit the level after than the level before.

    The ratio of two normal likelihoods. A change of rhythm alone has no level to fall back to;
    it stands at a half until another change is found.
    """
    error = np.where(sides.last_error_kwh > 0.0, sides.last_error_kwh, 1e-6)
    from_before = (sides.last_kwh - sides.before_kwh) / error
    from_after = (sides.last_kwh - sides.after_kwh) / error
    odds = np.clip((from_after**2 - from_before**2) / 2.0, -30.0, 30.0)
    standing = 1.0 / (1.0 + np.exp(odds))
    return np.where(
        by_rhythm | np.isnan(standing), np.maximum(np.nan_to_num(standing), 0.5), standing
    )


def _kinds(
    sides: levels.Sides, *, level_score: Floats, habit_score: Floats, policy: ChangePolicy
) -> npt.NDArray[np.str_]:
    before, after = sides.before_kwh, sides.after_kwh
    emptied = after <= policy.vacancy_share * before
    filled = before <= policy.vacancy_share * after
    moderate = (
        (after > before)
        & (after <= policy.appliance_ratio_max * before)
        & (sides.days_after >= policy.appliance_days_min)
    )
    return np.select(
        [emptied, filled, habit_score >= np.maximum(np.abs(level_score), 1.0), moderate],
        [Kind.VACANCY.value, Kind.RETURN.value, Kind.TURNOVER.value, Kind.APPLIANCE.value],
        np.where(after > before, Kind.SURGE.value, Kind.DROP.value),
    ).astype("<U9")


def _worth_saying(found: Changes, *, policy: ChangePolicy) -> Booleans:
    """A shift of level must also be of some size; small and certain is of no use to anybody."""
    least = policy.least_size_share * np.maximum(np.abs(found.before_kwh), 1e-9)
    sized = np.abs(found.after_kwh - found.before_kwh) >= least
    return np.asarray(sized | (found.kind == Kind.TURNOVER.value))


def _only(found: Changes, kept: Booleans) -> Changes:
    return Changes(**{name: getattr(found, name)[kept] for name in Changes.__dataclass_fields__})
