"""Links to a customer's own order, and what was said through them."""

from django.db import models
from django.db.models import F, Q

from lamplighter.facts.intake.versions import one_of

RATED, CONFIRMED, OBJECTED = "RATED", "CONFIRMED", "OBJECTED"
ANSWER_KINDS = [RATED, CONFIRMED, OBJECTED]
LEAST_STARS, MOST_STARS = 1, 5


class ProgressLink(models.Model):
    """Whoever holds the nonce sees one order; only its hash is kept."""

    order = models.ForeignKey("service.ServiceOrder", models.CASCADE, related_name="+")
    nonce_sha256 = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    window_at = models.DateTimeField()  # since when visits are counted
    n_visits = models.IntegerField()  # within the window

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="progress_link_ends_after_it_begins",
                condition=Q(expires_at__gt=F("issued_at")),
            ),
            models.UniqueConstraint(
                name="progress_link_one_live",
                fields=["order"],
                condition=Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} until {self.expires_at:%Y-%m-%d}"


class CustomerAnswer(models.Model):
    """What a customer said of their order: how good it was, that it is done, or that it is not."""

    order = models.ForeignKey("service.ServiceOrder", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    stars = models.IntegerField(null=True)
    words_sealed = models.BinaryField(null=True)
    words_expire_date = models.DateField(null=True)
    at = models.DateTimeField()
    request_key = models.CharField(max_length=64)  # the form's; empty where none was sent
    follow_up = models.ForeignKey(
        "service.ServiceOrder", models.PROTECT, null=True, related_name="+"
    )  # the order that it opened
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey("network.Staff", models.PROTECT, null=True, related_name="+")
    reply_sealed = models.BinaryField(null=True)  # shown to the customer; expires with their words

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="customer_answer_replied_by_somebody",
                condition=Q(replied_at__isnull=True, replied_by__isnull=True)
                | Q(replied_at__gte=F("at"), replied_by__isnull=False),
            ),
            one_of(name="customer_answer_kind_known", field="kind", choices=ANSWER_KINDS),
            models.CheckConstraint(
                name="customer_answer_stars_when_rated",
                condition=Q(kind=RATED, stars__range=(LEAST_STARS, MOST_STARS))
                | (~Q(kind=RATED) & Q(stars__isnull=True)),
            ),
            models.CheckConstraint(
                name="customer_answer_words_expire",
                condition=Q(words_sealed__isnull=True) | Q(words_expire_date__isnull=False),
            ),
            models.UniqueConstraint(
                name="customer_answer_rated_once", fields=["order"], condition=Q(kind=RATED)
            ),
            models.UniqueConstraint(
                name="customer_answer_one_per_request",
                fields=["order", "request_key"],
                condition=~Q(request_key=""),
            ),
        ]
        indexes = [
            models.Index(
                name="customer_answer_by_expiry",
                fields=["words_expire_date"],
                condition=Q(words_sealed__isnull=False) | Q(reply_sealed__isnull=False),
            ),
            models.Index(
                name="customer_answer_not_replied",
                fields=["at"],
                condition=Q(kind=OBJECTED, replied_at__isnull=True),
            ),
            models.Index(name="customer_answer_by_moment", fields=["kind", "at"]),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.kind}"
