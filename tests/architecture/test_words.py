"""Every table and every code of the product stands in docs/words.md, in both languages."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

WORDS = (Path(__file__).parents[2] / "docs" / "words.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in WORDS.splitlines()
    if line.startswith("| ") and not line.startswith("| name") and not line.startswith("| code")
]
SAID = {name.strip() for row in ROWS for name in row[0].split(",")}
OURS = [model for model in apps.get_models() if model.__module__.startswith("lamplighter.")]


def codes_of(model: type[models.Model]) -> set[str]:
    """Return the words that the table's check constraints allow."""
    found: set[str] = set()
    for constraint in model._meta.constraints:
        condition = getattr(constraint, "condition", None)
        if isinstance(constraint, models.CheckConstraint) and condition is not None:
            for child in condition.children:
                if isinstance(child, tuple) and str(child[0]).endswith("__in"):
                    found |= {str(value) for value in child[1] if value}
    return found


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_each_table_is_named(model):
    assert model.__name__ in SAID


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_each_code_is_named(model):
    assert codes_of(model) <= SAID


def test_each_row_speaks_both_languages():
    for row in ROWS:
        assert len(row) in {3, 4}, row
        assert re.search(r"[\u4e00-\u9fff]", row[1]), row
        assert re.search(r"[a-zA-Z]", row[2]), row
