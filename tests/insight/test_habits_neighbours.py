"""What neighbours have in common is nobody's own change; profiles say what was put in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.change import detect
from lamplighter.insight.change.terms import Changes
from lamplighter.insight.habits import profile
from tests.insight import numbers, streets


def changes(street: streets.Street) -> Changes:
    return detect.find_changes(adjusted=numbers.adjusted(street), policy=numbers.CHANGE)


@given(
    seed=st.integers(0, 10_000),
    times=st.floats(0.4, 2.5),
    begin=st.integers(150, 330),
    length=st.integers(5, 120),
)
@settings(max_examples=12, deadline=None)
def test_a_common_shock_raises_no_single_customers_alarm(seed, times, begin, length):
    calm = streets.quiet(n_points=80, n_days=450, seed=seed, n_groups=2)
    shaken = streets.quiet(n_points=80, n_days=450, seed=seed, n_groups=2)
    shaken.energy_kwh[shaken.group == 1, begin : begin + length] *= times

    before, after = changes(calm), changes(shaken)

    assert len(after) <= len(before) + 3  # of 80 points


def test_an_added_constant_for_all_raises_few_alarms():
    street = streets.quiet(n_points=200, n_days=450, seed=31)
    street.energy_kwh[:, 300:] += 3.0  # falls on small and large homes alike: ratios differ

    found = changes(street)

    near = np.abs((found.day - street.days[300]).astype(int)) <= 30
    assert len(np.unique(found.point[near])) < 0.1 * 200


def test_one_home_that_shakes_alone_is_seen():
    street = streets.quiet(n_points=80, n_days=450, seed=32, n_groups=2)
    street.energy_kwh[7, 200:] *= 2.5

    found = changes(street)

    assert found.kind[found.point == 7].tolist() == ["SURGE"]
    assert 0.7 < found.neighbours_ratio[found.point == 7][0] < 1.4


def test_a_permutation_of_points_permutes_the_result():
    street = streets.quiet(n_points=90, n_days=500, seed=33, n_groups=3)
    streets.with_change(street, kind="SURGE", points=range(20), seed=1)
    order = np.random.default_rng(0).permutation(90)
    moved = streets.Street(
        energy_kwh=street.energy_kwh[order], days=street.days, group=street.group[order]
    )

    plain, other = changes(street), changes(moved)

    def rows(found: Changes, names: np.ndarray) -> list[tuple[object, ...]]:
        return sorted(
            (int(names[point]), str(day), str(kind), round(float(size), 3))
            for point, day, kind, size in zip(
                found.point, found.day, found.kind, found.size_kwh, strict=True
            )
        )

    assert rows(plain, np.arange(90)) == rows(other, order)


def test_the_same_input_gives_the_same_bytes():
    street = streets.quiet(n_points=60, n_days=500, seed=34)
    streets.with_change(street, kind="TURNOVER", points=range(30), seed=1)

    first, second = changes(street), changes(street)

    for name in Changes.__dataclass_fields__:
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes(), name


def test_the_input_is_left_alone():
    street = streets.quiet(n_points=30, n_days=300, seed=35)
    street.energy_kwh[2, :10] = 9e6  # a slip of unit is blanked in a copy
    kept = street.energy_kwh.copy()

    changes(street)

    np.testing.assert_array_equal(street.energy_kwh, kept)


class TestProfile:
    def of(self, street: streets.Street, shapes: np.ndarray | None = None) -> profile.Profiles:
        return profile.profile(
            adjusted=numbers.adjusted(street), policy=numbers.PROFILE, shapes=shapes
        )

    def test_weekdays_and_weekend_are_found(self):
        street = streets.quiet(n_points=60, n_days=730, seed=41)
        weekday = (street.days.astype(int) + 3) % 7
        street.energy_kwh[0] = np.where(weekday >= 5, 4.0, 10.0)

        found = self.of(street)

        assert found.weekend_ratio[0] == pytest.approx(0.4, rel=0.15)
        assert np.argsort(found.weekday_ratio[0])[:2].tolist() in ([5, 6], [6, 5])
        assert found.weekday_days[0].sum() == 730

    def test_heating_and_cooling_shares(self):
        street = streets.quiet(n_points=60, n_days=365, seed=42)
        month = street.days.astype("datetime64[M]").astype(int) % 12 + 1
        street.energy_kwh[0] = np.where(np.isin(month, [6, 7, 8, 9]), 20.0, 10.0)
        street.energy_kwh[1] = 10.0

        found = self.of(street)

        assert found.cooling_share[0] == pytest.approx(4 * 10 / (4 * 20 + 8 * 10), rel=0.02)
        assert found.heating_share[0] == pytest.approx(0.0, abs=1e-6)
        assert found.cooling_share[1] == pytest.approx(0.0, abs=1e-6)

    def test_twelve_month_mean_and_zero_days_are_plain_arithmetic(self):
        street = streets.quiet(n_points=40, n_days=600, seed=43)
        street.energy_kwh[0, -20:-10] = 0.0
        street.energy_kwh[0, -100:-90] = np.nan

        found = self.of(street)

        year = street.energy_kwh[0, -365:]
        assert found.zero_days[0] == 10
        assert found.mean_12m_days[0] == 355
        assert found.mean_12m_kwh[0] == pytest.approx(np.nanmean(year), rel=1e-5)

    @pytest.mark.parametrize("n_slots", [24, 96])
    def test_the_day_has_parts_and_a_peak(self, n_slots):
        street = streets.quiet(n_points=2, n_days=60, seed=44)
        shapes = np.ones((2, 10, n_slots))
        shapes[0, :, 19 * n_slots // 24] = 50.0
        shapes[1, 4:] = np.nan

        found = self.of(street, shapes)

        assert found.peak_slot.tolist() == [19 * n_slots // 24, -1]
        assert found.part_share[0].sum() == pytest.approx(1.0)
        assert np.argmax(found.part_share[0]) == 5  # 18 to 22 o'clock
        assert np.isnan(found.part_share[1]).all()
        assert found.shape_days.tolist() == [10, 4]

    def test_refuses_shapes_of_other_points(self):
        street = streets.quiet(n_points=2, n_days=60, seed=44)
        for shape in [(3, 10, 24), (2, 10, 25), (2, 240)]:
            with pytest.raises(profile.NoSuchShape):
                self.of(street, np.ones(shape))
