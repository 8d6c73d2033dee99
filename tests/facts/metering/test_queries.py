"""What pages and the night ask."""

import os
from datetime import date, timedelta

import numpy as np
import pytest

from lamplighter.facts.metering import lake as tables
from lamplighter.facts.metering import queries, services, terms
from lamplighter.facts.metering.lake import Series
from lamplighter.facts.metering.models import LakeCommit, Meter, UsagePoint
from lamplighter.kernel.spans import DaySpan
from tests.factories import (
    LONG_AGO,
    TODAY,
    make_account,
    make_area,
    make_staff,
    make_station,
    viewer_for,
)
from tests.facts.metering.deliveries import EVER, deliver, make_points, matrix, moment

pytestmark = pytest.mark.django_db
FIRST = date(2026, 11, 1)
DAYS = DaySpan(first_day=FIRST, end_day=FIRST + timedelta(3))


@pytest.fixture
def street(tmp_path):
    """An area with an account under eyes and seven neighbours, and a stranger elsewhere."""
    station = make_station()
    staff = make_staff(station=station)
    area = make_area(station=station, staff=staff)
    elsewhere = make_area(station=station)
    accounts = [make_account(area=area) for _ in range(8)] + [make_account(area=elsewhere)]
    for place, account in enumerate(accounts):
        UsagePoint.objects.create(
            number=f"P{place:03}", account=account, shard=0, recorded_at=LONG_AGO
        )
    rows = [(f"P{p:03}", FIRST, 10.0 * p) for p in range(8)] + [("P008", FIRST, 9999.0)]
    rows.append(("P000", FIRST + timedelta(1), 3.0))
    deliver(tmp_path, "daily_reading", rows, now=moment(1))
    return viewer_for(staff), accounts, tmp_path


def series(street, account):
    viewer, _, lake = street
    view = queries.lake_view(lake_folder=lake, known_at=EVER)
    return queries.daily_series(
        viewer=viewer, account_id=account.pk, on=TODAY, days=DAYS, view=view
    )


def test_an_account_stands_beside_its_neighbours(street):
    found = series(street, street[1][0])

    neighbours = np.arange(10.0, 80.0, 10.0)
    assert found.n_neighbours == 7
    np.testing.assert_array_equal(found.energy_kwh, [0.0, 3.0, np.nan])
    assert found.band_low_kwh[0] == pytest.approx(np.quantile(neighbours, 0.1))
    assert found.band_high_kwh[0] == pytest.approx(np.quantile(neighbours, 0.9))
    assert np.isnan(found.band_low_kwh[1:]).all()  # nobody else was read


def test_nobody_sees_another_district(street):
    viewer, accounts, _ = street

    assert series(street, accounts[8]) is None
    assert queries.points_of_account(viewer=viewer, account_id=accounts[8].pk, on=TODAY) == []


def test_points_come_with_the_meter_that_counts_today(street):
    viewer, accounts, _ = street
    point = UsagePoint.objects.get(number="P000")
    for number, days in (("M1", (FIRST, TODAY)), ("M2", (TODAY, None))):
        Meter.objects.create(number=number, usage_point=point, days=days, recorded_at=LONG_AGO)

    found = queries.points_of_account(viewer=viewer, account_id=accounts[0].pk, on=TODAY)

    assert [(one.number, one.meter_number) for one in found] == [("P000", "M2")]


def test_the_band_agrees_with_numpy():
    rng = np.random.default_rng(1)
    energy = rng.lognormal(size=(40, 30))
    energy[rng.random(energy.shape) < 0.3] = np.nan
    rules = terms.terms_on(day=TODAY)

    low, high = queries.band(energy_kwh=energy, rules=rules)

    np.testing.assert_allclose(low, np.nanquantile(energy, 0.1, axis=0))
    np.testing.assert_allclose(high, np.nanquantile(energy, 0.9, axis=0))


