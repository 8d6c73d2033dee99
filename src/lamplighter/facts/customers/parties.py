"""Whom an order is for: an account with its customer, where it is supplied now."""

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Q, Subquery

from lamplighter.facts.customers.models import Agreement, Premise
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer

NOW = Q(superseded_at__isnull=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An account as an order names it."""

    account_id: int
    account_number: str
    customer_id: int
    premise_id: int
    area_id: int
    category: str  # of the agreement now; empty where none is known


def party(*, viewer: Viewer, on: date, account_number: str) -> Party | None:
    """Return an account where the viewer may look, or None. One query."""
    category = Agreement.objects.filter(NOW, account=OuterRef("account")).order_by("pk")
    found = (
        Premise.objects.filter(
            NOW,
            account__number=account_number,
            area__in=network.areas_seen_by(viewer=viewer, on=on),
        )
        .annotate(category=Subquery(category.values("category")[:1]))
        .order_by("pk")
        .values_list("account_id", "account__customer_id", "pk", "area_id", "category")
        .first()
    )
    if found is None:
        return None
    account_id, customer_id, premise_id, area_id, agreed = found
    return Party(
        account_id=account_id,
        account_number=account_number,
        customer_id=customer_id,
        premise_id=premise_id,
        area_id=area_id or 0,
        category=agreed or "",
    )
