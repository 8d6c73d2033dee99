"""What accounts are found by, rebuilt from the current versions."""

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lamplighter.facts.customers import terms

AT_ONCE = 20_000


def rebuild(*, cursor: CursorWrapper, accounts: sql.Composed) -> int:
    """Rebuild the entries of the accounts that a query names; return how many."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.landing_search")
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE landing_search ON COMMIT DROP AS "
            "SELECT a.id AS account_id, p.area_id, coalesce(i.name, '') AS name, "
            "coalesce(p.address, '') AS address, a.number, c.number AS customer_number "
            "FROM customers_account a JOIN customers_customer c ON c.id = a.customer_id "
            "LEFT JOIN customers_identity i ON i.customer_id = c.id AND i.superseded_at IS NULL "
            "LEFT JOIN customers_premise p ON p.account_id = a.id AND p.superseded_at IS NULL "
            "WHERE a.id IN ({})"
        ).format(accounts)
    )
    cursor.execute("DROP TABLE IF EXISTS pg_temp.landing_terms")
    cursor.execute(
        "CREATE TEMPORARY TABLE landing_terms (account_id bigint, area_id bigint, terms text) "
        "ON COMMIT DROP"
    )
    n_rebuilt = 0
    last_id = 0
    while True:
        cursor.execute(
            "SELECT account_id, area_id, name, address, number, customer_number "
            "FROM landing_search WHERE account_id > %s ORDER BY account_id LIMIT %s",
            [last_id, AT_ONCE],
        )
        rows = cursor.fetchall()
        if not rows:
            break
        account_ids, area_ids, *texts = zip(*rows, strict=True)
        lines = terms.entries(
            names=texts[0],
            addresses=texts[1],
            account_numbers=texts[2],
            customer_numbers=texts[3],
        )
        with cursor.copy("COPY landing_terms FROM STDIN") as copy:
            for row in zip(account_ids, area_ids, lines, strict=True):
                copy.write_row(row)
        last_id = account_ids[-1]
        n_rebuilt += len(rows)
    cursor.execute(
        "INSERT INTO customers_searchentry (account_id, area_id, terms) "
        "SELECT account_id, area_id, terms FROM landing_terms ON CONFLICT (account_id) "
        "DO UPDATE SET area_id = excluded.area_id, terms = excluded.terms "
        "WHERE (customers_searchentry.area_id, customers_searchentry.terms) "
        "IS DISTINCT FROM (excluded.area_id, excluded.terms)"
    )
    # What many rows added waits in a list; sorted into the index at once, searches stay quick.
    cursor.execute("SELECT gin_clean_pending_list('search_entry_terms')")
    return n_rebuilt
