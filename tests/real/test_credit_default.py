"""Real accounts with six bills each (30,000 are at hand), from the file to grades and risks."""

import csv
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Count, Sum

from lamplighter.facts.billing.models import Bill, Payment
from lamplighter.findings.models import AccountFinding, Night
from tests.real.conftest import EXAMPLES

ENOUGH_TO_LEARN = 5_000  # the policy asks for 2,000 with an outcome, 200 of them unpaid
RULES_OF = date(2026, 11, 24)  # the policies begin after these bills


@pytest.fixture(scope="module")
def file(real_file):
    return real_file("credit_default.csv")


@pytest.fixture(scope="module")
def rows(file):
    with file.open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def reports(empty, file):
    return {
        name: empty.receive(file, EXAMPLES / "mappings" / f"credit_default_{name}.toml")
        for name in ("accounts", "bills", "payments")
    }


@pytest.fixture(scope="module")
def night_id(empty, reports):
    return empty.run(as_of=date(2005, 9, 30), rules_day=RULES_OF)


def test_all_of_the_file_is_taken_in_and_the_counts_add_up(reports, rows):
    paid = sum(Decimal(row[f"PAY_AMT{n}"]) != 0 for row in rows for n in range(1, 7))

    read = {name: report.n_read for name, report in reports.items()}
    assert read == {"accounts": len(rows), "bills": 6 * len(rows), "payments": paid}
    for report in reports.values():
        assert report.state == "IMPORTED"
        assert (report.n_imported, report.n_quarantined) == (report.n_read, 0)


def test_the_money_in_the_database_is_the_money_in_the_file(reports, rows):
    billed = sum(int(Decimal(row[f"BILL_AMT{n}"])) for row in rows for n in range(1, 7))
    paid = sum(int(Decimal(row[f"PAY_AMT{n}"])) for row in rows for n in range(1, 7))

    assert Bill.objects.aggregate(s=Sum("amount_cny"))["s"] == Decimal(billed)
    assert Payment.objects.aggregate(s=Sum("amount_cny"))["s"] == Decimal(paid)


def test_the_same_file_again_changes_nothing(empty, file, rows, reports):
    again = empty.receive(file, EXAMPLES / "mappings" / "credit_default_bills.toml")

    assert again.is_repeat
    assert Bill.objects.count() == 6 * len(rows)


def test_every_account_is_graded_and_scored_by_what_was_learnt(night_id, rows):
    found = AccountFinding.objects.filter(night=night_id)

    assert found.count() == len(rows)
    assert found.filter(risk_probability=None).count() == 0
    by_rule = found.filter(risk_is_rule_based=True).count()
    assert by_rule == 0 if len(rows) >= ENOUGH_TO_LEARN else by_rule in (0, len(rows))
    grades = {row["grade"]: row["n"] for row in found.values("grade").annotate(n=Count("pk"))}
    assert sum(grades.values()) == len(rows)
    assert grades.keys() <= set("ABCDN")
    assert Night.objects.get(pk=night_id).policies["risk"].startswith("risk/")


def test_the_balance_is_what_was_billed_and_not_paid(night_id, rows):
    owed = {}
    for row in rows[:2_000]:
        billed, paid = 0, sum(int(Decimal(row[f"PAY_AMT{n}"])) for n in range(1, 7))
        due = 0
        for n in range(6, 0, -1):  # the oldest first, each from what is left
            amount = int(Decimal(row[f"BILL_AMT{n}"]))
            due += max(amount, 0) - min(max(paid - billed, 0), max(amount, 0))
            billed += amount
        owed[f"CARD-{row['ID']}"] = due

    found = AccountFinding.objects.filter(account__number__in=owed)

    balances = dict(found.values_list("account__number", "balance_due_cny"))
    assert balances == {number: Decimal(due) for number, due in owed.items()}
