"""Replays: the same bytes again, corrections both ways, rules on trial; nights left whole."""

import os
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from lamplighter.facts.billing.models import Bill, Payment
from lamplighter.facts.metering.models import UsagePoint
from lamplighter.facts.network.models import Staff
from lamplighter.findings.contests.models import Contest, Decision, GradeDReview, Ruling
from lamplighter.findings.models import (
    AccountFinding,
    GradeChange,
    Learning,
    Night,
    Replay,
    ReplayChange,
    ReplayCount,
    ReplayNight,
    ShardDone,
    Signal,
)
from lamplighter.findings.replay import keeping, wishes
from lamplighter.findings.services import night, replay_asking, replay_ending, replaying
from lamplighter.insight.spread import engines
from lamplighter.ledger import services as ledger
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests.stations import CORRECTED, DAY_BEFORE, KNOWN, KNOWN_LATER
from tests.town.making import LAST_DAY

TODAY = date(2026, 11, 25)
NOW = KNOWN_LATER + timedelta(hours=1)
N_SHARDS = 6
KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
import django
django.setup()
from lamplighter.findings.services import replaying
from lamplighter.insight.spread import engines

def die(what, n_done, n_all):
    if what == "replay" and n_done == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    folder, now = Path(sys.argv[2]), datetime.fromisoformat(sys.argv[4])
    replaying.run(
        replay_id=int(sys.argv[1]),
        places=replaying.Places(
            lake_folder=folder / "lake", results_folder=folder / "results",
            replays_folder=folder / "replays", zone="Asia/Shanghai",
        ),
        engine=engines.serial(), clock=lambda: now, actor="test", on_progress=die,
    )
