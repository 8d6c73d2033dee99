"""Taking bills, payments, debit attempts and reminders in."""

from lamplighter.facts.billing import records
from lamplighter.facts.intake import reasons
from lamplighter.facts.intake.version_doorway import doorway
from lamplighter.facts.intake.version_landing import Check, Reference, VersionedTable

ACCOUNT = Reference(field="account_number", table="customers_account", alias="account")
NUMBER = {"number": "s.number"}

BILLS = VersionedTable(
    table="billing_bill",
    references=[ACCOUNT],
    key=NUMBER,
    compared={
        "account_id": "account.id",
        "first_day": "s.first_day",
        "last_day": "s.last_day",
        "issued_date": "s.issued_date",
        "due_date": "s.due_date",
        "energy_kwh": "s.energy_kwh",
        "amount_cny": "s.amount_cny",
    },
)
PAYMENTS = VersionedTable(
    table="billing_payment",
    references=[ACCOUNT],
    key=NUMBER,
    compared={
        "account_id": "account.id",
        "paid_at": "s.paid_at",
        "amount_cny": "s.amount_cny",
        "method": "s.method",
    },
)
DEBIT_ATTEMPTS = VersionedTable(
    table="billing_debitattempt",
    references=[ACCOUNT],
    key=NUMBER,
    compared={
        "account_id": "account.id",
        "attempted_at": "s.attempted_at",
        "amount_cny": "s.amount_cny",
        "outcome": "s.outcome",
    },
)
REMINDERS = VersionedTable(
    table="billing_reminder",
    references=[ACCOUNT],
    key=NUMBER,
    compared={
        "account_id": "account.id",
        "sent_at": "s.sent_at",
        "channel": "s.channel",
        "is_delivered": "s.is_delivered",
        "bill_number": "coalesce(s.bill_number, '')",
    },
)
DOORWAYS = (
    doorway(
        record=records.BILL,
        table=BILLS,
        checks=[
            Check(
                wrong="s.last_day < s.first_day", field="last_day", reason=reasons.ENDS_BEFORE_START
            ),
            Check(
                wrong="s.due_date < s.issued_date",
                field="due_date",
                reason=reasons.ENDS_BEFORE_START,
            ),
        ],
    ),
    doorway(record=records.PAYMENT, table=PAYMENTS),
    doorway(record=records.DEBIT_ATTEMPT, table=DEBIT_ATTEMPTS),
    doorway(record=records.REMINDER, table=REMINDERS),
)
