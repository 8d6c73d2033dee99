"""What becomes of bills and payments on their way in."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lamplighter.facts.billing.landing import DOORWAYS
from lamplighter.facts.billing.models import Bill, DebitAttempt, Payment, Reminder
from lamplighter.facts.intake.versions import known_at
from lamplighter.ledger import services as ledger
from tests import factories
from tests.facts.landings import FIRST, LATER, deliver, reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return factories.make_account()


def bill(account: Any, **changed: Any) -> dict[str, Any]:
    return {
        "number": "B-1",
        "account_number": account.number,
        "first_day": date(2026, 9, 18),
        "last_day": date(2026, 10, 17),
        "issued_date": date(2026, 10, 22),
        "due_date": date(2026, 10, 31),
        "energy_kwh": Decimal("100.00"),
        "amount_cny": Decimal("53.80"),
        **changed,
    }


class TestBills:
    def test_land_once_and_a_correction_is_a_further_version(self, account):
        first = deliver(DOORWAYS, "bill", [bill(account)])
        again = deliver(DOORWAYS, "bill", [bill(account)], now=LATER)
        corrected = deliver(
            DOORWAYS, "bill", [bill(account, amount_cny=Decimal("50.00"))], now=LATER
        )

        assert (first.n_imported, again.n_unchanged, corrected.n_imported) == (1, 1, 1)
        assert Bill.objects.get(known_at(FIRST)).amount_cny == Decimal("53.80")
        assert Bill.objects.get(known_at(LATER)).amount_cny == Decimal("50.00")

    def test_a_missing_energy_equals_a_missing_energy(self, account):
        deliver(DOORWAYS, "bill", [bill(account, energy_kwh=None)])

        again = deliver(DOORWAYS, "bill", [bill(account, energy_kwh=None)], now=LATER)

        assert again.n_unchanged == 1

    def test_refuses_what_is_unknown_repeated_or_out_of_order(self, account):
        landed = deliver(
            DOORWAYS,
            "bill",
            [
                bill(account),
                bill(account),
                bill(account, number="B-2", account_number="nobody"),
                bill(account, number="B-3", due_date=date(2026, 10, 1)),
                bill(account, number="B-4", last_day=date(2026, 9, 1)),
            ],
        )

        assert sorted(reasons(landed)) == [
            (2, "number", "CONFLICTING_REPEAT"),
            (3, "account_number", "UNKNOWN_REFERENCE"),
            (4, "due_date", "ENDS_BEFORE_START"),
            (5, "last_day", "ENDS_BEFORE_START"),
        ]
        assert [one.value for one in landed.refusals if one.row_number == 3] == ["nobody"]
        assert Bill.objects.count() == 1


class TestTheOthers:
    def test_payments_debits_and_reminders_land(self, account):
        at = datetime(2026, 10, 25, 2, tzinfo=UTC)
        common = {"number": "X1", "account_number": account.number}
        money = {"amount_cny": Decimal("-5.00")}

        deliver(DOORWAYS, "payment", [common | money | {"paid_at": at, "method": "APP"}])
        deliver(
            DOORWAYS,
            "debit_attempt",
            [common | money | {"attempted_at": at, "outcome": "INSUFFICIENT"}],
        )
        deliver(
            DOORWAYS, "reminder", [common | {"sent_at": at, "channel": "SMS", "is_delivered": True}]
        )

        assert Payment.objects.get().paid_at == at
        assert DebitAttempt.objects.get().amount_cny == Decimal("-5.00")
        assert Reminder.objects.get().bill_number == ""


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("bill_one_current_version", {}),
        ("bill_ends_after_it_starts", {"number": "B", "last_day": date(2000, 1, 1)}),
        ("bill_due_after_issue", {"number": "B", "due_date": date(2000, 1, 1)}),
        (
            "bill_superseded_after_recorded",
            {"number": "B", "superseded_at": datetime(2000, 1, 1, tzinfo=UTC)},
        ),
    ],
)
def test_the_database_refuses_what_breaks_a_promise(account, constraint, change):
    deliver(DOORWAYS, "bill", [bill(account)])
    values = Bill.objects.values().get() | change
    del values["id"]

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Bill.objects.create(**values)

    assert ledger.violates(refused.value, constraint)
