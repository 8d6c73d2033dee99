"""Writing the archive by hand, and looking behind its masks; each leaves a row in the ledger."""

import base64
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection, models, transaction

from lamplighter.facts.customers import personal, queries, story_reading
from lamplighter.facts.customers.models import (
    BASES,
    FLAGS,
    ROLES,
    Account,
    Contact,
    Facet,
    Flag,
    Identity,
    SurveyAnswer,
)
from lamplighter.facts.intake import version_landing
from lamplighter.facts.intake.versions import Version
from lamplighter.kernel import sealing
from lamplighter.kernel.spans import months_after
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy

PHONE = "phone"
ID_NUMBER = "id_number"
NOTE = "note"
NOW = models.Q(superseded_at__isnull=True)


class NotAllowed(PermissionError):
    """The policy does not give this role this right."""


class ReasonMissing(ValueError):
    """This role must say why it looks."""


class NothingToShow(LookupError):
    """There is no such field, or it may no longer be used."""


class ValueUnknown(ValueError):
    """A word is none of those the archive knows."""


class FlagUnproven(ValueError):
    """Verified theft must name its evidence."""


class ConsentWithoutEnd(ValueError):
    """Personal data on the ground of consent must say until when it is kept."""


def unmask(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    field: str,
    contact_id: int | None,
    reason: str,
    now: datetime,
    field_key: bytes,
    policy: Policy,
) -> str:
    """Return a whole telephone (*field* ``phone``) or identity number (``id_number``).

    That somebody looked is recorded, never what they saw.

    Raises
    ------
    NotAllowed
        The policy ``access`` does not let this role see this field.
    ReasonMissing
        The role must say why.
    NothingToShow
        No such contact at this account, or its consent is over.
    queries.AccountUnknown
        No such account where the viewer may look.
    """
    if field not in {PHONE, ID_NUMBER}:
        raise NothingToShow(field)
    _check_role(viewer, policy, f"unmask_{field}")
    if viewer.role in policy.row("unmask_needs_reason").value and not reason.strip():
        raise ReasonMissing(viewer.role)
    with transaction.atomic():
        account_id = queries.account_id_of(viewer=viewer, on=on, account_number=account_number)
        sealed = (
            _sealed_phone(account_id, contact_id, on)
            if field == PHONE
            else _sealed_id_number(account_id)
        )
        text = sealing.unseal(sealed, field_key)
        ledger.record(
            "customers.field.unmasked",
            subject=f"account:{account_id}",
            actor=viewer.actor,
            at=now,
            field=field,
            contact_id=contact_id,
            reason=reason.strip()[:200],
            policy=policy.version,
        )
    return text


def record_contact(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    role: str,
    name: str,
    phone: str,
    purpose: str,
    basis: str,
    granted_date: date | None,
    expires_date: date | None,
    now: datetime,
    field_key: bytes,
    access: Policy,
    personal_data: Policy,
) -> int:
    """Record somebody to call and return the contact's id.

    Raises
    ------
    NotAllowed, ValueUnknown, ConsentWithoutEnd, queries.AccountUnknown
        See there.
    phones.PhoneUnusable
        The number reaches nobody.
    """
    _check_role(viewer, access, "change_archive")
    if role not in ROLES or basis not in BASES:
        raise ValueUnknown(f"{role}, {basis}")
    hidden = personal.hidden_phone(field_key=field_key)(phone)
    if basis == "CONSENT" and expires_date is None:
        if granted_date is None:
            raise ConsentWithoutEnd(purpose)
        months = personal_data.integer("consent_lasts_months")
        expires_date = months_after(day=granted_date, n_months=months)
    return _record_version(
        viewer=viewer,
        on=on,
        now=now,
        account_number=account_number,
        model=Contact,
        key={"role": role, "phone_index": hidden.index},
        content={
            "name": name,
            "purpose": purpose,
            "basis": basis,
            "granted_date": granted_date,
            "expires_date": expires_date,
            "phone_sealed": base64.b64decode(hidden.sealed),
            "phone_masked": hidden.masked,
            "phone_tail_index": hidden.tail_index,
        },
        event="customers.contact.recorded",
        said={"role": role, "basis": basis},
    )


