"""Who could do a piece of work: people by post and unit, and where work belongs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from lamplighter.facts.network.models import Area, OrgUnit, Staff
from lamplighter.facts.network.queries import areas_seen_by
from lamplighter.kernel.viewer import Viewer
from lamplighter.storage import prepared

FAR = 100  # a unit below is farther than any above
COLLEAGUES = """
SELECT here.path, here.area, s.id, s.number, s.post, s.minutes_per_day, unit.path,
       s.id = ANY(charge.staff)
FROM unnest(%(paths)s::text[], %(areas)s::bigint[]) AS here (path, area)
CROSS JOIN LATERAL (
    SELECT array_agg(r.staff_id) AS staff FROM network_responsibility r
    WHERE r.area_id = here.area AND r.days @> %(on)s::date
) AS charge
JOIN network_orgunit unit ON starts_with(here.path, unit.path) OR starts_with(unit.path, here.path)
JOIN network_staff s ON s.org_unit_id = unit.id
LEFT JOIN auth_user u ON u.id = s.user_id
WHERE s.post = ANY(%(posts)s) AND u.is_active IS NOT FALSE
  AND (%(farther)s OR unit.path = here.path OR s.id = ANY(charge.staff))
ORDER BY s.number
"""
Where = tuple[str, int | None]  # the path of a unit, and a station area or none


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A person who can be given work."""

    staff_id: int
    number: str
    post: str
    distance: int  # 0 answers for the area, 1 in the unit, then upwards, then below
    minutes_per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where work belongs."""

    area_id: int | None
    setting: str  # of the area; empty without one
    unit_id: int
    unit_path: str


def colleagues(
    *, posts: Sequence[str], unit_path: str, area_id: int | None, on: date
) -> list[Colleague]:
    """Return who can be given work of some posts in a unit, as `colleagues_at`. One query."""
    place = (unit_path, area_id)
    return colleagues_at(posts=posts, places=[place], on=on)[place]


def colleagues_at(
    *, posts: Sequence[str], places: Sequence[Where], on: date, farther: bool = True
) -> dict[Where, list[Colleague]]:
    """Return who can be given work of some posts at each place, nearest first, then by number.

    Nearest is who answers for the station area; then the unit itself, the units above it, those
    below it. Whoever may no longer sign in is left out. One query.

    Parameters
    ----------
    posts, places, on
        Roles of the staff, where the work is, and the day.
    farther
        Whether the units above and below are asked too.
    """
    values: dict[str, Any] = {
        "paths": [path for path, _area in places],
        "areas": [area for _path, area in places],
        "on": on,
        "posts": list(posts),
        "farther": farther,
    }
    found: dict[Where, list[Colleague]] = {place: [] for place in places}
    with connection.cursor() as cursor:
        prepared.execute(cursor, COLLEAGUES, values)
        for here, area, staff_id, number, post, minutes, path, is_in_charge in cursor.fetchall():
            found[here, area].append(
                Colleague(
                    staff_id=staff_id,
                    number=number,
                    post=post,
                    distance=_distance(path, here, is_in_charge=bool(is_in_charge)),
                    minutes_per_day=minutes,
                )
            )
    return {place: sorted(people, key=_by_distance) for place, people in found.items()}


def _by_distance(one: Colleague) -> int:
    return one.distance


def is_colleague(*, viewer: Viewer, staff_id: int) -> bool:
    """Tell whether a person can be given work by somebody: of their unit, above or below it."""
    people = Staff.objects.filter(~Q(user__is_active=False), pk=staff_id)
    near = Q(org_unit__path__in=_and_above(viewer.org_path))
    return people.filter(near | Q(org_unit__path__startswith=viewer.org_path)).exists()


def gone() -> QuerySet[Staff, int]:
    """Return the ids of people who may no longer sign in, to filter other tables by."""
    return Staff.objects.filter(user__is_active=False).values_list("pk", flat=True)


class NoUnit(LookupError):
    """There is no unit of the organisation yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A unit as anybody may know it."""

    unit_id: int
    name: str
    path: str


def offices() -> tuple[Office, list[Office]]:
    """Return the topmost unit, which answers where none is named, and the supply stations by name.

    One query. Their names are public: nobody's right is asked.

    Raises
    ------
    NoUnit
        Nothing was imported yet.
    """
    units = [(_office(unit), unit.kind) for unit in OrgUnit.objects.order_by("name", "pk")]
    if not units:
        raise NoUnit
    top = min((unit for unit, _kind in units), key=lambda unit: (unit.path.count("/"), unit.path))
    return top, [unit for unit, kind in units if kind == "STATION"]


def _office(unit: OrgUnit) -> Office:
    return Office(unit_id=unit.pk, name=unit.name, path=unit.path)


def names_of(*, staff_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of people, by their id; for rooms that have checked who looks."""
    return dict(Staff.objects.filter(pk__in=staff_ids).values_list("pk", "name"))


def people_named(*, rows: QuerySet[Any, Any]) -> tuple[tuple[int, str], ...]:
    """Return people by name, those whose ids some rows hold; for rooms that have checked who looks.

    One query.
    """
    people = Staff.objects.filter(pk__in=rows)
    return tuple(people.order_by("name", "pk").values_list("pk", "name"))


def units_named(*, rows: QuerySet[Any, Any]) -> tuple[tuple[int, str], ...]:
    """Return units by name, those whose ids some rows hold. One query."""
    units = OrgUnit.objects.filter(pk__in=rows)
    return tuple(units.order_by("name", "pk").values_list("pk", "name"))


def places_seen_by(*, viewer: Viewer, on: date, area_ids: Sequence[int]) -> dict[int, Place]:
    """Return where areas are, by area: those of some that a person may see. One query."""
    seen = areas_seen_by(viewer=viewer, on=on)
    areas = Area.objects.filter(pk__in=area_ids).filter(pk__in=seen).select_related("station")
    return {
        area.pk: Place(
            area_id=area.pk,
            setting=area.setting,
            unit_id=area.station_id,
            unit_path=area.station.path,
        )
        for area in areas
    }


def place_of_viewer(*, viewer: Viewer) -> Place | None:
    """Return a person's own unit as a place, or None where it is gone. One query."""
    unit = OrgUnit.objects.filter(path=viewer.org_path).order_by("pk").first()
    if unit is None:
        return None
    return Place(area_id=None, setting="", unit_id=unit.pk, unit_path=unit.path)


def units_seen_by(*, viewer: Viewer) -> QuerySet[OrgUnit, int]:
    """Return the ids of the units at and below a person's own, to filter other tables by."""
    return OrgUnit.objects.filter(path__startswith=viewer.org_path).values_list("pk", flat=True)


def units_around(*, viewer: Viewer) -> QuerySet[OrgUnit, int]:
    """Return the ids of the units at, below and above a person's own: what reaches their areas."""
    above = Q(path__in=_and_above(viewer.org_path))
    around = OrgUnit.objects.filter(above | Q(path__startswith=viewer.org_path))
    return around.values_list("pk", flat=True)


def paths_of_units(*, unit_ids: Sequence[int]) -> dict[int, str]:
    """Return the paths of units, by unit. One query."""
    return dict(OrgUnit.objects.filter(pk__in=unit_ids).values_list("pk", "path"))


def _and_above(path: str) -> list[str]:
    """Return a unit's path and those of the units above it."""
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]


def _distance(path: str, unit_path: str, *, is_in_charge: bool) -> int:
    if is_in_charge:
        return 0
    steps = abs(path.count("/") - unit_path.count("/"))
    return 1 + steps if unit_path.startswith(path) else FAR + steps
