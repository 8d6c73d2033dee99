"""Tokens of programs; the secret itself is kept nowhere."""

from django.db import models
from django.db.models import F, Q

NAME_AT_MOST = 80


class ApiToken(models.Model):
    """A secret by which a program acts as one person of the staff, until a day."""

    staff = models.ForeignKey("network.Staff", models.PROTECT, related_name="+")
    name = models.CharField(max_length=NAME_AT_MOST)  # which program has it
    secret_sha256 = models.CharField(max_length=64, unique=True)
    tail = models.CharField(max_length=4)  # last characters, to tell tokens apart
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    minute_begins_at = models.DateTimeField(null=True)
    n_in_minute = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="api_token_expires_after_it_is_issued",
                condition=Q(expires_at__gt=F("issued_at")),
            ),
            models.CheckConstraint(name="api_token_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} …{self.tail}"
