"""Taking customers' records in."""

from collections.abc import Iterator

import pyarrow as pa
from django.db import connection
from django.db.backends.utils import CursorWrapper

from lamplighter.facts.customers import archive_landing, personal, reasons, records
from lamplighter.facts.intake import staging, version_landing
from lamplighter.facts.intake.records import Doorway, Landed, Landing, LandingContext
from lamplighter.facts.intake.version_doorway import STAGED, doorway
from lamplighter.facts.intake.version_landing import Check, Reference, VersionedTable
from lamplighter.policy import loader

ACCOUNT = Reference(field="account_number", table="customers_account", alias="account")
EXPIRED = Check(
    # The day in UTC is never later than the local day in the east.
    wrong="s.expires_day < (%(now)s AT TIME ZONE 'UTC')::date",
    field="expires_day",
    reason=reasons.EXPIRED,
)
CONTACTS = VersionedTable(
    table="customers_contact",
    references=[ACCOUNT],
    key={"account_id": "account.id", "role": "s.role", "phone_index": "s.phone_index"},
    compared={
        "name": "s.name",
        "purpose": "s.purpose",
        "basis": "s.basis",
        "granted_date": "s.granted_day",
        "expires_date": "s.expires_day",
        "phone_tail_index": "s.phone_tail_index",
    },
    carried={
        "phone_sealed": "decode(s.phone_sealed, 'base64')",
        "phone_masked": "s.phone_masked",
    },
    # A withdrawn consent stays withdrawn until the person grants it anew.
    unless="t.withdrawn_at IS NOT NULL AND coalesce(s.granted_day <= t.withdrawn_at::date, true)",
)
RELATIONS = VersionedTable(
    table="customers_relation",
    references=[
        ACCOUNT,
        Reference(field="related_account_number", table="customers_account", alias="related"),
    ],
    key={"account_id": "account.id", "related_id": "related.id", "kind": "s.kind"},
    compared={"first_day": "s.first_day"},
)
FACETS = VersionedTable(
    table="customers_facet",
    references=[ACCOUNT],
    key={"account_id": "account.id", "facet": "s.facet", "item": "s.item"},
    compared={
        "content": "s.content",
        "stated_date": "s.stated_day",
        "expires_date": "s.expires_day",
    },
)
FLAGS = VersionedTable(
    table="customers_flag",
    references=[ACCOUNT],
    key={"account_id": "account.id", "kind": "s.kind", "first_day": "s.first_day"},
    compared={"last_day": "s.last_day", "evidence": "coalesce(s.evidence, '')"},
)
ASSESSMENTS = VersionedTable(
    table="customers_assessment",
    references=[ACCOUNT],
    key={"account_id": "account.id", "kind": "s.kind", "assessed_date": "s.assessed_day"},
    compared={"grade": "s.grade", "assessor": "coalesce(s.assessor, '')"},
)
SURVEY_ANSWERS = VersionedTable(
    table="customers_surveyanswer",
    references=[ACCOUNT],
    key={"account_id": "account.id", "question": "s.question", "asked_date": "s.asked_day"},
    compared={
        "answer": "s.answer",
        "asked_by": "coalesce(s.asked_by, '')",
        "purpose": "s.purpose",
        "basis": "s.basis",
        "expires_date": "s.expires_day",
    },
    carried={"granted_date": "s.asked_day"},
    unless="t.withdrawn_at IS NOT NULL OR t.erased_at IS NOT NULL",
)
SERVICE_REQUESTS = VersionedTable(
    table="customers_servicerequest",
    references=[
        Reference(
            field="account_number",
            table="customers_account",
            alias="account",
            is_required=False,
        ),
        Reference(
            field="area_code", table="network_area", alias="area", by="code", is_required=False
        ),
    ],
    key={"number": "s.number"},
    compared={
        "account_id": "account.id",
        "area_id": "area.id",
        "kind": "s.kind",
        "channel": "s.channel",
        "requested_at": "s.requested_at",
        "closed_at": "s.closed_at",
        "content": "coalesce(s.content, '')",
        "is_upheld": "s.is_upheld",
    },
)


