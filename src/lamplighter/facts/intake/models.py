"""Every file as it came."""

from django.db import models
from django.db.models import F, Q


class Delivery(models.Model):
    """One file that somebody gave us, with what became of its rows.

    The file itself lies in the archive folder under its hash and is never changed.
    """

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", "received"
        IMPORTED = "IMPORTED", "imported"
        REFUSED = "REFUSED", "refused"

    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    record = models.CharField(max_length=40)
    mapping_name = models.CharField(max_length=120)
    mapping_sha256 = models.CharField(max_length=64)
    mapping_text = models.TextField()
    state = models.CharField(max_length=10, choices=State)
    refusal = models.TextField()
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=80)
    # The organisation unit it was delivered for (OrgUnit.path); empty: seen by operators alone.
    org_path = models.CharField(max_length=400, default="")
    finished_at = models.DateTimeField(null=True)
    n_read = models.BigIntegerField(default=0)
    n_imported = models.BigIntegerField(default=0)
    n_unchanged = models.BigIntegerField(default=0)
    n_quarantined = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(name="delivery_by_time", fields=["-received_at", "-id"])]
        constraints = [
            models.UniqueConstraint(
                name="delivery_once_per_file_and_mapping", fields=["sha256", "mapping_sha256"]
            ),
            models.CheckConstraint(
                name="delivery_state_known",
                condition=Q(state__in=["RECEIVED", "IMPORTED", "REFUSED"]),
            ),
            models.CheckConstraint(
                name="delivery_counts_add_up",
                condition=~Q(state="IMPORTED")
                | Q(n_read=F("n_imported") + F("n_unchanged") + F("n_quarantined")),
            ),
            models.CheckConstraint(
                name="delivery_refusal_has_a_reason", condition=~Q(state="REFUSED", refusal="")
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.record} {self.state}"


class QuarantinedRow(models.Model):
    """A row that could not be used, for the page; the whole list is a file beside the delivery."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="quarantined")
    row_number = models.BigIntegerField()
    field = models.CharField(max_length=60)
    value = models.CharField(max_length=200)
    reason = models.CharField(max_length=60)
    detail = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(name="quarantine_by_row", fields=["delivery", "row_number"])]

    def __str__(self) -> str:
        return f"#{self.delivery_id} row {self.row_number} {self.field} {self.reason}"
