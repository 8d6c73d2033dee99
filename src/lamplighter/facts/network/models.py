"""Who is supplied from where, and who answers for it."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value

from lamplighter.facts.intake.versions import one_of


class OrgUnit(models.Model):
    """An organisation unit (CIM Organisation): province, city, county or supply station."""

    class Kind(models.TextChoices):
        PROVINCE = "PROVINCE", "province"
        CITY = "CITY", "city"
        COUNTY = "COUNTY", "county"
        STATION = "STATION", "supply station"

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=400, unique=True)  # "/61/6101/": codes from the top

    class Meta:
        constraints = [
            one_of(
                name="org_unit_kind_known",
                field="kind",
                choices=["PROVINCE", "CITY", "COUNTY", "STATION"],
            ),
            models.CheckConstraint(
                name="org_unit_path_is_closed",
                condition=Q(path__startswith="/") & Q(path__endswith="/"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Feeder(models.Model):
    """A medium-voltage line (CIM Feeder)."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    station = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.code


class Area(models.Model):
    """A station area (台区): the customers behind one public transformer."""

    class Setting(models.TextChoices):
        URBAN = "URBAN", "urban"
        SUBURBAN = "SUBURBAN", "suburban"
        RURAL = "RURAL", "rural"

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    station = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    feeder = models.ForeignKey(Feeder, models.PROTECT, null=True, related_name="+")
    township = models.CharField(max_length=80)
    committee = models.CharField(max_length=80)
    committee_kind = models.CharField(max_length=10)  # COMMUNITY, VILLAGE or empty
    setting = models.CharField(max_length=10, choices=Setting)
    longitude_deg = models.FloatField(null=True)
    latitude_deg = models.FloatField(null=True)
    shard = models.IntegerField()  # group of neighbouring areas that share a part of the lake

    class Meta:
        indexes = [models.Index(name="area_by_shard", fields=["shard"])]
        constraints = [
            one_of(
                name="area_setting_known",
                field="setting",
                choices=["URBAN", "SUBURBAN", "RURAL"],
            ),
            one_of(
                name="area_committee_kind_known",
                field="committee_kind",
                choices=["COMMUNITY", "VILLAGE", ""],
            ),
            models.CheckConstraint(name="area_shard_not_negative", condition=Q(shard__gte=0)),
        ]

    def __str__(self) -> str:
        return self.code


class Transformer(models.Model):
    """A public transformer (CIM PowerTransformer)."""

    code = models.CharField(max_length=40, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="transformers")
    capacity_kva = models.DecimalField(max_digits=10, decimal_places=2)
    installed_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="transformer_capacity_positive", condition=Q(capacity_kva__gt=0)
            )
        ]

    def __str__(self) -> str:
        return self.code


class Staff(models.Model):
    """A person who works for the supplier."""

    class Post(models.TextChoices):
        MANAGER = "MANAGER", "customer manager"
        AGENT = "AGENT", "95598 agent"
        CREW = "CREW", "repair crew"
        SUPERVISOR = "SUPERVISOR", "supervisor"
        STATION_HEAD = "STATION_HEAD", "station head"
        BRANCH = "BRANCH", "county or city branch"

    number = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    post = models.CharField(max_length=20, choices=Post)
    org_unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+")
    phone = models.CharField(max_length=40)  # a number of the office, not a private one
    minutes_per_day = models.IntegerField()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="staff"
    )

    class Meta:
        constraints = [
            one_of(
                name="staff_post_known",
                field="post",
                choices=["MANAGER", "AGENT", "CREW", "SUPERVISOR", "STATION_HEAD", "BRANCH"],
            ),
            models.CheckConstraint(
                name="staff_day_has_24_hours", condition=Q(minutes_per_day__range=(0, 1440))
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Responsibility(models.Model):
    """Who answers for a station area over a span of days; one person on each day."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="responsibilities")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="responsibilities")
    days = DateRangeField()  # half-open: [first day, day after the last)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)
    delivery = models.ForeignKey("intake.Delivery", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            # A range of one area instead of "area =": equality in GiST needs an extension.
            ExclusionConstraint(
                name="responsibility_one_person_a_day",
                expressions=[
                    (
                        Func(
                            F("area_id"),
                            F("area_id"),
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
        return f"area {self.area_id} staff {self.staff_id} {self.days}"
