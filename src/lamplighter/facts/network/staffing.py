"""Who works where, who has answered for which areas, and what supplies an area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q

from lamplighter.facts.network.models import Area, Responsibility, Staff, Transformer
from lamplighter.facts.network.queries import areas_seen_by
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of the staff, as colleagues see them."""

    staff_id: int
    number: str
    name: str
    post: str
    org_name: str
    phone: str
    minutes_per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """A span of days on which one person answers for an area."""

    area_id: int
    staff_id: int
    staff_name: str
    first_day: date | None
    last_day: date | None  # None: until further notice
    recorded_by: str

    def holds_on(self, day: date) -> bool:
        """Tell whether the span contains a day."""
        begun = self.first_day is None or self.first_day <= day
        return begun and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One transformer of an area."""

    code: str
    capacity_kva: Decimal
    installed_date: date | None


def people(*, viewer: Viewer) -> list[Person]:
    """Return the staff of the viewer's unit and below, by post and number.

    A manager sees the colleagues of their own unit. One query.
    """
    mine = Q(org_unit__path__startswith=viewer.org_path)
    found = Staff.objects.filter(mine | Q(pk=viewer.staff_id)).select_related("org_unit")
    return [
        Person(
            staff_id=person.pk,
            number=person.number,
            name=person.name,
            post=person.post,
            org_name=person.org_unit.name,
            phone=person.phone,
            minutes_per_day=person.minutes_per_day,
        )
        for person in found.order_by("post", "number")
    ]


def areas_of_each(*, viewer: Viewer, on: date) -> dict[int, int]:
    """Return for how many of the areas the viewer may see each person answers. One query."""
    standing = Responsibility.objects.filter(
        area__in=areas_seen_by(viewer=viewer, on=on), days__contains=on
    )
    return dict(standing.order_by().values_list("staff_id").annotate(n=Count("pk")))


def tenures(*, viewer: Viewer, on: date, area_ids: Sequence[int] | None = None) -> list[Tenure]:
    """Return who has answered for the areas the viewer may see, newest first. One query."""
    spans = Responsibility.objects.filter(area__in=areas_seen_by(viewer=viewer, on=on))
    if area_ids is not None:
        spans = spans.filter(area__in=area_ids)
    return [
        Tenure(
            area_id=span.area_id,
            staff_id=span.staff_id,
            staff_name=span.staff.name,
            first_day=span.days.lower,
            last_day=span.days.upper - timedelta(1) if span.days.upper else None,
            recorded_by=span.recorded_by,
        )
        for span in spans.select_related("staff").order_by("-days", "-id")
    ]


def supply_of(*, viewer: Viewer, on: date, area_id: int) -> list[Supply]:
    """Return the transformers of an area; none where the viewer may not see it. One query."""
    seen = Area.objects.filter(pk=area_id, pk__in=areas_seen_by(viewer=viewer, on=on))
    rows = Transformer.objects.filter(area__in=seen).order_by("code")
    return [
        Supply(code=t.code, capacity_kva=t.capacity_kva, installed_date=t.installed_date)
        for t in rows
    ]
