"""Outages, the station areas they take, and every change of when they end.

An outage's row holds how it stands; its changes hold how it stood after each of them.
"""

from django.db import models
from django.db.models import F, Q

from lamplighter.action.outages.lines import CAUSES, REASON_AT_MOST
from lamplighter.facts.intake.versions import one_of

PLANNED, TEMPORARY, UNPLANNED = "PLANNED", "TEMPORARY", "UNPLANNED"
KINDS = [PLANNED, TEMPORARY, UNPLANNED]
RECORDED, CHANGED, ENDED, CALLED_OFF = "RECORDED", "CHANGED", "ENDED", "CALLED_OFF"
CHANGES = [RECORDED, CHANGED, ENDED, CALLED_OFF]


class Outage(models.Model):
    """Supply is off, was, or will be: one cause, one begin, one or many station areas."""

    number = models.CharField(max_length=40, unique=True)
    source_number = models.CharField(max_length=60)  # the dispatch system's own; may be empty
    kind = models.CharField(max_length=10)
    cause = models.CharField(max_length=16)
    unit = models.ForeignKey("network.OrgUnit", models.PROTECT, related_name="+")
    feeder = models.ForeignKey("network.Feeder", models.PROTECT, null=True, related_name="+")
    begins_at = models.DateTimeField()
    expected_end_at = models.DateTimeField(null=True)  # null: nobody can say yet
    ended_at = models.DateTimeField(null=True)
    called_off_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField()  # of the begin that holds now
    notice_exception = models.CharField(max_length=REASON_AT_MOST)  # why it was told too late
    order = models.ForeignKey("service.ServiceOrder", models.PROTECT, null=True, related_name="+")
    incident = models.ForeignKey("service.Incident", models.PROTECT, null=True, related_name="+")
    process_version = models.CharField(max_length=40)  # that says how early it is announced
    policy_version = models.CharField(max_length=40)
    recorded_by = models.CharField(max_length=80)
    request_key = models.CharField(max_length=64)

    class Meta:
        constraints = [
            one_of(name="outage_kind_known", field="kind", choices=KINDS),
            one_of(name="outage_cause_known", field="cause", choices=CAUSES),
            models.CheckConstraint(
                name="outage_ends_after_it_begins",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("begins_at")),
            ),
            models.CheckConstraint(
                name="outage_expected_to_end_after_it_begins",
                condition=Q(expected_end_at__isnull=True) | Q(expected_end_at__gt=F("begins_at")),
            ),
            models.CheckConstraint(
                name="outage_ended_or_called_off",
                condition=Q(ended_at__isnull=True) | Q(called_off_at__isnull=True),
            ),
            models.CheckConstraint(
                name="outage_planned_says_until_when",
                condition=Q(kind=UNPLANNED) | Q(expected_end_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="outage_one_per_request",
                fields=["request_key"],
                condition=~Q(request_key=""),
            ),
            models.UniqueConstraint(
                name="outage_one_per_source",
                fields=["source_number"],
                condition=~Q(source_number=""),
            ),
        ]
        indexes = [
            models.Index(
                name="outage_live_by_begin",
                fields=["begins_at"],
                condition=Q(ended_at__isnull=True, called_off_at__isnull=True),
            ),
            models.Index(name="outage_by_unit", fields=["unit", "begins_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class OutageArea(models.Model):
    """A station area that an outage takes."""

    outage = models.ForeignKey(Outage, models.CASCADE, related_name="areas")
    area = models.ForeignKey("network.Area", models.PROTECT, related_name="+")
    left_at = models.DateTimeField(null=True)  # supplied again before the rest, or not meant

    class Meta:
        constraints = [
            models.UniqueConstraint(name="outage_area_once", fields=["outage", "area"]),
        ]

    def __str__(self) -> str:
        return f"outage {self.outage_id} area {self.area_id}"


class OutageChange(models.Model):
    """How an outage stood after one change."""

    outage = models.ForeignKey(Outage, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    begins_at = models.DateTimeField()
    expected_end_at = models.DateTimeField(null=True)
    n_areas = models.IntegerField()
    reason = models.CharField(max_length=REASON_AT_MOST)
    request_key = models.CharField(max_length=64)

    class Meta:
        constraints = [
            one_of(name="outage_change_known", field="kind", choices=CHANGES),
            models.UniqueConstraint(
                name="outage_change_one_per_request",
                fields=["outage", "request_key"],
                condition=~Q(request_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"outage {self.outage_id} {self.kind}"
