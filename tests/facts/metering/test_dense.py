"""The copy of a shard's days: always what the lake says, whatever came since it was made."""

from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from lamplighter.facts.metering import dense, queries, reading, services
from lamplighter.facts.metering.lake import Series
from lamplighter.kernel.spans import DaySpan
from tests.facts.metering.deliveries import deliver, make_points, moment

pytestmark = pytest.mark.django_db
FIRST = date(2026, 11, 1)
SETTLED = 4  # first days that have a name of their own


def span(first: int, end: int) -> DaySpan:
    return DaySpan(first_day=FIRST + timedelta(first), end_day=FIRST + timedelta(end))


def both(lake, points, days, known_at):
    """Return what the copy and what the lake say of the same question."""
    view = queries.lake_view(lake_folder=lake, known_at=known_at)
    ids = np.array(sorted(point.pk for point in points), np.int64)
    shards = sorted(
        {file.shard for file in dense.lake.files(view=view, series=Series.DAILY, shards=None)}
    )
    asked = {"view": view, "shards": shards, "point_ids": ids, "days": days}
    copied = dense.daily_kwh(**asked, name="s", settled_days=SETTLED)
    assert copied.settled_sha256 == dense.sha256_of(copied.energy_kwh[:, :SETTLED])
    return copied.energy_kwh, reading.daily_matrix(**asked).energy_kwh.astype(np.float32)


def some(dice, numbers, *, first, end, share):
    return [
        (number, FIRST + timedelta(day), round(dice.uniform(0.0, 30.0), 3))
        for number in numbers
        for day in range(first, end)
        if dice.random() < share
    ]


@pytest.mark.parametrize("seed", range(4))
def test_days_corrections_new_points_and_questions_about_the_past(tmp_path, seed):
    dice = Random(seed)
    points = make_points(5)
    numbers = [f"P{n:03d}" for n in range(5)]
    deliver(
        tmp_path, "daily_reading", some(dice, numbers[:4], first=0, end=9, share=0.9),
        now=moment(10),
    )  # fmt: skip
    for day in range(10, 18):
        fresh = some(dice, numbers[:4], first=day - 1, end=day + 2, share=0.8)
        late = some(dice, numbers, first=max(0, day - 9), end=day - 3, share=0.15)
        deliver(tmp_path, "daily_reading", fresh + late, now=moment(day + 1))
        asked = points[:4] if day < 13 else points

        copied, read = both(tmp_path, asked, span(day - 9, day), moment(day + 1))

        np.testing.assert_array_equal(copied, read)
        if day % 3 == 0:  # a replay in between neither is wrong nor leaves anything wrong behind
            np.testing.assert_array_equal(
                *both(tmp_path, asked, span(day - 10, day - 2), moment(day - 1))
            )
        if day == 15:
            services.compact(
                lake_folder=tmp_path, series=Series.DAILY, actor="test", now=moment(17)
            )


def test_only_what_is_new_is_read_again(tmp_path, monkeypatch):
    points = make_points(3)
    numbers = ["P000", "P001", "P002"]
    dice = Random(5)
    first = some(dice, numbers, first=0, end=9, share=1.0)
    deliver(tmp_path, "daily_reading", first, now=moment(10))
    both(tmp_path, points, span(0, 9), moment(10))
    deliver(
        tmp_path, "daily_reading", some(dice, numbers, first=9, end=10, share=1.0), now=moment(11)
    )
    opened = []
    original = dense.matrices.rows_known

    def noted(**asked):
        opened.append((asked["days"], [file.n_rows for file in asked["files"]]))
        return original(**asked)

    monkeypatch.setattr(dense.matrices, "rows_known", noted)
    view = queries.lake_view(lake_folder=tmp_path, known_at=moment(11))

    ids = np.array(sorted(point.pk for point in points), np.int64)
    shards = sorted(
        {f.shard for f in dense.lake.files(view=view, series=Series.DAILY, shards=None)}
    )
    dense.daily_kwh(view=view, name="s", shards=shards, point_ids=ids, days=span(1, 10))

    assert [days.n_days for days, _files in opened] == [1]

    deliver(
        tmp_path, "daily_reading", [("P001", FIRST + timedelta(day), 4.5) for day in (5, 10)],
        now=moment(12),
    )  # fmt: skip
    opened.clear()
    asked = {
        "view": queries.lake_view(lake_folder=tmp_path, known_at=moment(12)), "shards": shards,
        "point_ids": ids, "days": span(1, 11),
    }  # fmt: skip
    copied = dense.daily_kwh(**asked, name="s").energy_kwh

    assert [days.first_day - FIRST for days, _files in opened] == [timedelta(5), timedelta(10)]
    assert all(n <= 2 for n in opened[0][1])  # of the old days: the new files alone
    expected = reading.daily_matrix(**asked).energy_kwh.astype(np.float32)
    np.testing.assert_array_equal(copied, expected)


def test_settled_days_are_named_again_only_when_one_of_them_reads_otherwise(tmp_path, monkeypatch):
    points, numbers, dice = make_points(2), ["P000", "P001"], Random(8)
    first = some(dice, numbers, first=0, end=8, share=1.0)
    deliver(tmp_path, "daily_reading", first, now=moment(9))
    both(tmp_path, points, span(0, 8), moment(9))
    named = []
    original = dense.sha256_of

    def noted(energy_kwh):
        named.append(energy_kwh.shape)
        return original(energy_kwh)

    for now, day in ((10, 8), (11, 9), (12, SETTLED - 1)):
        deliver(tmp_path, "daily_reading", [("P000", FIRST + timedelta(day), 5.0)], now=moment(now))
        with monkeypatch.context() as patch:
            patch.setattr(dense, "sha256_of", noted)
            view = queries.lake_view(lake_folder=tmp_path, known_at=moment(now))
            ids = np.array(sorted(point.pk for point in points), np.int64)
            files = dense.lake.files(view=view, series=Series.DAILY, shards=None)
            dense.daily_kwh(
                view=view, name="s", shards=sorted({file.shard for file in files}), point_ids=ids,
                days=span(0, 8), settled_days=SETTLED,
            )  # fmt: skip
        both(tmp_path, points, span(0, 8), moment(now))

    assert named == [(2, SETTLED)]  # of the correction alone


def test_a_file_that_is_known_by_half_is_read_from_the_lake(tmp_path):
    points = make_points(1)
    deliver(tmp_path, "daily_reading", [("P000", FIRST, 1.0)], now=moment(5))
    deliver(tmp_path, "daily_reading", [("P000", FIRST, 2.0)], now=moment(7))
    for _ in range(12):  # enough files for a compaction to bring both versions into one
        deliver(tmp_path, "daily_reading", [("P000", FIRST + timedelta(2), 3.0 + _)], now=moment(8))
    services.compact(lake_folder=tmp_path, series=Series.DAILY, actor="test", now=moment(9))

    now = both(tmp_path, points, span(0, 3), moment(9))
    then = both(tmp_path, points, span(0, 3), moment(6))

    np.testing.assert_array_equal(*now)
    np.testing.assert_array_equal(*then)
    assert (now[0][0, 0], then[0][0, 0]) == (2.0, 1.0)
