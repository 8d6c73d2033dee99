"""One row of a file as several records, day curves, and quarantine files of every format."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

from lamplighter.facts.intake import queries
from lamplighter.facts.intake.mappings import NUMBER_COLUMN
from lamplighter.facts.intake.models import QuarantinedRow
from lamplighter.facts.intake.records import Doorway, Field, FieldKind, Landed, RecordType
from lamplighter.kernel.viewer import Role, Viewer

pytestmark = pytest.mark.django_db

BILL = RecordType(
    name="bill",
    key=("number",),
    fields=(
        Field(name="number", kind=FieldKind.TEXT, is_required=True),
        Field(name="amount_cny", kind=FieldKind.DECIMAL, unit="CNY", is_required=True),
    ),
)
CURVE = RecordType(
    name="interval_day",
    key=("usage_point_number", "day"),
    dedupes_itself=True,
    fields=(
        Field(name="usage_point_number", kind=FieldKind.TEXT, is_required=True),
        Field(name="day", kind=FieldKind.DAY, is_required=True),
        Field(name="values", kind=FieldKind.NUMBERS, unit="kWh", is_required=True),
    ),
)
WIDE = """
record = "bill"
[file]
format = "{format}"
time_zone = "Asia/Shanghai"
[columns]
[[unpivot.record]]
templates = {{ number = "K{{row}}-A" }}
columns = {{ amount_cny = "a" }}
[[unpivot.record]]
templates = {{ number = "K{{row}}-B" }}
columns = {{ amount_cny = "b" }}
skip = {{ b = ["0"] }}
"""
CURVES = """
record = "interval_day"
[file]
format = "csv"
time_zone = "Asia/Shanghai"
[columns]
usage_point_number = { from = "点" }
[curve]
day = "日"
prefix = "P"
count = 24
unit = "Wh"
"""


class Kept:
    """Keeps the rows it takes in."""

    def __init__(self, record):
        self.rows = []
        self.doors = {record.name: Doorway(record=record, land=self.land)}

    def land(self, *, rows, context):
        fresh = [row for batch in rows for row in batch.to_pylist()]
        self.rows += fresh
        return Landed(n_imported=len(fresh), n_unchanged=0)


def test_a_row_makes_several_records_and_its_correction_keeps_their_numbers(receive, stores):
    kept = Kept(BILL)
    text = WIDE.format(format="csv")

    report = receive("a,b\n1,2\n3,0\nx,6\n", text=text, doorways=kept.doors, encoding="utf-8")

    assert [row["number"] for row in kept.rows] == ["K2-A", "K3-A", "K2-B", "K4-B"]
    assert (report.n_read, report.n_imported, report.n_quarantined) == (5, 4, 1)
    assert QuarantinedRow.objects.get().row_number == 4
    file = stores.archive_folder / "quarantine" / f"{report.delivery_id}.csv"
    mended = file.read_text(encoding="utf-8-sig").replace(",x,", ",5,")
    kept.rows.clear()
    receive(mended, text=text, doorways=kept.doors, encoding="utf-8")
    assert [row["number"] for row in kept.rows] == ["K4-A", "K4-B"]


def test_a_curve_is_one_list_in_kwh_with_nan_where_a_point_is_missing(receive):
    kept = Kept(CURVE)
    head = "点,日," + ",".join(f"P{n}" for n in range(1, 25)) + "\n"
    row = "J1,2026-01-01," + ",".join(["1500"] * 22 + ["", "250"]) + "\n"
    wrong = "J2,2026-01-01," + ",".join(["1500"] * 23 + ["?"]) + "\n"

    report = receive(head + row + wrong, text=CURVES, doorways=kept.doors, encoding="utf-8")

    [taken] = kept.rows
    assert taken["values"][:2] == [1.5, 1.5]
    assert taken["values"][22] != taken["values"][22]
    assert taken["values"][23] == 0.25
    assert report.n_quarantined == 1


def book(rows) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as written:
        sheet = written.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return target.getvalue()


def parquet(rows) -> bytes:
    target = io.BytesIO()
    columns = list(zip(*rows[1:], strict=True))
    pq.write_table(pa.table(dict(zip(rows[0], columns, strict=True))), target)
    return target.getvalue()


@pytest.mark.parametrize(("form", "write"), [("xlsx", book), ("parquet", parquet)])
def test_quarantine_files_have_the_format_of_their_source(receive, stores, form, write):
    kept = Kept(BILL)
    rows = [["a", "b"], ["1", "2"], ["x", "4"]]

    report = receive(
        write(rows), text=WIDE.format(format=form), doorways=kept.doors, name=f"f.{form}"
    )

    file = queries.quarantine_place(
        delivery_id=report.delivery_id, archive_folder=stores.archive_folder
    )
    if form == "xlsx":
        sheet = python_calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0)
        header, row = sheet.to_python()
    else:
        table = pq.read_table(file)
        header, row = table.column_names, list(table.to_pylist()[0].values())
    assert header[0] == NUMBER_COLUMN
    assert (row[0], row[2:]) == ("3" if form == "xlsx" else "2", ["x", "4"])


def test_a_manager_sees_no_imports():
    manager = Viewer(
        staff_id=1, staff_number="1", name="", role=Role.MANAGER, org_name="", org_path="/"
    )

    with pytest.raises(queries.ImportsNotForYou):
        queries.deliveries(viewer=manager, limit=10)
