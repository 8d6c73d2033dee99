"""What became known of terms, places, contacts and flags between two moments.

For the replay only: nothing here is scoped to a viewer, and no page may call it. Of a contact only
the role is told, never a name or a number.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lamplighter.facts.customers.models import Agreement, Contact, Flag, Premise
from lamplighter.facts.intake import recorded
from lamplighter.facts.intake.recorded import Recorded


def between(*, account_ids: Sequence[int], after: datetime, until: datetime) -> list[Recorded]:
    """Return what was recorded after one moment and until another. 4 queries."""
    here: dict[str, Any] = {"account_id__in": list(account_ids)}
    when: dict[str, Any] = {"after": after, "until": until}
    return [
        *recorded.between(
            subject="AGREEMENT",
            versions=Agreement.objects.filter(**here),
            key=(),
            shown=("category", "capacity_kva", "payment_method", "tariff_code"),
            **when,
        ),
        *recorded.between(
            subject="PREMISE",
            versions=Premise.objects.filter(**here),
            key=(),
            shown=("area_id",),
            **when,
        ),
        *recorded.between(
            subject="CONTACT",
            versions=Contact.objects.filter(**here),
            key=("role",),
            shown=("role", "expires_date", "withdrawn_at"),
            **when,
        ),
        *recorded.between(
            subject="FLAG",
            versions=Flag.objects.filter(**here),
            key=("kind", "first_day"),
            shown=("kind", "first_day", "last_day"),
            **when,
        ),
    ]
