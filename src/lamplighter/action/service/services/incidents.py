"""Incidents that begin from an outage, before anybody has reported it."""

from datetime import datetime

from django.db.models import Value
from django.db.models.functions import Greatest

from lamplighter.action.service.models import Incident

TYPE_OF_FAULTS = "FAULT_REPAIR"


def begin_incident(*, number: str, unit_id: int, area_id: int, opened_at: datetime) -> int:
    """Begin an incident that orders may join; within the transaction of whoever begins it."""
    return Incident.objects.create(
        number=number,
        type_code=TYPE_OF_FAULTS,
        unit_id=unit_id,
        area_id=area_id,
        opened_at=opened_at,
        has_outage=True,
    ).pk


def end_incident(*, incident_id: int, at: datetime) -> None:
    """End an incident: no further order joins it. A second end changes nothing."""
    still_open = Incident.objects.filter(pk=incident_id, closed_at__isnull=True)
    still_open.update(closed_at=Greatest("opened_at", Value(at)))
