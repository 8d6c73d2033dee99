"""What an import of bills, payments or reminders does to the tables and the ledger."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from lamplighter.facts.billing.models import Bill, Payment, Reminder
from lamplighter.facts.customers.models import Account
from lamplighter.facts.intake.models import Delivery
from lamplighter.ledger import services as ledger


class Import:
    """What an import does to the tables and the ledger, for one record."""

    def __init__(self, record: str, *, now: datetime) -> None:
        self.record, self.now = record, now
        self.delivery = Delivery.objects.create(
            file_name="f", sha256=f"{Delivery.objects.count():064d}", mapping_sha256="",
            size_bytes=1,
            record=record, mapping_name="m", mapping_text="", state="RECEIVED", refusal="",
            received_at=now, received_by="test",
        )  # fmt: skip
        self.version = {"recorded_at": now, "recorded_by": "test", "delivery": self.delivery}

    def close(self, row: Bill | Payment | Reminder) -> None:
        type(row).objects.filter(pk=row.pk).update(superseded_at=self.now)

    def bill(self, account: Account, number: str, issued: date, fen: int) -> Bill:
        return Bill.objects.create(
            account=account, number=number, first_day=issued - timedelta(33),
            last_day=issued - timedelta(4), issued_date=issued, due_date=issued + timedelta(10),
            amount_cny=Decimal(fen) / 100, energy_kwh=None if fen % 2 else 80, **self.version,
        )  # fmt: skip

    def payment(self, account: Account, number: str, at: datetime, fen: int) -> Payment:
        return Payment.objects.create(
            account=account, number=number, paid_at=at, amount_cny=Decimal(fen) / 100, method="APP",
            **self.version,
        )  # fmt: skip

    def reminder(self, account: Account, number: str, at: datetime) -> Reminder:
        return Reminder.objects.create(
            account=account, number=number, sent_at=at, channel="SMS", is_delivered=True,
            bill_number="", **self.version,
        )  # fmt: skip

    def end(self) -> None:
        Delivery.objects.filter(pk=self.delivery.pk).update(state="IMPORTED", finished_at=self.now)
        ledger.record(
            "intake.delivery.imported", subject=f"delivery:{self.delivery.pk}", actor="test",
            at=self.now, record=self.record,
        )  # fmt: skip
