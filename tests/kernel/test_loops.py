"""Compiled loops lie apart by version of all sources: no old one goes on beside a new one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lamplighter.insight
from lamplighter.kernel import loops

CALLED = "from numba import njit\n@njit(cache=True)\ndef weigh(x):\n    return {} * x\n"
CALLING = (
    "from numba import njit\nfrom house.called import weigh\n"
    "@njit(cache=True)\ndef told(x):\n    return weigh(x) + 1\n"
)
FACE = (
    "from pathlib import Path\nfrom lamplighter.kernel import loops\n"
    "loops.keep(sources=Path(__file__).parent)\n"
)
ASKING = "from house.calling import told; print(told(10))"


@pytest.fixture
def house(tmp_path, monkeypatch):
    folder = tmp_path / "house"
    folder.mkdir()
    (folder / "__init__.py").write_text(FACE)
    (folder / "called.py").write_text(CALLED.format(2))
    (folder / "calling.py").write_text(CALLING)
    monkeypatch.delenv(loops.NAMED)
    return folder


def told(house):
    # From afar: the folder one stands in would come before what is installed.
    done = subprocess.run(
        [sys.executable, "-c", ASKING],
        env={**os.environ, "PYTHONPATH": str(house.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_loop_is_compiled_anew_when_one_that_it_calls_changes(house):
    assert told(house) == "21"
    assert list((house / "__pycache__").rglob("*.nbi"))

    (house / "called.py").write_text(CALLED.format(3))

    assert told(house) == "31"


def test_the_same_sources_have_the_same_place_and_old_ones_go(house):
    place = loops.keep(sources=house)
    old, new = house / "__pycache__" / "loops-old", house / "__pycache__" / "loops-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))

    assert loops.keep(sources=house) == place == Path(os.environ[loops.NAMED])
    assert not old.exists()
    assert new.exists()


def test_a_named_folder_is_used_and_a_child_goes_on_in_its_parents(house, tmp_path, monkeypatch):
    monkeypatch.setenv(loops.NAMED, str(tmp_path / "named"))

    place = loops.keep(sources=house)

    assert place is not None
    assert place.parent == tmp_path / "named"
    assert loops.keep(sources=house) == place


def test_where_nothing_can_be_written_nothing_is_named(house, tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv(loops.NAMED, str(tmp_path / "a file"))

    assert loops.keep(sources=house) is None


def test_our_own_loops_lie_in_a_place_of_this_version():
    place = Path(os.environ[loops.NAMED])

    assert place == loops.keep(sources=Path(lamplighter.insight.__file__).parent)
