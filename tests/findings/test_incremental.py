"""Nights one after the other, each with what the one before left behind, against nights that begin
from nothing: the same bytes, the same rows."""

import shutil
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lamplighter.facts.billing.models import Bill
from lamplighter.facts.customers.models import Account, Agreement, Customer, Premise
from lamplighter.facts.metering.models import UsagePoint
from lamplighter.findings.models import AccountFinding, Learning, Signal
from tests.stations import copy_of, mapping_file
from tests.town.making import LAST_DAY

# The last one's history begins four weeks after that of the others.
NIGHTS = [date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 9)]


class Stopped(RuntimeError):
    pass


def morning(day, hour=1):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(days=1)


def bring_days(station, *, first, last, seed, now):
    """Deliver made-up days of every usage point, now and then one that is missing."""
    dice = np.random.default_rng(seed)
    numbers = list(UsagePoint.objects.order_by("pk").values_list("number", flat=True))
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    rows = [(n, d) for n in numbers for d in days if dice.random() < 0.97]
    table = pa.table(
        {
            "计量点编号": [row[0] for row in rows],
            "数据日期": [row[1] for row in rows],
            "日电量(Wh)": (dice.gamma(4.0, 2.0, len(rows)) * 1000).astype(np.int64),
            "数据标识": ["实测"] * len(rows),
        }
    )
    file = station.folder / f"days-{last}.parquet"
    pq.write_table(table, file)
    report = station.receive(file, mapping_file("daily_reading"), now=now)
    assert (report.state, report.n_imported) == ("IMPORTED", len(rows)), report.refusal


def correct(station, *, number, now):
    """Deliver a bill and a reading again, other than before."""
    bill = Bill.objects.filter(superseded_at=None).order_by("pk")[number * 7]
    bills = "电费账单.parquet"
    fen = int(bill.amount_cny * 100) + 1_234 * (number + 1)
    place = station.column(bills, "账单编号").index(bill.number)
    station.correct(bills, "bill", row=place, now=now, **{"应收电费(分)": fen})
    station.correct(
        "日冻结电量_2026.parquet",
        "daily_reading",
        row=40_000 + number,
        now=now,
        **{"日电量(Wh)": 99_000 + number},
    )


def move_in(*, now):
    """Record a new account beside the first one."""
    area = Premise.objects.filter(area__isnull=False).order_by("pk")[0].area
    customer = Customer.objects.create(number="NEW")
    account = Account.objects.create(number="NEW", customer=customer)
    version = {"account": account, "recorded_at": now, "recorded_by": "test"}
    Agreement.objects.create(
        category="RESIDENTIAL", tariff_code="T", is_prepaid=False, payment_method="APP", **version
    )
    Premise.objects.create(area=area, address="", **version)
    UsagePoint.objects.create(number="NEW", account=account, shard=area.shard, recorded_at=now)


def run_on(station, *, forgets):
    """Run the nights and return what they left: files of each, and the rows after each."""
    left, places = [], station.places
    bring_days(
        station, first=LAST_DAY + timedelta(1), last=NIGHTS[0], seed=0, now=morning(NIGHTS[0], 0)
    )
    for number, day in enumerate(NIGHTS):
        if number:
            bring_days(station, first=day, last=day, seed=number, now=morning(day, 0))
            correct(station, number=number, now=morning(day, 0))
        if number == 2:
            move_in(now=morning(day, 0))
        if forgets:
            for place in (places.lake_folder / "books", places.lake_folder / "dense",
                          places.results_folder / "judged"):  # fmt: skip
                shutil.rmtree(place, ignore_errors=True)
        night = {"as_of": day, "known_at": morning(day)}
        if number == 1 and not forgets:
            stop_in_the_middle(station, night)
        files = station.files(station.run(**night))
        left.append((files, rows()))
    return left, list(Learning.objects.order_by("month_day").values("month_day", "content"))


def stop_in_the_middle(station, night):
    def stop(what, n_done, n_all):
        if what == "find" and n_done == 3:
            raise Stopped

    try:
        station.run(**night, on_progress=stop)
    except Stopped:
        return
    raise AssertionError("it was not stopped")


def rows():
    findings = AccountFinding.objects.order_by("pk").values()
    signals = Signal.objects.order_by("account_id", "usage_point_id", "list", "changed_date")
    return [{k: v for k, v in row.items() if k not in {"id", "night_id"}}
            for row in (*findings, *signals.values())]  # fmt: skip


def test_nights_that_go_on_find_what_nights_from_nothing_find(
    imported, tmp_path, django_db_blocker
):
    found = []
    for name, forgets in (("goes-on", False), ("from-nothing", True)):
        folder = tmp_path / name
        folder.mkdir()
        with copy_of(imported, folder, django_db_blocker) as station:
            found.append(run_on(station, forgets=forgets))
            n_accounts = Account.objects.count()
    (nights, learnt), (expected, learnt_again) = found

    assert learnt == learnt_again
    assert [lesson["month_day"].month for lesson in learnt] == [11, 12]
    for (files, shown), (files_again, shown_again) in zip(nights, expected, strict=True):
        assert files == files_again
        assert shown == shown_again
    assert len({str(files) for files, _shown in nights}) == len(NIGHTS)
    assert sum("grade" in row for row in nights[-1][1]) == n_accounts
