"""What became known of an account when, and from whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from lamplighter.facts.customers.models import (
    Agreement,
    Contact,
    Flag,
    Holding,
    Identity,
    Premise,
)
from lamplighter.facts.customers.story import VersionLine
from lamplighter.facts.intake.versions import Version

# Which columns make two versions the same thing, and which of the others a reader cares about.
IDENTITY = ("name", "kind", "id_number_index", "industry", "importance")
AGREEMENT = (
    *("category", "capacity_kva", "tariff_code", "is_prepaid", "payment_method"),
    *("first_day", "last_day"),
)
PREMISE = ("area_id", "address", "longitude_deg", "latitude_deg")
CONTACT = ("name", "purpose", "basis", "granted_date", "expires_date", "withdrawn_at")
FLAG = ("last_day", "evidence")


def count(*, account_id: int, customer_id: int, up_to: datetime) -> int:
    """Return how many versions were recorded up to a moment. One query."""
    here: dict[str, Any] = {"account_id": account_id, "recorded_at__lte": up_to}
    of_customer = Identity.objects.filter(customer_id=customer_id, recorded_at__lte=up_to)
    kinds = [kind.objects.filter(**here) for kind in (Agreement, Premise, Contact, Flag)]
    parts = [rows.order_by().values("id") for rows in (of_customer, *kinds)]
    return Holding.objects.filter(**here).order_by().values("id").union(*parts, all=True).count()


def of_account(*, account_id: int, customer_id: int, up_to: datetime) -> tuple[VersionLine, ...]:
    """Return the versions recorded up to a moment, newest first; six queries."""
    here = {"account_id": account_id}
    lines = [
        *_lines("HOLDING", Holding.objects.filter(**here), ("customer_id",)),
        *_lines("IDENTITY", Identity.objects.filter(customer_id=customer_id), IDENTITY),
        *_lines("AGREEMENT", Agreement.objects.filter(**here), AGREEMENT),
        *_lines("PREMISE", Premise.objects.filter(**here), PREMISE),
        *_lines("CONTACT", Contact.objects.filter(**here), CONTACT, ("role", "phone_index")),
        *_lines("FLAG", Flag.objects.filter(**here), FLAG, ("kind", "first_day")),
    ]
    known = [line for line in lines if line.recorded_at <= up_to]
    return tuple(sorted(known, key=lambda line: (line.recorded_at, line.subject), reverse=True))


def _lines(
    subject: str,
    versions: QuerySet[Any],
    compared: Sequence[str],
    key: Sequence[str] = (),
) -> list[VersionLine]:
    newest: dict[tuple[Any, ...], Version] = {}
    lines = []
    for version in versions.order_by("recorded_at", "id"):
        of = tuple(getattr(version, name) for name in key)
        before = newest.get(of)
        newest[of] = version
        changed = [
            name
            for name in compared
            if before is not None and getattr(version, name) != getattr(before, name)
        ]
        lines.append(
            VersionLine(
                subject=subject,
                fields=tuple(name.removesuffix("_id").removesuffix("_index") for name in changed),
                recorded_at=version.recorded_at,
                recorded_by=version.recorded_by,
                delivery_id=version.delivery_id,
                is_first=before is None,
            )
        )
    return lines
