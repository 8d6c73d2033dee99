"""The people behind a door, as far as today's work needs to know them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet

from lamplighter.facts.customers.models import (
    Account,
    Contact,
    Flag,
    Identity,
    Premise,
    Relation,
    ServiceRequest,
)

NOW = Q(superseded_at__isnull=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landlord:
    """Who lets the dwelling of an account."""

    account_id: int
    customer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPeople:
    """What bears on whether and how an account is contacted."""

    account_id: int
    customer_id: int
    flags: frozenset[str]
    contact_roles: frozenset[str]  # with a number we may use today
    landlord: Landlord | None
    n_complaints: int  # since the moment asked for
    open_complaint_number: str  # empty: none


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorContact:
    """Somebody to call; the number is masked."""

    contact_id: int
    role: str
    name: str
    phone_masked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorCard:
    """Who lives there and where it is."""

    account_id: int
    account_number: str
    name: str
    address: str
    longitude_deg: float | None
    latitude_deg: float | None
    flags: tuple[str, ...]
    contacts: tuple[DoorContact, ...]


def people_of(
    *, account_ids: Sequence[int], on: date, complaints_since: datetime
) -> dict[int, DoorPeople]:
    """Return the people behind accounts, by account. Five queries."""
    accounts = Account.objects.filter(pk__in=account_ids).values_list("pk", "customer_id")
    flags = _sets(_flags(account_ids=account_ids, on=on).values_list("account_id", "kind"))
    roles = _sets(_contacts(account_ids=account_ids, on=on).values_list("account_id", "role"))
    landlords = _landlords(account_ids=account_ids)
    complaints = ServiceRequest.objects.filter(
        NOW, account_id__in=account_ids, kind="COMPLAINT"
    ).order_by("requested_at", "number")
    counts: dict[int, int] = {}
    still_open: dict[int, str] = {}
    for account_id, requested_at, closed_at, number in complaints.values_list(
        "account_id", "requested_at", "closed_at", "number"
    ):
        if account_id is None:
            continue
        if requested_at >= complaints_since:
            counts[account_id] = counts.get(account_id, 0) + 1
            if closed_at is None:
                still_open[account_id] = number
    return {
        account_id: DoorPeople(
            account_id=account_id,
            customer_id=customer_id,
            flags=frozenset(flags.get(account_id, ())),
            contact_roles=frozenset(roles.get(account_id, ())),
            landlord=landlords.get(account_id),
            n_complaints=counts.get(account_id, 0),
            open_complaint_number=still_open.get(account_id, ""),
        )
        for account_id, customer_id in accounts
    }


def cards_of(*, account_ids: Sequence[int], on: date) -> dict[int, DoorCard]:
    """Return who and where, by account; for rooms that have already checked who looks.

    Four queries.
    """
    premises = Premise.objects.filter(NOW, account_id__in=account_ids)
    where = {premise.account_id: premise for premise in premises}
    flags = _sets(_flags(account_ids=account_ids, on=on).values_list("account_id", "kind"))
    contacts: dict[int, list[DoorContact]] = {}
    for contact in _contacts(account_ids=account_ids, on=on).order_by("role", "id"):
        contacts.setdefault(contact.account_id, []).append(
            DoorContact(
                contact_id=contact.pk,
                role=contact.role,
                name=contact.name,
                phone_masked=contact.phone_masked,
            )
        )
    wanted = set(account_ids)
    names = Identity.objects.filter(NOW, customer__accounts__in=account_ids).values_list(
        "customer__accounts__id", "customer__accounts__number", "name"
    )
    return {
        account_id: DoorCard(
            account_id=account_id,
            account_number=number,
            name=name,
            address=where[account_id].address if account_id in where else "",
            longitude_deg=where[account_id].longitude_deg if account_id in where else None,
            latitude_deg=where[account_id].latitude_deg if account_id in where else None,
            flags=tuple(sorted(flags.get(account_id, ()))),
            contacts=tuple(contacts.get(account_id, ())),
        )
        for account_id, number, name in names
        if account_id in wanted
    }


def accounts_per_area(*, area_ids: Sequence[int]) -> dict[int, int]:
    """Return how many accounts each area supplies now."""
    rows = Premise.objects.filter(NOW, area__in=area_ids).values("area_id").annotate(n=Count("pk"))
    return {row["area_id"]: row["n"] for row in rows}


def flagged_in(*, area_ids: Sequence[int], kinds: Sequence[str], on: date) -> list[int]:
    """Return the accounts of some areas that bear one of these flags on a day, by id. One query.

    For rooms that have already checked who looks.
    """
    here = Premise.objects.filter(NOW, area__in=area_ids).values("account_id")
    lasting = Q(last_day__isnull=True) | Q(last_day__gte=on)
    rows = Flag.objects.filter(NOW, lasting, kind__in=kinds, first_day__lte=on, account_id__in=here)
    return sorted(set(rows.values_list("account_id", flat=True)))


def _flags(*, account_ids: Sequence[int], on: date) -> QuerySet[Flag]:
    lasting = Q(last_day__isnull=True) | Q(last_day__gte=on)
    return Flag.objects.filter(NOW, lasting, account_id__in=account_ids, first_day__lte=on)


def _contacts(*, account_ids: Sequence[int], on: date) -> QuerySet[Contact]:
    usable = Q(expires_date__isnull=True) | Q(expires_date__gte=on)
    return Contact.objects.filter(
        NOW, usable, withdrawn_at__isnull=True, account_id__in=account_ids
    )


def _landlords(*, account_ids: Sequence[int]) -> dict[int, Landlord]:
    rows = Relation.objects.filter(NOW, kind="LANDLORD_OF", related_id__in=account_ids)
    ordered = rows.order_by("related_id", F("first_day").asc(nulls_first=True), "id")
    return {
        row["related_id"]: Landlord(
            account_id=row["account_id"], customer_id=row["account__customer_id"]
        )
        for row in ordered.values("related_id", "account_id", "account__customer_id")
    }


def _sets(pairs: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for account_id, word in pairs:
        found.setdefault(account_id, set()).add(word)
    return found