"""


def places(station) -> replaying.Places:
    return replaying.Places(
        lake_folder=station.folder / "lake",
        results_folder=station.folder / "results",
        replays_folder=station.folder / "replays",
        zone="Asia/Shanghai",
    )


def ask(station, *, first=LAST_DAY, last=LAST_DAY, known_at=None, **wish) -> int:
    return replay_asking.request(
        wish=wishes.Wish(first_day=first, last_day=last, known_at=known_at, **wish),
        results_folder=station.folder / "results",
        now=NOW,
        requested_by="test",
    )


def run(station, replay_id: int, **changed) -> int:
    usual = {"engine": engines.serial(), "clock": lambda: NOW, "actor": "test"}
    replaying.run(replay_id=replay_id, places=places(station), **usual | changed)
    return replay_id


def replay(station, **wish) -> Replay:
    return Replay.objects.get(pk=run(station, ask(station, **wish)))


def on_trial(folder: Path, *, name: str = "grading", **rows: object) -> wishes.Candidate:
    """Return a candidate that gives some rows of a policy other values."""
    in_force = loader.load(name=name, on=TODAY)
    text = '[title]\nzh = "试行"\nen = "On trial"\n'
    for key, value in rows.items():
        text += (
            f'\n[rows.{key}]\nvalue = {value}\nunit = "{in_force.row(key).unit}"\n'
            'zh = "试行"\nen = "On trial"\nsource = "test"\ncertainty = "O"\n'
        )
    file = folder / name / "2026-12-01.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return wishes.candidate_of(file=file, today=TODAY)


def of_nights(station) -> dict[str, object]:
    """Return everything that belongs to nights and pages, files too."""
    tables = (AccountFinding, Signal, GradeChange, Night, ShardDone, Learning)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in tables}
    results = station.folder / "results"
    files = {str(f): f.read_bytes() for f in sorted(results.rglob("*")) if f.is_file()}
    return {**rows, "files": files}


def decided(replay_id: int) -> dict[tuple[str, date], str]:
    rows = ReplayNight.objects.filter(replay=replay_id)
    return {(side, day): sha for side, day, sha in rows.values_list("side", "day", "result_sha256")}


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


class TestCorrections:
    def correct_a_bill(self, station) -> Bill:
        bill = Bill.objects.filter(issued_date__lt=LAST_DAY - timedelta(40)).order_by("pk").first()
        place = station.row_of("电费账单.parquet", 账单编号=bill.number)
        amount = int(bill.amount_cny * 100) + 51_234
        station.correct(
            "电费账单.parquet", "bill", row=place, now=CORRECTED, **{"应收电费(分)": amount}
        )
        return bill

    def test_a_corrected_bill_is_told_with_both_amounts_and_its_file(self, station):
        station.run()
        bill = self.correct_a_bill(station)
        before = of_nights(station)

        done = replay(station, known_at=KNOWN_LATER)

        (change,) = done.changes.filter(account=bill.account_id)
        assert change.after["balance_due_cny"] - change.before["balance_due_cny"] == pytest.approx(
            512.34
        )
        (because,) = change.because
        assert (because["code"], because["key"]) == ("BILL", bill.number)
        assert because["was"]["amount_cny"] == f"{bill.amount_cny:.2f}"
        assert float(because["now"]["amount_cny"]) == pytest.approx(float(bill.amount_cny) + 512.34)
        assert because["recorded_at"] == CORRECTED.isoformat()
        assert because["file_name"] == "correction-bill.parquet"
        assert set(done.changes.values_list("account_id", flat=True)) == {bill.account_id}
        assert of_nights(station) == before

    def test_the_earlier_knowledge_stands_before_whichever_night_is_kept(self, station):
        bill = self.correct_a_bill(station)
        station.run(known_at=KNOWN_LATER)

        done = replay(station, known_at=KNOWN, against=KNOWN_LATER)

        assert (done.known_before_at, done.known_after_at) == (KNOWN, KNOWN_LATER)
        (change,) = done.changes.all()
        assert change.account_id == bill.account_id
        assert change.after["balance_due_cny"] > change.before["balance_due_cny"]
        after = done.nights.get(side="AFTER")
        assert (after.n_shards_alike, after.n_shards_unlike) == (N_SHARDS, 0)

    def test_without_a_kept_night_what_was_known_then_stands_beside_now(self, station):
        bill = self.correct_a_bill(station)

        done = replay(station, known_at=KNOWN)

        assert (done.known_before_at, done.known_after_at) == (KNOWN, NOW)
        assert set(done.changes.values_list("account_id", flat=True)) == {bill.account_id}
        assert [note["code"] for note in done.notes] == ["NO_NIGHT_KEPT"]

    def test_a_back_dated_payment_is_told_with_nothing_known_before(self, station):
        station.run()
        owing = AccountFinding.objects.filter(balance_due_cny__gt=0).order_by("pk").first()
        payment = Payment.objects.filter(paid_at__lt=KNOWN - timedelta(5)).order_by("-pk").first()
        station.correct(
            "缴费流水.parquet",
            "payment",
            row=station.row_of("缴费流水.parquet", 缴费流水号=payment.number),
            now=CORRECTED,
            缴费流水号="BACKDATED-1",
            户号=owing.account.number,
        )

        done = replay(station, known_at=KNOWN_LATER)

        change = done.changes.get(account=owing.account_id)
        assert change.after["balance_due_cny"] < change.before["balance_due_cny"]
        (because,) = change.because
        assert (because["code"], because["key"], because["was"]) == ("PAYMENT", "BACKDATED-1", None)
        assert because["now"]["amount_cny"] == f"{payment.amount_cny:.2f}"

    def test_a_corrected_reading_is_told_to_its_account_and_named_to_its_neighbours(self, station):
        station.run()
        station.correct(
            "日冻结电量_2026.parquet",
            "daily_reading",
            row=40_000,
            now=CORRECTED,
            **{"日电量(Wh)": 99_000},
        )

        done = replay(station, known_at=KNOWN_LATER)

        told = {c.account_id: {r["code"] for r in c.because} for c in done.changes.all()}
        owners = [account for account, codes in told.items() if "READING" in codes]
        assert len(owners) <= 1
        assert all(codes <= {"READING", "OTHERS"} for codes in told.values())
        shard = UsagePoint.objects.filter(account__in=told).values_list("shard", flat=True)
        assert len(set(shard)) <= 1

    def test_what_people_recorded_later_is_not_seen_by_an_earlier_knowledge(self, station):
        night_id = station.run()
        hashes = station.hashes(night_id)
        account = AccountFinding.objects.exclude(cause="").order_by("pk").first().account_id
        for number, remedy in enumerate(("SCHEDULED_REMINDER", "ASK_CAUSE", "HARDSHIP_PLAN")):
            with transaction.atomic():
                ledger.record(
                    "worklist.outcome.recorded",
                    subject=f"account:{account}",
                    actor="test",
                    at=CORRECTED,
                    account_id=account,
                    item_id=number,
                    remedy=remedy,
                    outcome="REFUSED",
                )

        same = replay(station)
        later = replay(station, known_at=KNOWN_LATER)

        assert same.nights.get(side="AFTER").n_shards_alike == len(hashes) == N_SHARDS
        for change in later.changes.all():
            assert {reason["code"] for reason in change.because} == {"OUTCOME"}
            assert change.account_id == account

    def test_what_persons_decided_later_stands_on_the_later_side_alone(self, station):
        night_id = station.run()
        ruled, confirmed = AccountFinding.objects.filter(grade="A").order_by("pk")[:2]
        self.decide(station, account_id=ruled.account_id, night_id=night_id, value="C")
        GradeDReview.objects.create(
            account_id=confirmed.account_id,
            night_id=night_id,
            verdict="CONFIRMED",
            reasons="seen",
            recorded_day=LAST_DAY,
            recorded_at=CORRECTED,
            recorded_by=Staff.objects.order_by("pk")[0],
            policy_version="",
        )

        same = replay(station)
        later = replay(station, known_at=KNOWN_LATER)

        assert same.nights.get(side="AFTER").n_shards_alike == N_SHARDS
        assert not same.changes.exists()
        change = later.changes.get(account=ruled.account_id)
        assert (change.grade_before, change.grade_after) == ("A", "C")
        (because,) = change.because
        assert (because["code"], because["key"], because["now"]) == (
            *("RULING", "GRADE"),
            {"value": "C"},
        )
        counted = ReplayCount.objects.filter(replay=later, about="GRADE", before="A", after="C")
        assert counted.get().n_accounts == 1

    def decide(self, station, *, account_id: int, night_id: int, value: str) -> None:
        staff = Staff.objects.order_by("pk")[0]
        contest = Contest.objects.create(
            account_id=account_id,
            about="GRADE",
            wish="REVIEW",
            channel="PHONE",
            is_by_other=False,
            words="no",
            night_id=night_id,
            machine={},
            opened_at=CORRECTED,
            opened_by=staff,
            due_date=LAST_DAY,
            is_due_in_workdays=True,
            decided_at=CORRECTED,
            policy_version="",
            request_key="",
        )
        decision = Decision.objects.create(
            contest=contest,
            outcome="CORRECTED",
            value=value,
            reasons="seen",
            wrong_fact="",
            decided_at=CORRECTED,
            decided_by=staff,
            policy_version="",
        )
        Ruling.objects.create(
            decision=decision,
            account_id=account_id,
            about="GRADE",
            outcome="CORRECTED",
            value=value,
            recorded_at=CORRECTED,
            ended_because="",
        )


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

        with pytest.raises(wishes.WishImpossible, match=said):
            ask(station, **{"against": wish.get("known_at"), **wish})

        assert not Replay.objects.exists()
        assert not Event.objects.filter(name="findings.replay.asked").exists()

    def test_a_candidate_no_night_decides_by_is_refused(self, station, tmp_path):
        candidate = on_trial(tmp_path, name="worklist", travel_minutes=20)

        with pytest.raises(wishes.WishImpossible, match="no night decides by worklist"):
            ask(station, known_at=KNOWN, candidates=(candidate,))
