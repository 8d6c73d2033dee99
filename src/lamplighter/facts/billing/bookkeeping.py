"""Keeping the books: from PostgreSQL to files, only what is new, up to one event of the ledger."""

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from django.db import connection, transaction

from lamplighter.facts.billing import books
from lamplighter.facts.billing.books import ACCOUNTS_A_BOOK, Columns, Form, Shelf
from lamplighter.facts.billing.bulk import EPOCH, local_day, place_of
from lamplighter.facts.billing.columns import METHODS, OUTCOMES
from lamplighter.facts.intake.columns import fetch_columns
from lamplighter.ledger import queries as ledger

BOOKS_LOCK = 0x424B
SHELF = "shelf.json"
MOST_PAGES = 12  # of a book; then they become one
IMPORTED = ("intake.delivery.imported",)
TABLES = {
    "bills": ("billing_bill", "bill"),
    "payments": ("billing_payment", "payment"),
    "debits": ("billing_debitattempt", "debit_attempt"),
    "reminders": ("billing_reminder", "reminder"),
}


@contextmanager
def alone_in_one_snapshot() -> Iterator[None]:
    """Keep the books alone, seeing the database as it stands once nobody else keeps them.

    The database lets go when the process dies. Inside a transaction that has already begun, what
    that one sees is all there is.
    """
    is_inside = connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BOOKS_LOCK])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if not is_inside:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [BOOKS_LOCK])


def up_to_date(*, folder: Path, zone: str) -> Shelf:
    """Return the books of everything the present transaction sees; read what they lack.

    To be called within `alone_in_one_snapshot`. Imports that are not committed yet are not in the
    books and will be read when the ledger says that they are.
    """
    place = ledger.newest_place()
    shelf = _shelf(folder, zone=zone)
    if shelf is None or not ledger.has_place(
        place=ledger.Place(event_id=shelf.event_id, hash=shelf.event_hash)
    ):
        shelf = _begun(folder, zone=zone)
    pages = {form: dict(of_form) for form, of_form in shelf.pages.items()}
    newest = dict(shelf.newest_ids)
    since = ledger.Place(event_id=shelf.event_id, hash=shelf.event_hash)
    told = ledger.told_between(names=IMPORTED, after=since, until=place)
    for form in books.FORMS:
        table, record = TABLES[form.name]
        brought = [
            int(event.subject.removeprefix("delivery:"))
            for event in told
            if event.payload["record"] == record
        ]
        last = _newest_id(table)
        if shelf.event_id == 0 or not brought:
            is_lacking = last != newest[form.name]
        else:
            added = _added(form, folder, pages[form.name], brought, zone=zone)
            is_lacking = max(added, newest[form.name]) != last
        if is_lacking:  # from the beginning, or rows that no import brought
            pages[form.name] = _whole(form, folder, zone=zone)
        newest[form.name] = last
    fresh = Shelf(
        folder=folder,
        event_id=place.event_id,
        event_hash=place.hash,
        zone=zone,
        newest_ids=newest,
        pages={
            form.name: {
                book: _bound(form, folder, names) for book, names in pages[form.name].items()
            }
            for form in books.FORMS
        },
    )
    if fresh.pages != shelf.pages:  # else the place before says the same, and lets no page go
        _put(fresh, before=shelf)
    return fresh


def _shelf(folder: Path, *, zone: str) -> Shelf | None:
    file = folder / SHELF
    if not file.exists():
        return None
    shelf = books.from_text(text=file.read_text(encoding="utf-8"), folder=folder)
    return shelf if shelf.zone == zone and shelf.is_whole() else None


def _begun(folder: Path, *, zone: str) -> Shelf:
    folder.mkdir(parents=True, exist_ok=True)
    nothing = ledger.BEGINNING
    return Shelf(
        folder=folder,
        event_id=nothing.event_id,
        event_hash=nothing.hash,
        zone=zone,
        newest_ids={form.name: 0 for form in books.FORMS},
        pages={form.name: {} for form in books.FORMS},
    )


def _put(shelf: Shelf, *, before: Shelf) -> None:
    """Make a shelf the newest one; pages that neither it nor the one before names are let go."""
    part = shelf.folder / f"{SHELF}.{os.getpid()}.part"
    part.write_text(shelf.to_text(), encoding="utf-8")
    part.replace(shelf.folder / SHELF)
    named = {
        page
        for of in (shelf, before)
        for of_form in of.pages.values()
        for names in of_form.values()
        for page in names
    }
    for file in shelf.folder.iterdir():  # also what a night that was killed left half written
        if file.name not in named and file.suffix in {".arrow", ".part"}:
            file.unlink()


def _newest_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 # a constant
        return int(cursor.fetchone()[0])


