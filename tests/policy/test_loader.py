"""Dated rules: every file is whole, the right version is in force, and a wrong row is named."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from lamplighter.policy import loader

FILES = sorted(loader.RULES.rglob("*.toml"))
ROW = """
[rows.most_days]
value = 3
unit = "days"
zh = "最多几天"
en = "At most this many days"
source = "test"
certainty = "O"
"""
TITLE = '[title]\nzh = "试验"\nen = "Trial"\n'


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An own folder of rules, and caches that know nothing of it before or after."""
    folder = tmp_path / "trial"
    folder.mkdir()
    monkeypatch.setattr(loader, "RULES", tmp_path)
    loader.names.cache_clear()
    loader.versions.cache_clear()
    yield folder
    loader.names.cache_clear()
    loader.versions.cache_clear()


def write(folder: Path, text: str, day: str = "2020-01-01") -> Path:
    file = folder / f"{day}.toml"
    file.write_text(text, encoding="utf-8")
    return file


class TestOurRules:
    def test_are_there(self):
        assert len(loader.names()) >= 10

    @pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
    def test_say_all_of_each_row_in_both_languages(self, file: Path):
        policy = loader.read_file(file)

        assert policy.title.zh.strip()
        assert policy.title.en.strip()
        for row in policy.rows:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in row.about.zh), row.key
            assert row.about.en.strip().isascii() or row.about.en.strip(), row.key
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in row.about.en), row.key
            assert row.source.strip(), row.key
            assert row.certainty in loader.CERTAINTIES

    @pytest.mark.parametrize("name", loader.names())
    def test_stand_in_the_order_of_their_days(self, name: str):
        days = [policy.valid_from for policy in loader.versions(name=name)]

        assert days == sorted(set(days))
        assert loader.load(name=name, on=days[-1]).version == f"{name}/{days[-1]}"
        with pytest.raises(loader.PolicyUnknown, match=name):
            loader.load(name=name, on=days[0] - timedelta(1))


class TestVersions:
    def test_the_newest_that_has_begun_is_in_force(self, rules: Path):
        write(rules, TITLE + ROW)
        write(rules, TITLE + ROW.replace("value = 3", "value = 4"), day="2021-07-01")

        days = {date(2020, 1, 1): 3, date(2021, 6, 30): 3, date(2021, 7, 1): 4, date(2030, 1, 1): 4}

        for day, value in days.items():
            assert loader.load(name="trial", on=day).integer("most_days") == value

    def test_a_policy_nobody_wrote_is_unknown(self, rules: Path):
        with pytest.raises(loader.PolicyUnknown, match="tryal"):
            loader.load(name="tryal", on=date(2030, 1, 1))
        with pytest.raises(loader.PolicyUnknown):
            loader.load(name="../trial", on=date(2030, 1, 1))


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (ROW, r"\[title\] needs zh and en"),
            (TITLE, "there is no"),
            (TITLE + ROW.replace('unit = "days"\n', ""), "row most_days needs value, unit"),
            (TITLE + ROW.replace('en = "At', 'eng = "At'), "row most_days needs value, unit"),
            (TITLE + ROW.replace('"O"', '"?"'), "row most_days: certainty is one of C, T, U, O"),
            (TITLE + "[rows]\nmost_days = 3\n", "most_days is no table"),
            (TITLE + ROW + ROW, "most_days"),
            ("title = ", "2020-01-01.toml"),
        ],
    )
    def test_name_the_file_and_the_row(self, rules: Path, text: str, said: str):
        file = write(rules, text)

        with pytest.raises(loader.PolicyFileWrong, match=said) as error:
            loader.read_file(file)

        assert str(error.value).startswith("trial/2020-01-01.toml: ")
        assert re.match(r"trial/2020-01-01\.toml: .*[一-鿿]{2}", error.value.words.zh)

    def test_a_file_is_named_by_its_first_day(self, rules: Path):
        with pytest.raises(loader.PolicyFileWrong, match=r"trial/latest\.toml"):
            loader.read_file(write(rules, TITLE + ROW, day="latest"))


@dataclass(frozen=True)
class Limits:
    most_days: int


@dataclass(frozen=True)
class MoreLimits:
    most_days: int
    least_days: int


class TestReading:
    @pytest.fixture
    def policy(self, rules: Path) -> loader.Policy:
        more = ROW.replace("most_days", "shares.kept").replace("value = 3", "value = [1, 2]")
        words = ROW.replace("most_days", "greeting").replace(
            "value = 3", 'value = { zh = "您好", en = "Good day" }'
        )
        return loader.read_file(write(rules, TITLE + ROW + more + words))

    def test_fills_a_dataclass_by_its_fields(self, policy: loader.Policy):
        assert loader.numbers_for(policy=policy, shape=Limits) == Limits(most_days=3)
        with pytest.raises(loader.PolicyRowUnknown, match="least_days"):
            loader.numbers_for(policy=policy, shape=MoreLimits)

    def test_gives_each_value_as_its_kind_alone(self, policy: loader.Policy):
        assert policy.number("most_days") == 3.0
        assert policy.text("greeting").in_language("zh-hans") == "您好"
        assert policy.text("greeting").in_language("en") == "Good day"
        assert [row.key for row in policy.rows_below("shares")] == ["shares.kept"]
        for read in (policy.flag, policy.text):
            with pytest.raises(loader.PolicyRowUnknown, match="trial/2020-01-01: most_days"):
                read("most_days")
        with pytest.raises(loader.PolicyRowUnknown):
            policy.integer("greeting")
