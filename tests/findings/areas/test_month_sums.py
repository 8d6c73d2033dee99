"""The sums out of the books are those of the database, whatever came in and in which order."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lamplighter.facts.billing import area_sums, bookkeeping, books
from lamplighter.facts.billing.models import Bill, Payment, Reminder
from lamplighter.facts.customers.models import Premise
from lamplighter.facts.network import queries as network
from lamplighter.findings.areas import months
from lamplighter.kernel.spans import two_months
from tests import factories as make
from tests.deliveries import Import

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 1, tzinfo=UTC)
SPANS = two_months(up_to=date(2026, 11, 24))


@pytest.fixture(autouse=True)
def small_books(monkeypatch):
    """Few accounts fill a book, and few pages are bound into one."""
    for module in (books, bookkeeping, area_sums):
        monkeypatch.setattr(module, "ACCOUNTS_A_BOOK", 3)
    monkeypatch.setattr(bookkeeping, "MOST_PAGES", 3)


def out_of_books(folder, *, spans=SPANS):
    with bookkeeping.alone_in_one_snapshot():
        shelf = bookkeeping.up_to_date(folder=folder, zone=ZONE.key)
        area_ids = list(network.station_of_areas())
        return months.of_all(shelf=shelf, area_ids=area_ids, spans=spans)


def by_the_database(*, spans=SPANS):
    area_ids = list(network.station_of_areas())
    return [months.computed(area_ids=area_ids, days=days, zone=ZONE) for days in spans]


def move(account, *, to, now):
    Premise.objects.filter(account=account, superseded_at=None).update(superseded_at=now)
    Premise.objects.create(
        account=account, area=to, address="Lane", recorded_at=now, recorded_by="test"
    )


def moment(dice):
    """Any minute of four months, so also the first and the last of a local day and month."""
    minute = dice.choice([dice.randrange(120 * 1440), 61 * 1440 - 480, 92 * 1440 - 481])
    return datetime(2026, 8, 1, tzinfo=UTC) + timedelta(minutes=minute)


def brought(coming, dice, *, who, number):
    """Bring one row of what the import is of; a bill may be a credit note, money be paid back."""
    at = moment(dice)
    fen = dice.choice([dice.randrange(1, 30_000), -dice.randrange(1, 9_000), 0])
    if coming.record == "bill":
        return coming.bill(who, number, at.astimezone(ZONE).date(), fen)
    if coming.record == "payment":
        return coming.payment(who, number, at, fen)
    return coming.reminder(who, number, at)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_came_in_the_sums_are_those_of_the_database(tmp_path, seed):
    dice, station = Random(seed), make.make_station()
    areas = [make.make_area(station=station) for _ in range(3)]
    people = [make.make_account(area=area, roles=()) for area in (*areas[:2] * 4, None)]
    standing = []
    for day in range(10):
        now = START + timedelta(days=day)
        record = dice.choice(["bill", "bill", "payment", "payment", "reminder"])
        table = {"bill": Bill, "payment": Payment, "reminder": Reminder}[record]
        coming = Import(record, now=now)
        for old in dice.sample(standing, min(3, len(standing))):
            if isinstance(old, table):
                coming.close(old)
                standing.remove(old)
        for n in range(dice.randrange(1, 12)):  # a version is closed by another alone
            standing.append(brought(coming, dice, who=dice.choice(people), number=f"{day}-{n}"))
        coming.end()
        if dice.random() < 0.3:
            move(dice.choice(people), to=dice.choice([*areas, None]), now=now)
        if dice.random() < 0.5:
            assert out_of_books(tmp_path) == by_the_database()

    assert out_of_books(tmp_path) == by_the_database()
    for up_to in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31)):
        spans = two_months(up_to=up_to)
        assert out_of_books(tmp_path, spans=spans) == by_the_database(spans=spans)


def test_what_was_corrected_credited_paid_back_and_moved(tmp_path):
    station = make.make_station()
    one, other, empty = (make.make_area(station=station) for _ in range(3))
    first, second, third = (make.make_account(area=area, roles=()) for area in (one, one, other))
    nowhere = make.make_account(area=None, roles=())
    coming = Import("bill", now=START)
    wrong = coming.bill(first, "A", date(2026, 11, 2), 99_900)
    coming.bill(first, "B", date(2026, 9, 22), 3_000)  # from before both months
    coming.bill(second, "C", date(2026, 11, 3), 5_000)
    coming.bill(second, "D", date(2026, 11, 4), -2_000)  # a credit note
    coming.bill(third, "E", date(2026, 10, 24), 7_000)
    coming.bill(nowhere, "F", date(2026, 11, 5), 1_000)
    coming.end()
    coming = Import("bill", now=START + timedelta(1))
    coming.close(wrong)
    coming.bill(first, "A", date(2026, 11, 2), 10_000)
    coming.end()
    coming = Import("payment", now=START + timedelta(2))
    coming.payment(first, "1", datetime(2026, 11, 6, tzinfo=UTC), 8_000)
    coming.payment(second, "2", datetime(2026, 11, 6, tzinfo=UTC), 4_000)
    coming.payment(second, "3", datetime(2026, 11, 7, tzinfo=UTC), -1_500)  # paid back
    coming.payment(third, "4", datetime(2026, 10, 24, 16, tzinfo=UTC), 7_000)  # 25 in Shanghai
    coming.payment(nowhere, "5", datetime(2026, 11, 6, tzinfo=UTC), 1_000)
    coming.end()
    coming = Import("reminder", now=START + timedelta(3))
    coming.reminder(second, "R", datetime(2026, 11, 6, tzinfo=UTC))
    coming.end()

    def row(area, n_billed, billed, received, n_reminders, paid):
        return months.MonthSums(
            area_id=area.pk, n_billed=n_billed, billed_cny=Decimal(billed),
            received_cny=Decimal(received), n_reminders=n_reminders, paid_cny=Decimal(paid),
        )  # fmt: skip

    # Of the first's 80, 30 settle September's bill; of the second's 30, 25 stayed with us.
    november = [row(one, 2, "130.00", "75.00", 1, "105.00")]
    october = [row(other, 1, "70.00", "0.00", 0, "0.00")]
    assert out_of_books(tmp_path) == [november, october] == by_the_database()

    move(first, to=empty, now=START + timedelta(4))

    november = [
        row(one, 1, "30.00", "25.00", 1, "25.00"),
        row(empty, 1, "100.00", "50.00", 0, "80.00"),
    ]
    assert out_of_books(tmp_path) == [november, october] == by_the_database()


def test_where_nothing_ever_came_in_there_are_no_sums(tmp_path):
    make.make_account(area=make.make_area(station=make.make_station()))

    assert out_of_books(tmp_path) == [[], []] == by_the_database()


def test_accounts_out_of_order_are_refused(tmp_path):
    with bookkeeping.alone_in_one_snapshot():
        shelf = bookkeeping.up_to_date(folder=tmp_path, zone=ZONE.key)

    for accounts, area in (([2, 1], [0, 0]), ([1, 1], [0, 0]), ([1, 2], [0])):
        with pytest.raises(area_sums.AccountsNotAscending):
            area_sums.by_area(
                shelf=shelf,
                account_id=np.array(accounts),
                area=np.array(area),
                n_areas=1,
                spans=SPANS,
            )
