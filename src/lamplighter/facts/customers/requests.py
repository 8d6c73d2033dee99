"""What customers asked for, counted."""

from datetime import date

from django.db.models import Count

from lamplighter.facts.customers.models import ServiceRequest
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer


def kinds_since(*, viewer: Viewer, on: date, since: date) -> list[tuple[int, str, int]]:
    """Return (account id, kind, how many) of the requests after a day, of accounts seen."""
    rows = (
        ServiceRequest.objects.filter(
            superseded_at__isnull=True,
            requested_at__date__gt=since,
            account__premises__area__in=network.areas_seen_by(viewer=viewer, on=on),
            account__premises__superseded_at__isnull=True,
        )
        .values("account_id", "kind")
        .annotate(n=Count("pk", distinct=True))
        .order_by("account_id", "kind")
    )
    return list(rows.values_list("account_id", "kind", "n"))
