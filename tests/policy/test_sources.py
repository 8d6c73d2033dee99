"""Every source of every rule is there in Chinese, and nothing that no rule cites."""

import re
import tomllib
from pathlib import Path

import pytest

from lamplighter.policy import loader, sources

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "policies").glob("*/*.toml"))
POLICIES = [
    *(version for name in loader.names() for version in loader.versions(name=name)),
    *(loader.read_file(file) for file in EXAMPLES),
]
CLAUSES = {
    clause
    for policy in POLICIES
    for row in policy.rows
    for clause in row.source.split(sources.APART)
}
WORDS = tomllib.loads(sources.FILE.read_text(encoding="utf-8"))


def test_each_clause_that_is_not_a_mere_code_has_chinese_words():
    spoken = {clause for clause in CLAUSES if not sources.SAME.fullmatch(clause)}

    assert len(spoken) > 200
    assert spoken - set(WORDS) == set()


def test_nothing_is_said_that_no_rule_cites():
    assert set(WORDS) - CLAUSES == set()


def test_chinese_words_are_chinese_and_keep_each_code_of_a_requirement():
    for clause, words in WORDS.items():
        assert re.search(r"[\u4e00-\u9fff]", words) or clause[0].isupper(), clause
        assert re.findall(r"[SQ]\d(?:-\d\d)?", clause) == re.findall(r"[SQ]\d(?:-\d\d)?", words)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("S1-04; our number", "S1-04；数值自定"),
        ("S4-20 (9 %); Q4", "S4-20 (9 %)；Q4"),
        ("S3-01 (F1); the split is ours", "S3-01 (F1)；划分自定"),
        ("A list of our own district", "A list of our own district"),
    ],
)
def test_a_source_is_said_clause_by_clause(source: str, said: str):
    assert sources.in_language(source, language="zh-hans") == said
    assert sources.in_language(source, language="en") == source
