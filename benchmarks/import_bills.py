"""Import of 180,000 bills through the importer against COPY of the same rows.

The floor is PostgreSQL's own COPY into the same table, with its indexes, constraints and foreign
keys, of rows that have their ids and types already. The importer starts from a CSV file in
GB18030 and ends after the commit: archive, decoding, checks, repeats, accounts, versions, ledger.
"""

import csv
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import scratch

N_ACCOUNTS = 15_000
N_MONTHS = 12
N_ROUNDS = 3
NOW = datetime(2026, 11, 25, tzinfo=UTC)
ACCOUNTS = """
record = "customer"
[file]
format = "csv"
encoding = "gb18030"
time_zone = "Asia/Shanghai"
[columns]
account_number = { from = "户号" }
customer_number = { from = "户号" }
name = { template = "用户{户号}" }
kind = { constant = "PERSON" }
category = { constant = "RESIDENTIAL" }
tariff_code = { constant = "RESIDENTIAL" }
is_prepaid = { constant = "false" }
payment_method = { constant = "COUNTER" }
"""
BILLS = """
record = "bill"
[file]
format = "csv"
encoding = "gb18030"
time_zone = "Asia/Shanghai"
[columns]
number = { from = "账单编号" }
account_number = { from = "户号" }
first_day = { from = "起始日", format = "%Y%m%d" }
last_day = { from = "截止日", format = "%Y%m%d" }
issued_date = { from = "出账日期", format = "%Y%m%d" }
due_date = { from = "缴费期限", format = "%Y%m%d" }
energy_kwh = { from = "电量", unit = "度" }
amount_cny = { from = "应收电费", unit = "元" }
"""


def run() -> dict[str, Any]:
    """Measure both ways, alternating, and return the medians and their ratio."""
    folder = scratch.prepare()
    _take_in(_write_accounts(folder), ACCOUNTS, folder)
    imported, copied = [], []
    for number in range(N_ROUNDS):
        _empty()
        file = _write_bills(folder, number)
        imported.append(_take_in(file, BILLS, folder))
        dump = folder / "bills.copy"
        _dump(dump)
        _empty()
        copied.append(_copy(dump))
    importer, floor = statistics.median(imported), statistics.median(copied)
    return {
        "bills": N_ACCOUNTS * N_MONTHS,
        "import_seconds": round(importer, 2),
        "copy_seconds": round(floor, 2),
        "ratio": round(importer / floor, 2),
        "goal": "at most 3",
    }


def _take_in(file: Path, text: str, folder: Path) -> float:
    from lamplighter.facts import receiving  # noqa: PLC0415, RUF100 - after Django's setup
    from lamplighter.facts.intake import mapping_files, services  # noqa: PLC0415, RUF100

    stores = services.Stores(
        archive_folder=folder / "archive", lake_folder=folder / "lake", field_key=bytes(32)
    )
    mapping = mapping_files.parse(text=text, name=file.stem, records=receiving.records())
    started = time.perf_counter()
    report = services.receive(
        file=file,
        mapping=mapping,
        doorways=receiving.doorways(),
        received_by="bench",
        now=NOW,
        stores=stores,
        words=receiving.row_reason,
    )
    seconds = time.perf_counter() - started
    if report.n_imported != report.n_read or not report.n_read:
        raise AssertionError(report)
    return seconds


def _write_accounts(folder: Path) -> Path:
    file = folder / "accounts.csv"
    with file.open("w", encoding="gb18030", newline="") as target:
        csv.writer(target).writerows([["户号"], *([f"{n:010d}"] for n in range(N_ACCOUNTS))])
    return file


def _write_bills(folder: Path, number: int) -> Path:
    file = folder / f"bills{number}.csv"
    head = ["账单编号", "户号", "起始日", "截止日", "出账日期", "缴费期限", "电量", "应收电费"]
    with file.open("w", encoding="gb18030", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(head)
        for month in range(N_MONTHS):
            first = date(2025, month + 1, 1)
            days = [first, first + timedelta(27), first + timedelta(21), first + timedelta(30)]
            written = [day.strftime("%Y%m%d") for day in days]
            for account in range(N_ACCOUNTS):
                energy = (account * 37 + month * 11) % 400 + number
                writer.writerow(
                    [
                        f"B{month:02d}{account:07d}",
                        f"{account:010d}",
                        *written,
                        f"{energy}.5",
                        f"{energy * 0.56:.2f}",
                    ]
                )
    return file


def _empty() -> None:
    from django.db import connection  # noqa: PLC0415, RUF100

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE billing_bill CASCADE")


def _dump(file: Path) -> None:
    from django.db import connection  # noqa: PLC0415, RUF100

    out = "COPY billing_bill TO STDOUT"
    with connection.cursor() as cursor, file.open("wb") as target, cursor.copy(out) as copy:
        for piece in copy:
            target.write(piece)


def _copy(file: Path) -> float:
    from django.db import connection, transaction  # noqa: PLC0415, RUF100

    started = time.perf_counter()
    into = "COPY billing_bill FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(file.read_bytes())
    return time.perf_counter() - started
