"""What customers asked for, in their words: for the foresight, and for the people in charge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lamplighter.facts.customers.models import Agreement, Premise, ServiceRequest
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer

NOW = Q(superseded_at__isnull=True)
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it is known now."""

    request_id: int
    number: str
    account_number: str  # empty where nobody was named
    area_id: int | None  # the one it names, or else the account's
    category: str  # of the account's agreement; empty where none is known
    kind: str  # as the request was filed
    requested_at: datetime
    content: str


def asked_since(*, moment: datetime) -> Iterator[Asked]:
    """Go through all requests from a moment on, oldest first; for the foresight."""
    rows = _asked(Q(requested_at__gte=moment)).order_by("requested_at", "pk")
    return map(_line, rows.iterator(chunk_size=ROWS_AT_ONCE))


def asked_of(*, viewer: Viewer, on: date, request_ids: Sequence[int]) -> dict[int, Asked]:
    """Return those of some requests that lie where a person may look. One query."""
    seen = network.areas_seen_by(viewer=viewer, on=on)
    rows = _asked(Q(pk__in=request_ids))
    return {row.pk: _line(row) for row in rows.filter(Q(place_id__in=seen))}


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


def _asked(chosen: Q) -> "QuerySet[Any]":  # with place_id and category of its own

    home = Premise.objects.filter(NOW, account=OuterRef("account")).order_by("pk")
    terms = Agreement.objects.filter(NOW, account=OuterRef("account")).order_by("pk")
    return (
        ServiceRequest.objects.filter(NOW, chosen)
        .select_related("account")
        .annotate(
            place_id=Coalesce(
                "area_id", Subquery(home.values("area_id")[:1]), output_field=BigIntegerField()
            ),
            category=Subquery(terms.values("category")[:1]),
        )
    )


def _line(row: Any) -> Asked:
    return Asked(
        request_id=row.pk,
        number=row.number,
        account_number=row.account.number if row.account else "",
        area_id=row.place_id,
        category=row.category or "",
        kind=row.kind,
        requested_at=row.requested_at,
        content=row.content,
    )
