"""``./lamp bench [NAME …]``: run benchmarks and print what they measured.

Each benchmark is a module of this folder with ``run`` → a dict of figures; ratios compare with a
peer or a floor measured in the same run. With ``--write`` the figures go to docs/benchmarks.md.
"""

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
REAL_DATA = Path(os.environ.get("LAMPLIGHTER_REAL_DATA") or ROOT.parent / "shared/data/real")
DOCUMENT = ROOT / "docs" / "benchmarks.md"
MARK = "<!-- measured below this line by ./lamp bench --write -->"


class NoData(Exception):
    """A benchmark's data is not on this machine."""


def real(name: str) -> Path:
    """Return a file of the real data."""
    file = REAL_DATA / name
    if not file.exists():
        raise NoData(f"{name}: set LAMPLIGHTER_REAL_DATA to the folder that holds it")
    return file


def call(module: str, *arguments: Any) -> Callable[[], dict[str, Any]]:
    """Return a benchmark that is imported only when it runs."""
    return lambda: importlib.import_module(f"benchmarks.{module}").run(*arguments)


BENCHMARKS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "arrears": (
        "Card default (real): 5-fold AUC of the arrears scorecard",
        lambda: call("arrears_card", real("credit_default.csv"))(),
    ),
    "splice": (
        "Spliced tenant change (real meters, our own benchmark)",
        lambda: call("change_splice", real("cambridge_daily.parquet").parent)(),
    ),
    "import-readings": (
        "Import of 17 million daily readings against writing the same Parquet directly (≤ 2×)",
        call("import_readings"),
    ),
    "lake-read": (
        "Reading the whole lake into matrices",
        call("lake_read"),
    ),
    "import-bills": (
        "Import of 180,000 bills against COPY of the same rows (≤ 3×)",
        call("import_bills"),
    ),
    "nightly": (
        "Nightly for the whole station against reading its lake once into memory",
        call("nightly"),
    ),
    "twin": (
        "What the night finds in the twin's hard zone against what is true there",
        call("twin"),
    ),
    "pages": (
        "Customer, Today and Search on the whole station: server time against a bare view",
        call("pages"),
    ),
}


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


def main() -> int:
    parser = argparse.ArgumentParser(prog="./lamp bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}; default all")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # one benchmark's own process
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}")
    print(f"machine: {machine()}\n", flush=True)
    measured: dict[str, dict[str, Any]] = {}
    for name in options.names or BENCHMARKS:
        title, run = BENCHMARKS[name]
        print(f"## {name}: {title}", flush=True)
        started = time.perf_counter()
        figures = _alone(name) if options.into is None else run()
        if figures is None:
            continue
        measured[name] = figures
        if options.into is not None:
            options.into.write_text(json.dumps(figures, ensure_ascii=False, default=str))
            return 0
        print(json.dumps(figures, ensure_ascii=False, indent=1))
        print(f"({time.perf_counter() - started:.0f} s)\n", flush=True)
    if options.write:
        write(measured)
    failed = set(options.names or BENCHMARKS) - set(measured)
    if failed:
        print(f"without figures: {', '.join(sorted(failed))}", file=sys.stderr)
    return 0 if measured else 1


def _alone(name: str) -> dict[str, Any] | None:
    """Run one benchmark in a process of its own: none inherits memory or settings of another."""
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "benchmarks", name, "--into", str(into)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0 or not into.exists():
            return None
        figures: dict[str, Any] = json.loads(into.read_text(encoding="utf-8"))
        return figures


def write(measured: dict[str, dict[str, Any]]) -> None:
    """Replace the measured part of the document, benchmark by benchmark."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _mark, kept = text.partition(MARK)
    sections = {part.split("\n", 1)[0].strip(): part for part in kept.split("\n## ")[1:]}
    for name, figures in measured.items():
        body = json.dumps(figures, ensure_ascii=False, indent=1, default=str)
        sections[name] = (
            f"{name}\n\n{BENCHMARKS[name][0]}.\n\nMeasured {date.today().isoformat()} on "
            f"{machine()}.\n\n```json\n{body}\n```\n"
        )
    ordered = [f"\n## {sections[name]}" for name in BENCHMARKS if name in sections]
    DOCUMENT.write_text(f"{head}{MARK}\n{''.join(ordered)}", encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoData as error:
        sys.exit(f"left out: {error}")
