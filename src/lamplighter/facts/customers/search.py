"""Finding accounts by whatever somebody remembers of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from lamplighter.facts.customers import asking, personal
from lamplighter.facts.network import queries as network
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer
from lamplighter.storage import prepared

WHOLE = frozenset({"PHONE", "ID_NUMBER", "NUMBER"})
MOST_CANDIDATES = 400  # so many matches of one search are ranked
SHORTEST_NUMBER = 6  # of an account that is asked for whole
ENOUGH = 6  # with so many who are called just so, nobody else is meant
HITS = """
SELECT account.id, account.number, i.name, i.kind, p.address, area.id, area.name, area.setting,
       {beside} AS beside,
       CASE WHEN account.number = %(text)s THEN 0 WHEN i.name = %(typed)s THEN 1
            WHEN strpos(lower(i.name), %(text)s) = 1 THEN 2
            WHEN strpos(lower(i.name), %(text)s) > 0 THEN 3
            WHEN strpos(p.address, %(typed)s) > 0 THEN 4 ELSE 5 END AS place
FROM ({found}) AS found
JOIN customers_account account ON account.id = found.account_id
JOIN customers_premise p ON p.account_id = account.id AND p.superseded_at IS NULL
JOIN network_area area ON area.id = p.area_id
JOIN network_orgunit unit ON unit.id = area.station_id
LEFT JOIN customers_identity i ON i.customer_id = account.customer_id AND i.superseded_at IS NULL
WHERE {seen}
ORDER BY place, length(i.name), account.number
LIMIT {limit}
"""
BY_NAME = """
SELECT account.id, account.number, i.name, i.kind, account.address, account.area_id,
       account.area_name, account.setting, {beside} AS beside
FROM customers_identity i
CROSS JOIN LATERAL (
    SELECT a.id, a.number, p.address, area.id AS area_id, area.name AS area_name, area.setting
    FROM customers_account a
    JOIN customers_premise p ON p.account_id = a.id AND p.superseded_at IS NULL
    JOIN network_area area ON area.id = p.area_id
    JOIN network_orgunit unit ON unit.id = area.station_id
    WHERE a.customer_id = i.customer_id AND {seen} OFFSET 0
) AS account
WHERE i.name = %(text)s AND i.superseded_at IS NULL
ORDER BY i.customer_id, account.id
LIMIT {limit}
"""  # read in the order of the index until a page is full, whoever may be seen
WORDS = """
SELECT e.account_id FROM customers_searchentry e
JOIN network_area area ON area.id = {of_entry}
JOIN network_orgunit unit ON unit.id = area.station_id
WHERE array_to_tsvector(string_to_array(e.terms, ' ')) @@ %(search)s::tsquery AND {seen}
LIMIT %(most)s
"""
# Who sees whole units is found by the words' index alone: through their areas every entry of a
# station would be read, since one unit among many is taken for a small one.
OF_ENTRY = {"areas": "e.area_id", "units": "e.area_id + 0"}
BY_WORDS = "SELECT unnest(%(ids)s::bigint[]) AS account_id"
BY_PHONE = """
SELECT DISTINCT c.account_id FROM customers_contact c
WHERE c.phone_index = %(index)s AND c.superseded_at IS NULL AND c.withdrawn_at IS NULL
  AND c.erased_at IS NULL AND (c.expires_date IS NULL OR c.expires_date >= %(on)s)
LIMIT %(most)s
"""
BY_PHONE_TAIL = BY_PHONE.replace("phone_index", "phone_tail_index")
BY_NUMBER = "SELECT id AS account_id FROM customers_account WHERE number = %(text)s"
BY_ID_NUMBER = """
SELECT a.id AS account_id FROM customers_identity i
JOIN customers_account a ON a.customer_id = i.customer_id
WHERE i.id_number_index = %(index)s AND i.id_number_index <> '' AND i.superseded_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An account that may be the one; *matched* says by what: NAME, WORDS, FORGIVING, NUMBER,
    PHONE, PHONE_TAIL or ID_NUMBER."""

    account_id: int
    account_number: str
    name: str
    kind: str
    address: str
    area_id: int
    area_name: str
    setting: str  # of the area
    beside: str  # what was asked for beside it; empty where there is nothing
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A text of another room that is read with each hit, in the same statement.

    *column* is written by the room whose table it reads, as its value of an account that the
    statement names ``account``; *values* are what it names.
    """

    column: str
    values: Mapping[str, Any]


