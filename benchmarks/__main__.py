"""``./lamp bench [NAME …]``: run benchmarks and print what they measured.

A name is a benchmark or one of the two pages, ``quality`` and ``speed``, for all of its own. Each
benchmark is a module with ``run`` → a dict of figures; what it is compared with, a peer or a floor,
is measured in the same run. With ``--write`` the figures go to docs/benchmarks/<page>.md.
"""

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import aims as all_aims
from benchmarks import goals, pages_of_figures, running

DOCUMENTS = running.ROOT / "docs" / "benchmarks"
MARK = "<!-- measured below this line by ./lamp bench --write -->"
PAGES = ("quality", "speed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A module that measures, the page it stands on, and what it needs."""

    page: str
    title: str
    module: str
    file: str = ""  # of the real data
    gives_folder: bool = False  # of the real data: the module takes several files of it

    def run(self, sizes: dict[str, int]) -> dict[str, Any]:
        """Measure; the module is imported only now."""
        call: Callable[..., dict[str, Any]] = importlib.import_module(self.module).run
        if self.gives_folder:
            return call(running.real_folder(), **sizes)
        return call(running.real(self.file), **sizes) if self.file else call(**sizes)


BENCHMARKS: dict[str, Benchmark] = {
    "arrears": Benchmark(
        page="quality",
        title="Card default (real): arrears scorecard, cross-validated, beside boosting",
        module="benchmarks.quality.arrears",
        file="credit_default.csv",
    ),
    "arrears-twin": Benchmark(
        page="quality",
        title="Arrears in the twin, out of time: learnt on some months, scored on those after",
        module="benchmarks.quality.arrears_twin",
    ),
    "cause": Benchmark(
        page="quality",
        title="Causes of arrears against the twin's truth, also where its people differ",
        module="benchmarks.quality.cause",
    ),
    "splice": Benchmark(
        page="quality",
        title="Spliced tenant change (real meters, our own benchmark)",
        module="benchmarks.quality.change",
        gives_folder=True,
    ),
    "change-speed": Benchmark(
        page="speed",
        title="The change kernel per 1,000 series of 1,035 days against KernelCPD (≥ 100×)",
        module="benchmarks.speed.change",
        file="cambridge_daily.parquet",
    ),
    "twin": Benchmark(
        page="quality",
        title="What the night finds in the twin's hard zone against what is true there",
        module="benchmarks.twin",
    ),
    "demand": Benchmark(
        page="quality",
        title="Requests in the customer's words sorted into types; emerging topics",
        module="benchmarks.quality.demand",
    ),
    "forecast": Benchmark(
        page="quality",
        title="The running month's bill on real meters and in the twin",
        module="benchmarks.quality.forecast",
        file="cambridge_daily.parquet",
    ),
    "value": Benchmark(
        page="quality",
        title="Growth of an area and what stays unpaid until the month's end",
        module="benchmarks.quality.value",
        file="cambridge_daily.parquet",
    ),
    "segments": Benchmark(
        page="quality",
        title="Segments from month to month in the twin's hard zone",
        module="benchmarks.quality.segments",
    ),
    "nightly": Benchmark(
        page="speed",
        title="Nightly for the whole station against reading its lake once into memory",
        module="benchmarks.speed.nightly",
    ),
    "incremental": Benchmark(
        page="speed",
        title="A night after one more day of readings against the same night from nothing",
        module="benchmarks.speed.incremental",
    ),
    "growth": Benchmark(
        page="speed",
        title="The night of ten thousand to a million customers on two processes",
        module="benchmarks.speed.growth",
    ),
    "cluster": Benchmark(
        page="speed",
        title="The same night by one process, by two, by dask workers, one of them killed",
        module="benchmarks.speed.cluster",
    ),
    "hosts": Benchmark(
        page="speed",
        title="The night across three hosts (network namespaces) that share no files, one cut off",
        module="benchmarks.speed.hosts",
    ),
    "footprint": Benchmark(
        page="speed",
        title="What one customer costs in bytes and processor seconds, for the capacity plan",
        module="benchmarks.speed.footprint",
    ),
    "import-readings": Benchmark(
        page="speed",
        title="Import of 17 million daily readings against writing the same Parquet directly",
        module="benchmarks.import_readings",
    ),
    "lake-read": Benchmark(
        page="speed",
        title="Reading the whole lake into matrices",
        module="benchmarks.lake_read",
    ),
    "import-bills": Benchmark(
        page="speed",
        title="Import of 180,000 bills against COPY of the same rows",
        module="benchmarks.import_bills",
    ),
    "service-orders": Benchmark(
        page="speed",
        title="The service centre of a million customers: opening, popping, searching, all clocks",
        module="benchmarks.service_orders",
    ),
    "pages": Benchmark(
        page="speed",
        title="Customer, Today and Search on the whole station: server time against a bare view",
        module="benchmarks.pages",
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./lamp bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", help=f"of {', '.join([*PAGES, *BENCHMARKS])}; default all"
    )
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks/")
    parser.add_argument(
        "--size",
        action="append",
        default=[],
        type=size,
        metavar="NAME=N",
        help="of one benchmark that takes sizes, e.g. customers=20000; see its module's run",
    )
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # one benchmark's own process
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS) - set(PAGES)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}")
    if options.into is not None:
        figures = BENCHMARKS[options.names[0]].run(dict(options.size))
        options.into.write_text(json.dumps(figures, ensure_ascii=False, default=str))
        return 0
    names = chosen(options.names)
    print(f"machine: {running.machine()}\n", flush=True)
    measured: dict[str, dict[str, Any]] = {}
    for name in names:
        print(f"## {name}: {BENCHMARKS[name].title}", flush=True)
        started = time.perf_counter()
        found = running.alone(name, sizes=options.size)
        if found is None:
            continue
        measured[name] = found
        print(json.dumps(found, ensure_ascii=False, indent=1))
        print(pages_of_figures.goals_table(goals.reached(goals=aims(name), figures=found)))
        print(f"({time.perf_counter() - started:.0f} s)\n", flush=True)
        if options.write:
            write({name: found})
    failed = [name for name in names if name not in measured]
    if failed:
        print(f"without figures: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def size(text: str) -> tuple[str, int]:
    """Return what NAME=N says."""
    name, _, number = text.partition("=")
    return name, int(number)


def chosen(names: Sequence[str]) -> list[str]:
    """Return the benchmarks that names of benchmarks and pages stand for, in their order."""
    wanted = set(names) or set(PAGES)
    return [name for name, known in BENCHMARKS.items() if {name, known.page} & wanted]


def aims(name: str) -> tuple[goals.Goal, ...]:
    """Return what was aimed at with a benchmark."""
    return all_aims.AIMS.get(name, ())


def write(measured: dict[str, dict[str, Any]]) -> None:
    """Replace what the documents say of these benchmarks; the words above the mark stay."""
    for name, figures in measured.items():
        page = BENCHMARKS[name].page
        document = DOCUMENTS / f"{page}.md"
        head, _mark, kept = document.read_text(encoding="utf-8").partition(MARK)
        parts = {part.split("\n", 1)[0].strip(): part for part in kept.split("\n## ")[1:]}
        parts[name] = section(name, figures)
        ordered = [f"\n## {parts[known]}" for known in BENCHMARKS if known in parts]
        document.write_text(f"{head}{MARK}\n{''.join(ordered)}", encoding="utf-8")


def section(name: str, figures: dict[str, Any]) -> str:
    """Return what a document says of one benchmark, without the mark of a heading before it."""
    reached = goals.reached(goals=aims(name), figures=figures)
    told = [
        name,
        f"{BENCHMARKS[name].title}. Measured {date.today().isoformat()} on {running.machine()}.",
        pages_of_figures.goals_table(reached),
        pages_of_figures.tables(figures),
    ]
    return "\n\n".join(part for part in told if part) + "\n"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except running.NoData as error:
        sys.exit(f"left out: {error}")
