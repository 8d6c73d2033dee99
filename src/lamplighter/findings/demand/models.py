"""What requests ask for, by their words, and what is new among them."""

from django.db import models
from django.db.models import Q

from lamplighter.facts.intake.versions import one_of


class RequestFinding(models.Model):
    """What a request seems to ask for, by its words; empty where a person must say."""

    request = models.OneToOneField(
        "customers.ServiceRequest", models.CASCADE, primary_key=True, related_name="+"
    )
    area = models.ForeignKey("network.Area", models.PROTECT, null=True, related_name="+")
    category = models.CharField(max_length=20)  # of the account; empty where nobody was named
    requested_date = models.DateField()  # local
    type = models.CharField(max_length=24)  # a type of the policy demand_types, or empty
    group = models.CharField(max_length=16)  # its group; may be sure where the type is not
    likeliest_type = models.CharField(max_length=24)  # empty where no word is known
    probability = models.FloatField(null=True)  # of the likeliest type
    learnt_version = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="request_finding_probability_is_one",
                condition=Q(probability__isnull=True) | Q(probability__range=(0, 1)),
            ),
        ]
        indexes = [
            models.Index(name="request_finding_by_area_date", fields=["area", "requested_date"])
        ]

    def __str__(self) -> str:
        return f"request {self.request_id} {self.type}"


class RequestTopic(models.Model):
    """A type or a turn of phrase that rose beyond chance at a station; rebuilt every night."""

    station = models.ForeignKey("network.OrgUnit", models.CASCADE, related_name="+")
    area = models.ForeignKey("network.Area", models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=24)  # a type, or the phrase
    also = models.JSONField()  # further phrases of the same requests
    first_date = models.DateField()  # of the seven days
    n_requests = models.IntegerField()
    rise_ratio = models.FloatField()  # times what was expected
    chance_probability = models.FloatField()
    example_ids = models.JSONField()  # of requests

    class Meta:
        constraints = [
            one_of(name="request_topic_kind_known", field="kind", choices=["TYPE", "TERM"]),
        ]

    def __str__(self) -> str:
        return f"station {self.station_id} {self.kind} {self.name}"
