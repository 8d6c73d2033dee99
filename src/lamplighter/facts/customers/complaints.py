"""Complaints against the number of customers."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from lamplighter.facts.customers.models import Premise, ServiceRequest
from lamplighter.kernel.spans import DaySpan, start_of_day

NOW = Q(superseded_at__isnull=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaints:
    """Complaints of a span and what they are to be seen against."""

    n_complaints: int
    n_judged: int  # found justified or not
    n_upheld: int
    n_accounts: int  # supplied now
    n_days: int


def complaints(*, area_ids: Iterable[int], span: DaySpan, zone: ZoneInfo) -> Complaints:
    """Return the complaints from some areas over a span; the areas may be a query. Two queries.

    A complaint belongs to the area it names, or else to the area of the account it names.
    """
    here = Q(area__in=area_ids) | Q(
        area__isnull=True,
        account__premises__area__in=area_ids,
        account__premises__superseded_at__isnull=True,
    )
    found = ServiceRequest.objects.filter(
        here,
        NOW,
        kind="COMPLAINT",
        requested_at__gte=start_of_day(day=span.first_day, zone=zone),
        requested_at__lt=start_of_day(day=span.end_day, zone=zone),
    ).aggregate(
        n=Count("pk", distinct=True),
        n_judged=Count("pk", distinct=True, filter=Q(is_upheld__isnull=False)),
        n_upheld=Count("pk", distinct=True, filter=Q(is_upheld=True)),
    )
    return Complaints(
        n_complaints=found["n"],
        n_judged=found["n_judged"],
        n_upheld=found["n_upheld"],
        n_accounts=Premise.objects.filter(NOW, area__in=area_ids).count(),
        n_days=span.n_days,
    )
