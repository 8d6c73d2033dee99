"""The medium-voltage lines, and which station areas hang on each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, OuterRef, Q, Subquery, When

from lamplighter.facts.network.models import Area, Feeder, Responsibility
from lamplighter.facts.network.queries import areas_seen_by
from lamplighter.kernel.viewer import Viewer


class FeederUnknown(LookupError):
    """There is no such feeder, or it supplies areas that the viewer may not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederLine:
    """A feeder with the areas on it that a person may see."""

    feeder_id: int
    code: str
    name: str
    area_ids: tuple[int, ...]


def feeders(*, viewer: Viewer, on: date) -> list[FeederLine]:
    """Return the feeders that supply areas a person may see, by code. One query."""
    seen = areas_seen_by(viewer=viewer, on=on)
    rows = (
        Area.objects.filter(pk__in=seen).select_related("feeder").order_by("feeder__code", "code")
    )
    found: dict[int, tuple[Feeder, list[int]]] = {}
    for area in rows:
        if area.feeder is not None:
            found.setdefault(area.feeder.pk, (area.feeder, []))[1].append(area.pk)
    return [
        FeederLine(feeder_id=pk, code=feeder.code, name=feeder.name, area_ids=tuple(areas))
        for pk, (feeder, areas) in found.items()
    ]


def areas_of_feeder(*, viewer: Viewer, on: date, code: str) -> tuple[int, tuple[int, ...]]:
    """Return a feeder's id and all its areas. Two queries.

    Raises
    ------
    FeederUnknown
        No such feeder, none of its areas is known, or one of them is not the viewer's to see.
    """
    areas = list(
        Area.objects.filter(feeder__code=code).order_by("code").values_list("pk", flat=True)
    )
    seen = set(areas_seen_by(viewer=viewer, on=on).filter(pk__in=areas))
    feeder_id = Feeder.objects.filter(code=code).order_by("pk").values_list("pk", flat=True).first()
    if feeder_id is None or not areas or seen != set(areas):
        raise FeederUnknown(code)
    return feeder_id, tuple(areas)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaName:
    """An area in a list."""

    code: str
    name: str
    station_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFound:
    """An area that may be chosen."""

    area_id: int
    code: str
    name: str
    staff_name: str  # who answers for it; empty: nobody


def areas_like(
    *, viewer: Viewer, on: date, text: str, also: Collection[int] = (), limit: int
) -> list[AreaFound]:
    """Return areas that a person may see and whose name, code or place holds a text.

    By code, at most *limit*; without a text the first of all. Further ones stand first whatever the
    text: those of the areas *also* that are theirs to see. One query.
    """
    fits = Q(name__icontains=text) | Q(code__istartswith=text)
    fits |= Q(township__icontains=text) | Q(committee__icontains=text)
    chosen = list(also)
    answers = Responsibility.objects.filter(area=OuterRef("pk"), days__contains=on)
    rows = (
        Area.objects.filter(fits | Q(pk__in=chosen), pk__in=areas_seen_by(viewer=viewer, on=on))
        .annotate(
            place=Case(When(pk__in=chosen, then=0), default=1),
            staff_name=Subquery(answers.values("staff__name")[:1]),
        )
        .order_by("place", "code")[: limit + len(chosen)]
    )
    return [
        AreaFound(area_id=area_id, code=code, name=name, staff_name=staff_name or "")
        for area_id, code, name, staff_name in rows.values_list("pk", "code", "name", "staff_name")
    ]


def areas_named(*, viewer: Viewer, on: date, area_ids: Sequence[int]) -> dict[int, AreaName]:
    """Return those of some areas that a person may see, by id. One query."""
    seen = areas_seen_by(viewer=viewer, on=on).filter(pk__in=area_ids)
    rows = Area.objects.filter(pk__in=seen).order_by("code")
    return {
        area_id: AreaName(code=code, name=name, station_id=station_id)
        for area_id, code, name, station_id in rows.values_list("pk", "code", "name", "station_id")
    }
