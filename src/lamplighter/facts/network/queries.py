"""Who may see which station areas, and who answers for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lamplighter.facts.network.models import Area, OrgUnit, Responsibility, Staff
from lamplighter.kernel.viewer import Role, Viewer

SEEN_BY_A_MANAGER = """
EXISTS (SELECT 1 FROM network_responsibility mine WHERE mine.area_id = area.id
        AND mine.staff_id = %(seen_staff)s AND mine.days @> %(seen_on)s::date)
"""


class OrgUnitUnknown(LookupError):
    """There is no such organisation unit."""


def path_of_unit(*, code: str) -> str:
    """Return the path of an organisation unit.

    Raises
    ------
    OrgUnitUnknown
        No unit has this code.
    """
    unit = OrgUnit.objects.filter(code=code).order_by("pk").first()
    if unit is None:
        raise OrgUnitUnknown(code)
    return unit.path


def station_paths() -> list[str]:
    """Return the paths of all supply stations, by code."""
    stations = OrgUnit.objects.filter(kind=OrgUnit.Kind.STATION).order_by("code")
    return list(stations.values_list("path", flat=True))


def viewer_of_user(*, user_id: int) -> Viewer | None:
    """Return the person of the staff who signs in as this user, or None."""
    staff = Staff.objects.select_related("org_unit").filter(user_id=user_id).order_by("id").first()
    return None if staff is None else viewer_of(staff)


def viewer_of_staff(*, number: str) -> Viewer | None:
    """Return a person of the staff by their number; None where they may not sign in any more."""
    people = Staff.objects.filter(~Q(user__is_active=False), number=number)
    staff = people.select_related("org_unit").order_by("id").first()
    return None if staff is None else viewer_of(staff)


def viewer_of(staff: Staff) -> Viewer:
    """Return a person of the staff as one who looks; their unit is loaded."""
    return Viewer(
        staff_id=staff.pk,
        staff_number=staff.number,
        name=staff.name,
        role=Role(staff.post),
        org_name=staff.org_unit.name,
        org_path=staff.org_unit.path,
    )


def areas_seen_by(*, viewer: Viewer, on: date) -> QuerySet[Area, int]:
    """Return the ids of the station areas a person may see, to filter other tables by."""
    if viewer.sees_own_areas_only:
        mine = Responsibility.objects.filter(staff_id=viewer.staff_id, days__contains=on)
        return Area.objects.filter(pk__in=mine.values("area_id")).values_list("pk", flat=True)
    return Area.objects.filter(station__path__startswith=viewer.org_path).values_list(
        "pk", flat=True
    )


def seen_by_hand(*, viewer: Viewer, on: date) -> tuple[str, dict[str, Any]]:
    """Return `areas_seen_by` as a condition with its values, for a statement written by hand.

    The statement names a station area ``area`` and its supply station ``unit``.
    """
    if viewer.sees_own_areas_only:
        return SEEN_BY_A_MANAGER, {"seen_staff": viewer.staff_id, "seen_on": on}
    return "starts_with(unit.path, %(seen_path)s)", {"seen_path": viewer.org_path}


def station_of_areas() -> dict[int, int]:
    """Return the supply station of every station area, by ids; for the foresight."""
    return dict(Area.objects.values_list("pk", "station_id"))


class AreaUnknown(LookupError):
    """There are no station areas with these codes."""


def area_ids_of(*, codes: Sequence[str]) -> tuple[int, ...]:
    """Return the ids of station areas, in the codes' order; for the operators.

    Raises
    ------
    AreaUnknown
        No area has one of the codes.
    """
    known = dict(Area.objects.filter(code__in=codes).values_list("code", "pk"))
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise AreaUnknown(", ".join(unknown))
    return tuple(known[code] for code in codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaInCharge:
    """A station area with the person who answers for it on a day."""

    area_id: int
    code: str
    name: str
    setting: str
    township: str
    committee: str
    station_name: str
    staff_id: int | None
    staff_name: str


def areas_in_charge(
    *,
    viewer: Viewer,
    on: date,
    code: str | None = None,
    words: str = "",
    are_uncovered_first: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[AreaInCharge]:
    """Return the areas a person may see, by code, each with who answers for it. Two queries.

    *code*: that one alone; *words*: those that have them in their code or name;
    *are_uncovered_first*: those that nobody answers for stand first; *limit* and *offset*: a part.
    """
    seen = areas_seen_by(viewer=viewer, on=on)
    found = Area.objects.filter(pk__in=seen).order_by("code")
    if are_uncovered_first:
        found = found.annotate(is_covered=_covered(on)).order_by("is_covered", "code")
    if code is not None:
        found = found.filter(code=code)
    if words:
        found = found.filter(Q(code__icontains=words) | Q(name__icontains=words))
    rows = found.values_list(
        *("pk", "code", "name", "setting", "township", "committee", "station__name")
    )
    areas = list(rows[offset : None if limit is None else offset + limit])
    is_part = code is not None or bool(words) or limit is not None
    standing = Responsibility.objects.filter(
        area__in=[area[0] for area in areas] if is_part else seen, days__contains=on
    ).values_list("area_id", "staff_id", "staff__name")
    in_charge = {area_id: (staff_id, name) for area_id, staff_id, name in standing}
    return [
        AreaInCharge(
            area_id=area_id,
            code=own_code,
            name=name,
            setting=setting,
            township=township,
            committee=committee,
            station_name=station_name,
            staff_id=in_charge[area_id][0] if area_id in in_charge else None,
            staff_name=in_charge[area_id][1] if area_id in in_charge else "",
        )
        for area_id, own_code, name, setting, township, committee, station_name in areas
    ]


def cover(*, viewer: Viewer, on: date) -> tuple[int, int]:
    """Return how many areas a person may see, and for how many nobody answers. One query."""
    seen = Area.objects.filter(pk__in=areas_seen_by(viewer=viewer, on=on))
    found: dict[str, int] = seen.annotate(is_covered=_covered(on)).aggregate(
        n=Count("pk"), n_bare=Count("pk", filter=Q(is_covered=False))
    )
    return found["n"], found["n_bare"]


def _covered(on: date) -> Exists:
    return Exists(Responsibility.objects.filter(area=OuterRef("pk"), days__contains=on))


def names_of_areas(*, viewer: Viewer, on: date, area_ids: Iterable[int | None]) -> dict[int, str]:
    """Return what the areas of some rows are called; unseen ones are absent. One query."""
    ids = {area_id for area_id in area_ids if area_id is not None}
    areas = Area.objects.filter(pk__in=ids).filter(pk__in=areas_seen_by(viewer=viewer, on=on))
    return dict(areas.values_list("pk", "name"))


def stations_seen_by(*, viewer: Viewer, on: date) -> list[tuple[int, str]]:
    """Return the supply stations of the areas a person may see, by code: id and name. One query."""
    areas = Area.objects.filter(pk__in=areas_seen_by(viewer=viewer, on=on))
    stations = OrgUnit.objects.filter(pk__in=areas.values("station_id"))
    return list(stations.order_by("code").values_list("pk", "name"))


def people_in_charge(*, viewer: Viewer, on: date, unit_id: int) -> list[tuple[int, str]]:
    """Return who answers for the areas of a station that a person may see, by name. One query."""
    areas = Area.objects.filter(pk__in=areas_seen_by(viewer=viewer, on=on), station_id=unit_id)
    standing = Responsibility.objects.filter(area__in=areas.values("pk"), days__contains=on)
    people = Staff.objects.filter(pk__in=standing.values("staff_id"))
    return list(people.order_by("name", "pk").values_list("pk", "name"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the staff."""

    staff_id: int
    number: str
    name: str
    role: str
    org_name: str


def one_person_a_role(*, on: date) -> list[Person]:
    """Return the first person of each post, by number; of managers, one who answers for areas."""
    people: dict[str, Person] = {}
    busy = set(Responsibility.objects.filter(days__contains=on).values_list("staff_id", flat=True))
    for staff in Staff.objects.select_related("org_unit").order_by("number"):
        if staff.post == Staff.Post.MANAGER and staff.pk not in busy:
            continue
        people.setdefault(
            staff.post,
            Person(
                staff_id=staff.pk,
                number=staff.number,
                name=staff.name,
                role=staff.post,
                org_name=staff.org_unit.name,
            ),
        )
    return list(people.values())
