"""From what one customer costs to 500 million of them, and what would give way first.

Two inputs, kept apart: what ``footprint`` measured (``footprint.json``, as printed) and what is
assumed (``capacity.toml``, each with its source). Everything else is multiplication, so that
whoever measures again, or assumes otherwise, prints another plan.

    python -m benchmarks.speed.capacity       the plan as it stands in docs/capacity.md
"""

import json
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MEASURED, COMPUTED, ASSUMED = "measured", "extrapolated", "assumed"
FIRST = "processor; books made, learning, every row written"
TB, GB, HOUR = 1e12, 1e9, 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of the plan: how it is known stands beside it."""

    what: str
    value: float
    unit: str
    known: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What gives way at so many customers, if all of them were one station."""

    what: str
    customers: float
    how: str
    remedy: str


def run() -> dict[str, Any]:
    """Return the whole plan as figures."""
    measured, assumed = read()
    return {
        "lines": [
            {"what": line.what, "value": line.value, "unit": line.unit, "known": line.known}
            for line in (*one_customer(measured), *everybody(measured, assumed))
        ],
        "limits": [
            {"what": limit.what, "customers": limit.customers}
            for limit in limits(measured, assumed)
        ],
    }


def read() -> tuple[dict[str, Any], dict[str, float]]:
    """Return what was measured, and the assumed values by name."""
    measured = json.loads((HERE / "footprint.json").read_text(encoding="utf-8"))
    return measured, {name: float(row["value"]) for name, row in told().items()}


def told() -> dict[str, dict[str, Any]]:
    """Return what is assumed, with units and where it comes from."""
    return tomllib.loads((HERE / "capacity.toml").read_text(encoding="utf-8"))


def one_customer(measured: dict[str, Any]) -> list[Line]:
    """Return what one customer costs: measured figures divided by the customers they were of."""
    n, size, night = measured["accounts"], measured["bytes"], measured["night"]
    learning = measured["first_night_of_a_month"]
    readings, curves = measured["listing"]["readings"], measured["listing"]["interval_days"]
    rows = [
        ("customers of a shard", n / measured["shards"], "customers", f"{n} in shards"),
        ("a daily reading in the lake", size["daily"] / readings, "bytes", f"of {readings}"),
        ("a day's curve in the lake", size["interval"] / max(curves, 1), "bytes", f"of {curves}"),
        ("facts in PostgreSQL", measured["rows"]["facts_bytes"] / n, "bytes", "with indexes"),
        ("findings in PostgreSQL", measured["rows"]["findings_bytes"] / n, "bytes", "with indexes"),
        ("books", size["books"] / n, "bytes", "columns of bills and payments"),
        ("the moment of a night", size["moment"] / n, "bytes", "brought by every host"),
        ("results of a night", size["results"] / n, "bytes", "files"),
        ("what a night keeps for the next", size["kept"] / n, "bytes", "on the night's disk"),
        ("a worker's copy of readings", size["dense"] / n, "bytes", "on its own disk"),
        ("a night, workers", night["parts_cpu_s"] / n * 1e3, "ms", "processor"),
        ("a night, its own process", night["own_cpu_s"] / n * 1e3, "ms", "processor"),
        ("a night, PostgreSQL", night["postgres_cpu_s"] / n * 1e3, "ms", "processor"),
        ("a first night, its own process", learning["own_cpu_s"] / n * 1e3, "ms", FIRST),
        ("a first night, PostgreSQL", learning["postgres_cpu_s"] / n * 1e3, "ms", FIRST),
        ("learning, sent to one process", learning["result_bytes_sent"] / n, "bytes", "a month"),
        ("a part on the cluster", measured["dask"]["wall_ms_a_part"], "ms", "wall, empty parts"),
        ("a file in a list", measured["listing"]["cpu_ms_a_file"], "ms", "processor"),
        ("a file in a log", size["logs"] / measured["listing"]["files"], "bytes", "JSON"),
    ]
    return [
        Line(what=what, value=value, unit=unit, known=MEASURED, how=how)
        for what, value, unit, how in rows
    ]


