"""The operators' commands."""

import json

import pytest
from django.core.management import CommandError, call_command

from lamplighter.facts.network.models import OrgUnit
from tests.facts.intake.conftest import UNITS

pytestmark = pytest.mark.django_db

HEAD = "单位编码,单位类型,单位名称,上级单位\n"


@pytest.fixture
def folder(tmp_path, settings):
    settings.ARCHIVE_FOLDER = tmp_path / "archive"
    settings.LAKE_FOLDER = tmp_path / "lake"
    (tmp_path / "units.toml").write_text(UNITS, encoding="utf-8")
    (tmp_path / "a.csv").write_bytes((HEAD + "P,省公司,省,无\n").encode("gb18030"))
    (tmp_path / "b.csv").write_bytes((HEAD + "S,供电所,所,P\nT,所,所,P\n").encode("gb18030"))
    return tmp_path


def manifest(folder, *rows):
    rows = [{"file": file, "mapping": mapping} for file, mapping in rows]
    (folder / "manifest.json").write_text(json.dumps({"deliveries": rows}), encoding="utf-8")


def test_a_folder_is_imported_in_the_order_of_its_manifest(folder, capsys):
    manifest(folder, ("a.csv", "units"), ("b.csv", "units"))

    call_command("import_files", str(folder))
    call_command("import_files", str(folder))

    out = capsys.readouterr().out.splitlines()
    assert "read 2\timported 1\tunchanged 0\tquarantined 1" in out[1]
    assert all(line.endswith("already known") for line in out[2:])
    assert set(OrgUnit.objects.values_list("code", flat=True)) == {"P", "S"}


def test_the_quarantine_is_fetched_but_never_written_over(folder, capsys):
    call_command("import_files", str(folder / "a.csv"), mapping=folder / "units.toml")
    call_command("import_files", str(folder / "b.csv"), mapping=folder / "units.toml")
    number = int(capsys.readouterr().out.splitlines()[1].split("\t")[0].removeprefix("#"))

    call_command("quarantine", str(number), output=folder / "out.csv")

    assert "T,所,所,P" in (folder / "out.csv").read_text(encoding="gb18030")
    with pytest.raises(CommandError, match="exists"):
        call_command("quarantine", str(number), output=folder / "out.csv")
    with pytest.raises(CommandError, match="no unusable rows"):
        call_command("quarantine", str(number - 1), output=folder / "none.csv")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("nowhere.csv", "units")], "there is no file"),
        ([("../a.csv", "units")], "lies outside its folder"),
        ([("a.csv", "nothing")], "there is no file"),
    ],
)
def test_a_wrong_manifest_is_refused_before_anything_happens(folder, rows, said):
    manifest(folder, ("a.csv", "units"), *rows)

    with pytest.raises(CommandError, match=said):
        call_command("import_files", str(folder))

    assert not OrgUnit.objects.exists()


def test_a_refused_file_ends_in_an_error(folder):
    (folder / "c.csv").write_bytes(b"x,y\n1,2\n")

    with pytest.raises(CommandError, match="1 of 1 files refused"):
        call_command("import_files", str(folder / "c.csv"), mapping=folder / "units.toml")
