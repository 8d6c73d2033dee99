"""Daily readings: in through the landing, out as matrices."""

from datetime import date, timedelta
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from lamplighter.facts.intake.reasons import FileRefused
from lamplighter.facts.intake.records import ROW_NUMBER
from lamplighter.facts.metering import lake as tables
from lamplighter.facts.metering import queries, reading
from lamplighter.facts.metering.lake import Series
from lamplighter.facts.metering.landing import daily, settling
from lamplighter.facts.metering.models import LakeCommit
from tests.facts.metering.deliveries import (
    NOVEMBER,
    counts,
    deliver,
    make_points,
    matrix,
    moment,
    reasons,
)

pytestmark = pytest.mark.django_db
D1, D2, D3 = (date(2026, 11, day) for day in (1, 2, 3))


def test_what_went_in_comes_out_and_the_rest_is_missing(tmp_path):
    points = make_points(3)

    landed = deliver(
        tmp_path,
        "daily_reading",
        [("P002", D3, 7.25, "ESTIMATED"), ("P000", D1, 1.001), ("P002", D1, 0.0, "MEASURED")],
        now=moment(1),
    )

    found = matrix(tmp_path, points)
    expected = np.full((3, 30), np.nan)
    expected[0, 0], expected[2, 0], expected[2, 2] = 1.001, 0.0, 7.25
    assert counts(landed) == (3, 0, 0)
    np.testing.assert_array_equal(found.energy_kwh, expected)
    assert np.argwhere(found.is_estimated).tolist() == [[2, 2]]


def test_a_correction_is_a_version_and_the_past_stays_answerable(tmp_path):
    points = make_points(1)
    deliver(tmp_path, "daily_reading", [("P000", D1, 5.0), ("P000", D2, 6.0)], now=moment(1))

    landed = deliver(
        tmp_path, "daily_reading", [("P000", D1, 5.5), ("P000", D2, 6.0)], now=moment(3)
    )

    assert counts(landed) == (1, 1, 0)
    before = matrix(tmp_path, points, known_at=moment(2)).energy_kwh
    after = matrix(tmp_path, points, known_at=moment(3)).energy_kwh
    never = matrix(tmp_path, points, known_at=moment(1) - timedelta(seconds=1)).energy_kwh
    assert (before[0, :2].tolist(), after[0, :2].tolist()) == ([5.0, 6.0], [5.5, 6.0])
    assert np.isnan(never).all()


def test_the_same_again_writes_nothing(tmp_path):
    make_points(2)
    rows = [("P000", D1, 5.0), ("P001", D2, 6.0)]
    deliver(tmp_path, "daily_reading", rows, now=moment(1))
    table = tmp_path / "daily"
    version = DeltaTable(str(table)).version()

    landed = deliver(tmp_path, "daily_reading", rows, now=moment(2))

    assert counts(landed) == (0, 2, 0)
    assert DeltaTable(str(table)).version() == version
    assert LakeCommit.objects.count() == 1


def test_another_quality_is_a_new_version(tmp_path):
    points = make_points(1)
    deliver(tmp_path, "daily_reading", [("P000", D1, 5.0, "ESTIMATED")], now=moment(1))

    landed = deliver(tmp_path, "daily_reading", [("P000", D1, 5.0, "MEASURED")], now=moment(2))

    assert counts(landed) == (1, 0, 0)
    assert not matrix(tmp_path, points).is_estimated.any()


def test_repeats_inside_a_delivery(tmp_path):
    points = make_points(1)

    landed = deliver(
        tmp_path,
        "daily_reading",
        [("P000", D1, 5.0), ("P000", D1, 5.0), ("P000", D1, 9.0), ("P000", D2, 1.0)],
        now=moment(1),
    )

    assert counts(landed) == (2, 1, 1)
    refusal = landed.refusals[0]
    assert (refusal.row_number, refusal.reason) == (3, "CONFLICTING_DUPLICATE")
    assert refusal.detail == "row 1: 5"
    assert matrix(tmp_path, points).energy_kwh[0, 0] == 5.0


def test_refuses_what_cannot_be_a_reading(tmp_path):
    points = make_points(1)
    rows = [
        ("nobody", D1, 5.0),
        ("P000", D1, -0.001),
        ("P000", D1, float("nan")),
        ("P000", D1, float("inf")),
        ("P000", D1, 2_000_000.1),
        ("P000", date(2099, 1, 1), 1.0),
        ("P000", D1, 3.0),
    ]

    landed = deliver(tmp_path, "daily_reading", rows, now=moment(1))

    assert reasons(landed) == [
        (1, "usage_point_number", "UNKNOWN_USAGE_POINT"),
        (2, "energy_kwh", "NEGATIVE_ENERGY"),
        (3, "energy_kwh", "NOT_FINITE"),
        (4, "energy_kwh", "NOT_FINITE"),
        (5, "energy_kwh", "TOO_MUCH_ENERGY"),
        (6, "day", "DAY_AHEAD"),
    ]
    assert np.nansum(matrix(tmp_path, points).energy_kwh) == 3.0


