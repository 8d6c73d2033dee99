"""Name and address of accounts, for lists that already hold account ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lamplighter.facts.customers.models import Identity, Premise
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLine:
    """An account in one line of a list."""

    account_number: str
    name: str
    address: str
    area_id: int | None


def lines_of(*, viewer: Viewer, on: date, account_ids: Sequence[int]) -> dict[int, DoorLine]:
    """Return the accounts the viewer may see, by id; others are absent. Two queries."""
    seen = network.areas_seen_by(viewer=viewer, on=on)
    premises = list(
        Premise.objects.filter(
            superseded_at__isnull=True, account__in=account_ids, area__in=seen
        ).select_related("account")
    )
    customers = {premise.account.customer_id for premise in premises}
    names = dict(
        Identity.objects.filter(superseded_at__isnull=True, customer__in=customers).values_list(
            "customer_id", "name"
        )
    )
    return {
        premise.account_id: DoorLine(
            account_number=premise.account.number,
            name=names.get(premise.account.customer_id, ""),
            address=premise.address,
            area_id=premise.area_id,
        )
        for premise in premises
    }
