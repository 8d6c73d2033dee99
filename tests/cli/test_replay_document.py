"""What docs/how-to/replay.md says: commands can be typed, options are there, the rules hold."""

import re
import shlex
from datetime import date
from pathlib import Path

import pytest

from lamplighter.cli.management.commands import replay
from lamplighter.policy import candidates, loader

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "how-to" / "replay.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\./lamp do replay (.*)$", TEXT, re.MULTILINE)
EXAMPLES = sorted((ROOT / "examples" / "policies").glob("*/*.toml"))
TODAY = date(2026, 11, 25)


def parser():
    return replay.Command().create_parser("lamplighter", "replay")


def test_there_are_commands():
    assert len(COMMANDS) >= 5


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_can_be_typed_and_its_files_are_there(command):
    options = parser().parse_args(shlex.split(command))

    for wanted in options.policy:
        assert candidates.find(wanted=wanted, folder=ROOT / "examples" / "policies").is_file()


def test_each_option_is_told():
    told = set(re.findall(r"--[a-z][a-z-]*", TEXT))
    ours = {
        option
        for action in parser()._actions
        for option in action.option_strings
        if option.startswith("--") and action.dest in replay.OWN_OPTIONS
    }

    assert ours <= told
    assert told <= ours


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_each_example_can_stand_in_for_the_rules_in_force(file):
    candidate = candidates.read(file=file, today=TODAY)

    in_force = loader.load(name=candidate.name, on=TODAY)
    assert candidates.changed_rows(candidate=candidate, in_force=in_force)


def test_the_rules_shown_are_an_example():
    (shown,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)

    assert shown in {file.read_text(encoding="utf-8") for file in EXAMPLES}
