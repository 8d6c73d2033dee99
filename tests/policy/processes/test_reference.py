"""docs/reference/processes.md says what the reader accepts."""

import re
import tomllib
from pathlib import Path
from typing import Any

from lamplighter.policy.processes import bpmn, catalogue, flow, picture
from tests.policy.processes import samples

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "processes.md").read_text(encoding="utf-8")
STYLES = ROOT / "src" / "lamplighter" / "web" / "frame" / "assets" / "styles"
EXAMPLE = PAGE.split("```toml\n")[1].split("```")[0]
TABLES = ("(the file)", "promises", "rules", "pauses", "failures", "green", "steps", "fields")
ROWS = [[cell.strip(" `") for cell in line.split("|")] for line in PAGE.splitlines()]
SAID = {
    row[1]: set(re.findall(r"(\w+)`", f"{row[2]}`"))
    for row in ROWS
    if row[1:2] and row[1] in TABLES
}


def keys(content: Any, name: str, found: dict[str, set[str]]) -> None:
    """Collect the keys of each table by its name."""
    if isinstance(content, list):
        for one in content:
            keys(one, name, found)
    elif isinstance(content, dict):
        found.setdefault(name, set()).update(content)
        for key, value in content.items():
            keys(value, key, found)


def test_the_keys_are_those_of_our_files():
    used: dict[str, set[str]] = {}
    for file in catalogue.FILES.rglob("*.toml"):
        keys(tomllib.loads(file.read_text(encoding="utf-8")), "(the file)", used)

    for table in TABLES:
        assert SAID[table] == used[table], table


def test_the_example_is_a_process():
    process = samples.read(EXAMPLE)

    assert [step.code for step in process.steps] == ["ACCEPT", "TEST", "TELL"]
    assert len(list(flow.runs(process))) == 2
    assert bpmn.bpmn(process=process, language="en")


def test_the_style_sheet_knows_every_class_of_a_picture():
    styles = (STYLES / "processes.css").read_text(encoding="utf-8")
    fault = catalogue.in_force(code="NEW_HV_SINGLE", on=samples.DAY)
    states = dict.fromkeys((step.code for step in fault.steps), flow.READY)
    text = picture.picture(process=fault, language="en", states=states)
    drawn = {name for names in re.findall(r'class="([^"]+)"', text) for name in names.split()}

    assert {name for name in drawn if f".{name} " not in styles} == set()
    assert '@import "processes.css";' in (STYLES / "style.css").read_text(encoding="utf-8")