def _whole(form: Form, folder: Path, *, zone: str) -> dict[int, tuple[str, ...]]:
    """Write every version of a table into books of one page each."""
    table, _record = TABLES[form.name]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(account_id), -1) FROM {table}")  # noqa: S608 # constant
        n_books = int(cursor.fetchone()[0]) // ACCOUNTS_A_BOOK + 1
    pages: dict[int, tuple[str, ...]] = {}
    for book in range(n_books):
        low = book * ACCOUNTS_A_BOOK
        rows = fetch_columns(
            query=_select(form, zone)
            + " WHERE account_id >= %s AND account_id < %s"
            + f" ORDER BY account_id, {', '.join(form.order)}, id",
            parameters=[low, low + ACCOUNTS_A_BOOK],
            columns=_types(form),
        )
        if len(rows["id"]):
            pages[book] = (_page(form, folder, book, rows),)
    return pages


def _added(
    form: Form,
    folder: Path,
    pages: dict[int, tuple[str, ...]],
    deliveries: Sequence[int],
    *,
    zone: str,
) -> int:
    """Add a page of what deliveries brought to each book they touch; give the newest number."""
    table, _record = TABLES[form.name]
    rows = fetch_columns(
        query=_select(form, zone)
        + " WHERE delivery_id = ANY(%s)"
        + f" ORDER BY account_id, {', '.join(form.order)}, id",
        parameters=[list(deliveries)],
        columns=_types(form),
    )
    closed = fetch_columns(
        query=f"SELECT id, account_id, {_us('superseded_at')} FROM {table}"  # noqa: S608 # constants
        " WHERE superseded_at IS NOT NULL AND superseded_at = ANY("
        "ARRAY(SELECT finished_at FROM intake_delivery WHERE id = ANY(%s)))",
        parameters=[list(deliveries)],
        columns={"id": "int8", "account_id": "int8", "us": "int8"},
    )
    touched = np.concatenate([rows["account_id"], closed["account_id"]]) // ACCOUNTS_A_BOOK
    for book in np.unique(touched).tolist():
        own = rows["account_id"] // ACCOUNTS_A_BOOK == book
        ends = closed["account_id"] // ACCOUNTS_A_BOOK == book
        page = _page(
            form,
            folder,
            book,
            {name: column[own] for name, column in rows.items()},
            closed={name: column[ends] for name, column in closed.items()},
        )
        pages[book] = (*pages.get(book, ()), page)
    return int(rows["id"].max(initial=0))


def _bound(form: Form, folder: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """Make one page of many."""
    if len(names) <= MOST_PAGES:
        return names
    rows = books.together(form=form, pages=[books.read_page(folder / name) for name in names])
    book = int(rows["account_id"][0]) // ACCOUNTS_A_BOOK
    return (_page(form, folder, book, rows),)


def _page(
    form: Form, folder: Path, book: int, rows: Columns, *, closed: Columns | None = None
) -> str:
    name = f"{form.name}-{book:06d}-{uuid.uuid4().hex}.arrow"
    nobody = np.empty(0, np.int64)
    books.write_page(
        path=folder / name,
        columns=rows,
        closed_id=nobody if closed is None else closed["id"],
        closed_us=nobody if closed is None else closed["us"],
    )
    return name


def _select(form: Form, zone: str) -> str:
    """Return the columns of a book as SQL; constants of this module and a checked zone alone."""
    table, _record = TABLES[form.name]
    moment = {"payments": "paid_at", "debits": "attempted_at", "reminders": "sent_at"}
    at = moment.get(form.name, "")
    sources = {
        "id": "id",
        "recorded_us": _us("recorded_at"),
        "superseded_us": f"coalesce({_us('superseded_at')}, {books.NEVER_SUPERSEDED})",
        "account_id": "account_id",
        "first_day": f"first_day - {EPOCH}",
        "last_day": f"last_day - {EPOCH}",
        "issued_day": f"issued_date - {EPOCH}",
        "due_day": f"due_date - {EPOCH}",
        "amount_fen": "(amount_cny * 100)::bigint",
        "energy_kwh": "coalesce(energy_kwh::float8, 'NaN')",
        "at_us": _us(at),
        "day": f"{local_day(at, zone)} - {EPOCH}",
        "method": place_of("method", METHODS),
        "outcome": place_of("outcome", OUTCOMES),
        "is_delivered": "is_delivered::int",
    }
    listed = ", ".join(f"{sources[name]} AS {name}" for name in _types(form))
    # The order is by the columns of the book, which stand in the subquery alone.
    return f"SELECT * FROM (SELECT {listed}, delivery_id FROM {table}) AS versions"  # noqa: S608 # constants and a checked zone


def _us(column: str) -> str:
    """Return a moment as microseconds since 1970, exactly."""
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


def _types(form: Form) -> dict[str, str]:
    """Return the narrow types a book's columns are kept in."""
    narrow = {
        **dict.fromkeys(("first_day", "last_day", "issued_day", "due_day", "day"), "int4"),
        **dict.fromkeys(("method", "outcome", "is_delivered"), "int2"),
        "energy_kwh": "float8",
    }
    return {name: narrow.get(name, "int8") for name in (*books.ORIGIN, *form.columns)}