def everybody(measured: dict[str, Any], assumed: dict[str, float]) -> list[Line]:
    """Return the plan for all customers, in cells that share nothing."""
    of = {line.what: line.value for line in one_customer(measured)}
    n, keep = assumed["customers"], assumed["nights_kept"]
    points = n * measured["points"] / measured["accounts"]
    worker_h = n * of["a night, workers"] / 1e3 / HOUR
    own_h = n * of["a night, its own process"] / 1e3 / HOUR
    database_h = n * of["a night, PostgreSQL"] / 1e3 / HOUR
    cores = math.ceil(assumed["headroom"] * worker_h / assumed["window_h"])
    daily = points * assumed["days_kept"] * of["a daily reading in the lake"]
    curves = points * assumed["interval_share"] * assumed["interval_days_kept"]
    interval = curves * of["a day's curve in the lake"]
    rows = n * (of["facts in PostgreSQL"] + of["findings in PostgreSQL"])
    results = n * keep * of["results of a night"]
    objects = daily + interval + results + n * of["books"]
    fresh = (
        points * of["a daily reading in the lake"]
        + curves / assumed["interval_days_kept"] * of["a day's curve in the lake"]
    )
    brought = daily + n * (of["books"] + of["a worker's copy of readings"])
    held = brought + n * of["what a night keeps for the next"]
    hosts = math.ceil(cores / assumed["cores_a_host"])
    core_cny = (worker_h + own_h + database_h) * 30 * assumed["core_hour_cny"]
    lines = [
        ("cells", math.ceil(n / assumed["customers_a_cell"]), "cells", "customers ÷ a cell's"),
        ("shards", math.ceil(n / of["customers of a shard"]), "shards", "customers ÷ a shard's"),
        ("daily readings, three years", daily / TB, "TB", "points × days × bytes"),
        ("curves of 96 points, a year", interval / TB, "TB", "points × days × bytes"),
        ("results of a quarter", results / TB, "TB", "customers × nights × bytes"),
        ("books, all cells", n * of["books"] / TB, "TB", "customers × bytes"),
        ("PostgreSQL, all cells", rows / TB, "TB", "customers × bytes"),
        ("PostgreSQL, a cell", rows / n * assumed["customers_a_cell"] / GB, "GB", "of one cell"),
        ("workers' core-hours a night", worker_h, "core-h", "customers × ms"),
        ("own processes' core-hours a night", own_h, "core-h", "customers × ms"),
        ("PostgreSQL's core-hours a night", database_h, "core-h", "customers × ms"),
        ("workers' cores", cores, "cores", "core-hours × headroom ÷ window"),
        ("workers' hosts", hosts, "hosts", "cores ÷ a host's"),
        (
            "a cell's own process",
            own_h / n * assumed["customers_a_cell"] * 60,
            "min",
            "one process, no help from workers",
        ),
        (
            "the same, a first night",
            of["a first night, its own process"] * assumed["customers_a_cell"] / 1e3 / 60,
            "min",
            "one process, no help from workers",
        ),
        (
            "workers' disks, all hosts",
            held / TB,
            "TB",
            "readings, books, their copies, what is kept",
        ),
        (
            "a first night's wire, a host",
            brought * 8 / hosts / (assumed["network_gbit"] * 1e9) / HOUR,
            "h",
            "everything is brought once",
        ),
        ("new readings a night", fresh / TB, "TB", "a day's readings and curves"),
        (
            "a host's wire for them",
            fresh * 8 / hosts / (assumed["network_gbit"] * 1e9) / 60,
            "min",
            "spread over the hosts",
        ),
        ("computing", core_cny, "CNY a month", "core-hours × 30 × price"),
        (
            "object storage",
            objects / TB * assumed["object_tb_month_cny"],
            "CNY a month",
            "TB × price",
        ),
        (
            "database disks",
            2 * rows / TB * assumed["disk_tb_month_cny"],
            "CNY a month",
            "TB × price, a standby beside",
        ),
    ]
    return [
        Line(what=what, value=value, unit=unit, known=COMPUTED, how=how)
        for what, value, unit, how in lines
    ]


