"""Letting go of personal data: when a person withdraws their consent, and when its time is over.

The content of every version goes; the row and the keyed hash of a number stay, so that the next
delivery does not bring the same number back.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction

from lamplighter.facts.customers import queries
from lamplighter.facts.customers.models import Contact, Facet, SurveyAnswer
from lamplighter.facts.customers.services import NotAllowed, NothingToShow
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy

NOW = models.Q(superseded_at__isnull=True)
NO_CONTACT: dict[str, Any] = {
    "name": "",
    "phone_sealed": b"",
    "phone_masked": "",
    "phone_tail_index": "",
}
NO_ANSWER: dict[str, Any] = {"answer": ""}


def withdraw_consent(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    contact_id: int,
    now: datetime,
    policy: Policy,
) -> None:
    """Record that a person withdrew their consent, and erase what was held on it at once.

    Raises
    ------
    NotAllowed
        The policy ``access`` does not let this role record it.
    NothingToShow
        No such contact at this account, or it does not rest on consent.
    queries.AccountUnknown
        No such account where the viewer may look.
    """
    if viewer.role not in policy.row("withdraw_consent").value:
        raise NotAllowed(f"{viewer.role} withdraw_consent ({policy.version})")
    with transaction.atomic():
        account_id = queries.account_id_of(viewer=viewer, on=on, account_number=account_number)
        held = (
            Contact.objects.select_for_update()
            .filter(NOW, account_id=account_id, pk=contact_id, basis="CONSENT")
            .order_by("id")
            .first()
        )
        if held is None:
            raise NothingToShow(f"contact {contact_id}")
        versions = Contact.objects.filter(
            account_id=account_id, role=held.role, phone_index=held.phone_index
        )
        versions.filter(withdrawn_at__isnull=True).update(withdrawn_at=now)
        versions.update(erased_at=now, **NO_CONTACT)
        ledger.record(
            "customers.consent.withdrawn",
            subject=f"account:{account_id}",
            actor=viewer.actor,
            at=now,
            contact_id=contact_id,
        )


def purge_expired(*, today: date, now: datetime, actor: str, policy: Policy) -> dict[str, int]:
    """Erase the personal fields whose time is over, and return how many rows of each kind.

    A number that a later version still holds by right stays; older versions of an erased one go
    with it. May run any number of times.
    """
    last = today - timedelta(policy.integer("erase_after_days"))
    with transaction.atomic():
        contacts = _erase(
            Contact, ["account_id", "role", "phone_index"], last=last, now=now, empty=NO_CONTACT
        )
        answers = _erase(
            SurveyAnswer,
            ["account_id", "question", "asked_date"],
            last=last,
            now=now,
            empty=NO_ANSWER,
        )
        facets = Facet.objects.filter(expires_date__lt=last).exclude(content="").update(content="")
        counts = {"contacts": contacts, "survey_answers": answers, "facets": facets}
        if any(counts.values()):
            ledger.record(
                "customers.personal_data.erased",
                subject="customers",
                actor=actor,
                at=now,
                policy=policy.version,
                **counts,
            )
    return counts


def _erase(
    model: type[Contact] | type[SurveyAnswer],
    key: list[str],
    *,
    last: date,
    now: datetime,
    empty: dict[str, Any],
) -> int:
    over = model._default_manager.filter(NOW, expires_date__lt=last)
    same = {name: models.OuterRef(name) for name in key}
    versions = model._default_manager.filter(
        models.Exists(over.filter(**same)), erased_at__isnull=True
    )
    return int(versions.update(erased_at=now, **empty))
