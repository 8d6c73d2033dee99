"""Floors of the judge of changed habits, on fixed windows of real meters and on quiet streets."""

import numpy as np
import pytest

from benchmarks.quality import change, homes, learning_change, learnt_from, splices
from lamplighter.findings import judges
from lamplighter.insight.judge import learning, own, splicing, trees, watch
from tests.insight import numbers, streets

SEED = 5
DAILY, HOURLY = "cambridge_daily.parquet", "cambridge_hourly_*.parquet"
AT_HAND = 60  # meters and more: floors were set on that many


def table_of(meters, *, n_folds, n_starts):
    """Spliced windows of meters, their folds, and the dice; skips where the meters are too few."""
    rng = np.random.default_rng(SEED)
    fold = rng.permutation(len(meters.energy_kwh)) % n_folds
    try:
        table = splicing.tabulate(meters=meters, fold=fold, n_starts=n_starts, n_splices=1, rng=rng)
    except splicing.NoWindow as error:
        pytest.skip(f"{len(fold)} meters: {error}")
    return table, fold, rng


@pytest.mark.parametrize(
    ("file", "n_starts", "floor", "elsewhere"),
    [(DAILY, 12, 0.70, 0.55), (HOURLY, 3, 0.88, 0.72)],
)
def test_the_judge_that_ships_sees_most_spliced_tenants(
    real_file, file, n_starts, floor, elsewhere
):
    meters = splices.of_file(real_file(file), hourly=file == HOURLY)
    said = learnt_from.said_of(meters)
    at_hand = said["meters_he_was_learnt_from"] == len(meters.energy_kwh) >= AT_HAND
    table, fold, _rng = table_of(meters, n_folds=5, n_starts=n_starts)

    found = change.shipped(table, fold=fold)

    print(said, found)
    assert found["splices"] > 30
    assert found["hit_rate"] >= (floor if at_hand else elsewhere)
    assert found["false_alarms_per_meter_year"] < (1.4 if at_hand else 2.0)
    assert found["date_median_error_days"] <= 4


def test_a_judge_learnt_on_other_meters_beats_plain_statistics(real_file):
    meters = splices.of_file(real_file(DAILY), hourly=False)
    at_hand = len(meters.energy_kwh) >= AT_HAND
    table, fold, rng = table_of(meters, n_folds=2, n_starts=16)

    score = learning.crossed(table=table, fold=fold, rng=rng, n_trees=60)
    found = learning_change.judged(score, table=table, fold=fold)

    print(found)
    # plain statistics: 0.25; learnt here on half the meters
    assert found["hit_rate"] >= (0.52 if at_hand else 0.35)
    assert found["false_alarms_per_meter_year"] < (1.4 if at_hand else 2.0)
    intercept, slope = learning.stated(score=score, table=table)
    print(f"log odds of an alarm: {intercept:.2f} + {slope:.2f} * score")
    low, high = (0.75, 1.6) if at_hand else (0.5, 3.0)
    assert low < slope < high
    assert -4.5 < intercept < -2.0  # most looks of a year are plain


def test_a_station_of_homes_sees_more_by_a_judge_of_its_own(real_file):
    folder = real_file(homes.FILE).parent
    n_homes = len(homes.given(folder).kwh)
    if n_homes < 2 * splicing.METERS_MOST:
        pytest.skip(f"{n_homes} homes: a station's own judge needs more to learn from")
    found = own.learn(
        meters=homes.read(folder, hourly=False, seed=SEED, n_homes=change.EVERY_HOME),
        beside=judges.of_changes(),
        policy=own.OwnPolicy(windows=20, splices=5, trees=200),
        rng=np.random.default_rng(SEED),
    )

    print(n_homes, found.own.hit_rate, found.beside.hit_rate, found.gain, found.stated)
    assert found.n_splices == 20 * splicing.METERS_MOST * 5
    assert found.own.false_a_year < 1.4
    assert found.gain.low > 0.0
    assert 0.75 < found.stated[1] < 1.6


def test_a_judge_made_to_state_true_odds_ranks_as_before():
    forest = judges.of_changes().days
    told = learning.stating(forest=forest, intercept=-3.0, slope=1.5)
    columns = np.random.default_rng(SEED).normal(size=(len(forest.traits), 50)).astype(np.float32)

    before, now = (trees.score(forest=one, columns=columns) for one in (forest, told))

    np.testing.assert_allclose(now, 1.5 * before - 3.0, atol=1e-4)


def test_a_heat_wave_and_a_festival_raise_no_alarms_for_single_customers():
    street = streets.quiet(n_points=200, n_days=400, seed=SEED)
    quiet = _alarms(street)
    street.energy_kwh[:, 200:214] *= 1.6  # a heat wave
    street.energy_kwh[:, 300:307] *= 0.6  # a festival

    more = _alarms(street)

    print(f"alarms of 200 points in 400 days: {quiet} quiet, {more} with common changes")
    assert more <= quiet + 6


def _alarms(street: streets.Street) -> int:
    found = watch.watch(energy_kwh=street.energy_kwh, days=street.days, judge=judges.of_changes())
    odds = found.log_odds + np.log(numbers.CHANGE.turnovers_per_year)
    loud = odds >= numbers.CHANGE.probability_intercept
    return len(set(zip(found.point[loud].tolist(), (found.day[loud] // 28).tolist(), strict=True)))
