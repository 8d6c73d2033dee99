"""Who is told what, and how each telling went."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from lamplighter.facts.intake.versions import one_of

WAITING, DELIVERED, DEAD = "WAITING", "DELIVERED", "DEAD"
STATES = [WAITING, DELIVERED, DEAD]
URL_AT_MOST = 500


class Subscription(models.Model):
    """An address that is told what happens to the orders one person of the staff may see."""

    staff = models.ForeignKey("network.Staff", models.PROTECT, related_name="+")
    url = models.CharField(max_length=URL_AT_MOST)
    names = ArrayField(models.CharField(max_length=80))  # of happenings; none: all
    secret_sealed = models.BinaryField()
    read_until_id = models.BigIntegerField()  # row of the ledger that is handed on already
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="subscription_one_live_per_address",
                fields=["staff", "url"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="subscription_place_not_negative", condition=Q(read_until_id__gte=0)
            ),
            models.CheckConstraint(
                name="subscription_ends_after_it_begins",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class Message(models.Model):
    """One happening for one subscription, until it is delivered or given up."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="messages")
    key = models.CharField(max_length=40)  # of the happening: the same however often it is sent
    event_id = models.BigIntegerField()
    body = models.TextField()
    state = models.CharField(max_length=10)
    n_attempts = models.IntegerField()
    next_at = models.DateTimeField()  # not before; while somebody sends it: until when they may
    delivered_at = models.DateTimeField(null=True)
    last_outcome = models.CharField(max_length=40)  # a status, or the kind of failure

    class Meta:
        constraints = [
            one_of(name="message_state_known", field="state", choices=STATES),
            models.UniqueConstraint(name="message_once", fields=["subscription", "key"]),
            models.CheckConstraint(
                name="message_delivered_as_its_state_says",
                condition=Q(state=DELIVERED, delivered_at__isnull=False)
                | (~Q(state=DELIVERED) & Q(delivered_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(name="message_waiting", fields=["next_at"], condition=Q(state=WAITING)),
        ]

    def __str__(self) -> str:
        return f"message {self.key} {self.state}"
