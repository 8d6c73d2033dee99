"""Floors of the judge of changed habits, on fixed windows of real meters and on quiet streets."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import change, homes, learning_change, splices
from lamplighter.findings import judges
from lamplighter.insight.change import learning, own, splicing, trees, watch
from tests.insight import numbers, streets

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("LAMPLIGHTER_REAL_DATA", ROOT / "../shared/data/real"))
needs_real_data = pytest.mark.skipif(
    not (FOLDER / "cambridge_hourly_2019_2023.parquet").exists(),
    reason="cambridge_*.parquet are not here; set LAMPLIGHTER_REAL_DATA to their folder",
)
SEED = 5


@needs_real_data
@pytest.mark.parametrize(("hourly", "n_starts", "floor"), [(False, 12, 0.70), (True, 3, 0.88)])
def test_the_judge_that_ships_sees_most_spliced_tenants(hourly, n_starts, floor):
    meters = splices.read(FOLDER, hourly=hourly)
    rng = np.random.default_rng(SEED)
    fold = rng.permutation(len(meters.energy_kwh)) % 5
    table = splicing.tabulate(meters=meters, fold=fold, n_starts=n_starts, n_splices=1, rng=rng)

    found = change.shipped(table, fold=fold)

    print(found)
    assert found["splices"] > 100
    assert found["hit_rate"] >= floor
    assert found["false_alarms_per_meter_year"] < 1.4
    assert found["date_median_error_days"] <= 4


@needs_real_data
def test_a_judge_learnt_on_other_meters_beats_plain_statistics():
    meters = splices.read(FOLDER, hourly=False)
    rng = np.random.default_rng(SEED)
    fold = rng.permutation(len(meters.energy_kwh)) % 2
    table = splicing.tabulate(meters=meters, fold=fold, n_starts=16, n_splices=1, rng=rng)

    score = learning.crossed(table=table, fold=fold, rng=rng, n_trees=60)
    found = learning_change.judged(score, table=table, fold=fold)

    print(found)
    assert found["hit_rate"] >= 0.52  # plain statistics: 0.25; learnt here on half the meters
    assert found["false_alarms_per_meter_year"] < 1.4
    intercept, slope = learning.stated(score=score, table=table)
    print(f"log odds of an alarm: {intercept:.2f} + {slope:.2f} * score")
    assert 0.75 < slope < 1.6
    assert -4.5 < intercept < -2.0  # most looks of a year are plain


@pytest.mark.skipif(
    not (FOLDER / homes.FILE).exists(),
    reason=f"{homes.FILE} is not here; set LAMPLIGHTER_REAL_DATA to its folder",
)
def test_a_station_of_homes_sees_more_by_a_judge_of_its_own():
    found = own.learn(
        meters=homes.read(FOLDER, hourly=False, seed=SEED, n_homes=change.EVERY_HOME),
        beside=judges.of_changes(),
        policy=own.OwnPolicy(windows=20, splices=5, trees=200),
        rng=np.random.default_rng(SEED),
    )

    print(found.own.hit_rate, found.beside.hit_rate, found.gain, found.stated)
    assert found.n_splices == 20 * 64 * 5
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
