"""Compiled loops of the forecast against numpy, one point and one origin after the other."""

from datetime import date

import numpy as np
import pytest

from lamplighter.insight.forecast import compiled, errors, expected, month
from lamplighter.insight.habits import neighbours
from tests.insight import numbers, streets
from tests.insight.streets import DAY

POLICY = numbers.FORECAST
N_DAYS = 900


@pytest.fixture(scope="module")
def adjusted() -> neighbours.Adjusted:
    """A street with moves, gaps, an empty home and one that was never measured."""
    street = streets.quiet(n_points=80, n_days=N_DAYS, seed=61, n_groups=2)
    streets.with_change(street, kind="SURGE", points=range(15), seed=9)
    street.energy_kwh[np.random.default_rng(1).random(street.energy_kwh.shape) < 0.05] = np.nan
    street.energy_kwh[20] = np.nan
    street.energy_kwh[21] = 0.0
    street.energy_kwh[22, -80:] = np.nan
    street.energy_kwh[23, :700] = np.nan
    return numbers.adjusted(street)


def mean(values):
    kept = values[~np.isnan(values)].astype(np.float64)
    return kept.mean() if len(kept) else np.nan


def level_and_shift(row, origin):
    recent = mean(row[origin - POLICY.shift_recent_days : origin])
    split = origin - POLICY.shift_recent_days
    before = mean(row[max(0, split - POLICY.shift_before_days) : split])
    shift = abs(np.log(recent / before)) if recent > 0 and before > 0 else np.nan
    last = row[max(0, origin - POLICY.level_days) : origin].astype(np.float64)
    there = ~np.isnan(last)
    if there.sum() < POLICY.level_days_min:
        return np.nan, shift
    age = np.arange(len(last))[::-1][there]
    slow, fast = (
        np.average(last[there], weights=0.5 ** (age / half_life))
        for half_life in (POLICY.level_half_life_days, POLICY.level_fast_half_life_days)
    )
    reach = POLICY.shift_full - POLICY.shift_from
    moved = 1.0 if np.isnan(shift) else np.clip((shift - POLICY.shift_from) / reach, 0.0, 1.0)
    return slow + (fast - slow) * moved, shift


@pytest.mark.parametrize("origin", [120, 500, N_DAYS])
def test_levels_and_shifts(adjusted, origin):
    level, shift = expected.levels(adjusted=adjusted, policy=POLICY, origins=np.array([origin]))

    plain = [level_and_shift(row, origin) for row in adjusted.adjusted_kwh]
    np.testing.assert_allclose(np.stack([level[:, 0], shift[:, 0]], axis=1), plain, rtol=1e-9)


@pytest.mark.parametrize("n_rows", [1, 3, 4, 6])
def test_running_sums_side_by_side_are_those_of_each_row(adjusted, n_rows):
    rows = np.ascontiguousarray(adjusted.adjusted_kwh[18 : 18 + n_rows])
    for begin in range(0, n_rows, 4):
        total, count = np.empty((4, N_DAYS + 1)), np.empty((4, N_DAYS + 1), np.int64)
        compiled.running_of_some(rows, begin, total, count)

        for lane, row in enumerate(rows[begin : begin + 4]):
            there = ~np.isnan(row)
            plain = np.cumsum(np.where(there, row, 0.0), dtype=np.float64)
            np.testing.assert_array_equal(total[lane], np.append(0.0, plain))
            np.testing.assert_array_equal(count[lane], np.append(0, np.cumsum(there)))


def test_levels_of_many_origins_are_those_of_each(adjusted):
    origins = N_DAYS - np.concatenate([[0], 5 + 28 * np.arange(20)])
    many = expected.levels(adjusted=adjusted, policy=POLICY, origins=origins)

    for number, origin in enumerate(origins):
        one = expected.levels(adjusted=adjusted, policy=POLICY, origins=np.array([origin]))
        for among, alone in zip(many, one, strict=True):
            np.testing.assert_array_equal(among[:, number], alone[:, 0])


def test_weekdays(adjusted):
    found = expected.weekdays(adjusted=adjusted, policy=POLICY)

    last = slice(N_DAYS - POLICY.weekday_days, None)
    weekday = [(date(1970, 1, 1).toordinal() + int(day) - 1) % 7 for day in
               adjusted.days[last].astype(int)]  # fmt: skip
    for row, ratio in zip(adjusted.adjusted_kwh[:, last], found, strict=True):
        means = np.array([mean(row[np.array(weekday) == number]) for number in range(7)])
        plain = np.where(np.isnan(means), 1.0, means / mean(means))
        np.testing.assert_allclose(ratio, plain, rtol=1e-9)


