"""Replays: the same bytes again, and rules on trial; nights left whole."""

import pytest

from lamplighter.facts.metering.models import UsagePoint
from lamplighter.findings.models import (
    AccountFinding,
    Replay,
    ReplayChange,
    ReplayCount,
    ReplayNight,
    ShardDone,
)
from lamplighter.findings.replay import keeping
from lamplighter.findings.services import night, replay_ending
from lamplighter.insight.spread import engines
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests.findings.replays import N_SHARDS, NOW, ask, decided, of_nights, on_trial, replay, run
from tests.stations import DAY_BEFORE, KNOWN
from tests.town.making import LAST_DAY


class TestTheSameAgain:
    def test_a_kept_night_comes_out_byte_for_byte_and_nothing_of_nights_is_touched(self, station):
        night_id = station.run()
        before = of_nights(station)

        done = replay(station)

        before_side, after_side = done.nights.order_by("-side")
        assert (before_side.side, before_side.is_kept) == ("BEFORE", True)
        assert (after_side.n_shards_alike, after_side.n_shards_unlike) == (N_SHARDS, 0)
        assert before_side.result_sha256 == after_side.result_sha256
        assert done.night_id == night_id
        assert not ReplayChange.objects.exists()
        assert of_nights(station) == before
        assert done.finished_at == NOW
        (event,) = Event.objects.filter(name="findings.replay.finished")
        assert event.payload["n_changed"] == 0

    def test_several_processes_find_the_same_bytes(self, station):
        station.run()

        done = run(station, ask(station), engine=engines.processes(2))

        assert ReplayNight.objects.get(replay=done, side="AFTER").n_shards_unlike == 0

    def test_a_night_decided_by_another_days_rules_comes_out_the_same(self, station):
        long_ago = LAST_DAY.replace(year=2010)
        station.run(as_of=long_ago, rules_day=LAST_DAY)

        with pytest.raises(loader.PolicyUnknown):
            ask(station, first=long_ago, last=long_ago)

    def test_a_night_whose_files_are_gone_is_still_held_against_its_hashes(self, station):
        night_id = station.run()
        folder = night.folder_of(
            as_of=LAST_DAY, night_id=night_id, results_folder=station.folder / "results"
        )
        for file in folder.glob("*-accounts.parquet"):
            file.unlink()

        done = replay(station)

        assert [note["code"] for note in done.notes] == ["FILES_GONE"]
        assert not done.nights.filter(is_kept=True).exists()
        assert set(done.nights.values_list("n_shards_alike", "n_shards_unlike")) == {(N_SHARDS, 0)}

    def test_a_file_that_was_changed_since_is_found_out(self, station):
        night_id = station.run()
        ShardDone.objects.filter(night=night_id, shard=2).update(result_sha256="0" * 64)

        after = replay(station).nights.get(side="AFTER")

        assert (after.n_shards_alike, after.n_shards_unlike) == (N_SHARDS - 1, 1)

    def test_the_same_wish_is_the_same_replay_and_is_done_once(self, station):
        station.run()
        first = run(station, ask(station))
        marks = list(ReplayNight.objects.values())

        again = run(station, ask(station))

        assert again == first
        assert list(ReplayNight.objects.values()) == marks
        assert Event.objects.filter(name="findings.replay.finished").count() == 1


class TestRulesOnTrial:
    def test_two_nights_in_order_decide_as_the_nights_themselves_did(self, station, tmp_path):
        kept = [station.run(as_of=DAY_BEFORE), station.run()]
        before = of_nights(station)
        candidate = on_trial(tmp_path, min_months_of_history=2, reminded_months_b=2)

        done = replay(
            station, first=DAY_BEFORE, last=LAST_DAY, known_at=KNOWN, candidates=(candidate,)
        )

        found = decided(done.pk)
        for night_id, day in zip(kept, (DAY_BEFORE, LAST_DAY), strict=True):
            cuts = [
                keeping.Cut(shard=shard, sha256=sha256, n_accounts=0)
                for shard, sha256 in sorted(station.hashes(night_id).items())
            ]
            assert found["BEFORE", day] == replay_ending.sha256_of(cuts)
            assert found["AFTER", day] != found["BEFORE", day]
        assert of_nights(station) == before

    def test_every_account_is_counted_each_day_and_the_list_agrees(self, station, tmp_path):
        station.run()
        candidate = on_trial(tmp_path, min_months_of_history=24)

        done = replay(station, candidates=(candidate,))

        n = AccountFinding.objects.count()
        for about in ("GRADE", "RISK", "CAUSE"):
            rows = ReplayCount.objects.filter(replay=done, about=about)
            assert sum(rows.values_list("n_accounts", flat=True)) == n
        moved = ReplayCount.objects.filter(replay=done, about="GRADE").exclude(before="N")
        n_moved = sum(moved.filter(after="N").values_list("n_accounts", flat=True))
        changes = done.changes.all()
        assert n_moved == changes.filter(is_decision=True).count() > 0
        assert set(changes.values_list("grade_after", flat=True)) == {"N"}
        assert all(change.because == [{"code": "RULES"}] for change in changes)
        grades = dict(AccountFinding.objects.values_list("pk", "grade"))
        assert all(change.grade_before == grades[change.account_id] for change in changes)
        version = done.policies_after["grading"]
        assert version == f"grading/2026-12-01#{candidate.policy.candidate_sha256[:12]}"
        assert done.policies_before["grading"] == loader.load(name="grading", on=LAST_DAY).version

    def test_a_file_that_is_gone_meanwhile_does_not_stop_the_replay(self, station, tmp_path):
        station.run()
        replay_id = ask(station, candidates=(on_trial(tmp_path, min_months_of_history=24),))
        (tmp_path / "grading" / "2026-12-01.toml").unlink()

        run(station, replay_id)

        assert Replay.objects.get(pk=replay_id).finished_at == NOW

    def test_some_areas_can_be_tried_alone(self, station, tmp_path):
        station.run()
        area, shard = UsagePoint.objects.values_list(
            "account__premises__area_id", "shard"
        ).order_by("pk")[0]
        candidate = on_trial(tmp_path, min_months_of_history=24)

        done = replay(station, candidates=(candidate,), area_ids=(area,))

        assert done.shards == [shard]
        assert set(done.counts.values_list("area_id", flat=True)) == {area}