def test_the_digest_follows_deliveries_not_files(tmp_path):
    make_points(4)
    deliver(tmp_path, "daily_reading", [("P000", FIRST, 1.0)], now=moment(1))

    def digest(shard, day):
        view = queries.lake_view(lake_folder=tmp_path, known_at=moment(day))
        return queries.inputs_sha256(view=view, shard=shard)

    first, other = digest(0, 5), digest(1, 5)
    deliver(tmp_path, "daily_reading", [("P000", FIRST, 2.0)], now=moment(3))

    assert digest(0, 5) != first
    assert digest(0, 2) == first
    assert digest(1, 5) == other


def test_what_is_newest(tmp_path):
    make_points(2)
    deliver(tmp_path, "daily_reading", [("P000", FIRST, 1.0)], now=moment(1))
    deliver(tmp_path, "daily_reading", [("P001", FIRST + timedelta(4), 1.0)], now=moment(3))

    assert queries.last_day_known(known_at=moment(2)) == FIRST
    assert queries.last_day_known(known_at=moment(3)) == FIRST + timedelta(4)
    assert queries.newest_known_at(shard=0, known_at=moment(9)) == moment(1)
    assert queries.newest_known_at(shard=5, known_at=moment(9)) is None


def test_many_small_deliveries_become_one_file_with_every_version(tmp_path):
    points = make_points(2, shards=1)
    rules = terms.terms_on(day=TODAY)
    for n in range(rules.compact_from_files):
        rows = [("P000", FIRST + timedelta(n % 20), float(n)), ("P001", FIRST, float(n))]
        deliver(tmp_path, "daily_reading", rows, now=moment(1) + timedelta(minutes=n))
    moments = [moment(1) + timedelta(minutes=n) for n in (0, 7, 25, 31)]
    before = [matrix(tmp_path, points, known_at=when).energy_kwh for when in moments]

    done = services.compact(lake_folder=tmp_path, series=Series.DAILY, actor="test", now=moment(2))

    files = tables.all_files(folder=tmp_path, series=Series.DAILY)
    assert (done.n_files_before, done.n_files_after, len(files)) == (32, 1, 1)
    assert files[0].n_rows == 64
    for when, then in zip(moments, before, strict=True):
        np.testing.assert_array_equal(matrix(tmp_path, points, known_at=when).energy_kwh, then)
    again = services.compact(lake_folder=tmp_path, series=Series.DAILY, actor="test", now=moment(2))
    assert again.n_shards == 0


def test_readings_that_come_after_a_compaction_win(tmp_path):
    points = make_points(1)
    test_days = [("P000", FIRST, 1.0)]
    deliver(tmp_path, "daily_reading", test_days, now=moment(1))
    LakeCommit.objects.filter(recorded_at=moment(1)).update(token="gone")
    deliver(tmp_path, "daily_reading", [("P000", FIRST, 2.0)], now=moment(2))
    services.compact(lake_folder=tmp_path, series=Series.DAILY, actor="test", now=moment(2))

    deliver(tmp_path, "daily_reading", [("P000", FIRST, 4.0)], now=moment(3))

    assert matrix(tmp_path, points).energy_kwh[0, 0] == 4.0
    assert matrix(tmp_path, points, known_at=moment(2)).energy_kwh[0, 0] == 2.0


def test_vacuum_deletes_what_no_version_needs(tmp_path):
    make_points(1)
    deliver(tmp_path, "daily_reading", [("P000", FIRST, 1.0)], now=moment(1))
    stray = tmp_path / "daily" / "shard=0" / "stray.parquet"
    stray.write_bytes(b"")
    young = tmp_path / "daily" / "shard=0" / "young.parquet"
    young.write_bytes(b"")
    os.utime(stray, (0, 0))
    standing = tables.all_files(folder=tmp_path, series=Series.DAILY)

    services.vacuum(lake_folder=tmp_path, series=Series.DAILY, now=moment(1))

    assert tables.all_files(folder=tmp_path, series=Series.DAILY) == standing
    assert all(file.path.exists() for file in standing)
    assert not stray.exists()
    assert young.exists()
