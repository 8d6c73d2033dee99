"""Who answers for which station areas on a day, and for how many minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from lamplighter.facts.network.models import Area, Staff
from lamplighter.kernel.viewer import Role, Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A person, their hours, and the station areas they answer for on one day."""

    staff_id: int
    staff_number: str
    name: str
    org_path: str
    minutes_per_day: int
    area_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaPlace:
    """Where a station area is."""

    name: str
    longitude_deg: float | None
    latitude_deg: float | None


def duties(*, on: date, staff_ids: Sequence[int] | None = None) -> list[Duty]:
    """Return the managers' duties on a day, by staff number; without areas they are listed too."""
    people = Staff.objects.filter(post=Staff.Post.MANAGER)
    if staff_ids is not None:
        people = Staff.objects.filter(pk__in=staff_ids)
    on_duty = ArrayAgg(
        "responsibilities__area_id",
        filter=Q(responsibilities__days__contains=on),
        distinct=True,
        default=[],
    )
    return [
        Duty(
            staff_id=person.pk,
            staff_number=person.number,
            name=person.name,
            org_path=person.org_unit.path,
            minutes_per_day=person.minutes_per_day,
            area_ids=tuple(sorted(person.on_duty)),
        )
        for person in people.select_related("org_unit").annotate(on_duty=on_duty).order_by("number")
    ]


def duties_seen_by(*, viewer: Viewer, on: date) -> list[Duty]:
    """Return the managers below the viewer's unit; a manager sees their own duty only."""
    if viewer.sees_own_areas_only:
        return duties(on=on, staff_ids=[viewer.staff_id])
    return [duty for duty in duties(on=on) if duty.org_path.startswith(viewer.org_path)]


def may_act_for(*, viewer: Viewer, staff_id: int) -> bool:
    """Tell whether the viewer does this person's work: the person, or the head of the station."""
    if viewer.staff_id == staff_id:
        return True
    if viewer.role is not Role.STATION_HEAD:
        return False
    below = Staff.objects.filter(pk=staff_id, org_unit__path__startswith=viewer.org_path)
    return below.exists()


def places_of(*, area_ids: Sequence[int]) -> dict[int, AreaPlace]:
    """Return where areas are, by area; for rooms that have already checked who looks."""
    return {
        area.pk: AreaPlace(
            name=area.name, longitude_deg=area.longitude_deg, latitude_deg=area.latitude_deg
        )
        for area in Area.objects.filter(pk__in=area_ids)
    }
