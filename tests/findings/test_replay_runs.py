"""Runs of replays: killed and gone on with, beside others, bounded, refused."""

import os
import re
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection

from lamplighter.findings.models import (
    Replay,
)
from lamplighter.findings.replay import keeping, wishes
from lamplighter.findings.services import replay_ending, replaying
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests.findings.replays import (
    KILLED,
    N_SHARDS,
    NOW,
    TODAY,
    ask,
    decided,
    on_trial,
    run,
)
from tests.stations import DAY_BEFORE, KNOWN, KNOWN_LATER
from tests.town.making import LAST_DAY


class TestKilledAndBesideItself:
    @pytest.mark.parametrize("n_done", [3, 14])  # within the first night, within the second
    def test_a_replay_killed_in_the_middle_goes_on_and_finds_the_same(
        self, station, tmp_path, n_done
    ):
        station.run()
        span = {"first": DAY_BEFORE, "last": LAST_DAY}
        candidate = on_trial(tmp_path, min_months_of_history=24)
        replay_id = ask(station, **span, known_at=KNOWN, candidates=(candidate,))
        driver = station.folder / "driver.py"
        driver.write_text(KILLED)
        killed = subprocess.run(
            [
                *(sys.executable, str(driver), str(replay_id), str(station.folder)),
                *(str(n_done), NOW.isoformat()),
            ],
            env=dict(os.environ),
            timeout=120,
            check=False,
        )
        told = []

        run(station, replay_id, on_progress=lambda what, n, _all: told.append((what, n)))

        assert killed.returncode == -signal.SIGKILL
        steps = [n for what, n in told if what == "replay"]
        assert steps == list(range(n_done, 4 * N_SHARDS + 1))[-len(steps) :]
        assert len(steps) <= 4 * N_SHARDS - n_done + 1
        whole = decided(replay_id)
        Replay.objects.filter(pk=replay_id).delete()
        again = ask(station, **span, known_at=KNOWN, candidates=(candidate,))
        assert decided(run(station, again)) == whole

    def test_it_runs_beside_a_night_and_not_beside_itself(self, station):
        station.run(as_of=DAY_BEFORE)
        replay_id = ask(station, first=DAY_BEFORE, last=DAY_BEFORE)
        begun = []

        def beside(what, n_done, n_all):
            if what == "find" and not begun:
                begun.append(n_done)
                run(station, replay_id, on_progress=twice)

        def twice(*_told):
            if len(begun) == 1:
                begun.append(0)
                with pytest.raises(replaying.ReplayAlreadyRunning):
                    in_another_session(station, replay_id)

        night_id = station.run(on_progress=beside)

        assert Replay.objects.get(pk=replay_id).finished_at == NOW
        assert len(station.hashes(night_id)) == N_SHARDS
        assert len(begun) == 2

    def test_a_failure_is_kept_by_its_kind_until_the_replay_goes_on(self, station):
        station.run()
        replay_id = ask(station)

        replaying.note_failure(replay_id=replay_id, kind="ShardFailed")

        assert Replay.objects.get(pk=replay_id).failed_because == "ShardFailed"
        run(station, replay_id)
        done = Replay.objects.get(pk=replay_id)
        assert (done.failed_because, done.n_done) == ("", done.n_all)


def in_another_session(station, replay_id: int) -> None:
    """Run a replay in a thread, so over a connection of its own; pass its error on."""
    errors: list[BaseException] = []

    def other() -> None:
        try:
            run(station, replay_id)
        except replaying.ReplayAlreadyRunning as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(60)
    if errors:
        raise errors[0]


class TestBounds:
    def test_only_the_newest_replays_keep_rows_and_files(self, station, monkeypatch):
        station.run()
        old = run(station, ask(station))
        newer = run(station, ask(station, known_at=KNOWN_LATER))
        folder = station.folder / "replays"
        assert len(list(folder.iterdir())) == 2
        kept = loader.load(name="replay", on=TODAY)
        monkeypatch.setattr(type(kept), "integer", lambda _self, _key: 1)

        n_gone = replay_ending.remove_old(now=NOW, replays_folder=folder)

        assert n_gone == 1
        assert list(Replay.objects.values_list("pk", flat=True)) == [newer]
        assert old != newer
        assert [f.name for f in folder.iterdir()] == [f"{newer:06d}"]

    def test_only_what_is_compared_stays_on_the_disk(self, station):
        station.run()

        done = run(station, ask(station))

        folder = keeping.folder_of(replay_id=done, replays_folder=station.folder / "replays")
        names = sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())
        assert names == [
            f"{side}/{LAST_DAY}-{what}.parquet"
            for side in ("after", "before")
            for what in ("accounts", "signals")
        ]


class TestRefused:
    @pytest.mark.parametrize(
        ("wish", "said"),
        [
            ({"last": DAY_BEFORE}, "is before"),
            ({"first": LAST_DAY - timedelta(90)}, "91 nights; at most 62"),
            ({"known_at": NOW + timedelta(1)}, "still to come"),
            ({"first": DAY_BEFORE}, "need a candidate"),
            ({}, "no night of 2026-11-24 is kept"),
            ({"known_at": KNOWN - timedelta(days=9)}, "nobody was supplied"),
            ({"known_at": KNOWN, "area_ids": ()}, "nobody was supplied"),
        ],
    )
    def test_what_cannot_be_replayed_is_refused_in_words(self, station, wish, said):
        if "days=9" in str(wish):
            wish["against"] = wish["known_at"]

        with pytest.raises(wishes.WishImpossible, match=said) as refused:
            ask(station, **{"against": wish.get("known_at"), **wish})

        assert re.search("[一-鿿]{4}", refused.value.words.zh)
        assert not Replay.objects.exists()
        assert not Event.objects.filter(name="findings.replay.asked").exists()

    def test_a_candidate_no_night_decides_by_is_refused(self, station, tmp_path):
        candidate = on_trial(tmp_path, name="worklist", travel_minutes=20)

        with pytest.raises(wishes.WishImpossible, match="no night decides by worklist"):
            ask(station, known_at=KNOWN, candidates=(candidate,))
