"""The filled form of a step, as it was when the step was done."""

from django.db import models
from django.db.models import Q


class StepRecord(models.Model):
    """What one form held; a step that is done again has a further record, none is ever edited."""

    order = models.ForeignKey("service.ServiceOrder", models.PROTECT, related_name="+")
    account = models.ForeignKey("customers.Account", models.PROTECT, null=True, related_name="+")
    process_version = models.CharField(max_length=40)
    round = models.IntegerField()
    step_code = models.CharField(max_length=40)
    answer = models.CharField(max_length=40)  # how the step ended; empty where it decides nothing
    values_sealed = models.BinaryField(null=True)  # JSON, field → value; gone once it expires
    first_date = models.DateField(null=True)  # the days asked for, where the form has a term
    until_date = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)
    expires_date = models.DateField()
    request_key = models.CharField(max_length=64)  # the form's; empty where none was sent

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="step_record_one_per_request",
                fields=["order", "request_key"],
                condition=~Q(request_key=""),
            ),
            models.CheckConstraint(
                name="step_record_term_whole",
                condition=Q(first_date__isnull=True, until_date__isnull=True)
                | Q(until_date__gt=models.F("first_date")),
            ),
        ]
        indexes = [
            models.Index(name="step_record_by_order", fields=["order", "recorded_at"]),
            models.Index(
                name="step_record_by_account",
                fields=["account", "first_date"],
                condition=Q(first_date__isnull=False),
            ),
            models.Index(
                name="step_record_by_expiry",
                fields=["expires_date"],
                condition=Q(values_sealed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.step_code} {self.recorded_at:%Y-%m-%dT%H:%MZ}"
