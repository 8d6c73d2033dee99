"""Where energy is counted, and by what. The readings themselves lie in the lake."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value


class UsagePoint(models.Model):
    """A point of supply that is metered (CIM UsagePoint).

    *shard* says in which part of the lake its readings lie; it follows the station area at the
    time the point was first recorded and never changes, so that readings never move.
    """

    number = models.CharField(max_length=60, unique=True)
    account = models.ForeignKey(
        "customers.Account", models.PROTECT, null=True, related_name="usage_points"
    )
    shard = models.IntegerField()
    recorded_at = models.DateTimeField()
    delivery = models.ForeignKey("intake.Delivery", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(name="usage_point_by_shard", fields=["shard", "id"])]
        constraints = [
            models.CheckConstraint(name="usage_point_shard_not_negative", condition=Q(shard__gte=0))
        ]

    def __str__(self) -> str:
        return self.number


class Meter(models.Model):
    """A meter (CIM Meter) and the days it counted at a usage point."""

    number = models.CharField(max_length=60)
    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="meters")
    days = DateRangeField()  # half-open
    multiplier_ratio = models.DecimalField(max_digits=10, decimal_places=3, default=1)
    recorded_at = models.DateTimeField()
    delivery = models.ForeignKey("intake.Delivery", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="meter_multiplier_positive", condition=Q(multiplier_ratio__gt=0)
            ),
            ExclusionConstraint(
                name="meter_one_at_a_point",
                expressions=[
                    (
                        Func(
                            F("usage_point_id"),
                            F("usage_point_id"),
                            Value("[]"),
                            function="int8range",
                            output_field=IntegerField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("days", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LakeCommit(models.Model):
    """What one delivery brought into the lake, written in the delivery's own transaction.

    The lake's files bear the *token* in their names. A file whose token is not here was left by an
    import that did not come to its end, and no reader looks at it.
    """

    token = models.CharField(max_length=32, unique=True)
    series = models.CharField(max_length=10)  # DAILY or INTERVAL: which table of the lake
    delivery = models.ForeignKey("intake.Delivery", models.PROTECT, related_name="+")
    content_sha256 = models.CharField(max_length=64)
    shards = ArrayField(models.IntegerField())
    days = DateRangeField()  # half-open, from the first to after the last day with a reading
    n_rows = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="lake_commit_by_time", fields=["series", "recorded_at"])]
        constraints = [
            models.CheckConstraint(
                name="lake_commit_series_known", condition=Q(series__in=["DAILY", "INTERVAL"])
            ),
            models.CheckConstraint(name="lake_commit_has_rows", condition=Q(n_rows__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.token}"