NOTHING = Beside(column="''", values={})


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
    """Return the accounts a person may mean, likeliest first, of those the viewer may see.

    Understands names, parts of names, pinyin and its initials, traditional characters, account and
    customer numbers (from the front or the back), addresses, telephone numbers (whole, or the last
    four digits) and whole identity numbers; forgives homophones, accents and one wrong character
    where few are found otherwise. Where a whole telephone, identity or account number is known,
    it is what was meant; so is a whole name that `ENOUGH` accounts bear, unless *is_wide*. At most
    six queries, four for a name.
    """
    seen, scope = network.seen_by_hand(viewer=viewer, on=on)
    typed = text.replace("\x00", "").strip()
    question = asking.understood(text=typed)
    values = {
        **beside.values,
        **scope,
        "most": MOST_CANDIDATES,
        "on": on,
        "text": question.text,
        "typed": typed,
    }
    found: dict[int, Hit] = {}
    wanted, is_whole = limit, False
    parts = {"seen": seen, "beside": beside.column, "limit": str(int(limit))}
    parts["of_entry"] = OF_ENTRY["areas" if viewer.sees_own_areas_only else "units"]
    for matched, query, more in _ways(question, field_key=field_key):
        for hit in _hits(matched, query, {**values, **more}, parts=parts):
            found.setdefault(hit.account_id, hit)
        is_whole = matched in WHOLE
        few = (matched == "NAME" and not is_wide) or matched == "WORDS"
        wanted = min(ENOUGH, limit) if few else limit
        if len(found) >= wanted or (found and is_whole):
            break
    return list(found.values())[:limit]


def _ways(
    question: asking.Question, *, field_key: bytes
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the searches to make, surest first; later ones are written only if they are wanted."""
    if question.phone:
        index = sealing.blind_index(question.phone, field_key, personal.PHONE)
        yield "PHONE", BY_PHONE, {"index": index}
    if question.id_number:
        index = sealing.blind_index(question.id_number, field_key, personal.ID_NUMBER)
        yield "ID_NUMBER", BY_ID_NUMBER, {"index": index}
    if len(question.text) >= SHORTEST_NUMBER and question.text.isdecimal():
        yield "NUMBER", BY_NUMBER, {}
    if question.phone_tail:
        index = sealing.blind_index(question.phone_tail, field_key, personal.PHONE_TAIL)
        yield "PHONE_TAIL", BY_PHONE_TAIL, {"index": index}
    if not question.text.isdecimal():
        yield "NAME", BY_NAME, {}
    exact = question.exact
    if exact:
        yield "WORDS", BY_WORDS, {"search": exact}
    forgiving = question.forgiving
    if forgiving not in {"", exact}:
        yield "FORGIVING", BY_WORDS, {"search": forgiving}


def _hits(
    matched: str, query: str, values: dict[str, Any], *, parts: Mapping[str, str]
) -> list[Hit]:
    with connection.cursor() as cursor:
        if query == BY_WORDS:  # how to look for words depends on them: no plan is kept for all
            cursor.execute(WORDS.format(**parts), values)
            values["ids"] = [account_id for (account_id,) in cursor.fetchall()]
            if not values["ids"]:
                return []
        statement = query if query == BY_NAME else HITS.replace("{found}", query)
        prepared.execute(cursor, statement.format(**parts), values)
        return [
            Hit(
                account_id=row[0],
                account_number=row[1],
                name=row[2] or "",
                kind=row[3] or "",
                address=row[4],
                area_id=row[5],
                area_name=row[6],
                setting=row[7],
                beside=row[8] or "",
                matched=matched,
            )
            for row in cursor.fetchall()
        ]
