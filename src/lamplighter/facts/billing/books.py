"""Books: the columns of bills, payments, debits and reminders, kept as files beside the lake.

A fact is a version that is never edited, so what was read of it once stays right. A book holds the
versions of some accounts, sorted as the nightly foresight wants them; later versions come as
further pages of the book, and what a later version took the place of as its list of *closed*
versions. PostgreSQL stays the truth: `bookkeeping` writes the books from it and says up to which
event of the ledger they go. Reading them needs no database, and gives the same arrays as `bulk`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc as pa_ipc

from lamplighter.facts.billing.columns import Bills, Debits, Integers, Payments, Reminders

Columns = dict[str, npt.NDArray[Any]]

FOLDER = "books"
ACCOUNTS_A_BOOK = 8192
ORIGIN = ("id", "recorded_us", "superseded_us")
CLOSED = ("closed_id", "closed_us")
NEVER_SUPERSEDED = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a table's book holds beside the origin of each row, and how its rows are ordered."""

    name: str
    columns: tuple[str, ...]
    day: str  # the column that says when it happened
    order: tuple[str, ...]  # after the account, before the version itself


BILLS = Form(
    name="bills",
    columns=(
        *("account_id", "first_day", "last_day", "issued_day", "due_day", "amount_fen"),
        "energy_kwh",
    ),
    day="issued_day",
    order=("issued_day", "last_day"),
)
PAYMENTS = Form(
    name="payments",
    columns=("account_id", "at_us", "day", "amount_fen", "method"),
    day="day",
    order=("at_us",),
)
DEBITS = Form(
    name="debits", columns=("account_id", "at_us", "day", "outcome"), day="day", order=("at_us",)
)
REMINDERS = Form(
    name="reminders",
    columns=("account_id", "at_us", "day", "is_delivered"),
    day="day",
    order=("at_us",),
)
FORMS = (BILLS, PAYMENTS, DEBITS, REMINDERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The pages of all books as they stood at one event of the ledger; other ones may follow."""

    folder: Path
    event_id: int
    event_hash: str
    zone: str  # days of payments are days there
    newest_ids: dict[str, int]  # form → number of the newest version that was read
    pages: dict[str, dict[int, tuple[str, ...]]]  # form → book → files, oldest first

    def to_text(self) -> str:
        """Return the shelf as JSON."""
        content = {name: getattr(self, name) for name in self.__slots__ if name != "folder"}
        return json.dumps(content, sort_keys=True)

    def is_whole(self) -> bool:
        """Tell whether every page is still there."""
        return all(
            (self.folder / page).exists()
            for books in self.pages.values()
            for pages in books.values()
            for page in pages
        )


def from_text(*, text: str, folder: Path) -> Shelf:
    """Return the shelf that `Shelf.to_text` wrote, with its pages in a folder."""
    content = json.loads(text)
    pages = {
        form: {int(book): tuple(names) for book, names in books.items()}
        for form, books in content.pop("pages").items()
    }
    return Shelf(folder=folder, pages=pages, **content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads what was known of accounts at a moment, up to a day."""

    shelf: Shelf
    account_ids: Integers  # ascending
    up_to: date
    known_at: datetime

    def bills(self) -> Bills:
        """Return bills as `bulk.bills` does."""
        return Bills(**self._columns(BILLS))

    def payments(self) -> Payments:
        """Return payments as `bulk.payments` does."""
        return Payments(**self._columns(PAYMENTS))

    def debits(self) -> Debits:
        """Return debits as `bulk.debits` does."""
        return Debits(**self._columns(DEBITS))

    def reminders(self) -> Reminders:
        """Return reminders as `bulk.reminders` does."""
        columns = self._columns(REMINDERS)
        delivered = columns.pop("is_delivered").astype(np.bool_)
        return Reminders(**columns, is_delivered=delivered)

    def _columns(self, form: Form) -> Columns:
        books = np.unique(self.account_ids // ACCOUNTS_A_BOOK).tolist()
        parts = [self._book(form, book) for book in books]
        names = [name for name in form.columns if name != "at_us"]
        if not parts:
            return {name: np.empty(0, np.int64) for name in names}
        return {
            name: np.concatenate([part[name] for part in parts]).astype(
                np.float64 if name == "energy_kwh" else np.int64
            )
            for name in names
        }

    def _book(self, form: Form, book: int) -> Columns:
        wanted = self.account_ids[self.account_ids // ACCOUNTS_A_BOOK == book]
        names = self.shelf.pages.get(form.name, {}).get(book, ())
        pages = [read_page(self.shelf.folder / name) for name in names]
        rows = together(form=form, pages=[_of_accounts(page, wanted) for page in pages])
        known = _micros(self.known_at)
        last = np.int64((self.up_to - date(1970, 1, 1)).days)
        kept = (rows["recorded_us"] <= known) & (rows["superseded_us"] > known)
        kept &= rows[form.day] <= last
        return rows if kept.all() else {name: column[kept] for name, column in rows.items()}


def together(*, form: Form, pages: Sequence[Columns]) -> Columns:
    """Return the rows of all pages of a book in their order, each with what closed it."""
    names = (*ORIGIN, *form.columns)
    rows = [{name: page[name] for name in names} for page in pages if len(page["id"])]
    closed = [(page["closed_id"], page["closed_us"]) for page in pages if len(page["closed_id"])]
    if len(rows) == 1 and not closed:
        return rows[0]
    whole = {
        name: np.concatenate([r[name] for r in rows]) if rows else np.empty(0, np.int64)
        for name in names
    }
    if closed:
        ids = np.concatenate([pair[0] for pair in closed])
        moments = np.concatenate([pair[1] for pair in closed])
        order = np.argsort(ids, kind="stable")
        ids, moments = ids[order], moments[order]
        place = np.minimum(np.searchsorted(ids, whole["id"]), len(ids) - 1)
        is_closed = ids[place] == whole["id"]
        whole["superseded_us"] = np.where(is_closed, moments[place], whole["superseded_us"])
    if len(rows) > 1:
        keys = ("account_id", *form.order, "id")
        order = np.lexsort([whole[name] for name in reversed(keys)])
        whole = {name: column[order] for name, column in whole.items()}
    return whole


def standing(*, shelf: Shelf, form: Form, book: int, names: Sequence[str]) -> Columns:
    """Return columns of a book's versions that nothing has taken the place of, in no order.

    Its pages are let go with the columns, so that whoever goes through all books holds one.
    """
    pages = [opened_page(shelf.folder / name) for name in shelf.pages[form.name].get(book, ())]
    closed = [page["closed_id"] for page in pages if len(page["closed_id"])]
    parts: list[Columns] = [{name: np.empty(0, np.int64) for name in names}]
    for page in pages:
        stands = page["superseded_us"] == NEVER_SUPERSEDED
        if closed:
            stands &= ~np.isin(page["id"], np.concatenate(closed))
        chosen = slice(None) if stands.all() else stands
        parts.append({name: page[name][chosen] for name in names})
    if len(parts) == 2:
        return parts[1]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _of_accounts(page: Columns, account_ids: Integers) -> Columns:
    """Return the rows of some accounts, both in rising order; views where they lie together.

    What closed rows stays whole: it is little, and does not say whose they are.
    """
    account = page["account_id"]
    begin = np.searchsorted(account, account_ids, side="left")
    end = np.searchsorted(account, account_ids, side="right")
    if not len(account_ids) or np.array_equal(begin[1:], end[:-1]):
        chosen: Any = slice(int(begin[0]), int(end[-1])) if len(account_ids) else slice(0, 0)
    else:
        count = end - begin
        start = np.repeat(begin - np.concatenate(([0], np.cumsum(count)[:-1])), count)
        chosen = start + np.arange(int(count.sum()))
    return {name: column if name in CLOSED else column[chosen] for name, column in page.items()}


@lru_cache(maxsize=64)
def read_page(path: Path) -> Columns:
    """Return a page's columns as `opened_page` does, and keep it open for who asks again."""
    return opened_page(path)


def opened_page(path: Path) -> Columns:
    """Return a page's columns over the file itself: nothing is copied before it is used."""
    table = pa_ipc.open_file(pa.memory_map(str(path))).read_all()
    closed = json.loads(table.schema.metadata[b"closed"])
    columns: Columns = {
        name: table[name].chunk(0).to_numpy() if len(table) else np.empty(0, np.int64)
        for name in table.column_names
    }
    ids, moments = closed["id"], closed["us"]
    return columns | {
        "closed_id": np.array(ids, np.int64),
        "closed_us": np.array(moments, np.int64),
    }


def write_page(*, path: Path, columns: Columns, closed_id: Integers, closed_us: Integers) -> None:
    """Write a page, wholly or not at all."""
    closed = json.dumps({"id": closed_id.tolist(), "us": closed_us.tolist()})
    table = pa.table(columns).replace_schema_metadata({"closed": closed})
    part = path.with_suffix(".part")
    with pa.OSFile(str(part), "wb") as file, pa_ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    part.replace(path)


def _micros(moment: datetime) -> int:
    return int(pa.scalar(moment, pa.timestamp("us", "UTC")).value)
