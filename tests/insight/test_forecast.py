"""The running bill: honest intervals, anchors, and days that are missing."""

import numpy as np
import pytest

from lamplighter.insight.forecast import backtest, month
from tests.insight import numbers, streets
from tests.insight.streets import DAY


def bills(street: streets.Street, *, ahead: int, n_bills: int = 8) -> list[backtest.Bill]:
    lasts = [street.days[-1] - 31 * number * DAY for number in range(n_bills)]
    return [
        backtest.Bill(first_day=last - 29 * DAY, as_of=last - ahead * DAY, last_day=last)
        for last in lasts
    ]


@pytest.mark.parametrize("ahead", [5, 15, 25])
def test_the_interval_holds_the_truth_as_often_as_it_says(ahead):
    street = streets.quiet(n_points=300, n_days=1000, seed=51, n_groups=3)
    for number, kind in enumerate(("SURGE", "DROP", "VACANCY", "APPLIANCE")):
        streets.with_change(street, kind=kind, points=range(number * 15, number * 15 + 15), seed=9)

    found = backtest.backtest(
        energy_kwh=street.energy_kwh,
        days=street.days,
        group=street.group,
        bills=bills(street, ahead=ahead),
        neighbour_policy=numbers.NEIGHBOURS,
        policy=numbers.FORECAST,
    )

    assert min(found.n_judged) > 290
    assert 0.72 <= found.overall_coverage <= 0.88
    assert np.mean(found.error) < 0.7 * np.mean(found.last_year_error)
    assert np.mean(found.error) < 0.7 * np.mean(found.last_month_error)


def test_nothing_after_the_day_of_the_forecast_enters():
    street = streets.quiet(n_points=60, n_days=700, seed=52)
    [bill] = bills(street, ahead=10, n_bills=1)
    spoilt = street.energy_kwh.copy()
    spoilt[:, -10:] *= 100.0

    plain, other = (
        backtest.backtest(
            energy_kwh=energy,
            days=street.days,
            group=street.group,
            bills=[bill],
            neighbour_policy=numbers.NEIGHBOURS,
            policy=numbers.FORECAST,
        )
        for energy in (street.energy_kwh, spoilt)
    )

    assert plain.coverage[0] > 0.6
    assert other.coverage[0] < 0.05
    total, total_spoilt = street.energy_kwh[:, -30:].sum(), spoilt[:, -30:].sum()
    assert plain.width[0] * total == pytest.approx(other.width[0] * total_spoilt, rel=1e-6)


class TestForecastMonth:
    def of(self, street: streets.Street, *, so_far: int, days: int = 30) -> month.MonthForecast:
        first = street.days[-1] - (so_far - 1) * DAY
        return month.forecast_month(
            adjusted=numbers.adjusted(street),
            first_day=first,
            last_day=first + (days - 1) * DAY,
            policy=numbers.FORECAST,
        )

    def test_a_whole_month_is_its_sum(self):
        street = streets.quiet(n_points=40, n_days=500, seed=53)

        found = self.of(street, so_far=30)

        assert found.days_left == 0
        np.testing.assert_allclose(
            found.forecast_kwh, street.energy_kwh[:, -30:].sum(axis=1), rtol=1e-5
        )
        np.testing.assert_allclose(found.low_kwh, found.high_kwh)

    def test_missing_days_so_far_are_filled_and_counted(self):
        street = streets.quiet(n_points=40, n_days=500, seed=54)
        whole = self.of(street, so_far=20)
        street.energy_kwh[0, -10:-5] = np.nan

        found = self.of(street, so_far=20)

        assert found.missing_days.tolist() == [5] + [0] * 39
        assert found.forecast_kwh[0] == pytest.approx(whole.forecast_kwh[0], rel=0.15)

    def test_anchors_are_plain_sums(self):
        street = streets.quiet(n_points=40, n_days=500, seed=55)

        found = self.of(street, so_far=10)

        begin = 490 - 364
        last_year = street.energy_kwh[:, begin : begin + 30].sum(axis=1)
        np.testing.assert_allclose(found.last_year_kwh, last_year, rtol=1e-5)
        last_month = street.energy_kwh[:, 460:490].sum(axis=1)
        np.testing.assert_allclose(found.last_month_kwh, last_month, rtol=1e-5)

    def test_without_a_year_there_is_no_anchor_of_last_year(self):
        found = self.of(streets.quiet(n_points=40, n_days=200, seed=56), so_far=10)

        assert np.isnan(found.last_year_kwh).all()
        assert np.isfinite(found.forecast_kwh).all()

    def test_the_bill_is_never_below_what_is_counted(self):
        street = streets.quiet(n_points=40, n_days=500, seed=57, noise=1.2)

        found = self.of(street, so_far=20)

        assert np.all(found.low_kwh >= found.so_far_kwh - 1e-6)
        assert np.all(found.low_kwh <= found.forecast_kwh)
        assert np.all(found.forecast_kwh <= found.high_kwh)

    def test_a_point_long_silent_has_no_level(self):
        street = streets.quiet(n_points=40, n_days=500, seed=58)
        street.energy_kwh[0, -100:] = np.nan

        found = self.of(street, so_far=10)

        assert found.state[0] == month.State.NO_LEVEL
        assert np.isnan(found.forecast_kwh[0])
