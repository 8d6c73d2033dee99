"""What customers ask for, for the people in charge: by type and week, and what is new."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from lamplighter.facts.network import queries as network
from lamplighter.findings.demand.models import RequestFinding, RequestTopic
from lamplighter.kernel.viewer import Viewer

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """How often one type came; the empty type was left to people."""

    type: str
    n_by_week: tuple[int, ...]  # seven days each, the newest last

    @property
    def n_requests(self) -> int:
        return sum(self.n_by_week)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFound:
    """A type or a phrase that rose beyond chance in the newest seven days."""

    area_id: int | None  # None: at the station as a whole
    kind: str
    name: str
    also: tuple[str, ...]
    first_date: date
    n_requests: int
    rise_ratio: float
    chance_probability: float
    example_ids: tuple[int, ...]


def type_counts(
    *,
    viewer: Viewer,
    on: date,
    as_of: date,
    n_weeks: int,
    area_id: int | None = None,
    category: str | None = None,
) -> list[TypeCount]:
    """Return the types of the requests a person may see, most frequent first. One query."""
    first = as_of - timedelta(DAYS * n_weeks - 1)
    rows: Any = (
        _seen(viewer=viewer, on=on, area_id=area_id)
        .filter(requested_date__range=(first, as_of), request__superseded_at__isnull=True)
        .filter(Q(category=category) if category else Q())
        .values_list("type", "requested_date")
        .annotate(n=Count("pk"))
        .order_by("type", "requested_date")
    )
    counts: dict[str, list[int]] = {}
    for kind, day, n in rows:
        counts.setdefault(kind, [0] * n_weeks)[(day - first).days // DAYS] += n
    found = [TypeCount(type=kind, n_by_week=tuple(weeks)) for kind, weeks in counts.items()]
    return sorted(found, key=lambda count: (-count.n_requests, count.type))


def topics_found(*, viewer: Viewer, on: date) -> list[TopicFound]:
    """Return the topics of the areas a person may see, least chance first. One query.

    A topic of a whole station is shown to those who see the whole station.
    """
    seen = Q(area__in=network.areas_seen_by(viewer=viewer, on=on))
    if not viewer.sees_own_areas_only:
        seen |= Q(area__isnull=True, station__path__startswith=viewer.org_path)
    rows = RequestTopic.objects.filter(seen).order_by("chance_probability", "name", "pk")
    return [
        TopicFound(
            area_id=row.area_id,
            kind=row.kind,
            name=row.name,
            also=tuple(row.also),
            first_date=row.first_date,
            n_requests=row.n_requests,
            rise_ratio=row.rise_ratio,
            chance_probability=row.chance_probability,
            example_ids=tuple(row.example_ids),
        )
        for row in rows
    ]


def _seen(*, viewer: Viewer, on: date, area_id: int | None = None) -> QuerySet[RequestFinding]:
    areas = network.areas_seen_by(viewer=viewer, on=on)
    here = RequestFinding.objects.filter(area__in=areas)
    return here.filter(area_id=area_id) if area_id is not None else here
