"""Answers that were given."""

from django.db import models
from django.db.models import Q


class KeptAnswer(models.Model):
    """What a write was answered, by the key that its sender chose for it."""

    sender = models.CharField(max_length=80)
    key = models.CharField(max_length=64)
    request_sha256 = models.CharField(max_length=64)  # of method, path and body
    status = models.IntegerField()
    body = models.TextField()  # JSON: numbers and codes of what was written
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="kept_answer_one_per_key", fields=["sender", "key"]),
            models.CheckConstraint(name="kept_answer_has_a_key", condition=~Q(key="")),
        ]
        indexes = [models.Index(name="kept_answer_by_age", fields=["kept_at"])]

    def __str__(self) -> str:
        return f"{self.sender} {self.status}"
