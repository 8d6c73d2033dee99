"""What is known of each file; the file itself lies in a folder that no web server serves."""

from django.db import models
from django.db.models import Q

from lamplighter.facts.intake.versions import one_of

KINDS = ["PDF", "PNG", "JPEG"]


class Attachment(models.Model):
    """One file of one order, found by the hash of its content."""

    order = models.ForeignKey("service.ServiceOrder", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)  # by its content, whatever its name says
    sha256 = models.CharField(max_length=64)
    n_bytes = models.IntegerField()
    name_sealed = models.BinaryField()  # as it was sent; it may name a person
    attached_at = models.DateTimeField()
    attached_by = models.CharField(max_length=80)
    expires_date = models.DateField()  # then its file is gone
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of(name="attachment_kind_known", field="kind", choices=KINDS),
            models.CheckConstraint(name="attachment_not_empty", condition=Q(n_bytes__gt=0)),
            models.UniqueConstraint(name="attachment_once", fields=["order", "sha256"]),
        ]
        indexes = [
            models.Index(
                name="attachment_by_expiry",
                fields=["expires_date"],
                condition=Q(erased_at__isnull=True),
            ),
            models.Index(name="attachment_by_content", fields=["sha256"]),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.kind} {self.sha256[:12]}"
