"""The books: at every moment what PostgreSQL says, however they came about."""

import json
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.facts.billing import bookkeeping, books, bulk
from lamplighter.facts.billing.models import Bill, Payment
from lamplighter.facts.customers.models import Account
from tests import factories as make
from tests.deliveries import Import

pytestmark = pytest.mark.django_db
ZONE = "Asia/Shanghai"
START = datetime(2026, 11, 1, tzinfo=UTC)
TODAY = date(2026, 11, 25)


def accounts(n: int) -> list[Account]:
    station = make.make_station()
    area = make.make_area(station=station, staff=make.make_staff(station=station))
    return [make.make_account(area=area, roles=()) for _ in range(n)]


def compare(folder, people, *, known_at, up_to=TODAY):
    """Hold the books against the tables."""
    shelf = bookkeeping.up_to_date(folder=folder, zone=ZONE)
    asked = {"account_ids": sorted(a.pk for a in people), "up_to": up_to, "known_at": known_at}
    reader = books.Reader(
        shelf=books.from_text(text=shelf.to_text(), folder=folder),
        **asked | {"account_ids": np.array(asked["account_ids"], np.int64)},
    )
    for found, expected in (
        (reader.bills(), bulk.bills(**asked)),
        (reader.payments(), bulk.payments(**asked, zone=ZONE)),
        (reader.debits(), bulk.debits(**asked, zone=ZONE)),
        (reader.reminders(), bulk.reminders(**asked, zone=ZONE)),
    ):
        for field in fields(expected):
            one, other = getattr(found, field.name), getattr(expected, field.name)
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other, err_msg=field.name)
    return shelf


@pytest.mark.parametrize("seed", range(3))
def test_imports_corrections_and_questions_about_the_past(tmp_path, seed, monkeypatch):
    monkeypatch.setattr(books, "ACCOUNTS_A_BOOK", 2)
    monkeypatch.setattr(bookkeeping, "ACCOUNTS_A_BOOK", 2)
    monkeypatch.setattr(bookkeeping, "MOST_PAGES", 3)
    dice, people = Random(seed), accounts(5)
    standing: list[Bill | Payment] = []
    for day in range(9):
        now = START + timedelta(days=day)
        record = dice.choice(["bill", "payment"])
        coming = Import(record, now=now)
        table = Bill if record == "bill" else Payment
        for old in dice.sample(standing, min(2, len(standing))):
            if isinstance(old, table):
                coming.close(old)
                standing.remove(old)
        for n in range(dice.randrange(5)):
            who, fen = dice.choice(people), dice.randrange(100, 9000)
            number = f"{day}-{n}"
            if record == "bill":
                made = coming.bill(who, number, date(2026, dice.randrange(1, 12), 5 + n), fen)
            else:
                at = datetime(2026, dice.randrange(1, 12), 3, dice.randrange(24), n, tzinfo=UTC)
                made = coming.payment(who, number, at, fen)
            standing.append(made)
        coming.end()
        if dice.random() < 0.7:
            compare(tmp_path, people, known_at=now)
            compare(tmp_path, people[1::2], known_at=now - timedelta(days=3))
            compare(tmp_path, people, known_at=now, up_to=date(2026, 6, 5))
    shelf = compare(tmp_path, people, known_at=START + timedelta(days=30))

    named = {p for of in shelf.pages.values() for pages in of.values() for p in pages}
    assert named <= {file.name for file in tmp_path.glob("*.arrow")}


def test_only_new_versions_are_read(tmp_path, django_assert_num_queries):
    people = accounts(2)
    for n in range(2):
        coming = Import("bill", now=START)
        coming.bill(people[n], f"B{n}", date(2026, 10, 1), 5000)
        coming.end()
        pages = compare(tmp_path, people, known_at=START).pages["bills"]

    assert [len(names) for names in pages.values()] == [2]
    assert bookkeeping.up_to_date(folder=tmp_path, zone=ZONE).pages["bills"] == pages


@pytest.mark.parametrize("what", ["hash", "page", "zone", "row"])
def test_books_that_do_not_fit_are_written_again(tmp_path, what):
    people = accounts(2)
    coming = Import("bill", now=START)
    coming.bill(people[0], "B", date(2026, 10, 1), 5000)
    coming.end()
    before = bookkeeping.up_to_date(folder=tmp_path, zone=ZONE)
    file = tmp_path / bookkeeping.SHELF
    content = json.loads(file.read_text())
    if what == "page":
        (tmp_path / content["pages"]["bills"][next(iter(content["pages"]["bills"]))][0]).unlink()
    elif what == "row":  # by no import
        Bill.objects.filter(number="B").update(number="A")
        Import("bill", now=START).bill(people[1], "C", date(2026, 10, 2), 7000)
    else:
        content |= {"hash": {"event_hash": "f" * 64}, "zone": {"zone": "Europe/London"}}[what]
        file.write_text(json.dumps(content))

    after = compare(tmp_path, people, known_at=START)

    assert after.pages["bills"] != before.pages["bills"]


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), n_pages=st.integers(0, 4))
def test_pages_together_are_what_a_loop_makes_of_them(seed, n_pages):
    dice = np.random.default_rng(seed)
    number, pages, rows, ends = 0, [], [], {}
    for _ in range(n_pages):
        n = int(dice.integers(0, 6))
        page = {name: dice.integers(0, 4, n) for name in books.REMINDERS.columns}
        page["id"] = np.arange(number, number + n)
        number += n
        page["recorded_us"] = dice.integers(0, 9, n)
        page["superseded_us"] = np.full(n, books.NEVER_SUPERSEDED)
        order = np.lexsort((page["id"], page["at_us"], page["account_id"]))
        page = {name: column[order] for name, column in page.items()}
        open_ids = [row["id"] for row in rows if row["id"] not in ends]
        closed = [i for i in open_ids if dice.random() < 0.3]
        moments = [int(dice.integers(10, 20)) for _ in closed]
        ends |= dict(zip(closed, moments, strict=True))
        rows += [{k: int(page[k][i]) for k in page} for i in range(n)]
        pages.append(
            page | {"closed_id": np.array(closed, int), "closed_us": np.array(moments, int)}
        )

    found = books.together(form=books.REMINDERS, pages=pages)

    expected = sorted(
        (row | {"superseded_us": ends.get(row["id"], row["superseded_us"])} for row in rows),
        key=lambda row: (row["account_id"], row["at_us"], row["id"]),
    )
    assert [{k: int(found[k][i]) for k in found} for i in range(len(found["id"]))] == expected
