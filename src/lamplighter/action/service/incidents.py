"""Faults that several customers report: how many orders they hold, and when they ended."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from lamplighter.action.service.models import Incident
from lamplighter.facts.network import posts as network
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """One fault of many."""

    incident_id: int
    number: str
    type_code: str
    unit_name: str
    area_name: str
    opened_at: datetime
    restored_at: datetime | None
    closed_at: datetime | None
    cause: str
    has_outage: bool  # which ends it
    n_orders: int
    n_open: int


def listed(
    *,
    viewer: Viewer,
    is_open: bool,
    since: datetime | None = None,
    begun_by: datetime | None = None,
    before_id: int | None = None,
    limit: int,
) -> list[IncidentLine]:
    """Return the incidents of a person's units that are open, or ended since a moment. One query.

    The newest come first. That of a planned outage opens before it has begun; *begun_by* leaves
    out what has not.
    """
    rows = Incident.objects.filter(
        unit__in=network.units_seen_by(viewer=viewer), closed_at__isnull=is_open
    )
    if since is not None:
        rows = rows.filter(closed_at__gte=since)
    if begun_by is not None:
        rows = rows.filter(opened_at__lte=begun_by)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    found = rows.select_related("unit", "area").annotate(
        n_orders=Count("orders"), n_open=Count("orders", filter=Q(orders__closed_at__isnull=True))
    )
    return [
        IncidentLine(
            incident_id=row.pk,
            number=row.number,
            type_code=row.type_code,
            unit_name=row.unit.name,
            area_name=row.area.name if row.area else "",
            opened_at=row.opened_at,
            restored_at=row.restored_at,
            closed_at=row.closed_at,
            cause=row.cause,
            has_outage=row.has_outage,
            n_orders=row.n_orders,
            n_open=row.n_open,
        )
        for row in found.order_by("-pk")[:limit]
    ]
