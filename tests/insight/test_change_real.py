"""Real buildings: alarms stay few, a lockdown is nobody's own change, the kernel is quick."""

import time

import numpy as np
import pytest

from benchmarks.quality import splices
from lamplighter.findings import judges
from lamplighter.insight.change import detect
from tests.insight import numbers, streets
from tests.insight.streets import DAY

YEARS = 7
LOCKDOWN = np.arange("2020-03-01", "2020-05-01", dtype="datetime64[D]")


@pytest.fixture(scope="module")
def buildings(real_file) -> streets.Street:
    """The last years of the file, of meters with most of their days."""
    meters = splices.of_file(real_file("cambridge_daily.parquet"), hourly=False)
    since = meters.days > meters.days[-1] - 365 * YEARS * DAY
    energy = meters.energy_kwh[:, since]
    kept = np.mean(~np.isnan(energy), axis=1) > 0.6
    if not kept.any():
        pytest.skip(f"no meter of {len(kept)} has 60 % of the last {np.sum(since)} days")
    return streets.Street(
        energy_kwh=energy[kept],
        days=meters.days[since],
        group=np.zeros(np.count_nonzero(kept), dtype=np.int64),
    )


class TestBuildings:
    def test_changes_per_meter_year_are_few(self, buildings):
        found = detect.find_changes(
            adjusted=numbers.adjusted(buildings), policy=numbers.CHANGE, judge=judges.of_changes()
        )

        meter_years = np.count_nonzero(~np.isnan(buildings.energy_kwh)) / 365.25
        print(f"{len(found)} changes in {meter_years:.0f} meter-years")
        assert 0.0 < len(found) / meter_years < 0.8

    def test_the_lockdown_of_2020_fires_on_few_meters(self, buildings):
        if not np.isin(LOCKDOWN, buildings.days).all():
            pytest.skip("the file does not hold the spring of 2020")
        found = detect.find_changes(
            adjusted=numbers.adjusted(buildings), policy=numbers.CHANGE, judge=judges.of_changes()
        )

        spring = np.isin(found.day, LOCKDOWN)
        share = len(np.unique(found.point[spring])) / len(buildings.energy_kwh)
        print(f"share of meters with a change in the lockdown: {share:.2f}")
        assert share < 0.2


def test_a_thousand_series_take_well_under_a_second():
    street = streets.quiet(n_points=1000, n_days=1035, seed=61, n_groups=10)
    taken = []
    for _ in range(3):
        began = time.process_time()
        detect.find_changes(
            adjusted=numbers.adjusted(street), policy=numbers.CHANGE, judge=judges.of_changes()
        )
        taken.append(time.process_time() - began)

    print(f"{min(taken):.3f} s")
    assert min(taken) < 1.5  # 0.4 s on a quiet core; wide, for a busy machine
