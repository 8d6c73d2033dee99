"""What is delivered: complete, the same every time, readable by its mappings, without the truth."""

import csv
import hashlib
import tomllib
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from lamplighter.town import calendar, station
from lamplighter.town.plan import Size
from tests.town.making import LAST_DAY, Town, make

EXAMPLES = Path(__file__).parents[2] / "examples" / "mappings"


def hashes(town: Town) -> dict[str, str]:
    files = [*town.folder.iterdir(), *town.truth.iterdir()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def header(path: Path, form: dict[str, str]) -> list[str]:
    if form["format"] == "parquet":
        return list(pq.read_schema(path).names)
    if form["format"] == "xlsx":
        rows = CalamineWorkbook.from_path(path).get_sheet_by_name(form["sheet"]).to_python()
        return [str(cell) for cell in rows[0]]
    with path.open(encoding=form["encoding"], newline="") as file:
        return next(csv.reader(file, delimiter=form["delimiter"]))


def rows_of(town: Town, name: str) -> list[dict[str, str]]:
    with (town.folder / name).open(encoding="gb18030", newline="") as file:
        return list(csv.DictReader(file))


def sources(mapping: dict) -> set[str]:
    found = {column["from"] for column in mapping["columns"].values() if "from" in column}
    if "curve" in mapping:
        curve = mapping["curve"]
        found |= {curve["day"], *(f"{curve['prefix']}{n + 1}" for n in range(curve["count"]))}
    return found


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(town, tmp_path):
    again = make(tmp_path / "again", seed=7)
    other = make(tmp_path / "other", seed=8)

    assert hashes(again) == hashes(town)
    differing = {n for n, sha in hashes(other).items() if sha != hashes(town)[n]}
    assert {"用户档案.csv", "日冻结电量_2026.parquet", "accounts.parquet"} <= differing


def test_every_mapping_finds_its_columns(town):
    for delivery in town.manifest.deliveries:
        mapping = tomllib.loads(delivery.mapping_path.read_text(encoding="utf-8"))

        names = header(town.folder / delivery.file, mapping["file"])

        assert sources(mapping) <= set(names), delivery.file
        assert mapping["zh"]
        assert mapping["en"]


def test_every_word_in_a_csv_is_in_its_mapping(town):
    for delivery in town.manifest.deliveries:
        mapping = tomllib.loads(delivery.mapping_path.read_text(encoding="utf-8"))
        if mapping["file"]["format"] != "csv":
            continue
        rows = rows_of(town, delivery.file)
        for column in mapping["columns"].values():
            if "values" in column:
                words = {row[column["from"]] for row in rows} - {""}
                assert words <= set(column["values"]), (delivery.file, column["from"])


def test_the_manifest_names_every_file_and_nothing_else(town):
    delivered = {delivery.file for delivery in town.manifest.deliveries}

    assert delivered | {station.MANIFEST} == {path.name for path in town.folder.iterdir()}
    assert station.read_manifest(folder=town.folder) == town.manifest
    used = {delivery.mapping for delivery in town.manifest.deliveries}
    assert used == {path.stem for path in station.MAPPINGS.glob("*.toml")}


def test_the_truth_is_nowhere_among_the_deliveries(town):
    assert {path.name for path in town.truth.iterdir()} == {
        "README.md",
        "accounts.parquet",
        "changes.parquet",
        "weather.parquet",
    }
    told = ("UNFUNDED", "WILFUL", "ABSENT_FAMILY", "RESISTANT", "LEFT_BEHIND")
    for path in town.folder.iterdir():
        if path.suffix == ".csv":
            text = path.read_text(encoding="gb18030")
            assert not any(word in text for word in told), path.name


def test_the_truth_may_not_be_written_among_the_deliveries(tmp_path):
    with pytest.raises(station.TruthAmongDeliveries):
        station.generate(
            folder=tmp_path,
            truth_folder=tmp_path / "truth",
            seed=1,
            size=Size.TINY,
            last_day=LAST_DAY,
            days=90,
            progress=lambda *_: None,
        )

    assert not any(tmp_path.iterdir())


def test_a_life_without_a_bill_is_refused(tmp_path):
    with pytest.raises(station.LifeTooShort):
        make(tmp_path, seed=1, days=5)


def test_years_without_lunar_holidays_are_refused():
    with pytest.raises(calendar.YearNotInCalendar):
        calendar.days_of(last=LAST_DAY.replace(year=2031), days=30)


def test_nobody_can_be_meant(town):
    people = rows_of(town, "用户档案.csv")
    phones = [row["联系电话"] for row in rows_of(town, "联系人.csv")]
    numbers = [row["证件号码"] for row in people if row["证件号码"]]

    assert all(number.startswith("999999") and len(number) == 18 for number in numbers)
    assert all(phone.startswith("154") and len(phone) == 11 for phone in phones)


def test_keys_are_unique_and_refer_to_what_exists(town):
    accounts = Counter(row["户号"] for row in rows_of(town, "用户档案.csv"))
    assert set(accounts.values()) == {1}
    for name in ("联系人.csv", "用户关系.csv", "特殊标识.csv", "评价结果.csv", "催费记录.csv"):
        assert {row["户号"] for row in rows_of(town, name)} <= set(accounts), name
    contacts = Counter(
        (row["户号"], row["联系人角色"], row["联系电话"]) for row in rows_of(town, "联系人.csv")
    )
    assert set(contacts.values()) == {1}
    bills = pq.read_table(town.folder / "电费账单.parquet")["账单编号"].to_pylist()
    assert len(set(bills)) == len(bills)
    assert {row["账单编号"] for row in rows_of(town, "催费记录.csv")} <= set(bills)


def test_the_examples_are_mappings():
    for path in sorted(EXAMPLES.glob("*.toml")):
        mapping = tomllib.loads(path.read_text(encoding="utf-8"))

        assert {"record", "zh", "en", "file", "columns"} <= set(mapping), path.name