def common_ahead(log_factor, past):
    """Return a group's common part of the days to come: past years' shape, tied to the present."""
    n_days = len(log_factor)
    recent = log_factor[-POLICY.anchor_days :]
    fading = 0.5 ** (np.arange(1, past.shape[1] - n_days + 1) / POLICY.anchor_half_life_days)
    shapes = []
    for columns in past[: POLICY.years_max]:
        behind, ahead = columns[n_days - len(recent) : n_days], columns[n_days:]
        if min(behind.min(), ahead.min()) < 0:
            break
        offset = (recent - log_factor[behind]).mean()
        shape = log_factor[np.minimum(ahead, n_days - 1)] + offset * fading
        shapes.append(np.where(ahead < n_days, shape, np.nan))
    known = np.array([recent.mean()] * len(fading))
    for day in range(len(fading)):
        of_day = [shape[day] for shape in shapes if not np.isnan(shape[day])]
        known[day] = np.mean(of_day) if of_day else known[day]
    return known


def over(now, point, n_ahead):
    """Return the expected sum of days to come of one point, day by day."""
    adjusted, begin, end = now.adjusted, now.origin, now.origin + n_ahead
    common = common_ahead(
        adjusted.log_factor[adjusted.of_group[point], :begin], now.compared[:, :end]
    )
    total = 0.0
    for day in range(begin, end):
        weekday = (date(1970, 1, 1).toordinal() + int(adjusted.days[0].astype(int)) + day - 1) % 7
        factor = np.exp(common[day - now.origin] * adjusted.response[point])
        total += factor * now.weekday_ratio[point, weekday] * now.level_kwh[point]
    ratios = []
    for past in now.compared[: POLICY.own_season_years]:
        then, before = past[begin:end], past[now.origin - POLICY.level_days : now.origin]
        if min(then.min(), before.min()) < 0 or then.max() >= now.origin:
            break
        ahead, behind = (mean(adjusted.adjusted_kwh[point, columns]) for columns in (then, before))
        if ahead > 0 and behind > 0:
            ratios.append(np.log(np.clip(ahead / behind, 0.5, 2.0)))
    season = POLICY.own_season_weight * (np.mean(ratios) if ratios else 0.0)
    return total * np.exp(season)


@pytest.mark.parametrize("ahead", [1, 20])
@pytest.mark.parametrize("origin", [380, 750, N_DAYS])
def test_sums_of_days_to_come(adjusted, origin, ahead):
    now = expected.outlook(adjusted=adjusted, policy=POLICY, origin=origin)

    found = now.ahead(n_days=ahead)

    plain = [over(now, point, ahead) for point in range(len(found))]
    np.testing.assert_allclose(found, plain, rtol=5e-7)  # exponentials in single precision


def test_past_errors_are_those_of_outlooks_made_then(adjusted):
    look = errors.look_at(adjusted=adjusted, n_ahead=12, policy=POLICY)

    now, found = look.now, look.past

    for number, age in enumerate(found.age_days.astype(int).tolist()):
        origin = N_DAYS - age
        then = expected.outlook(
            adjusted=adjusted, policy=POLICY, origin=origin,
            weekday_ratio=now.weekday_ratio, compared=now.compared,
        )  # fmt: skip
        forecast = then.ahead(n_days=12)
        span = adjusted.energy_kwh[:, origin : origin + 12]
        enough = np.count_nonzero(~np.isnan(span), axis=1) >= POLICY.measured_share * 12
        truth = np.where(enough, [mean(row) * 12 for row in span], np.nan)
        usual = np.abs(forecast) > 0.02 * np.abs(adjusted.typical_kwh) * 12
        plain = np.where(usual, (truth - forecast) / np.abs(forecast), np.nan)
        np.testing.assert_allclose(found.error[:, number], plain, rtol=1e-7)
        np.testing.assert_allclose(found.shift[:, number], then.shift, rtol=1e-9)


def test_days_so_far_are_measured_or_expected(adjusted):
    now = expected.outlook(adjusted=adjusted, policy=POLICY)
    first = N_DAYS - 20

    found = month.forecast_month(
        adjusted=adjusted,
        first_day=adjusted.days[first],
        last_day=adjusted.days[first] + 29 * DAY,
        policy=POLICY,
    )

    to_come = now.ahead(n_days=10)
    for point in np.flatnonzero(found.state == month.State.OK):
        total = to_come[point]
        for day in range(first, N_DAYS):
            kwh = float(adjusted.energy_kwh[point, day])
            if np.isnan(kwh):
                log = adjusted.log_factor[adjusted.of_group[point], day]
                weekday = expected.weekday_at(adjusted=adjusted, column=day)
                kwh = np.exp(log * adjusted.response[point])
                kwh *= now.weekday_ratio[point, weekday] * now.level_kwh[point]
            total += kwh
        assert found.forecast_kwh[point] == pytest.approx(total, rel=1e-9)


def test_a_span_measured_by_half_has_no_truth():
    energy = np.array([[1.0, np.nan, 3.0, np.nan]], np.float32)
    begins, ends = np.array([0, 1]), np.array([4, 2])

    assert compiled.truths(energy, begins, ends, 2.0)[0, 0] == 8.0
    assert np.isnan(compiled.truths(energy, begins, ends, 2.5)).all()
    assert np.isnan(compiled.truths(energy, begins, ends, 0.0)[0, 1])