def record_survey_answer(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    question: str,
    answer: str,
    purpose: str,
    basis: str,
    now: datetime,
    access: Policy,
    personal_data: Policy,
) -> int:
    """Record an answer given on a visit today (S4-05); it expires as the policy says.

    Raises
    ------
    NotAllowed, ValueUnknown, queries.AccountUnknown
        See there.
    """
    _check_role(viewer, access, "change_archive")
    if basis not in BASES:
        raise ValueUnknown(basis)
    months = personal_data.integer("survey_answer_lasts_months")
    return _record_version(
        viewer=viewer,
        on=on,
        now=now,
        account_number=account_number,
        model=SurveyAnswer,
        key={"question": question, "asked_date": on},
        content={
            "answer": answer,
            "asked_by": viewer.staff_number,
            "purpose": purpose,
            "basis": basis,
            "granted_date": on,
            "expires_date": months_after(day=on, n_months=months),
        },
        event="customers.survey_answer.recorded",
        said={"question": question},
    )


def record_note(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    text: str,
    now: datetime,
    access: Policy,
    personal_data: Policy,
) -> int:
    """Record a signed, expiring note (Q3); no rule and no kernel ever reads it.

    Raises
    ------
    NotAllowed, queries.AccountUnknown
        See there.
    """
    _check_role(viewer, access, "change_archive")
    months = personal_data.integer("note_lasts_months")
    return _record_version(
        viewer=viewer,
        on=on,
        now=now,
        account_number=account_number,
        model=Facet,
        key={"facet": "COOPERATION", "item": f"{NOTE}:{viewer.staff_number}"},
        content={
            "content": text,
            "stated_date": on,
            "expires_date": months_after(day=on, n_months=months),
        },
        event="customers.note.recorded",
        said={},
    )


def record_flag(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    kind: str,
    first_day: date,
    last_day: date | None,
    evidence: str,
    now: datetime,
    access: Policy,
) -> int:
    """Record a flag, or give a standing one its last day.

    Raises
    ------
    NotAllowed, ValueUnknown, queries.AccountUnknown
        See there.
    FlagUnproven
        Verified theft without evidence.
    """
    _check_role(viewer, access, "change_archive")
    if kind not in FLAGS or (last_day is not None and last_day < first_day):
        raise ValueUnknown(f"{kind} {first_day} {last_day}")
    if kind == "THEFT_VERIFIED" and not evidence.strip():
        raise FlagUnproven(account_number)
    return _record_version(
        viewer=viewer,
        on=on,
        now=now,
        account_number=account_number,
        model=Flag,
        key={"kind": kind, "first_day": first_day},
        content={"last_day": last_day, "evidence": evidence.strip()},
        event="customers.flag.recorded",
        said={"kind": kind, "last_day": last_day.isoformat() if last_day else None},
    )


Versioned = TypeVar("Versioned", bound=Version)


def _record_version(
    *,
    viewer: Viewer,
    on: date,
    now: datetime,
    account_number: str,
    model: type[Versioned],
    key: Mapping[str, Any],
    content: Mapping[str, Any],
    event: str,
    said: Mapping[str, Any],
) -> int:
    """Close the current version, write the next one, and say so: one transaction."""
    with transaction.atomic():
        account_id = queries.account_id_of(viewer=viewer, on=on, account_number=account_number)
        with connection.cursor() as cursor:
            version_landing.lock_table(cursor=cursor, table=model._meta.db_table, is_shared=True)
        Account.objects.select_for_update().get(pk=account_id)
        rows = model._default_manager.filter(NOW, account_id=account_id, **key)
        rows.update(superseded_at=now)
        (made,) = model._default_manager.bulk_create(
            [
                model(
                    account_id=account_id,
                    recorded_at=now,
                    recorded_by=viewer.actor,
                    **key,
                    **content,
                )
            ]
        )
        ledger.record(
            event, subject=f"account:{account_id}", actor=viewer.actor, at=now, id=made.pk, **said
        )
    return int(made.pk)


def _check_role(viewer: Viewer, policy: Policy, right: str) -> None:
    if viewer.role not in policy.row(right).value:
        raise NotAllowed(f"{viewer.role} {right} ({policy.version})")


def _sealed_phone(account_id: int, contact_id: int | None, on: date) -> bytes:
    if contact_id is None:
        raise NothingToShow("no contact is named")
    named = Contact.objects.filter(NOW, account_id=account_id, pk=contact_id)
    contact = named.order_by("id").first()
    if contact is None or story_reading.consent_on(contact=contact, on=on) != "VALID":
        raise NothingToShow(f"contact {contact_id}")
    return bytes(contact.phone_sealed)


def _sealed_id_number(account_id: int) -> bytes:
    identity = Identity.objects.filter(NOW, customer__accounts=account_id).order_by("id").first()
    if identity is None or not identity.id_number_sealed:
        raise NothingToShow(f"account {account_id}")
    return bytes(identity.id_number_sealed)