def test_a_delivery_with_nothing_usable_leaves_no_commit(tmp_path):
    make_points(1)

    landed = deliver(tmp_path, "daily_reading", [("nobody", D1, 5.0)], now=moment(1))

    assert counts(landed) == (0, 0, 1)
    assert not LakeCommit.objects.exists()
    assert tables.all_files(folder=tmp_path, series=Series.DAILY) == ()


def test_an_empty_delivery(tmp_path):
    assert counts(deliver(tmp_path, "daily_reading", [], now=moment(1))) == (0, 0, 0)


def test_too_many_refusals_end_the_delivery(tmp_path, monkeypatch):
    make_points(1)
    monkeypatch.setattr(
        settling.limits, "limits_on", lambda *, day: type("L", (), {"most_quarantined_rows": 2})
    )

    with pytest.raises(FileRefused):
        deliver(tmp_path, "daily_reading", [("nobody", D1, 5.0)] * 3, now=moment(1))

    assert not LakeCommit.objects.exists()


def test_the_order_of_rows_does_not_matter(tmp_path):
    points = make_points(5)
    rows = [
        (f"P{place:03}", D1 + timedelta(day), place + day / 8)
        for place in range(5)
        for day in range(9)
    ]
    shuffled = Random(1).sample(rows, len(rows))
    deliver(tmp_path / "a", "daily_reading", rows, now=moment(1))
    deliver(tmp_path / "b", "daily_reading", shuffled, now=moment(1))

    one, other = (matrix(tmp_path / name, points).energy_kwh for name in "ab")

    np.testing.assert_array_equal(one, other)
    assert np.count_nonzero(~np.isnan(one)) == len(rows)


def test_a_delivery_larger_than_memory_may_hold_goes_through_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("lamplighter.facts.metering.landing.spill.FLUSH_BYTES", 100)
    points = make_points(4, shards=3)
    rows = [(f"P{n % 4:03}", D1 + timedelta(n // 4), float(n)) for n in range(80)]

    assert counts(deliver(tmp_path, "daily_reading", rows, now=moment(1))) == (80, 0, 0)

    found = matrix(tmp_path, points).energy_kwh[:, :20]
    np.testing.assert_array_equal(found, np.arange(80.0).reshape(20, 4).T)


def test_numbers_in_a_dictionary_column_are_found_too(tmp_path):
    points = make_points(2)
    batch = pa.record_batch(
        {
            "usage_point_number": pa.array(["P001", "P000", "x"]).dictionary_encode(),
            "day": pa.array([D1, D2, D1]),
            "energy_kwh": [1.0, 2.0, 3.0],
            "quality": pa.nulls(3, pa.string()),
            ROW_NUMBER: pa.array([1, 2, 3], pa.int64()),
        }
    )
    index = daily.point_index.load()

    assert index.ranks(batch.column(0)).tolist() == [1, 0, -1]
    assert index.ids.tolist() == [point.pk for point in points]


def test_an_unfinished_import_stays_invisible_and_its_retry_counts_once(tmp_path):
    points = make_points(2)
    rows = [("P000", D1, 5.0), ("P001", D2, 6.0)]
    deliver(tmp_path, "daily_reading", rows, now=moment(1))
    LakeCommit.objects.all().delete()  # as if the database's transaction had been rolled back

    assert np.isnan(matrix(tmp_path, points).energy_kwh).all()
    landed = deliver(tmp_path, "daily_reading", rows, now=moment(2))

    assert counts(landed) == (2, 0, 0)
    assert np.isnan(matrix(tmp_path, points, known_at=moment(1, 2)).energy_kwh).all()
    assert np.nansum(matrix(tmp_path, points).energy_kwh) == 11.0


def test_points_must_be_sorted(tmp_path):
    view = queries.lake_view(lake_folder=tmp_path, known_at=moment(1))

    with pytest.raises(reading.PointsNotSorted):
        reading.daily_matrix(view=view, shards=[0], point_ids=np.array([2, 1]), days=NOVEMBER)


def test_a_lake_that_does_not_exist_yet_is_empty(tmp_path):
    points = make_points(1)

    assert np.isnan(matrix(tmp_path / "nothing", points).energy_kwh).all()
    assert queries.last_day_known(known_at=moment(1)) is None
