"""What came by the open line, and how much of late from one address.

The two know nothing of each other: nobody can tell from them who reported.
"""

from django.db import models
from django.db.models import Q


class PublicReport(models.Model):
    """An order that somebody without an account began."""

    order = models.OneToOneField("service.ServiceOrder", models.CASCADE, related_name="+")
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"order {self.order_id}"


class ReportSender(models.Model):
    """How many reports came from one address within an hour; gone after a day."""

    address_index = models.CharField(max_length=64, unique=True)  # keyed hash
    window_at = models.DateTimeField()  # since when they are counted
    n_sent = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="report_sender_counts_up", condition=Q(n_sent__gt=0)),
        ]
        indexes = [models.Index(name="report_sender_by_window", fields=["window_at"])]

    def __str__(self) -> str:
        return f"{self.n_sent} since {self.window_at:%Y-%m-%dT%H:%MZ}"
