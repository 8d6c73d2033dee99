"""The lake and the database agree, whoever dies and whoever comes at the same time."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection

from lamplighter.facts.metering import lake as tables
from lamplighter.facts.metering import services
from lamplighter.facts.metering.lake import Series
from lamplighter.facts.metering.models import LakeCommit
from tests.facts.metering import importing_process
from tests.facts.metering.deliveries import make_points, matrix, moment

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAM = Path(importing_process.__file__)
ROOT = PROGRAM.parents[3]
MAPPING = """
record = "daily_reading"
[file]
format = "parquet"
[columns.usage_point_number]
from = "point"
[columns.day]
from = "day"
[columns.energy_kwh]
from = "kwh"
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def write_file(path, *, first=1, n_days=20, n_points=6, shift=0.0):
    days = [date(2026, 11, first) + timedelta(n) for n in range(n_days)]
    rows = [(f"P{p:03}", day, p + day.day / 32 + shift) for day in days for p in range(n_points)]
    point, day, kwh = zip(*rows, strict=True)
    pq.write_table(pa.table({"point": point, "day": day, "kwh": kwh}), path)
    return path


def start(place, file, *more):
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    return subprocess.Popen(
        [
            *(sys.executable, str(PROGRAM), str(place / "lake"), str(file)),
            *(str(place / "mapping.toml"), *more),
        ],
        env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": f"{ROOT}/src:{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def expected(n_points=6, shift=0.0, first=1, n_days=20):
    day = np.arange(1, 31)
    known = (day >= first) & (day < first + n_days)
    return np.where(known, np.round(np.arange(n_points)[:, None] + day / 32 + shift, 3), np.nan)


def test_killed_between_the_commits_nothing_is_seen_and_the_retry_counts_once(place):
    points = make_points(6)
    file = write_file(place / "november.parquet")

    process = start(place, file, "die")
    process.communicate(timeout=120)

    assert process.returncode == -9
    left = tables.all_files(folder=place / "lake", series=Series.DAILY)
    assert sum(one.n_rows for one in left) == 120
    assert not LakeCommit.objects.exists()
    assert np.isnan(matrix(place / "lake", points).energy_kwh).all()

    report = importing_process.receive(
        lake=place / "lake", file=file, mapping=place / "mapping.toml"
    )

    assert (report.state, report.n_imported, report.n_unchanged) == ("IMPORTED", 120, 0)
    np.testing.assert_allclose(matrix(place / "lake", points).energy_kwh, expected(), atol=0.0006)
    done = services.compact(
        lake_folder=place / "lake", series=Series.DAILY, actor="test", now=moment(2)
    )
    kept = tables.all_files(folder=place / "lake", series=Series.DAILY)
    assert done.n_rows_of_unfinished == 120
    assert sum(one.n_rows for one in kept) == 120
    np.testing.assert_allclose(matrix(place / "lake", points).energy_kwh, expected(), atol=0.0006)


def test_two_processes_at_once_lose_and_repeat_nothing(place):
    points = make_points(6)
    files = [
        write_file(place / "early.parquet", n_days=15),
        write_file(place / "late.parquet", first=6, n_days=15),
    ]

    processes = [start(place, file) for file in files]
    said = [process.communicate(timeout=120) for process in processes]

    assert [process.returncode for process in processes] == [0, 0], said
    kept = tables.all_files(folder=place / "lake", series=Series.DAILY)
    assert sum(one.n_rows for one in kept) == 120  # the ten days of both were written once
    assert LakeCommit.objects.count() == 2
    np.testing.assert_allclose(matrix(place / "lake", points).energy_kwh, expected(), atol=0.0006)
