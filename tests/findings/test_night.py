"""The night on PostgreSQL: once, exactly, from what was known, whatever stops it."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, connection, transaction

from lamplighter.facts.billing.models import Bill
from lamplighter.facts.customers.models import Account
from lamplighter.facts.metering.models import UsagePoint
from lamplighter.findings import queries
from lamplighter.findings.models import AccountFinding, GradeChange, Night, ShardDone, Signal
from lamplighter.findings.night import gathering, shard_tasks
from lamplighter.findings.rules import KERNELS
from lamplighter.findings.services import night, storing
from lamplighter.insight.spread import engines
from lamplighter.ledger import services as ledger
from lamplighter.ledger.models import Event
from tests.stations import CORRECTED, DAY_BEFORE, KNOWN, KNOWN_LATER
from tests.town.making import LAST_DAY

KILLED = """
import os, signal, sys
from datetime import date, datetime
from pathlib import Path
import django
django.setup()
from lamplighter.findings.services import night
from lamplighter.insight.spread import engines

def die(what, n_done, n_all):
    if what == "find" and n_done == 3:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    night.run(
        as_of=date.fromisoformat(sys.argv[1]), known_at=datetime.fromisoformat(sys.argv[2]),
        places=night.Places(
            lake_folder=Path(sys.argv[3]) / "lake", results_folder=Path(sys.argv[3]) / "results",
            zone="Asia/Shanghai",
        ),
        engine=engines.serial() if sys.argv[4] == "1" else engines.processes(int(sys.argv[4])),
        clock=lambda: datetime.fromisoformat(sys.argv[2]), actor="test", on_progress=die,
    )
