"""Candidates: read like any version, held against the rules in force, named by their content."""

import hashlib
import re
from datetime import date
from pathlib import Path

import pytest

from lamplighter.policy import candidates, loader

TODAY = date(2026, 11, 25)
IN_FORCE = loader.load(name="grading", on=TODAY)
TEXT = (loader.RULES / "grading" / f"{IN_FORCE.valid_from}.toml").read_text(encoding="utf-8")
MONTHS_B = 'reminded_months_b]\nvalue = 4\nunit = "months"'


def write(folder: Path, text: str, *, name: str = "grading", day: str = "2026-12-01") -> Path:
    file = folder / name / f"{day}.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_candidate_is_named_by_its_content_and_says_what_it_changes(tmp_path: Path):
    file = write(tmp_path, TEXT.replace(MONTHS_B, MONTHS_B.replace("4", "3")))

    candidate = candidates.read(file=file, today=TODAY)

    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert candidate.version == f"grading/2026-12-01#{digest[:12]}"
    (old, new), *rest = candidates.changed_rows(candidate=candidate, in_force=IN_FORCE)
    assert not rest
    assert (new.key, old.value, new.value) == ("reminded_months_b", 4, 3)
    assert loader.load(name="grading", on=date(2026, 12, 2)) == IN_FORCE  # reading switches nothing


def test_rows_it_does_not_name_stay_as_in_force(tmp_path: Path):
    start = TEXT.index("[rows.reminded_months_b]")
    row = TEXT[start : TEXT.index("[rows.", start + 6)].replace("value = 4", "value = 2")
    title = '[title]\nzh = "试行"\nen = "Trial"\n'

    candidate = candidates.read(file=write(tmp_path, title + row), today=TODAY)

    assert candidate.number("reminded_months_b") == 2
    others = [row for row in IN_FORCE.rows if row.key != "reminded_months_b"]
    assert [row for row in candidate.rows if row.key != "reminded_months_b"] == others


def test_it_is_found_by_its_path_or_by_its_name_among_the_candidates(tmp_path: Path):
    file = write(tmp_path, TEXT)

    assert candidates.find(wanted=str(file), folder=tmp_path / "none") == file
    assert candidates.find(wanted="grading/2026-12-01", folder=tmp_path) == file
    with pytest.raises(candidates.CandidateRefused, match="there is no file"):
        candidates.find(wanted="grading/2026-12-02", folder=tmp_path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "gradings"}, "names no policy"),
        ({"day": "2026-11-25"}, "in force already"),
        ({"day": "2014-11-01"}, "in force already"),
    ],
)
def test_what_cannot_stand_in_for_a_rule_is_refused(tmp_path: Path, changed: dict[str, str], said):
    file = write(tmp_path, TEXT, **changed)

    with pytest.raises(candidates.CandidateRefused, match=said) as refused:
        candidates.read(file=file, today=TODAY)

    assert re.search("[一-鿿]{4}", refused.value.words.zh)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[rows.reminded_months_b]", "[rows.reminded_months_bb]", "reminded_months_bb.*no such"),
        ('value = 4\nunit = "months"', 'value = "4"\nunit = "months"', "reminded_months_b.*kind"),
        ('value = 4\nunit = "months"', 'value = 4.5\nunit = "months"', "reminded_months_b.*kind"),
        ('value = 4\nunit = "months"', 'value = true\nunit = "months"', "reminded_months_b.*kind"),
        ('value = 4\nunit = "months"', 'value = 4\nunit = "years"', "reminded_months_b.*unit"),
        ('value = 4\nunit = "months"', "value = 4", "reminded_months_b needs"),
        ("value = true", "value = 0", "d_needs_person.*kind"),
        ("value = 4", "value = ", "2026-12-01.toml"),
    ],
)
def test_a_wrong_row_is_named_with_its_file(tmp_path: Path, old: str, new: str, said: str):
    assert old in TEXT
    file = write(tmp_path, TEXT.replace(old, new, 1))

    with pytest.raises(loader.PolicyFileWrong, match=said) as refused:
        candidates.read(file=file, today=TODAY)

    assert "grading/2026-12-01.toml" in str(refused.value)
    assert re.match(r"grading/2026-12-01\.toml: .*[一-鿿]{2}", refused.value.words.zh)
