"""A station's own judge of habit changes: learnt by the command, put in force, and taken back."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lamplighter.facts.network.models import Staff
from lamplighter.findings import judge_turns, judges
from lamplighter.findings.models import JudgeTurn, Night, ReplayNight
from lamplighter.insight.judge import learning, learnt
from lamplighter.insight.spread import engines
from lamplighter.ledger.models import Event
from tests.findings import replays
from tests.stations import DAY_BEFORE, KNOWN, Station, copy_of, database, import_town, present
from tests.town.making import LAST_DAY, make

DAYS = 440
TODAY = LAST_DAY - timedelta(3)
QUICK = ("--windows", "1", "--trees", "60", "--known-at", KNOWN.isoformat(), "--language", "en")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: Any, tables: str, django_db_blocker: Any) -> Iterator[Station]:
    """A tiny station with more than a year of readings, that only copies are made of."""
    folder = tmp_path_factory.mktemp("grown")
    town = make(folder / "town", seed=12, days=DAYS)
    with database(template=tables) as url:
        made = Station(folder=folder, deliveries=town.folder, url=url)
        made.stores.archive_folder.mkdir()
        with present(django_db_blocker, url=url):
            import_town(made, town, shard_an_area=True)
        yield made


@pytest.fixture
def station(grown: Station, tmp_path: Path, django_db_blocker: Any, settings: Any) -> Any:
    with copy_of(grown, tmp_path, django_db_blocker) as copied:
        settings.LAKE_FOLDER = copied.places.lake_folder
        settings.LEARNT_FOLDER = tmp_path / "learnt"
        settings.DEMO_TODAY = TODAY
        yield copied


@pytest.fixture(scope="module")
def file(grown: Station, tmp_path_factory: Any, django_db_blocker: Any) -> Path:
    """What the command learns of the station, quickly."""
    from django.test import override_settings

    into = tmp_path_factory.mktemp("judge") / "one.judge"
    with (
        present(django_db_blocker, url=grown.url),
        override_settings(LAKE_FOLDER=grown.places.lake_folder, DEMO_TODAY=TODAY),
    ):
        said = learn("--into", str(into))
    (into.parent / "said.txt").write_text(said, encoding="utf-8")
    return into


def learn(*options: str) -> str:
    out = StringIO()
    call_command("learn_judge", *QUICK, *options, stdout=out)
    return out.getvalue()


def put(*what: str, from_day: date = LAST_DAY, **options: str) -> str:
    out = StringIO()
    told = {"decided-by": number_of_somebody(), "because": "more true visits"} | options
    named = [part for name, value in told.items() for part in (f"--{name}", value)]
    day = ["--from", from_day.isoformat()]
    call_command("judge_in_force", *what, *day, *named, "--language", "en", stdout=out)
    return out.getvalue()


def number_of_somebody() -> str:
    return Staff.objects.order_by("pk")[0].number


def judged_by(night_id: int) -> str | None:
    return Night.objects.get(pk=night_id).policies.get(judges.KEY)


def test_the_command_says_what_it_learnt_from_and_which_judge_sees_more(file):
    said = (file.parent / "said.txt").read_text(encoding="utf-8")
    judge = judges.from_bytes(content=file.read_bytes())

    about = judge.about
    assert about["kernel"] == learnt.KERNEL_VERSION
    assert about["seed"] == 20141101
    assert about["learnt_from"]["last_day"] == (TODAY - timedelta(1)).isoformat()
    assert about["learnt_from"]["days"] == DAYS - (LAST_DAY - TODAY).days - 1
    assert about["learnt_from"]["splices"] == 5 * about["learnt_from"]["meters"] == 320
    for who in ("own", "ships"):
        assert 0.0 <= about[who]["hit_rate"] <= 1.0
        assert about[who]["false_alarms_per_meter_year"] < 3.0
    gain = about["own"]["hit_rate"] - about["ships"]["hit_rate"]
    assert about["gain"]["share"] == pytest.approx(gain, abs=2e-4)
    assert about["gain"]["low"] <= about["gain"]["share"] <= about["gain"]["high"]
    assert "64 meters" in said
    assert f"own judge sees {about['own']['hit_rate']:.1%}" in said
    assert "Nothing is in force yet" in said
    assert judge.judge.hours.leaf.tobytes() == judges.of_changes().hours.leaf.tobytes()


def test_the_same_meters_and_seed_make_the_same_file_and_another_seed_another(station, file):
    again, other = station.folder / "again.judge", station.folder / "other.judge"

    learn("--into", str(again))
    said = learn("--into", str(other), "--seed", "7", "--language", "zh")

    assert again.read_bytes() == file.read_bytes()
    assert other.read_bytes() != file.read_bytes()
    worth = judges.from_bytes(content=other.read_bytes()).about["own"]["hit_rate"]
    assert f"本单位的判定模型识别 {worth:.1%}，每表每年误报" in said
    assert f"已写入 {other}。尚未启用，由负责人决定：" in said
    assert not JudgeTurn.objects.exists()
    with pytest.raises(CommandError, match=r"again\.judge exists"):
        learn("--into", str(again))


def test_nights_from_the_day_on_go_by_the_own_judge_and_replays_by_the_one_of_their_night(
    station, file
):
    version = judges.from_bytes(content=file.read_bytes()).version
    two_before = station.run(as_of=DAY_BEFORE - timedelta(1))
    said = put(str(file))
    before = station.run(as_of=DAY_BEFORE)

    night_id = station.run(engine=engines.processes(2))

    assert f"from {LAST_DAY}: {version}" in said
    assert [judged_by(one) for one in (two_before, before, night_id)] == [None, None, version]
    folder = station.places.results_folder / f"{LAST_DAY}-{night_id}"
    for written in folder.glob("0*-signals.parquet"):
        assert json.loads(pq.read_metadata(written).metadata[b"policies"])[judges.KEY] == version
    event = Event.objects.get(name="findings.judge.put_in_force")
    assert event.payload["version"] == version
    assert event.payload["from_day"] == LAST_DAY.isoformat()
    # A replay asks everything anew, without what nights kept under either judge's name.
    for day in (DAY_BEFORE, LAST_DAY):
        done = replays.replay(station, first=day, last=day)
        after = ReplayNight.objects.get(replay=done, side="AFTER")
        assert (after.n_shards_alike, after.n_shards_unlike) == (6, 0), day
        assert done.notes == []


def test_the_own_judge_decides_something_of_what_is_said(station, file):
    judge = judges.from_bytes(content=file.read_bytes())
    loud = learning.stating(forest=judge.judge.days, intercept=40.0, slope=1.0)
    glances = tuple(learnt.Glance(forest=g.forest, limit=-90.0) for g in judge.judge.glances)
    content = judges.to_bytes(
        judge=learnt.Judge(every=3, glances=glances, days=loud, hours=judge.judge.hours),
        about=judge.about,
    )
    other = station.folder / "loud.judge"
    other.write_bytes(content)
    ships = station.run(as_of=DAY_BEFORE)
    put(str(other))

    night_id = station.run()

    kinds = {name: _kinds(station, one) for name, one in (("ships", ships), ("own", night_id))}
    assert kinds["own"].count("TURNOVER") > kinds["ships"].count("TURNOVER") + 50


def _kinds(station: Station, night_id: int) -> list[str]:
    night = Night.objects.get(pk=night_id)
    folder = station.places.results_folder / f"{night.as_of_day}-{night_id}"
    files = sorted(folder.glob("0*-signals.parquet"))
    return [kind for file in files for kind in pq.read_table(file)["kind"].to_pylist()]


def test_the_way_back_is_a_later_turn_and_takes_nothing_from_the_nights_between(station, file):
    version = judges.from_bytes(content=file.read_bytes()).version
    put(str(file))
    later = LAST_DAY + timedelta(7)

    said = put("--ships", from_day=later, because="visits were no truer")

    assert judge_turns.serving(day=DAY_BEFORE) is None
    assert judge_turns.serving(day=LAST_DAY).version == version
    assert judge_turns.serving(day=later - timedelta(1)).version == version
    assert judge_turns.serving(day=later) is None
    assert [line.split(":")[0] for line in said.splitlines()] == [
        f"from {later}",
        f"from {LAST_DAY}",
    ]
    assert JudgeTurn.objects.count() == 2
    out = StringIO()
    call_command("judge_in_force", "--language", "zh", stdout=out)
    assert f"自 {later} 起：产品自带的判定模型（" in out.getvalue()


def test_nothing_is_put_in_force_backwards_in_time_or_by_nobody(station, file):
    station.run(as_of=DAY_BEFORE)
    for changed, said in (
        ({"from_day": TODAY}, "not after"),
        ({"from_day": DAY_BEFORE}, f"a night of {DAY_BEFORE} has begun"),
        ({"decided-by": "nobody"}, "nobody of the staff"),
        ({"because": "  "}, "say why"),
    ):
        with pytest.raises(CommandError, match=said):
            put(str(file), **changed)
    with pytest.raises(CommandError, match="a person decides"):
        call_command("judge_in_force", str(file))

    assert not JudgeTurn.objects.exists()
    assert not Event.objects.filter(name="findings.judge.put_in_force").exists()


def test_a_file_that_is_none_or_damaged_or_of_another_kernel_is_refused(station, file, monkeypatch):
    content = file.read_bytes()
    bad = station.folder / "bad.judge"
    for wrong, said in (
        (b"", "no file of a judge"),
        (b"judge/1 ", "damaged"),
        (content[:-1], "damaged"),
        (content[:5000] + bytes([content[5000] ^ 1]) + content[5001:], "damaged"),
    ):
        bad.write_bytes(wrong)
        with pytest.raises(CommandError, match=said):
            put(str(bad))
    with pytest.raises(CommandError, match="No such file"):
        put(str(station.folder / "none.judge"))
    own = judges.from_bytes(content=content)
    with monkeypatch.context() as older:
        older.setattr(learnt, "KERNEL_VERSION", "change/10")
        bad.write_bytes(judges.to_bytes(judge=own.judge, about=own.about))
    with pytest.raises(CommandError, match=r"learnt for change/10; this is change/"):
        put(str(bad))
    others = learnt.Judge(
        every=3, glances=own.judge.glances, days=own.judge.hours, hours=own.judge.hours
    )
    bad.write_bytes(judges.to_bytes(judge=others, about=own.about))
    with pytest.raises(CommandError, match="other traits"):
        put(str(bad))

    assert not JudgeTurn.objects.exists()


def test_a_judge_of_an_older_kernel_steps_back_and_the_status_says_so(
    station, file, monkeypatch, settings
):
    put(str(file))
    settings.DEMO_TODAY = LAST_DAY
    monkeypatch.setattr(learnt, "KERNEL_VERSION", "change/999")
    out = StringIO()

    call_command("status", stdout=out)

    assert judge_turns.serving(day=LAST_DAY) is None
    assert "was learnt for an older kernel" in out.getvalue()


def test_one_that_surely_sees_less_needs_that_said(station, file):
    own = judges.from_bytes(content=file.read_bytes())
    worse = {**own.about, "gain": {"share": -0.2, "low": -0.3, "high": -0.1}}
    less = station.folder / "less.judge"
    less.write_bytes(judges.to_bytes(judge=own.judge, about=worse))

    with pytest.raises(CommandError, match="sees less than the judge that ships"):
        put(str(less))

    put(str(less), "--although-it-sees-less")
    assert judge_turns.serving(day=LAST_DAY).about["gain"]["share"] == -0.2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--as-of", (LAST_DAY - timedelta(60)).isoformat()], "0 of .* meters have 400 days"),
        (["--known-at", "2026-11-25T06:00"], "offset from UTC"),
        (["--trees", "0"], "1 or more"),
        (["--seed", "-1"], "0 or more"),
    ],
)
def test_what_cannot_be_learnt_is_refused_in_words(station, options, said):
    into = station.folder / "none.judge"

    with pytest.raises(CommandError, match=said):
        learn("--into", str(into), *options)

    assert not into.exists()


def test_a_turn_has_a_file_or_ships(station):
    turn = {
        "from_day": LAST_DAY,
        "about": {},
        "because": "x",
        "decided_by_id": Staff.objects.order_by("pk")[0].pk,
        "decided_at": timezone.now(),
    }
    for wrong in ({"version": "", "content": b"x"}, {"version": "x", "content": b""}):
        with (
            pytest.raises(IntegrityError, match="judge_turn_has_a_file_or_ships"),
            transaction.atomic(),
        ):
            JudgeTurn.objects.create(**turn, **wrong)


@hypothesis_settings(max_examples=60, deadline=None)
@given(place=st.floats(0.0, 1.0, exclude_max=True), change=st.integers(1, 255))
def test_no_changed_byte_of_a_file_goes_unseen(place, change):
    ships = judges.of_changes()
    small = learnt.Judge(every=3, glances=ships.glances[:1], days=ships.days, hours=ships.days)
    content = bytearray(judges.to_bytes(judge=small, about={}))
    content[int(place * len(content))] ^= change

    with pytest.raises(judges.JudgeFileWrong):
        judges.from_bytes(content=bytes(content))