def limits(measured: dict[str, Any], assumed: dict[str, float]) -> list[Limit]:
    """Return what gives way first if everybody were one station; the least customers first."""
    of = {line.what: line.value for line in one_customer(measured)}
    window_ms = assumed["window_h"] * HOUR * 1e3
    patience_s = assumed["patience_min"] * 60
    a_shard = of["customers of a shard"]
    files_a_customer = assumed["files_a_shard"] / a_shard  # of one table
    rows = [
        (
            "the night's own process, when everything is new",
            window_ms / of["a first night, its own process"],
            "window ÷ ms a customer; it is one process",
            "cells; then storing by several sessions",
        ),
        (
            "one PostgreSQL session, when every row is new",
            window_ms / of["a first night, PostgreSQL"],
            "window ÷ ms a customer",
            "cells; then several sessions, tables partitioned by shard",
        ),
        (
            "what is learnt from, in one process's memory",
            assumed["memory_gb"] * GB / of["learning, sent to one process"],
            "memory ÷ bytes a customer",
            "thin out in the parts: the card takes a sample anyway; cells",
        ),
        (
            "the moment of a night, brought by every host",
            patience_s * assumed["network_gbit"] * 1e9 / 8 / of["the moment of a night"],
            "patience × wire ÷ bytes a customer",
            "a file for each group of shards; cells",
        ),
        (
            "the list of the lake's files, read by every worker",
            patience_s * 1e3 / of["a file in a list"] / (2 * files_a_customer),
            "patience ÷ ms a file ÷ files a customer",
            "hand each part its files with the task; cells",
        ),
        (
            "the log of one table, in one process's memory",
            assumed["memory_gb"] * GB / of["a file in a log"] / files_a_customer,
            "memory ÷ bytes a file ÷ files a customer",
            "compaction each night; cells",
        ),
        (
            "the scheduler, handing out parts one by one",
            window_ms / of["a part on the cluster"] * a_shard,
            "window ÷ ms a part × customers of a shard",
            "a scheduler for each cell",
        ),
    ]
    found = [
        Limit(what=what, customers=customers, how=how, remedy=remedy)
        for what, customers, how, remedy in rows
    ]
    return sorted(found, key=lambda limit: limit.customers)


def tables() -> str:
    """Return the plan as the tables of docs/capacity.md."""
    measured, assumed = read()
    parts = [
        f"### Measured: one customer\n\nMeasured {measured['measured']}.\n",
        _table(one_customer(measured)),
    ]
    parts += ["### Assumed\n", "| what | value | where from |", "|---|---:|---|"]
    parts += [
        f"| `{name}` | {_number(row['value'])} {row['unit']} | {row['source']} |"
        for name, row in told().items()
    ]
    parts += ["", "### Extrapolated: all customers\n", _table(everybody(measured, assumed))]
    parts += ["### Where one station of everybody would give way\n"]
    parts += ["| at [million customers] | what | reckoned | remedy |", "|---:|---|---|---|"]
    parts += [
        f"| {_number(limit.customers / 1e6)} | {limit.what} | {limit.how} | {limit.remedy} |"
        for limit in limits(measured, assumed)
    ]
    return "\n".join(parts)


def _table(lines: list[Line]) -> str:
    rows = [f"| {line.what} | {_number(line.value)} | {line.unit} | {line.how} |" for line in lines]
    return "\n".join(["| what | value | unit | of |", "|---|---:|---|---|", *rows, ""])


def _number(value: float) -> str:
    """Return a figure with three digits that mean something."""
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}"


if __name__ == "__main__":
    print(tables())
