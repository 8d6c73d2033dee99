"""The night that nobody types: when it begins, what follows from it, and what it does twice."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection

from lamplighter.action.worklist.models import Plan
from lamplighter.facts.metering import collection
from lamplighter.facts.metering.models import UsagePoint
from lamplighter.findings.areas.models import AreaFinding
from lamplighter.findings.models import Night
from lamplighter.insight.spread import engines
from lamplighter.ledger.models import Event as Happening
from lamplighter.policy import loader
from lamplighter.worker import jobs, nights
from lamplighter.worker.apart import Apart, ApartFailed
from lamplighter.worker.crew import Crew
from lamplighter.worker.management.commands.night import WATCH_LOCK
from tests.findings import bare
from tests.stations import KNOWN, mapping_file
from tests.town.making import LAST_DAY

ZONE = ZoneInfo("Asia/Shanghai")
GUIDE = Path(__file__).parents[2] / "docs/how-to/production.md"
TODAY, TOMORROW = LAST_DAY + timedelta(1), LAST_DAY + timedelta(2)


def at(day, hour, minute=0):
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


def setting(station, now, *, crew=None):
    return nights.Setting(
        zone=ZONE,
        demo_today=None,
        clock=lambda: now,
        lake_folder=station.places.lake_folder,
        results_folder=station.places.results_folder,
        learnt_folder=station.folder.parent / "learnt",  # of all tests: learning takes seconds
        crew=crew or Crew(engines.serial()),
    )


def bring(station, *, numbers, day, now):
    """Deliver a reading of some usage points."""
    table = pa.table(
        {
            "计量点编号": numbers,
            "数据日期": [day] * len(numbers),
            "日电量(Wh)": [5_000] * len(numbers),
            "数据标识": ["实测"] * len(numbers),
        }
    )
    file = station.folder / f"{day}-{len(numbers)}.parquet"
    pq.write_table(table, file)
    report = station.receive(file, mapping_file("daily_reading"), now=now)
    assert report.state == "IMPORTED", report.refusal


def numbers_of_points():
    return list(UsagePoint.objects.order_by("pk").values_list("number", flat=True))


def done():
    """Return the days of finished nights, the areas summed up and the plans by day."""
    ended = Night.objects.filter(finished_at__isnull=False).order_by("pk")
    plans = Plan.objects.order_by("day").values_list("day", flat=True)
    return list(ended.values_list("as_of_day", flat=True)), AreaFinding.objects.count(), set(plans)


def test_a_night_begins_when_its_readings_are_in_and_the_day_is_planned(station):
    few, all_of_them = numbers_of_points()[:9], numbers_of_points()
    early, in_the_night = at(TOMORROW, 0, 30), at(TOMORROW, 1, 30)
    bring(station, numbers=few, day=TODAY, now=early)

    assert not nights.run(setting(station, in_the_night))
    assert done() == ([], 0, set())

    bring(station, numbers=all_of_them, day=TODAY, now=in_the_night)
    later = setting(station, in_the_night + timedelta(minutes=1))
    assert nights.due_after(setting(station, in_the_night), in_the_night) == later.clock()
    assert nights.run(later)

    ended, n_areas, plans = done()
    assert (ended, plans) == ([TODAY], {TOMORROW})
    assert n_areas > 0
    assert nights.due_after(later, later.clock()) == at(TOMORROW + timedelta(1), 1)


def test_past_the_latest_hour_it_runs_with_what_is_there(station):
    nights.run(setting(station, at(TOMORROW, 5, 59)))
    assert done()[0] == []

    nights.run(setting(station, at(TOMORROW, 6)))

    assert done()[0] == [TODAY]
    assert done()[2] == {TOMORROW}


def test_before_its_hour_nothing_is_due(station):
    early = setting(station, at(TODAY, 0, 10))

    assert nights.due_after(early, early.clock()) == at(TODAY, 1)
    assert not nights.run(early)
    assert done()[0] == []


def test_the_guide_says_when_it_runs():
    policy = loader.load(name="programs", on=TODAY)
    rows = ("night_hour", "night_readings_share", "night_seconds", "night_latest_hour")
    guide = " ".join(GUIDE.read_text(encoding="utf-8").split())

    assert [policy.number(row) for row in rows] == [1, 0.98, 60, 6]
    assert "From one o'clock on it looks each minute whether 98 in 100 of the points" in guide
    assert "or at six with what is there" in guide


def test_it_does_nothing_twice(station):
    morning = setting(station, at(TODAY, 9))
    nights.run(morning)
    before, events = done(), Happening.objects.count()

    nights.run(morning)

    assert (done(), Happening.objects.count()) == (before, events)


def test_a_night_somebody_typed_is_summed_up_and_planned_and_not_run_again(station):
    station.run(known_at=KNOWN)

    nights.run(setting(station, at(TODAY, 9)))

    ended, n_areas, plans = done()
    assert (ended, plans) == ([LAST_DAY], {TODAY})
    assert n_areas > 0


def test_a_night_that_was_killed_is_gone_on_with_by_what_it_knew(station):
    def kill(_what, n_done, _n_all):
        if n_done == 1:
            raise SystemExit

    with pytest.raises(SystemExit):
        station.run(known_at=KNOWN, on_progress=kill)

    nights.run(setting(station, at(TODAY, 9)))

    (night,) = Night.objects.all()
    assert (night.known_at, night.as_of_day) == (KNOWN, LAST_DAY)
    assert night.finished_at is not None


def test_before_anybody_is_imported_it_waits(tmp_path, db):
    class Nowhere:
        folder = tmp_path
        places = type("Places", (), {"lake_folder": tmp_path, "results_folder": tmp_path})

    nights.run(setting(Nowhere, at(TODAY, 9)))

    assert not Night.objects.exists()


class TestCrew:
    def test_it_is_kept_while_readings_are_waited_for_and_dismissed_after_the_night(self, station):
        crew = Crew(engines.processes(2))
        nights.run(setting(station, at(TOMORROW, 2), crew=crew))
        (first,) = crew.ready().map_in_order(bare.pid_of, [0])

        nights.run(setting(station, at(TOMORROW, 2, 1), crew=crew))
        assert set(crew.ready().map_in_order(bare.pid_of, range(8))) >= {first}

        nights.run(setting(station, at(TOMORROW, 6), crew=crew))
        assert done()[0] == [TODAY]
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)

    def test_all_its_workers_are_there_before_the_night_begins(self):
        crew = Crew(engines.processes(2))
        try:
            ready = crew.ready()
            assert ready is crew.ready()
            started = _children()
            assert set(ready.map_in_order(bare.pid_of, range(20))) <= started
        finally:
            crew.dismiss()

    def test_one_that_was_lost_ends_the_night_and_the_next_run_goes_on(self, station):
        crew = Crew(engines.processes(1))
        (worker,) = crew.ready().map_in_order(bare.pid_of, [0])
        os.kill(worker, signal.SIGKILL)

        with pytest.raises(engines.WorkerLost):
            nights.run(setting(station, at(TODAY, 9), crew=crew))
        crew.dismiss()
        nights.run(setting(station, at(TODAY, 9), crew=crew))

        assert done()[0] == [LAST_DAY]


class TestBesideTheWorker:
    @pytest.fixture(autouse=True)
    def surroundings(self, station, monkeypatch):
        monkeypatch.setenv("LAMPLIGHTER_HOME", str(station.folder))
        monkeypatch.setenv("LAMPLIGHTER_TODAY", TODAY.isoformat())

    def command(self, *options):
        return [sys.executable, "-m", "django", "night", *options]

    def test_the_worker_has_it_done_in_a_process_that_ends_with_the_work(self, station):
        worker = SimpleNamespace(night=Apart(self.command("--workers", "2")))

        jobs.night(worker)
        (child,) = _at_work()
        jobs.night(worker)  # at work: nothing is begun beside it
        assert _at_work() == {child}
        _wait_until(lambda: not _at_work())

        jobs.night(worker)  # its end was told by no error
        worker.night.end()
        assert done()[0] == [LAST_DAY]
        assert done()[2] == {TODAY}

    def test_of_two_one_is_at_it(self, station):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [WATCH_LOCK])
        told = subprocess.run(
            self.command(), stderr=subprocess.PIPE, text=True, timeout=120, check=True
        )

        assert "another process is at it" in told.stderr
        assert done()[0] == []

    def test_a_failure_is_told_once_and_the_next_look_begins_again(self):
        beside = Apart([sys.executable, "-c", "import sys; sys.exit(3)"])
        beside.begin()

        with pytest.raises(ApartFailed, match="3"):
            _wait_until(beside.begin)
        beside.begin()
        beside.end()

    def test_what_is_at_work_ends_with_the_worker(self):
        beside = Apart([sys.executable, "-c", "import time; time.sleep(600)"])
        before = _children()
        beside.begin()
        (child,) = _children() - before

        beside.end()

        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


class TestCollectionRate:
    def rate(self, station, day, now):
        return collection.rate(
            lake_folder=station.places.lake_folder, day=day, known_at=now.astimezone(UTC)
        )

    def test_it_is_the_share_of_the_usual_points_that_were_read(self, station):
        numbers, now = numbers_of_points(), at(TOMORROW, 1)
        usual = self.rate(station, LAST_DAY, now)
        bring(station, numbers=numbers[::2], day=TODAY, now=now)

        assert 0.9 < usual <= 1.0
        assert self.rate(station, TODAY, now) == pytest.approx(0.5, abs=0.02)
        assert self.rate(station, TODAY, now - timedelta(minutes=1)) == 0.0  # not known then
        assert self.rate(station, TOMORROW, now) == 0.0

    def test_points_that_were_silent_for_a_week_are_not_waited_for(self, station):
        numbers, now = numbers_of_points(), at(TOMORROW + timedelta(9), 1)
        for n in range(1, 9):
            bring(station, numbers=numbers[:7], day=LAST_DAY + timedelta(n), now=now)

        assert self.rate(station, LAST_DAY + timedelta(8), now) == 1.0


def _wait_until(is_so):
    """Ask again until it is so, or raises; for a minute at most."""
    for _ in range(600):
        if is_so():
            return
        Event().wait(0.1)
    raise AssertionError("not within a minute")


def _at_work():
    """Return the processes that are at a night."""
    return {pid for pid in _children() if b"night" in _words_of(pid)}


def _words_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def _children():
    """Return the processes that come from this one, at any remove."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found
