"""The one table of what we did."""

from django.db import models


class Event(models.Model):
    """One thing that happened, chained to the one before it.

    The payload holds ids and numbers only, never a name, a phone or an address.
    """

    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()
    payload = models.JSONField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(name="event_by_subject", fields=["subject", "id"]),
            models.Index(name="event_by_name", fields=["name", "id"]),
        ]
        constraints = [
            models.UniqueConstraint(name="event_one_per_hash", fields=["hash"]),
            models.UniqueConstraint(name="event_chain_never_forks", fields=["previous_hash"]),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name} {self.subject}"
