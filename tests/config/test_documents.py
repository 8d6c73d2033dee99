"""What the documents say is so: commands, links, settings, mappings."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands

from lamplighter.config import environment
from lamplighter.facts import receiving
from lamplighter.facts.intake import mapping_files, units

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BRING = (ROOT / "docs/how-to/bring-your-files.md").read_text(encoding="utf-8")
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def toml_of(text: str) -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_each_link_leads_somewhere(path: Path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [link for link in links if link and "://" not in link and ":" not in link]

    absent = [link for link in local if not (path.parent / link).exists()]

    assert absent == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_each_command_exists(path: Path):
    text = path.read_text(encoding="utf-8")
    verbs = subprocess.run(
        [sys.executable, ROOT / "lamp", "help"], capture_output=True, text=True, check=True
    ).stdout

    for verb in re.findall(r"\./lamp (\w+)", text):
        assert f"./lamp {verb}" in verbs, verb
    for command in re.findall(r"\./lamp do ([a-z_]+)", text):
        assert command in get_commands(), command


def test_the_readmes_say_the_same():
    english, chinese = (path.read_text(encoding="utf-8") for path in READMES)
    both = [re.findall(r"\]\(([^)]+)\)", text)[1:] for text in (english, chinese)]

    assert both[0] == both[1]
    assert toml_of(english) == toml_of(chinese)
    assert english.index("./lamp run") < 100
    assert chinese.index("./lamp run") < 100


@pytest.mark.parametrize("text", [BRING, READMES[0].read_text(encoding="utf-8")])
def test_the_first_mapping_of_a_page_is_one(text: str):
    mapping = mapping_files.parse(text=toml_of(text)[0], name="page", records=receiving.records())

    assert mapping.title.zh
    assert mapping.title.en


def test_the_reference_names_every_key_of_a_mapping():
    said = set(re.findall(r"[a-z_]+", BRING))
    keys = (
        mapping_files.TOP_KEYS
        | mapping_files.FILE_KEYS
        | mapping_files.COLUMN_KEYS
        | mapping_files.UNPIVOT_KEYS
        | mapping_files.CURVE_KEYS
        | set(mapping_files.FORMATS)
    )

    assert keys <= said
    for part in toml_of(BRING):
        assert tomllib.loads(part)


@pytest.mark.parametrize("record", receiving.records().values(), ids=lambda record: record.name)
def test_the_reference_names_every_field_as_the_importer_knows_it(record):
    (row,) = [line for line in BRING.splitlines() if line.startswith(f"| `{record.name}` |")]
    fields, key = row.split("|")[2:4]

    assert re.findall(r"`(\w+)`(\*?)(?: \[(\w+)\])?", fields) == [
        (field.name, "*" if field.is_required else "", field.unit) for field in record.fields
    ]
    assert tuple(re.findall(r"`(\w+)`", key)) == record.key


def test_the_reference_names_every_choice_and_unit():
    for record in receiving.records().values():
        for field in record.fields:
            if field.choices:
                choices = ", ".join(f"`{choice}`" for choice in field.choices)
                assert f"| `{record.name}.{field.name}` | {choices} |" in BRING
            if field.unit:
                known = ", ".join(f"`{unit}`" for unit in units.factors_of(unit=field.unit))
                assert f"| `{field.unit}` | {known} |" in BRING


def test_the_settings_page_lists_every_setting():
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")

    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)) == environment.NAMES
    for option in environment.DATABASE_OPTIONS:
        assert f"`{option}`" in page
