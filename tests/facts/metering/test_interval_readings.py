"""Interval readings: one a row, or a day a row."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from lamplighter.facts.metering import queries, reading
from tests.facts.metering.deliveries import (
    EVER,
    NOVEMBER,
    counts,
    deliver,
    make_points,
    moment,
    reasons,
)

pytestmark = pytest.mark.django_db
D1, D2 = date(2026, 11, 1), date(2026, 11, 2)
MIDNIGHT = datetime(2026, 10, 31, 16, tzinfo=UTC)  # of D1 in Shanghai


def curves(lake, points, n_slots, known_at=EVER):
    ids = np.array([point.pk for point in points])
    some = reading.interval_days(
        view=queries.lake_view(lake_folder=lake, known_at=known_at),
        shards={point.shard for point in points},
        point_ids=ids,
        days=NOVEMBER,
        n_slots=n_slots,
    )
    assert not np.isnan(some.energy_kwh).all(axis=(1, 2)).any()
    found = np.full((len(ids), NOVEMBER.n_days, n_slots), np.nan)
    found[np.searchsorted(ids, some.point_ids)] = some.energy_kwh
    return found


def hours(number, values, first=0):
    return [(number, MIDNIGHT + timedelta(hours=first + n), v) for n, v in enumerate(values)]


def test_a_day_of_96_points_comes_out_whole_and_added_up(tmp_path):
    points = make_points(2)
    values = [n / 100 for n in range(96)]

    landed = deliver(tmp_path, "interval_day", [("P001", D2, values)], now=moment(1))

    found = curves(tmp_path, points, 96)
    assert counts(landed) == (1, 0, 0)
    np.testing.assert_allclose(found[1, 1], values, rtol=1e-6)
    assert np.isnan(found[0]).all()
    assert np.isnan(found[1, 0]).all()
    by_hour = curves(tmp_path, points, 24)[1, 1]
    np.testing.assert_allclose(by_hour, np.reshape(values, (24, 4)).sum(axis=1), rtol=1e-6)


def test_a_slot_with_a_missing_part_is_missing(tmp_path):
    points = make_points(1)
    values = [1.0] * 96
    values[5] = float("nan")

    deliver(tmp_path, "interval_day", [("P000", D1, values)], now=moment(1))

    assert np.isnan(curves(tmp_path, points, 96)[0, 0]).nonzero()[0].tolist() == [5]
    assert np.isnan(curves(tmp_path, points, 24)[0, 0]).nonzero()[0].tolist() == [1]


def test_coarse_readings_are_not_divided(tmp_path):
    points = make_points(1)
    deliver(tmp_path, "interval_day", [("P000", D1, [2.0] * 24)], now=moment(1))

    assert np.isnan(curves(tmp_path, points, 96)).all()
    assert curves(tmp_path, points, 24)[0, 0].tolist() == [2.0] * 24


def test_readings_one_a_row_find_their_local_day(tmp_path):
    points = make_points(1)

    landed = deliver(
        tmp_path, "interval_reading", hours("P000", [float(n) for n in range(48)]), now=moment(1)
    )

    found = curves(tmp_path, points, 24)
    assert counts(landed) == (48, 0, 0)
    assert found[0, 0].tolist() == list(range(24))
    assert found[0, 1].tolist() == list(range(24, 48))


def test_quarters_are_told_from_hours_point_by_point(tmp_path):
    points = make_points(2)
    quarters = [("P000", MIDNIGHT + timedelta(minutes=15 * n), 1.0) for n in range(8)]

    deliver(tmp_path, "interval_reading", quarters + hours("P001", [3.0, 5.0]), now=moment(1))

    found = curves(tmp_path, points, 24)[:, 0, :3]
    np.testing.assert_array_equal(found, [[4.0, 4.0, np.nan], [3.0, 5.0, np.nan]])


def test_late_slots_and_corrections_lie_over_what_was_known(tmp_path):
    points = make_points(1)
    deliver(tmp_path, "interval_reading", hours("P000", [1.0, 2.0, 3.0]), now=moment(1))

    landed = deliver(
        tmp_path, "interval_reading", hours("P000", [2.0, 9.0, 4.0], first=1), now=moment(2)
    )

    assert counts(landed) == (2, 1, 0)
    assert curves(tmp_path, points, 24)[0, 0, :4].tolist() == [1.0, 2.0, 9.0, 4.0]
    before = curves(tmp_path, points, 24, known_at=moment(1))[0, 0, :4]
    np.testing.assert_array_equal(before, [1.0, 2.0, 3.0, np.nan])


def test_the_same_day_again_is_unchanged_and_another_slot_is_not(tmp_path):
    points = make_points(1)
    values = [1.0] * 24
    deliver(tmp_path, "interval_day", [("P000", D1, values)], now=moment(1))

    again = deliver(
        tmp_path, "interval_day", [("P000", D1, [float("nan"), *values[1:]])], now=moment(2)
    )
    other = deliver(tmp_path, "interval_day", [("P000", D1, [7.0, *values[1:]])], now=moment(3))

    assert (counts(again), counts(other)) == ((0, 1, 0), (1, 0, 0))
    assert curves(tmp_path, points, 24)[0, 0, 0] == 7.0


def test_repeats_inside_a_delivery(tmp_path):
    make_points(1)
    one, other = [1.0] * 24, [2.0] * 24

    days = deliver(
        tmp_path,
        "interval_day",
        [("P000", D1, one), ("P000", D1, one), ("P000", D1, other)],
        now=moment(1),
    )
    rows = deliver(
        tmp_path,
        "interval_reading",
        [("P000", MIDNIGHT + timedelta(1), v) for v in (1.0, 1.0, 2.0)],
        now=moment(1),
    )

    assert (counts(days), counts(rows)) == ((1, 1, 1), (1, 1, 1))
    assert reasons(days) == [(3, "values", "CONFLICTING_DUPLICATE")]
    assert reasons(rows) == [(3, "energy_kwh", "CONFLICTING_DUPLICATE")]


def test_refuses_what_cannot_be_a_reading(tmp_path):
    make_points(1)
    nan = float("nan")
    days = deliver(
        tmp_path,
        "interval_day",
        [
            ("nobody", D1, [1.0] * 24),
            ("P000", D1, [nan] * 24),
            ("P000", D1, [-1.0, *[1.0] * 23]),
            ("P000", D1, [1e9, *[1.0] * 23]),
            ("P000", D1, [1.0] * 23),
            ("P000", date(2099, 1, 1), [1.0] * 24),
        ],
        now=moment(1),
    )
    rows = deliver(
        tmp_path,
        "interval_reading",
        [
            ("nobody", MIDNIGHT, 1.0),
            ("P000", MIDNIGHT + timedelta(minutes=7), 1.0),
            ("P000", MIDNIGHT, nan),
            ("P000", MIDNIGHT, -1.0),
            ("P000", datetime(2099, 1, 1, tzinfo=UTC), 1.0),
        ],
        now=moment(1),
    )

    assert [reason for _, _, reason in reasons(days)] == [
        "UNKNOWN_USAGE_POINT",
        "NO_VALUES",
        "NEGATIVE_ENERGY",
        "TOO_MUCH_ENERGY",
        "NOT_ON_GRID",
        "DAY_AHEAD",
    ]
    assert [reason for _, _, reason in reasons(rows)] == [
        "UNKNOWN_USAGE_POINT",
        "NOT_ON_GRID",
        "NOT_FINITE",
        "NEGATIVE_ENERGY",
        "DAY_AHEAD",
    ]


def test_blocks_of_points_keep_memory_bounded_and_change_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("lamplighter.facts.metering.landing.curves.MOST_CELLS", 200)
    points = make_points(7, shards=1)
    rows = [(f"P{n:03}", D1, [float(n)] * 24) for n in (3, 1, 6, 0, 2, 5, 4)]
    deliver(tmp_path, "interval_day", rows, now=moment(1))
    deliver(
        tmp_path,
        "interval_reading",
        [row for n in range(7) for row in hours(f"P{n:03}", [n + 0.5], first=2)],
        now=moment(2),
    )

    found = curves(tmp_path, points, 24)[:, 0]

    expected = np.repeat(np.arange(7.0)[:, None], 24, axis=1)
    expected[:, 2] += 0.5
    np.testing.assert_array_equal(found, expected)


def test_a_day_divides_into_slots_of_whole_minutes(tmp_path):
    with pytest.raises(reading.SlotsNotOfADay):
        curves(tmp_path, make_points(1), 7)
