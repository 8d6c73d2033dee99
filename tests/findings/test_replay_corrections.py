"""Replays that know more or less than the night did: corrections shown both ways."""

from datetime import timedelta

import pytest
from django.db import transaction

from lamplighter.facts.billing.models import Bill, Payment
from lamplighter.facts.metering.models import UsagePoint
from lamplighter.facts.network.models import Staff
from lamplighter.findings.contests.models import Contest, Decision, GradeDReview, Ruling
from lamplighter.findings.models import (
    AccountFinding,
    ReplayCount,
)
from lamplighter.ledger import services as ledger
from tests.findings.replays import N_SHARDS, NOW, of_nights, replay
from tests.stations import CORRECTED, KNOWN, KNOWN_LATER
from tests.town.making import LAST_DAY


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
