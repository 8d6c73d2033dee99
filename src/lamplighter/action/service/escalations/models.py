"""To whom an order was escalated, and what they did about it."""

from django.db import models
from django.db.models import F, Q

from lamplighter.action.service.escalations.ladder import CHASED, PROMISE, STEP
from lamplighter.facts.intake.versions import one_of

CAUSES = [PROMISE, STEP, CHASED]
WORDS_AT_MOST = 1000


class Escalation(models.Model):
    """An order was escalated to one level, once; it ends with its order at the latest."""

    order = models.ForeignKey("service.ServiceOrder", models.CASCADE, related_name="+")
    level = models.IntegerField()  # 1: the lowest of the ladder
    post = models.CharField(max_length=20)
    staff = models.ForeignKey("network.Staff", models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=8)
    code = models.CharField(max_length=40)  # of the promise or step; empty where it was chased
    raised_at = models.DateTimeField()
    policy_version = models.CharField(max_length=40)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey("network.Staff", models.PROTECT, null=True, related_name="+")
    taken_words = models.CharField(max_length=WORDS_AT_MOST)  # what they will do
    settled_at = models.DateTimeField(null=True)
    settled_words = models.CharField(max_length=WORDS_AT_MOST)  # what was done

    class Meta:
        constraints = [
            one_of(name="escalation_cause_known", field="cause", choices=CAUSES),
            models.UniqueConstraint(name="escalation_once_a_level", fields=["order", "level"]),
            models.CheckConstraint(
                name="escalation_taken_by_somebody",
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
            ),
            models.CheckConstraint(
                name="escalation_settled_after_taken",
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("taken_at")),
            ),
        ]
        indexes = [
            models.Index(name="escalation_by_moment", fields=["raised_at"]),
            models.Index(
                name="escalation_not_taken", fields=["staff"], condition=Q(taken_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} to {self.post}"
