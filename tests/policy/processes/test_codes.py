"""The stable codes of processes are explained in docs/words.md, in both languages."""

import re
from pathlib import Path

import pytest

from lamplighter.policy import loader, service_hours
from lamplighter.policy.processes import codes
from tests.policy.processes import samples

WORDS = (Path(__file__).parents[3] / "docs" / "words.md").read_text(encoding="utf-8")
NAMED = {
    name.strip()
    for line in WORDS.splitlines()
    if line.startswith("| ")
    for name in line.strip("|").split("|")[0].split(",")
}
NAMES = {
    "functions": codes.FUNCTIONS,
    "posts": codes.POSTS,
    "stages": codes.STAGES,
    "pauses": codes.PAUSES,
    "levels": codes.LEVELS,
    "units": codes.UNITS,
    **codes.DIMENSIONS,
}


@pytest.mark.parametrize("kind", NAMES)
def test_each_code_has_a_name_in_both_languages(kind: str):
    for code, words in NAMES[kind].items():
        assert code in NAMED
        assert re.search(r"[\u4e00-\u9fff]", words.zh), code
        assert words.en.isascii(), code


def test_types_dimensions_fields_and_calendars_are_in_the_words():
    calendars = service_hours.in_force(on=samples.DAY)
    assert set(codes.RULE_UNITS) <= NAMED
    assert {*codes.TYPES, *codes.DIMENSIONS, *codes.FIELD_KINDS, *calendars} <= NAMED
    assert set(codes.TYPES.values()) == set(codes.FUNCTIONS)


class TestCalendars:
    def test_say_what_counts(self):
        found = service_hours.in_force(on=samples.DAY)

        assert found["ALWAYS"].minutes_a_day == found["WORKING_DAYS"].minutes_a_day == 24 * 60
        assert found["OFFICE_HOURS"].hours == ((510, 720), (840, 1050))
        assert {code for code, one in found.items() if one.counts_from_next_day} == {"WORKING_DAYS"}

    @pytest.mark.parametrize(
        ("right", "wrong", "said"),
        [
            (
                '"08:30-12:00", "14:00-17:30"',
                '"08:30-12:00", "11:00-17:30"',
                "OFFICE_HOURS.hours ov",
            ),
            (
                '"08:30-12:00", "14:00-17:30"',
                '"08:30-25:00"',
                "OFFICE_HOURS.hours overlap or leave",
            ),
            ('"08:30-12:00", "14:00-17:30"', '"half past eight"', "is not like 08:30-12:00"),
            ('"08:30-12:00", "14:00-17:30"', "", "OFFICE_HOURS.hours overlap or leave"),
            ('value = "EVERY"', 'value = "SUNDAYS"', "ALWAYS.days is EVERY or WORKING"),
        ],
    )
    def test_that_make_no_sense_are_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, right: str, wrong: str, said: str
    ):
        ours = (loader.RULES / "calendars" / "2014-11-01.toml").read_text(encoding="utf-8")
        assert right in ours
        (tmp_path / "calendars").mkdir()
        file = tmp_path / "calendars" / "2014-11-01.toml"
        file.write_text(ours.replace(right, wrong, 1), encoding="utf-8")
        monkeypatch.setattr(loader, "RULES", tmp_path)
        caches = (loader.names, loader.versions, service_hours.in_force)
        for cache in caches:
            cache.cache_clear()
        try:
            with pytest.raises(loader.PolicyFileWrong, match=said):
                service_hours.in_force(on=samples.DAY)
        finally:
            for cache in caches:
                cache.cache_clear()
