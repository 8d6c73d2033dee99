"""The flat row of the archive, taken apart into customer, account, identity, agreement, premise."""

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lamplighter.facts.customers import reasons, search_entries
from lamplighter.facts.intake import version_landing
from lamplighter.facts.intake.records import Landed, LandingContext, RecordType, Refusal
from lamplighter.facts.intake.version_landing import Check, Reference, VersionedTable

IMPORTED = "landing_imported"
ACCOUNT = Reference(field="account_number", table="customers_account", alias="account")
CUSTOMER = Reference(field="customer_number", table="customers_customer", alias="customer")
AREA = Reference(
    field="area_code", table="network_area", alias="area", by="code", is_required=False
)
HOLDINGS = VersionedTable(
    table="customers_holding",
    references=[ACCOUNT, CUSTOMER],
    key={"account_id": "account.id"},
    compared={"customer_id": "customer.id"},
)
IDENTITIES = VersionedTable(
    table="customers_identity",
    references=[CUSTOMER],
    key={"customer_id": "customer.id"},
    compared={
        "name": "s.name",
        "kind": "s.kind",
        "id_number_index": "coalesce(s.id_number_index, '')",
        "industry": "coalesce(s.industry, '')",
        "importance": "coalesce(s.importance, 'NONE')",
    },
    carried={
        "id_number_sealed": "decode(s.id_number_sealed, 'base64')",
        "id_number_masked": "coalesce(s.id_number_masked, '')",
    },
    is_key_repeated=True,
)
AGREEMENTS = VersionedTable(
    table="customers_agreement",
    references=[ACCOUNT],
    key={"account_id": "account.id"},
    compared={
        "category": "s.category",
        "capacity_kva": "s.capacity_kva",
        "tariff_code": "s.tariff_code",
        "is_prepaid": "s.is_prepaid",
        "payment_method": "s.payment_method",
        "first_day": "s.contract_first_day",
        "last_day": "s.contract_last_day",
    },
)
PREMISES = VersionedTable(
    table="customers_premise",
    references=[ACCOUNT, AREA],
    key={"account_id": "account.id"},
    compared={
        "area_id": "area.id",
        "address": "coalesce(s.address, '')",
        "longitude_deg": "s.longitude",
        "latitude_deg": "s.latitude",
    },
)
CHECKS = [
    Check(
        wrong="s.contract_last_day < s.contract_first_day",
        field="contract_last_day",
        reason=reasons.ENDS_BEFORE_START,
    )
]
IDENTITY_OF_ROW = "ROW(s.name, s.kind, s.id_number_index, s.industry, s.importance)"


def land(
    *,
    cursor: CursorWrapper,
    staged: str,
    n_rows: int,
    record: RecordType,
    context: LandingContext,
) -> Landed:
    """Take staged rows of the archive in; a row counts as imported if any part of it changed."""
    version_landing.lock_table(cursor=cursor, table="customers_account")
    refusals = version_landing.refuse_wrong(
        cursor=cursor, staged=staged, checks=CHECKS, context=context
    )
    refusals += version_landing.refuse_repeated(
        cursor=cursor, staged=staged, record=record, context=context
    )
    refusals += version_landing.refuse_unknown(
        cursor=cursor, staged=staged, record=record, references=[AREA], context=context
    )
    refusals += _refuse_contradictions(cursor, staged)
    _make_customers_and_accounts(cursor, staged)
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{IMPORTED}")
    cursor.execute(f"CREATE TEMPORARY TABLE {IMPORTED} (row_number bigint) ON COMMIT DROP")
    for table in (HOLDINGS, IDENTITIES, AGREEMENTS, PREMISES):
        version_landing.record_versions(
            cursor=cursor, staged=staged, table=table, context=context, imported=IMPORTED
        )
    _name_the_holders(cursor, staged)
    cursor.execute(f"SELECT count(DISTINCT row_number) FROM {IMPORTED}")  # noqa: S608  a constant
    n_imported: int = cursor.fetchone()[0]
    search_entries.rebuild(cursor=cursor, accounts=_touched(staged))
    return Landed(
        n_imported=n_imported,
        n_unchanged=n_rows - n_imported - len(refusals),
        refusals=refusals,
    )


def _refuse_contradictions(cursor: CursorWrapper, staged: str) -> list[Refusal]:
    """Refuse a row that says of its customer what an earlier row of the file denies."""
    cursor.execute(
        sql.SQL(
            "WITH first AS (SELECT DISTINCT ON (s.customer_number) s.customer_number, "
            "s.row_number, {identity} AS identity FROM {staged} s "
            "WHERE s.customer_number IN (SELECT customer_number FROM {staged} "
            "GROUP BY customer_number HAVING count(*) > 1) "
            "ORDER BY s.customer_number, s.row_number) "
            "DELETE FROM {staged} s USING first WHERE first.customer_number = s.customer_number "
            "AND first.identity IS DISTINCT FROM {identity} "
            "RETURNING s.row_number, s.customer_number, first.row_number"
        ).format(identity=sql.SQL(IDENTITY_OF_ROW), staged=sql.Identifier(staged))
    )
    return [
        Refusal(
            row_number=row_number,
            field="customer_number",
            value=customer_number[: version_landing.LONGEST_SHOWN],
            reason=reasons.CUSTOMER_DIFFERS,
            detail=f"row {first_row}",
        )
        for row_number, customer_number, first_row in cursor.fetchall()
    ]


def _make_customers_and_accounts(cursor: CursorWrapper, staged: str) -> None:
    names = {"staged": sql.Identifier(staged)}
    cursor.execute(
        sql.SQL(
            "INSERT INTO customers_customer (number) SELECT DISTINCT s.customer_number "
            "FROM {staged} s ORDER BY 1 ON CONFLICT DO NOTHING"
        ).format(**names)
    )
    cursor.execute(
        sql.SQL(
            "INSERT INTO customers_account (number, customer_id) "
            "SELECT s.account_number, customer.id FROM {staged} s "
            "JOIN customers_customer customer ON customer.number = s.customer_number "
            "WHERE NOT EXISTS (SELECT FROM customers_account a WHERE a.number = s.account_number) "
            "ORDER BY s.row_number"
        ).format(**names)
    )
    cursor.execute("ANALYZE customers_customer")
    cursor.execute("ANALYZE customers_account")


def _name_the_holders(cursor: CursorWrapper, staged: str) -> None:
    """Let each account point at its holder of now."""
    cursor.execute(
        sql.SQL(
            "UPDATE customers_account a SET customer_id = h.customer_id FROM customers_holding h "
            "WHERE h.account_id = a.id AND h.superseded_at IS NULL "
            "AND h.customer_id <> a.customer_id "
            "AND a.number IN (SELECT account_number FROM {})"
        ).format(sql.Identifier(staged))
    )


def _touched(staged: str) -> sql.Composed:
    """Return the query for the accounts whose search words may be others now."""
    return sql.SQL(
        "SELECT a.id FROM customers_account a WHERE a.customer_id IN ("
        "SELECT b.customer_id FROM customers_account b JOIN {staged} s "
        "ON s.account_number = b.number JOIN {imported} i ON i.row_number = s.row_number)"
    ).format(staged=sql.Identifier(staged), imported=sql.Identifier(IMPORTED))
