"""Customers of some areas who have to be told in person, with what may be shown of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from lamplighter.facts.customers.lines import lines_of
from lamplighter.facts.customers.models import Contact, Flag, Premise
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """A customer with a flag; the name is for the page to mask."""

    account_number: str
    name: str
    address: str
    flags: tuple[str, ...]
    phone_masked: str  # of the first contact in force; empty where none is known


def in_areas(
    *, viewer: Viewer, on: date, area_ids: Sequence[int], flags: Sequence[str], limit: int
) -> list[Special]:
    """Return the flagged customers of areas that a person may see, by account. Five queries."""
    now = Q(superseded_at__isnull=True)
    seen = network.areas_seen_by(viewer=viewer, on=on)
    here = Premise.objects.filter(now, area__in=area_ids).filter(area__in=seen)
    rows = (
        Flag.objects.filter(
            now,
            Q(last_day__isnull=True) | Q(last_day__gte=on),
            kind__in=flags,
            first_day__lte=on,
            account__in=here.values("account_id"),
        )
        .order_by("account__number", "kind")
        .values_list("account_id", "kind")
    )
    kinds: dict[int, list[str]] = {}
    for account_id, kind in rows:
        kinds.setdefault(account_id, []).append(kind)
    ids = list(kinds)[:limit]
    lines = lines_of(viewer=viewer, on=on, account_ids=ids)
    phones: dict[int, str] = {}
    usable = Q(expires_date__isnull=True) | Q(expires_date__gte=on)
    contacts = Contact.objects.filter(now, usable, withdrawn_at__isnull=True, account__in=ids)
    for account_id, masked in contacts.order_by("pk").values_list("account_id", "phone_masked"):
        phones.setdefault(account_id, masked)
    return [
        Special(
            account_number=lines[account_id].account_number,
            name=lines[account_id].name,
            address=lines[account_id].address,
            flags=tuple(dict.fromkeys(kinds[account_id])),
            phone_masked=phones.get(account_id, ""),
        )
        for account_id in ids
        if account_id in lines
    ]
