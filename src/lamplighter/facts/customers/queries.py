"""Reading the archive on behalf of a person: only what lies in the areas they may see."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Max, Q

from lamplighter.facts.customers import history
from lamplighter.facts.customers import search as searching
from lamplighter.facts.customers import story_reading as reading
from lamplighter.facts.customers.models import (
    Account,
    Agreement,
    Customer,
    Holding,
    Identity,
    Premise,
)
from lamplighter.facts.customers.search import NOTHING, Beside, Hit
from lamplighter.facts.customers.story import (
    Story,
    Terms,
)
from lamplighter.facts.intake.versions import known_at as at_moment
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer

NOW = Q(superseded_at__isnull=True)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


class AccountUnknown(LookupError):
    """There is no such account, or it lies where the viewer may not look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """An account in a list."""

    account_id: int
    account_number: str
    name: str
    kind: str
    address: str
    category: str
    is_prepaid: bool
    payment_method: str


def search(
    *,
    viewer: Viewer,
    on: date,
    text: str,
    limit: int,
    field_key: bytes,
    is_wide: bool = False,
    beside: Beside = NOTHING,
) -> list[Hit]:
    """Return the accounts a person may mean, likeliest first; see :mod:`.search`.

    At most six queries: one or two for each way of understanding the text, the later ones only
    while hits are still wanted. What is wanted *beside* each hit costs no query of its own.
    """
    return searching.search(
        viewer=viewer,
        on=on,
        text=text,
        limit=limit,
        field_key=field_key,
        is_wide=is_wide,
        beside=beside,
    )


def account_id_of(*, viewer: Viewer, on: date, account_number: str) -> int:
    """Return an account's id. One query.

    Raises
    ------
    AccountUnknown
        There is no such account where the viewer may look.
    """
    premise = (
        Premise.objects.filter(
            NOW,
            account__number=account_number,
            area__in=network.areas_seen_by(viewer=viewer, on=on),
        )
        .order_by("id")
        .values_list("account_id", flat=True)
        .first()
    )
    if premise is None:
        raise AccountUnknown(account_number)
    return premise


def account_story_head(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    known_at: datetime,
    with_papers: bool = False,
    with_versions: bool = False,
) -> Story:
    """Return what the archive knew of an account at one moment.

    10 queries; two more with relations, four with papers, six with versions. Who may look is
    decided by where the account is supplied now, whatever moment is asked about.

    Raises
    ------
    AccountUnknown
        There is no such account where the viewer may look, or it was not known at that moment.
    """
    account_id = account_id_of(viewer=viewer, on=on, account_number=account_number)
    known = at_moment(known_at)
    place = reading.place(account_id, known)
    if place is None:
        raise AccountUnknown(account_number)
    holding = (
        Holding.objects.filter(known, account_id=account_id)
        .select_related("customer")
        .order_by("-id")
        .first()
    )
    customer = holding.customer if holding else _first_customer(account_id)
    versions: dict[str, Any] = {"account_id": account_id, "customer_id": customer.pk}
    who = reading.who(customer.pk, customer.number, known)
    terms = reading.terms(account_id, known)
    return Story(
        account_id=account_id,
        customer_id=customer.pk,
        account_number=account_number,
        who=who,
        terms=terms,
        place=place,
        contacts=reading.contacts(account_id, known, on),
        relations=reading.relations(account_id, known, viewer, on),
        flags=reading.flags(account_id, known, on),
        requests=reading.requests(account_id, known),
        n_versions=history.count(**versions, up_to=known_at),
        papers=reading.papers(account_id, customer.pk, known, on, who=who, terms=terms, place=place)
        if with_papers
        else None,
        versions=history.of_account(**versions, up_to=known_at) if with_versions else None,
    )


def terms_of_account(*, account_id: int, known_at: datetime) -> Terms | None:
    """Return an account's terms of supply. One query; who may know them is the caller's to say."""
    return reading.terms(account_id, at_moment(known_at))


def held_since(*, account_id: int, customer_id: int) -> datetime | None:
    """Return since when an account is a customer's; None where it is no longer theirs.

    The earliest moment there is, where nobody had it before. Two queries.
    """
    if not Account.objects.filter(pk=account_id, customer_id=customer_id).exists():
        return None
    others = Holding.objects.filter(account_id=account_id).exclude(customer_id=customer_id)
    until: datetime | None = others.aggregate(at=Max("superseded_at"))["at"]
    return until or EARLIEST


def _first_customer(account_id: int) -> Customer:
    return Account.objects.select_related("customer").get(pk=account_id).customer


def accounts_in_area(*, viewer: Viewer, on: date, area_id: int) -> list[AccountLine]:
    """Return the accounts of a station area by number; none where the viewer may not look.

    Two queries.
    """
    seen = network.areas_seen_by(viewer=viewer, on=on)
    premises = (
        Premise.objects.filter(NOW, area_id=area_id, area__in=seen)
        .select_related("account")
        .order_by("account__number")
    )
    rows = {premise.account_id: premise for premise in premises}
    identities = {
        i.customer_id: i
        for i in Identity.objects.filter(NOW, customer__accounts__in=list(rows)).distinct()
    }
    agreements = {a.account_id: a for a in Agreement.objects.filter(NOW, account__in=list(rows))}
    lines = []
    for account_id, premise in rows.items():
        identity = identities.get(premise.account.customer_id)
        agreement = agreements.get(account_id)
        lines.append(
            AccountLine(
                account_id=account_id,
                account_number=premise.account.number,
                name=identity.name if identity else "",
                kind=identity.kind if identity else "",
                address=premise.address,
                category=agreement.category if agreement else "",
                is_prepaid=bool(agreement and agreement.is_prepaid),
                payment_method=agreement.payment_method if agreement else "",
            )
        )
    return lines