"""


def rows():
    findings = AccountFinding.objects.order_by("pk").values()
    signals = Signal.objects.order_by("account_id", "list", "rank", "usage_point_id", "pk").values()
    return list(findings), [{k: v for k, v in row.items() if k != "id"} for row in signals]


def test_every_account_has_one_finding_and_each_names_where_it_comes_from(station):
    night_id = station.run()

    found = AccountFinding.objects.values_list("pk", flat=True)
    assert sorted(found) == sorted(Account.objects.values_list("pk", flat=True))
    assert set(AccountFinding.objects.values_list("night_id", flat=True)) == {night_id}
    newest = queries.newest_night()
    assert (newest.night_id, newest.as_of_day, newest.known_at) == (night_id, LAST_DAY, KNOWN)
    assert newest.kernels == KERNELS
    assert newest.policies["grading"] == "grading/2021-11-01"
    digests = set()
    for file in (station.places.results_folder / f"{LAST_DAY}-{night_id}").glob("0*-accounts.*"):
        origin = pq.read_metadata(file).metadata
        assert json.loads(origin[b"kernels"]) == KERNELS
        assert json.loads(origin[b"policies"]) == newest.policies
        assert origin[b"known_at"].decode() == KNOWN.isoformat()
        digests.add(origin[b"inputs_sha256"])
    assert len(digests) == Night.objects.get().n_shards == 6
    assert Event.objects.filter(name="findings.night.finished").count() == 1


def test_several_processes_find_the_same_bytes_as_one(station, usual):
    night_id = station.run(engine=engines.processes(2))

    assert station.files(night_id) == usual


def test_the_same_night_is_run_once(station):
    first = station.run()
    marks = list(ShardDone.objects.values())

    again = station.run()

    assert again == first
    assert list(ShardDone.objects.values()) == marks
    assert Event.objects.filter(name="findings.night.finished").count() == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_night_killed_in_the_middle_goes_on_without_repeating_or_losing_a_shard(
    station, usual, workers
):
    driver = station.folder / "driver.py"
    driver.write_text(KILLED)
    command = [sys.executable, str(driver), LAST_DAY.isoformat(), KNOWN.isoformat()]
    killed = subprocess.run(
        [*command, str(station.folder), workers], env=dict(os.environ), timeout=120, check=False
    )
    stored = dict(ShardDone.objects.values_list("shard", "pk"))

    night_id = station.run()

    assert killed.returncode == -signal.SIGKILL
    assert len(stored) == 2
    assert station.files(night_id) == usual
    assert len(station.hashes(night_id)) == 6
    kept = dict(ShardDone.objects.filter(shard__in=stored).values_list("shard", "pk"))
    assert kept == stored
    assert AccountFinding.objects.count() == Account.objects.count()


def test_bringing_a_shard_reads_no_rows_of_others(station):
    night_id = station.run()
    folder = station.places.results_folder / f"{LAST_DAY}-{night_id}"
    shard = ShardDone.objects.order_by("shard")[3].shard
    written = shard_tasks.Written(
        shard=shard,
        accounts_file=shard_tasks.accounts_file(folder=folder, shard=shard),
        signals_file=shard_tasks.signals_file(folder=folder, shard=shard),
        n_accounts=0,
        sha256="",
    )
    ShardDone.objects.filter(shard=shard).delete()
    n_own = {
        "findings_accountfinding": pq.read_metadata(written.accounts_file).num_rows,
        "findings_signal": pq.read_metadata(written.signals_file).num_rows,
    }

    with transaction.atomic(), connection.cursor() as cursor:
        storing.store(night_id=night_id, as_of=LAST_DAY, written=written, is_newest=True, now=KNOWN)
        cursor.execute(
            "SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0)"
            " FROM pg_stat_xact_user_tables WHERE relname LIKE 'findings_%%'"
        )
        read = dict(cursor.fetchall())

    statements = {"findings_accountfinding": 5, "findings_signal": 3}
    for table, n_rows in n_own.items():
        assert n_rows
        assert read[table] <= statements[table] * n_rows, table


def test_two_nights_at_once_are_one_too_many(station):
    refused, may_end = threading.Event(), threading.Event()
    errors = []

    def other():
        try:
            station.run()
        except night.NightAlreadyRunning as error:
            errors.append(error)
        finally:
            connection.close()
            refused.set()

    def during(what, n_done, n_all):
        if not may_end.is_set():
            threading.Thread(target=other).start()
            assert refused.wait(60)
            may_end.set()

    station.run(on_progress=during)

    assert len(errors) == 1
    assert Night.objects.count() == 1


class TestKnownAt:
    def correct_a_bill(self, station):
        bill = Bill.objects.filter(issued_date__lt=LAST_DAY - timedelta(40)).order_by("pk").first()
        table = pq.read_table(station.deliveries / "电费账单.parquet")
        place = table["账单编号"].to_pylist().index(bill.number)
        amount = int(bill.amount_cny * 100) + 51_234
        values = {"应收电费(分)": amount}
        station.correct("电费账单.parquet", "bill", row=place, now=CORRECTED, **values)
        assert Bill.objects.filter(number=bill.number).count() == 2
        return bill.account_id

    def test_a_later_correction_of_a_bill_does_not_change_an_earlier_knowledge(
        self, station, usual
    ):
        self.correct_a_bill(station)

        assert station.files(station.run()) == usual

    def test_a_correction_counts_from_the_moment_it_was_known_for_its_account_alone(self, station):
        first = station.hashes(station.run())
        account = self.correct_a_bill(station)
        due = AccountFinding.objects.get(pk=account).balance_due_cny

        second = station.hashes(station.run(known_at=KNOWN_LATER))

        shard = UsagePoint.objects.filter(account_id=account).values_list("shard", flat=True)[0]
        assert first.keys() == second.keys()
        after = AccountFinding.objects.get(pk=account)
        assert float(after.balance_due_cny - due) == pytest.approx(512.34)
        assert {s for s in first if self.content(station, 1, s) != self.content(station, 2, s)} == {
            shard
        }

    def content(self, station, night_id, shard):
        (folder,) = station.places.results_folder.glob(f"*-{night_id}")
        return pq.read_table(folder / f"{shard:07d}-accounts.parquet").to_pylist()

    def test_a_later_correction_of_a_reading_does_not_change_an_earlier_knowledge(
        self, station, usual
    ):
        station.correct(
            "日冻结电量_2026.parquet",
            "daily_reading",
            row=40_000,
            now=CORRECTED,
            **{"日电量(Wh)": 99_000},
        )

        assert station.files(station.run()) == usual
        later = station.files(station.run(known_at=KNOWN_LATER))
        origins = {
            name: pq.read_metadata(station.places.results_folder / f"{LAST_DAY}-2" / name).metadata
            for name in later
        }
        before = {
            name: pq.read_metadata(station.places.results_folder / f"{LAST_DAY}-1" / name).metadata
            for name in later
        }
        changed = {n for n in later if origins[n][b"inputs_sha256"] != before[n][b"inputs_sha256"]}
        assert len(changed) == 2  # accounts and signals of one shard


class TestTime:
    def test_a_replay_of_an_older_day_leaves_the_pages_alone(self, station):
        station.run()
        before = rows()

        replayed = station.run(as_of=DAY_BEFORE, known_at=KNOWN_LATER)

        assert rows() == before
        assert len(station.files(replayed)) == 12
        assert queries.newest_night().as_of_day == LAST_DAY

    def test_a_replay_with_less_knowledge_leaves_the_pages_alone(self, station):
        station.run(known_at=KNOWN_LATER)
        before = rows()

        station.run(known_at=KNOWN)

        assert rows() == before

    def test_a_replay_begins_from_the_night_before_it_and_finds_the_same_again(self, station):
        station.run(as_of=DAY_BEFORE)
        first = station.run()
        after = LAST_DAY + timedelta(1)
        station.run(as_of=after, known_at=KNOWN_LATER)

        again = station.run(known_at=KNOWN + timedelta(minutes=1))

        one, two = (
            [pq.read_table(f).to_pylist() for f in sorted(folder.glob("0*.parquet"))]
            for folder in (
                station.places.results_folder / f"{LAST_DAY}-{first}",
                station.places.results_folder / f"{LAST_DAY}-{again}",
            )
        )
        assert one == two

    def test_a_grade_that_becomes_another_is_kept_and_says_what_it_was(self, station):
        station.run(as_of=DAY_BEFORE - timedelta(150))  # all too new for a grade
        firsts = GradeChange.objects.count()
        grades = dict(AccountFinding.objects.values_list("pk", "grade"))

        second = station.run()

        assert firsts == Account.objects.count()
        now = dict(AccountFinding.objects.values_list("pk", "grade"))
        changes = GradeChange.objects.filter(night=second).values_list(
            "account_id", "grade_before", "grade"
        )
        expected = {(pk, grades[pk], now[pk]) for pk in now if now[pk] != grades[pk]}
        assert set(changes) == expected
        assert expected

    def test_the_rules_of_another_day_can_be_used_and_are_named(self, station):
        long_ago = LAST_DAY.replace(year=2010)

        with pytest.raises(LookupError):
            station.run(as_of=long_ago)
        night_id = station.run(as_of=long_ago, rules_day=LAST_DAY)

        assert Night.objects.get(pk=night_id).policies["risk"] == "risk/2014-11-01"
        assert set(AccountFinding.objects.values_list("grade", flat=True)) == {"N"}


class TestNothingHalf:
    def test_a_shard_whose_mark_cannot_be_written_shows_nothing_of_itself(
        self, station, monkeypatch
    ):
        station.run(as_of=DAY_BEFORE)
        before, changes = rows(), GradeChange.objects.count()

        def full_disk(**_):
            raise DatabaseError

        monkeypatch.setattr(storing.ShardDone.objects, "create", full_disk)
        with pytest.raises(DatabaseError):
            station.run()

        assert rows() == before
        assert GradeChange.objects.count() == changes
        assert queries.newest_night().as_of_day == DAY_BEFORE
        monkeypatch.undo()
        station.run()
        assert queries.newest_night().as_of_day == LAST_DAY

    def test_a_night_whose_ledger_row_cannot_be_written_is_not_finished(self, station, monkeypatch):
        def full_disk(*_, **__):
            raise DatabaseError

        monkeypatch.setattr(night.ledger, "record", full_disk)
        with pytest.raises(DatabaseError):
            station.run()

        assert queries.newest_night() is None
        monkeypatch.undo()
        station.run()
        assert Event.objects.filter(name="findings.night.finished").count() == 1


def test_remedies_count_once_each_and_not_when_withdrawn_or_not_used(station):
    account = Account.objects.order_by("pk").first()

    def tell(name, item_id, remedy, outcome):
        with transaction.atomic():
            ledger.record(
                f"worklist.outcome.{name}",
                subject=f"account:{account.pk}",
                actor="test",
                at=KNOWN - timedelta(minutes=1),
                account_id=account.pk,
                item_id=item_id,
                remedy=remedy,
                outcome=outcome,
            )

    tell("recorded", 1, "SCHEDULED_REMINDER", "DONE")
    tell("recorded", 2, "SCHEDULED_REMINDER", "PROMISED")
    tell("recorded", 3, "ASK_CAUSE", "NOT_REACHED")
    tell("recorded", 4, "HARDSHIP_PLAN", "DONE")
    tell("withdrawn", 4, "HARDSHIP_PLAN", "DONE")
    tell("recorded", 5, "CONTACT_CHILD_AWAY", "NOT_REACHED")
    tell("recorded", 5, "CONTACT_CHILD_AWAY", "REFUSED")
    tell("recorded", 6, "LANDLORD_CALL", "DONE")
    tell("withdrawn", 6, "LANDLORD_CALL", "DONE")
    tell("recorded", 6, "LANDLORD_CALL", "DONE")

    tried = gathering.remedies_tried(np.array([account.pk, account.pk + 1]), known_at=KNOWN)

    assert tried.tolist() == [3, 0]
