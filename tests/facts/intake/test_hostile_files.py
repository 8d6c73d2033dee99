"""Files that mean harm, or come from broken programs: a clear refusal, bounded memory, no trace."""

import io
import resource
import struct
import zipfile
from collections.abc import Iterator
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from django.db import connection
from psycopg import sql

from lamplighter.facts.intake import version_landing
from lamplighter.facts.intake.models import Delivery, QuarantinedRow
from lamplighter.facts.intake.reasons import FileRefused
from lamplighter.facts.intake.records import (
    Doorway,
    Field,
    FieldKind,
    Landed,
    LandingContext,
    RecordType,
)

pytestmark = pytest.mark.django_db

TALLY = RecordType(
    name="tally",
    key=("number",),
    fields=(
        Field(name="number", kind=FieldKind.TEXT, is_required=True),
        Field(name="day", kind=FieldKind.DAY, is_required=True),
        Field(name="energy_kwh", kind=FieldKind.NUMBER, unit="kWh", least=0, is_required=True),
        Field(name="phone", kind=FieldKind.TEXT, is_personal=True, longest=20),
    ),
)


def count(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take every row in and forget it."""
    return Landed(n_imported=sum(batch.num_rows for batch in rows), n_unchanged=0)


DOORS = {"tally": Doorway(record=TALLY, land=count)}
TEXT = """
record = "tally"
[file]
format = "{format}"
encoding = "utf-8"
time_zone = "Asia/Shanghai"
[columns]
number = {{ from = "number" }}
day = {{ from = "day", {day} }}
energy_kwh = {{ from = "energy" }}
phone = {{ from = "phone" }}
"""
HEAD = "number,day,energy,phone\n"


@pytest.fixture
def deliver(receive):
    def delivered(content, *, form="csv", day='format = "%Y-%m-%d"'):
        return receive(
            content,
            text=TEXT.format(format=form, day=day),
            doorways=DOORS,
            name=f"tally.{form}",
            encoding="utf-8",
        )

    return delivered


def reasons():
    rows = QuarantinedRow.objects.order_by("row_number", "id")
    return list(rows.values_list("row_number", "field", "reason"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HEAD.encode() + "1,2026-01-01,1,户\n".encode("gb18030"), "WRONG_ENCODING"),
        (HEAD.encode() + b"1,2026-01-01,1,\x00\n", "NUL_BYTE"),
        (HEAD.encode() + b'1,2026-01-01,1,"' + b"x" * 10_000_000 + b'"\n', "LINE_TOO_LONG"),
        (HEAD.encode() + b"x" * 10_000_000, "LINE_TOO_LONG"),
        (b"x" * 10_000_000, "WRONG_COLUMNS"),
        (HEAD.encode() + b'1,2026-01-01,1,"open\n2,2026-01-01,1,\n', "OPEN_QUOTE"),
        (HEAD.replace("day", "energy").encode(), "WRONG_COLUMNS"),
        (b"", "EMPTY"),
        ((",".join(f"c{n}" for n in range(3000)) + "\n").encode(), "TOO_MANY_COLUMNS"),
    ],
)
def test_a_csv_file_that_is_none_is_refused_with_the_place(deliver, content, reason):
    report = deliver(content)

    assert report.state == "REFUSED"
    assert report.refusal.startswith(f"{reason}: ")
    assert (report.n_read, QuarantinedRow.objects.count()) == (0, 0)


def test_values_out_of_reason_go_to_quarantine(deliver):
    lines = [
        "1,1900-01-01,1,",
        "2,2099-01-01,1,",
        "3,2026-01-01,-0.5,",
        "4,2026-01-01,NaN,",
        "5,2026-01-01,inf,",
        "6,2026-02-30,1,",
        "=1+1,2026-01-01,1,",
        "1.23457E+15,2026-01-01,1,",
        "7,2026-01-01,,13900001111139000011111",
        "8,2026-01-01,1.5,",
        "9,2026-01-01,１２．５,",
    ]

    report = deliver(HEAD + "\n".join(lines) + "\n")

    assert (report.n_read, report.n_imported, report.n_quarantined) == (11, 2, 9)
    assert reasons() == [
        (2, "day", "TOO_EARLY"),
        (3, "day", "TOO_LATE"),
        (4, "energy_kwh", "TOO_SMALL"),
        (5, "energy_kwh", "NOT_FINITE"),
        (6, "energy_kwh", "NOT_FINITE"),
        (7, "day", "NOT_A_DAY"),
        (8, "number", "FORMULA"),
        (9, "number", "DIGITS_LOST"),
        (10, "energy_kwh", "MISSING"),
        (10, "phone", "TOO_LONG"),
    ]
    assert QuarantinedRow.objects.get(field="phone").value == "***"


def test_two_million_rows_pass_in_bounded_memory(deliver, tmp_path):
    block = "".join(f"K{{0}}-{n},2026-01-01,1.25,\n" for n in range(20_000))
    file = io.StringIO()
    file.write(HEAD)
    for number in range(100):
        file.write(block.replace("{0}", str(number)))
    content = file.getvalue().encode()
    del file
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pool = pa.default_memory_pool()

    report = deliver(content)

    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert report.n_imported == 2_000_000
    assert pool.bytes_allocated() < 64_000_000
    assert grown_mb < 400  # 16 bytes a row for the repeats, and a few batches


class TestXlsx:
    def book(self, fill) -> bytes:
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True})
        fill(book, book.add_worksheet("数据"))
        book.close()
        return target.getvalue()

    def test_cells_of_every_kind_arrive_and_formulas_do_not(self, deliver):
        def fill(book, sheet):
            dated = book.add_format({"num_format": "yyyy-mm-dd"})
            sheet.write_row(0, 0, ["number", "day", "energy", "phone"])
            sheet.write_row(1, 0, ["1", "2026-01-01", 1.5, 13900001111])
            sheet.write(2, 0, 2)
            sheet.write_number(2, 1, 46_023, dated)
            sheet.write(2, 2, "1,234.5")
            sheet.write_row(3, 0, ["3", 46_023, 1])
            sheet.write_row(4, 0, ["4", "2026-01-01"])
            sheet.write_formula(4, 2, "=1+1", value=2)
            sheet.write_row(6, 0, ["5", "2026-01-01"])
            sheet.write_formula(6, 2, "=1/0", value="#DIV/0!")
            sheet.write(7, 0, 12345678901234567)
            sheet.write_row(7, 1, ["2026-01-01", 1])

        report = deliver(self.book(fill), form="xlsx")

        assert (report.n_read, report.n_imported, report.n_quarantined) == (6, 3, 3)
        assert reasons() == [
            (5, "energy_kwh", "FORMULA"),
            (7, "energy_kwh", "FORMULA"),
            (8, "number", "DIGITS_LOST"),
        ]

    def test_a_sheet_that_spans_a_million_rows_by_one_far_cell_is_refused(self, deliver):
        def fill(_book, sheet):
            sheet.write_row(0, 0, ["number", "day", "energy", "phone"])
            sheet.write(1_048_575, 16_383, "far")

        report = deliver(self.book(fill), form="xlsx")

        assert report.refusal.startswith("TOO_MANY_CELLS")

    def bomb(self, *, lie: bool) -> bytes:
        plain = self.book(lambda _book, sheet: sheet.write(0, 0, "number"))
        target = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(plain)) as source,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bomb,
        ):
            for info in source.infolist():
                content = source.read(info)
                if info.filename == "xl/sharedStrings.xml":
                    content += b" " * 300_000_000
                bomb.writestr(info.filename, content)
        packed = bytearray(target.getvalue())
        if lie:  # the directory says that the part is small
            at = packed.rfind(b"PK\x01\x02", 0, packed.rfind(b"xl/sharedStrings.xml"))
            packed[at + 24 : at + 28] = struct.pack("<I", 1000)
        return bytes(packed)

    @pytest.mark.parametrize("lie", [False, True])
    def test_a_zip_bomb_is_refused_whatever_its_directory_says(self, deliver, lie):
        report = deliver(self.bomb(lie=lie), form="xlsx")

        assert report.refusal.startswith("ZIP_BOMB: xl/sharedStrings.xml")

    @pytest.mark.parametrize(
        "content", [b"PK\x03\x04 cut off", b"number,day\n1,2\n", b"\xd0\xcf\x11\xe0"]
    )
    def test_what_is_no_xlsx_is_refused(self, deliver, content):
        assert deliver(content, form="xlsx").refusal.startswith("UNREADABLE")


class TestParquet:
    def file(self, **columns) -> bytes:
        target = io.BytesIO()
        pq.write_table(pa.table(columns), target)
        return target.getvalue()

    def test_types_are_taken_as_they_are_and_wrong_values_found(self, deliver):
        content = self.file(
            number=pa.array(["1", "2", "3", None], pa.string()),
            day=pa.array([20_000, 20_001, 47_482, 20_000], pa.int32()).cast(pa.date32()),
            energy=[1.0, float("nan"), 1.0, -1.0],
            phone=pa.nulls(4, pa.string()),
        )

        report = deliver(content, form="parquet")

        assert (report.n_read, report.n_imported, report.n_quarantined) == (4, 1, 3)
        assert reasons() == [
            (2, "energy_kwh", "NOT_FINITE"),
            (3, "day", "TOO_LATE"),
            (4, "number", "MISSING"),
            (4, "energy_kwh", "TOO_SMALL"),
        ]

    def test_a_cut_file_is_refused(self, deliver):
        content = self.file(number=["1"], day=["2026-01-01"], energy=[1.0], phone=["1"])

        assert deliver(content[:-9], form="parquet").refusal.startswith("UNREADABLE")
        assert Delivery.objects.get().state == "REFUSED"


@pytest.mark.django_db
def test_rows_that_name_nobody_are_not_gathered_without_end():
    removed = version_landing.removed
    context = SimpleNamespace(most_refusals=3)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE crowd AS SELECT generate_series(1, 9) AS n")

        few = removed(
            cursor=cursor,
            statement=sql.SQL("DELETE FROM crowd WHERE n <= 3 RETURNING n"),
            context=context,
        )
        with pytest.raises(FileRefused, match="> 3"):
            removed(
                cursor=cursor, statement=sql.SQL("DELETE FROM crowd RETURNING n"), context=context
            )

    assert sorted(few) == [(1,), (2,), (3,)]
