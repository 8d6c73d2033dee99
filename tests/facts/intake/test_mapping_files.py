"""Mapping files: what is wrong is said with its place and remedy; ours all load."""

import re
from pathlib import Path
from string import Formatter

import pytest

from lamplighter.facts import receiving
from lamplighter.facts.intake import mapping_files, remedies
from tests.facts.intake.conftest import UNITS

ROOT = Path(__file__).parents[3]
OURS = [
    *sorted((ROOT / "src/lamplighter/town/mappings").glob("*.toml")),
    *sorted((ROOT / "examples/mappings").glob("*.toml")),
]


def parse(text: str):
    return mapping_files.parse(text=text, name="units", records=receiving.records())


@pytest.mark.parametrize("file", OURS, ids=lambda path: path.stem)
def test_our_own_mappings_load(file):
    mapping = mapping_files.load(file=file, records=receiving.records())

    assert mapping.sources


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"org_unit"', '"org"', r"line 2, record: 'org' is no record; write one of .*org_unit"),
        ("[columns.name]", "[columns.title]", r"line \d+, columns.title: org_unit has no field"),
        ('"单位编码"', '"单位编码"\ncolour = "red"', "columns.code.colour: unknown key; known are"),
        ('"gb18030"', '"gb19"', "line 7, file.encoding: 'gb19' is no encoding"),
        ('"csv"', '"xls"', "file.format: 'xls'; write one of csv, xlsx, parquet"),
        ("Asia/Shanghai", "Asia/Nowhere", "file.time_zone: 'Asia/Nowhere'"),
        ('"STATION" }', '"SHOP" }', "'SHOP' is not one of PROVINCE"),
        ('from = "单位名称"', "", "give exactly one of from, constant, template"),
        ('from = "单位名称"', 'template = "{名"', "write columns in braces"),
        ('from = "单位名称"', 'from = "单位名称"\nunit = "kWh"', "unit: the field has no unit"),
        ('[columns.name]\nfrom = "单位名称"', "", r"org_unit needs name: add \[columns.name\]"),
        ("[file]", "[file", "not TOML"),
        ('missing = ["无"]', 'missing = "无"', "write a list"),
        ("[file]", "[unpivot]\n[file]", "unpivot"),
        ("[file]", 'skip = "all"\n[file]', r"skip: write it as a table: \[skip\]"),
        ("[file]", '[curve]\nprefix = "P"\ncount = 96\n[file]', "curve: only with record"),
    ],
)
def test_says_what_is_wrong_and_how_to_mend_it(old, new, said):
    assert old in UNITS

    with pytest.raises(mapping_files.MappingWrong, match=said) as refused:
        parse(UNITS.replace(old, new))

    assert re.match(r"units\.toml.*: .*[一-鿿]{2}", refused.value.words.zh)


@pytest.mark.parametrize("remedy", remedies.REMEDIES)
def test_both_languages_tell_the_same(remedy):
    words = remedies.REMEDIES[remedy]
    told = [
        {name for _, name, *_ in Formatter().parse(text) if name} for text in (words.zh, words.en)
    ]

    assert told[0] == told[1]


def test_a_mapping_that_is_absent_is_named(tmp_path):
    with pytest.raises(mapping_files.MappingWrong, match=r"nowhere\.toml"):
        mapping_files.load(file=tmp_path / "nowhere.toml", records=receiving.records())
