"""One benchmark in a process of its own, and the machine it ran on."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
REAL_DATA = Path(os.environ.get("LAMPLIGHTER_REAL_DATA") or ROOT.parent / "shared/data/real")


class NoData(Exception):
    """A benchmark's data is not on this machine."""


def real_folder() -> Path:
    """Return the folder of the real data."""
    if not REAL_DATA.is_dir():
        raise NoData("no folder of real data: set LAMPLIGHTER_REAL_DATA to it")
    return REAL_DATA


def real(name: str) -> Path:
    """Return a file of the real data."""
    file = REAL_DATA / name
    if not file.exists():
        raise NoData(f"{name}: set LAMPLIGHTER_REAL_DATA to the folder that holds it")
    return file


def alone(name: str, *, sizes: Sequence[tuple[str, int]] = ()) -> dict[str, Any] | None:
    """Run one benchmark in a process of its own: none inherits memory or settings of another."""
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "benchmarks", name, "--into", str(into)]
        command += [part for size, n in sizes for part in ("--size", f"{size}={n}")]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0 or not into.exists():
            return None
        figures: dict[str, Any] = json.loads(into.read_text(encoding="utf-8"))
        return figures


def machine() -> str:
    """Return what this was measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}"
    )
