"""A delivery from the file to the tables, the books, and the quarantine."""

import csv
import hashlib
from pathlib import Path

import pytest
from django.db import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamplighter.facts.intake import quarantine, services
from lamplighter.facts.intake.mappings import NUMBER_COLUMN, REASON_COLUMN
from lamplighter.facts.intake.models import Delivery, QuarantinedRow
from lamplighter.facts.network.models import OrgUnit
from lamplighter.ledger.models import Event

pytestmark = pytest.mark.django_db

HEAD = "单位编码,单位类型,单位名称,上级单位\n"
GOOD = HEAD + "S1,供电所,城关所,P\nP,省公司,省公司,无\n"
MIXED = HEAD + "P,省公司,省公司,无\nS1,供电站,城关所,P\nS2,供电所,,P\nS3,供电所,土门所,P\n"


def quarantine_rows(stores, report, encoding="gb18030"):
    path = stores.archive_folder / "quarantine" / f"{report.delivery_id}.csv"
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


class TestReceive:
    def test_takes_all_rows_in_and_keeps_the_books(self, receive, stores):
        report = receive(GOOD)

        assert (report.state, report.n_read, report.n_imported) == ("IMPORTED", 2, 2)
        assert OrgUnit.objects.get(code="S1").path == "/P/S1/"
        kept = next((stores.archive_folder / "files").rglob("*/*"))
        assert kept.read_bytes() == GOOD.encode("gb18030")
        assert kept.name == hashlib.sha256(GOOD.encode("gb18030")).hexdigest()
        assert list(Event.objects.order_by("id").values_list("name", flat=True)) == [
            "intake.delivery.received",
            "network.org_unit.imported",
            "intake.delivery.imported",
        ]

    def test_changes_nothing_when_the_same_file_comes_twice(self, receive):
        first = receive(GOOD)
        events = Event.objects.count()

        again = receive(GOOD)

        assert again.is_repeat
        assert again.delivery_id == first.delivery_id
        assert Delivery.objects.count() == 1
        assert Event.objects.count() == events

    def test_counts_known_rows_of_another_file_as_unchanged(self, receive):
        receive(GOOD)

        report = receive(GOOD + "S2,供电所,土门所,P\n")

        assert (report.n_read, report.n_imported, report.n_unchanged) == (3, 1, 2)

    def test_puts_unusable_rows_aside_with_all_their_reasons(self, receive, stores):
        report = receive(MIXED)

        assert (report.n_read, report.n_imported, report.n_quarantined) == (4, 2, 2)
        shown = QuarantinedRow.objects.order_by("row_number").values_list(
            "row_number", "field", "value", "reason"
        )
        assert list(shown) == [
            (3, "kind", "供电站", "UNKNOWN_CHOICE"),
            (4, "name", "", "MISSING"),
        ]
        rows = quarantine_rows(stores, report)
        assert [row[NUMBER_COLUMN] for row in rows] == ["3", "4"]
        assert rows[0]["单位名称"] == "城关所"
        assert "代码未在映射中定义" in rows[0][REASON_COLUMN]

    def test_takes_exactly_the_mended_rows_in_when_they_come_again(self, receive, stores):
        report = receive(MIXED)
        rows = quarantine_rows(stores, report)
        rows[0]["单位类型"] = "供电所"
        path = stores.archive_folder.parent / "mended.csv"
        with path.open("w", encoding="gb18030", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

        mended = receive(path.read_bytes())

        assert (mended.n_read, mended.n_imported, mended.n_quarantined) == (2, 1, 1)
        assert set(OrgUnit.objects.values_list("code", flat=True)) == {"P", "S1", "S3"}

    def test_counts_an_identical_repeat_as_unchanged_and_refuses_a_contradiction(self, receive):
        report = receive(GOOD + "P,省公司,省公司,无\nP,省公司,另一省,无\n")

        assert (report.n_read, report.n_imported, report.n_unchanged) == (4, 2, 1)
        assert QuarantinedRow.objects.get().reason == "CONFLICTING_REPEAT"
        assert QuarantinedRow.objects.get().row_number == 5

    def test_leaves_nothing_when_the_second_write_breaks(self, receive, monkeypatch):
        def full_disk(*_args, **_kwargs):
            raise DatabaseError("no space left")

        receive(GOOD)
        with monkeypatch.context() as broken:
            broken.setattr(services.quarantine, "write", full_disk)
            with pytest.raises(DatabaseError):
                receive(MIXED)

        waiting = Delivery.objects.order_by("-id")[0]
        assert waiting.state == "RECEIVED"
        assert not OrgUnit.objects.filter(code="S3").exists()
        assert not QuarantinedRow.objects.exists()
        assert receive(MIXED).state == "IMPORTED"

    def test_refuses_a_file_in_which_most_rows_are_wrong_and_tries_it_anew(self, receive):
        many = HEAD + "".join(f"S{n},供电所,所{n},P\n" for n in range(30))

        refused = receive(many)

        assert (refused.state, refused.n_read) == ("REFUSED", 0)
        assert refused.refusal.startswith("TOO_MANY_BAD_ROWS: 30 / 30")
        assert not OrgUnit.objects.exists()
        receive(HEAD + "P,省公司,省公司,无\n")
        assert receive(many).n_imported == 30

    def test_refuses_other_columns_and_names_them(self, receive):
        report = receive("单位编码,类型\nP,省公司\n")

        assert report.state == "REFUSED"
        assert "单位类型" in report.refusal

    def test_keeps_rows_with_another_number_of_cells_for_correction(self, receive, stores):
        report = receive(GOOD + "S2,供电所\nS3,供电所,土门所,P,多余\n\n")

        assert (report.n_read, report.n_imported, report.n_quarantined) == (4, 2, 2)
        rows = quarantine_rows(stores, report)
        assert [row[NUMBER_COLUMN] for row in rows] == ["4", "5"]


cell = st.sampled_from(["P", "S1", "S2", "省公司", "供电所", "无", "", "=1", "x" * 50, '"a', "1,5"])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.lists(cell, min_size=2, max_size=5), max_size=15))
def test_counts_always_add_up(receive, rows):
    QuarantinedRow.objects.all().delete()
    Delivery.objects.all().delete()
    OrgUnit.objects.all().delete()
    lines = [",".join(f'"{c}"' if "," in c else c for c in row) for row in rows]

    report = receive(HEAD + "\n".join(lines) + "\n")

    if report.state == "IMPORTED":
        total = report.n_imported + report.n_unchanged + report.n_quarantined
        assert report.n_read == total
        assert OrgUnit.objects.count() == report.n_imported
    else:
        assert report.refusal
        assert not OrgUnit.objects.exists()


def test_a_formula_does_not_run_from_the_quarantine_file(receive, stores):
    report = receive(GOOD + "S2,供电所,=HYPERLINK(1),P\n")

    [row] = quarantine_rows(stores, report)
    assert row["单位名称"] == "'=HYPERLINK(1)"
    assert QuarantinedRow.objects.get().reason == "FORMULA"
    assert Path(quarantine.OWN_COLUMNS[0]).name == NUMBER_COLUMN
