"""What is put on record beside an order: one fault of many, failures of service, absences."""

from django.db import models
from django.db.models import F, Q

from lamplighter.facts.intake.versions import one_of

FAILURE_LEVELS = ["ERROR", "OBSTACLE", "ACCIDENT"]
REASON_AT_MOST = 1000


class Incident(models.Model):
    """One fault that several customers report (one cause, many orders)."""

    number = models.CharField(max_length=40, unique=True)
    type_code = models.CharField(max_length=24)
    unit = models.ForeignKey("network.OrgUnit", models.PROTECT, related_name="+")
    area = models.ForeignKey("network.Area", models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    restored_at = models.DateTimeField(null=True)  # null: it ended with its orders
    cause = models.CharField(max_length=REASON_AT_MOST)  # as its customers are told
    closed_by = models.CharField(max_length=80)
    has_outage = models.BooleanField(default=False)  # which says when it ends, not its orders

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="incident_ends_after_it_begins",
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(
                name="incident_restored_before_it_ends",
                condition=Q(restored_at__isnull=True)
                | Q(restored_at__gte=F("opened_at"), restored_at__lte=F("closed_at")),
            ),
        ]
        indexes = [
            models.Index(name="incident_by_area", fields=["area", "closed_at"]),
            models.Index(
                name="incident_open", fields=["opened_at"], condition=Q(closed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ServiceFailure(models.Model):
    """A failure of service at its level, weighed like an event of safety (S3-18)."""

    order = models.ForeignKey("service.ServiceOrder", models.CASCADE, related_name="failures")
    code = models.CharField(max_length=40)  # of the process's failures; empty: seen by a person
    level = models.CharField(max_length=10)
    step_code = models.CharField(max_length=40)
    unit = models.ForeignKey("network.OrgUnit", models.PROTECT, related_name="+")
    staff = models.ForeignKey("network.Staff", models.PROTECT, null=True, related_name="+")
    content = models.CharField(max_length=REASON_AT_MOST)
    method = models.CharField(max_length=200)  # how it was assessed
    economic_cny = models.DecimalField(max_digits=12, decimal_places=2)
    political = models.IntegerField()  # 0 none … 3 grave, like the two below
    reputation = models.IntegerField()
    honour = models.IntegerField()
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=80)
    remedy = models.CharField(max_length=REASON_AT_MOST)  # what is done so that it does not recur
    weighed_at = models.DateTimeField(null=True)  # null: nobody has weighed its losses yet
    weighed_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            one_of(name="failure_level_known", field="level", choices=FAILURE_LEVELS),
            models.CheckConstraint(
                name="failure_losses_weighed",
                condition=Q(economic_cny__gte=0)
                & Q(political__range=(0, 3))
                & Q(reputation__range=(0, 3))
                & Q(honour__range=(0, 3)),
            ),
            models.CheckConstraint(
                name="failure_weighed_after_it_was_found",
                condition=Q(weighed_at__isnull=True) | Q(weighed_at__gte=F("found_at")),
            ),
            models.UniqueConstraint(
                name="failure_once_by_rule", fields=["order", "code"], condition=~Q(code="")
            ),
        ]
        indexes = [models.Index(name="failure_by_moment", fields=["found_at"])]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.level}"


class Absence(models.Model):
    """A person is away: no step is given to them, and theirs are given to others."""

    staff = models.ForeignKey("network.Staff", models.CASCADE, related_name="+")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_begins", condition=Q(ends_at__gt=F("begins_at"))
            ),
        ]
        indexes = [models.Index(name="absence_by_staff", fields=["staff", "ends_at"])]

    def __str__(self) -> str:
        return f"staff {self.staff_id} from {self.begins_at:%Y-%m-%dT%H:%MZ}"