def land_contacts(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take contacts in: telephone numbers normalised and sealed, consents with their end."""
    hiding = personal.Sealing(
        field_name="phone", hide=personal.hidden_phone(field_key=context.field_key)
    )
    record = hiding.record(records.CONTACT)
    with connection.cursor() as cursor:
        n_rows = staging.copy_to_temporary_table(
            cursor=cursor,
            table=STAGED,
            record=record,
            rows=hiding.rows(rows),
            on_progress=context.on_progress,
        )
        _end_consents(cursor, context)
        landed = version_landing.land_staged(
            cursor=cursor,
            staged=STAGED,
            n_rows=n_rows,
            record=record,
            table=CONTACTS,
            context=context,
            checks=[
                Check(
                    wrong="s.basis = 'CONSENT' AND s.expires_day IS NULL",
                    field="expires_day",
                    reason=reasons.CONSENT_WITHOUT_END,
                ),
                EXPIRED,
            ],
        )
    return Landed(
        n_imported=landed.n_imported,
        n_unchanged=landed.n_unchanged,
        refusals=[*hiding.refusals, *landed.refusals],
    )


def _end_consents(cursor: CursorWrapper, context: LandingContext) -> None:
    """Let a consent without an end last as long as the policy says, from the day it was given."""
    policy = loader.load(name="personal_data", on=context.day)
    cursor.execute(
        "UPDATE landing_staged SET expires_day = granted_day + make_interval(months => %s) "
        "WHERE basis = 'CONSENT' AND expires_day IS NULL AND granted_day IS NOT NULL",
        [policy.integer("consent_lasts_months")],
    )


def land_customers(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take the flat archive in: customer, account, identity, agreement, premise, search words."""
    hiding = personal.Sealing(
        field_name="id_number", hide=personal.hidden_id_number(field_key=context.field_key)
    )
    record = hiding.record(records.CUSTOMER)
    with connection.cursor() as cursor:
        n_rows = staging.copy_to_temporary_table(
            cursor=cursor,
            table=STAGED,
            record=record,
            rows=hiding.rows(rows),
            on_progress=context.on_progress,
        )
        return archive_landing.land(
            cursor=cursor, staged=STAGED, n_rows=n_rows, record=record, context=context
        )


_customers: Landing = land_customers
DOORWAYS: tuple[Doorway, ...] = (
    Doorway(record=records.CUSTOMER, land=_customers),
    Doorway(record=records.CONTACT, land=land_contacts),
    doorway(
        record=records.RELATION,
        table=RELATIONS,
        checks=[
            Check(
                wrong="s.account_number = s.related_account_number",
                field="related_account_number",
                reason=reasons.SAME_ACCOUNT,
            )
        ],
    ),
    doorway(
        record=records.FACET,
        table=FACETS,
        checks=[
            Check(
                wrong="s.expires_day < s.stated_day",
                field="expires_day",
                reason=reasons.ENDS_BEFORE_START,
            ),
            EXPIRED,
        ],
    ),
    doorway(
        record=records.FLAG,
        table=FLAGS,
        checks=[
            Check(
                wrong="s.last_day < s.first_day", field="last_day", reason=reasons.ENDS_BEFORE_START
            ),
            Check(
                wrong="s.kind = 'THEFT_VERIFIED' AND coalesce(s.evidence, '') = ''",
                field="evidence",
                reason=reasons.EVIDENCE_MISSING,
            ),
        ],
    ),
    doorway(record=records.ASSESSMENT, table=ASSESSMENTS),
    doorway(
        record=records.SURVEY_ANSWER,
        table=SURVEY_ANSWERS,
        checks=[
            Check(
                wrong="s.basis = 'CONSENT' AND s.expires_day IS NULL",
                field="expires_day",
                reason=reasons.CONSENT_WITHOUT_END,
            ),
            EXPIRED,
        ],
    ),
    doorway(
        record=records.SERVICE_REQUEST,
        table=SERVICE_REQUESTS,
        checks=[
            Check(
                wrong="s.closed_at < s.requested_at",
                field="closed_at",
                reason=reasons.ENDS_BEFORE_START,
            )
        ],
    ),
)
