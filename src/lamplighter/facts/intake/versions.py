"""Facts are versions: what was known when, and from whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import models
from django.db.models import F, Q


class Version(models.Model):
    """A fact as it was recorded at one moment, until a later version took its place.

    A version is never edited; *superseded_at* is set once, when the next version is recorded.
    """

    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=80)
    delivery = models.ForeignKey("intake.Delivery", models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True


def known_at(moment: datetime) -> Q:
    """Return the condition that holds for the versions we knew at one moment."""
    later = Q(superseded_at__isnull=True) | Q(superseded_at__gt=moment)
    return Q(recorded_at__lte=moment) & later


def one_current(*, name: str, fields: Sequence[str]) -> list[models.BaseConstraint]:
    """Return the promises every table of versions makes."""
    return [
        models.UniqueConstraint(
            name=f"{name}_one_current_version",
            fields=fields,
            condition=Q(superseded_at__isnull=True),
        ),
        models.CheckConstraint(
            name=f"{name}_superseded_after_recorded",
            condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("recorded_at")),
        ),
    ]


def one_of(*, name: str, field: str, choices: Iterable[str]) -> models.CheckConstraint:
    """Return the promise that a field holds one of the known words."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": list(choices)}))
