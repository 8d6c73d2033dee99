"""The table of the twelve functions names every process once, and tests that walk through it."""

import ast
import re
from pathlib import Path

import pytest

from lamplighter.policy.processes import codes

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/reference/twelve-functions.md").read_text("utf-8")
ROWS = {
    cells[0].split()[0]: cells
    for line in TEXT.splitlines()
    if line.startswith("| F")
    and (cells := [cell.strip() for cell in line.strip("| ").split(" | ")])
}


def source_in_both_languages(file: str, name: str) -> str:
    """Return the source of a walk; a walk takes both languages unless it says otherwise."""
    text = (ROOT / "tests/web/walks" / file).read_text("utf-8")
    (test,) = [one for one in ast.parse(text).body if getattr(one, "name", "") == name]
    assert isinstance(test, ast.FunctionDef)
    assert "language" not in "".join(map(ast.unparse, test.decorator_list))
    assert "in_chinese" not in map(ast.unparse, test.decorator_list)
    return ast.get_source_segment(text, test) or ""


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_function_has_its_row_and_its_names():
    assert list(ROWS) == list(codes.FUNCTIONS)
    for code, words in codes.FUNCTIONS.items():
        assert ROWS[code][0] == f"{code} {words.zh} {words.en}"


@pytest.mark.parametrize("function", list(codes.FUNCTIONS))
def test_a_function_names_its_processes_and_a_walk_through_at_least_one(function):
    processes, walks = named(ROWS[function][2]), named(ROWS[function][3])

    assert processes == [code for code, of in codes.TYPES.items() if of == function]
    assert walks
    said = "".join(source_in_both_languages(*walk.split("::")) for walk in walks)
    assert any(f'"{code}"' in said for code in processes)


def test_no_walk_and_no_other_test_that_is_named_is_missing():
    walked = {
        f"tests/web/walks/{name.split('::')[0]}"
        for cells in ROWS.values()
        for name in named(cells[3])
    }
    walked |= set(re.findall(r"`(tests/web/walks/test_[^`]+)`", TEXT))

    there = {path.name for path in (ROOT / "tests/web/walks").glob("test_*.py")}
    assert walked == {f"tests/web/walks/{name}" for name in there}
    for path in re.findall(r"`(tests/[^`]+)`", TEXT):
        assert (ROOT / path).exists(), path
