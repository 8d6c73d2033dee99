"""What was billed, paid, tried and reminded. Money is exact to the fen."""

from django.db import models
from django.db.models import F, Q

from lamplighter.facts.billing.columns import METHODS, OUTCOMES
from lamplighter.facts.intake.versions import Version, one_current, one_of

CHANNELS = ["SMS", "PHONE", "PAPER", "APP", "VISIT"]


def closed(*, name: str) -> models.Index:
    """Return the index by which the books find the few versions that a delivery closed."""
    return models.Index(
        name=f"{name}_closed", fields=["superseded_at"], condition=Q(superseded_at__isnull=False)
    )


class Bill(Version):
    """A bill (CIM Due); a corrected bill is a further version of the same number."""

    number = models.CharField(max_length=60)
    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="bills")
    first_day = models.DateField()
    last_day = models.DateField()
    issued_date = models.DateField()
    due_date = models.DateField()
    energy_kwh = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            *one_current(name="bill", fields=["number"]),
            models.CheckConstraint(
                name="bill_ends_after_it_starts", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(
                name="bill_due_after_issue", condition=Q(due_date__gte=F("issued_date"))
            ),
        ]
        indexes = [
            models.Index(name="bill_by_account", fields=["account", "issued_date"]),
            models.Index(name="bill_by_issue", fields=["issued_date", "account"]),
            closed(name="bill"),
        ]

    def __str__(self) -> str:
        return self.number


class Payment(Version):
    """Money received (CIM Receipt); a payment back is negative."""

    number = models.CharField(max_length=60)
    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="payments")
    paid_at = models.DateTimeField()
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)
    method = models.CharField(max_length=12)

    class Meta:
        constraints = [
            *one_current(name="payment", fields=["number"]),
            one_of(name="payment_method_known", field="method", choices=METHODS),
        ]
        indexes = [
            models.Index(name="payment_by_account", fields=["account", "paid_at"]),
            closed(name="payment"),
        ]

    def __str__(self) -> str:
        return self.number


class DebitAttempt(Version):
    """One try to debit a bank account."""

    number = models.CharField(max_length=60)
    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="debit_attempts")
    attempted_at = models.DateTimeField()
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)
    outcome = models.CharField(max_length=16)

    class Meta:
        constraints = [
            *one_current(name="debit_attempt", fields=["number"]),
            one_of(name="debit_attempt_outcome_known", field="outcome", choices=OUTCOMES),
        ]
        indexes = [
            models.Index(name="debit_attempt_by_account", fields=["account", "attempted_at"]),
            closed(name="debit_attempt"),
        ]

    def __str__(self) -> str:
        return self.number


class Reminder(Version):
    """A reminder the customer was sent, and whether it arrived."""

    number = models.CharField(max_length=60)
    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="reminders")
    sent_at = models.DateTimeField()
    channel = models.CharField(max_length=8)
    is_delivered = models.BooleanField()
    bill_number = models.CharField(max_length=60)

    class Meta:
        constraints = [
            *one_current(name="reminder", fields=["number"]),
            one_of(name="reminder_channel_known", field="channel", choices=CHANNELS),
        ]
        indexes = [
            models.Index(name="reminder_by_account", fields=["account", "sent_at"]),
            closed(name="reminder"),
        ]

    def __str__(self) -> str:
        return self.number
