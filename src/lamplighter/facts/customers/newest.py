"""What a customer asked for last, for whoever picks up the telephone."""

from datetime import date

from django.db.models import F

from lamplighter.facts.customers.models import ServiceRequest
from lamplighter.facts.customers.story import RequestLine
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer


def requests(*, viewer: Viewer, on: date, account_id: int, limit: int) -> list[RequestLine]:
    """Return the newest requests of an account where the viewer may look. One query."""
    rows = ServiceRequest.objects.filter(
        superseded_at__isnull=True,
        account_id=account_id,
        account__premises__superseded_at__isnull=True,
        account__premises__area__in=network.areas_seen_by(viewer=viewer, on=on),
    ).order_by(F("requested_at").desc(), "number")
    return [
        RequestLine(
            number=row.number,
            kind=row.kind,
            channel=row.channel,
            requested_at=row.requested_at,
            closed_at=row.closed_at,
            content=row.content,
            is_upheld=row.is_upheld,
        )
        for row in rows[:limit]
    ]
