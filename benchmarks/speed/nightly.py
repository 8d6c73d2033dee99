"""The night of the whole station against reading its lake once into memory.

Both start from the demo station (47,783 customers, 1,096 days, 36 bills): the one of ``./lamp run``
where there is one, else one made for the benchmarks. Each measurement is a process of its own. The
first night finds neither books nor copies of days, asks the judge of changes about every day and
learns the month's card. Those after it are as nights in service: what the judge said of days that
read the same is not asked anew, nor what the settled days tell, which are the same for four weeks.
A night's time is that of its run, without Django's in the parent. Its workers are ready, as the
worker keeps them from the night's hour on while the day's readings are waited for; as the floor's
reading is, with what it imports loaded before. What a typed command adds, which waits for them to
load, is told apart, and so are the sums of each station area that follow for the pages.

    python -m benchmarks.speed.nightly HOME      the same on any home of a demo
"""

import json
import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.speed import stations
from lamplighter.config import demo

N_READS = 3
FIRST, ONE, TWO = "first night, two processes", "night, one process", "night, two processes"
TYPED = "night by a typed command, two processes"
NIGHTS = (FIRST, TWO, TYPED, ONE)  # one day after the other


def run(home: Path | None = None) -> dict[str, Any]:
    """Measure and return seconds, memory and the ratios to reading."""
    this = "benchmarks.speed.nightly"
    with stations.copy_of(home or stations.station(), name="nightly") as environment:
        reads = [stations.measured(this, environment, "--read") for _ in range(N_READS)]
        nights = {
            FIRST: stations.measured(this, environment, "--night", "2"),
            TWO: stations.measured(this, environment, "--night", "2"),
            TYPED: stations.measured(this, environment, "--typed", "2"),
            ONE: stations.measured(this, environment, "--night", "1"),
        }
        areas = stations.measured(this, environment, "--areas")
    floor = min(found["seconds"] for found in reads)
    floor_cpu = min(found["cpu_seconds"] for found in reads)
    accounts = nights[ONE]["accounts"]
    return {
        "customers": accounts,
        "days": demo.DAYS,
        "seed": demo.SEED,
        "readings_in_memory": reads[0]["readings"],
        "read_seconds": [found["seconds"] for found in reads],
        "read_cpu_seconds": [found["cpu_seconds"] for found in reads],
        "read_peak_mib": reads[0]["peak_mib"],
        "nights": nights,
        "ratio_to_reading": {
            name: round(found["seconds"] / floor, 1) for name, found in nights.items()
        },
        "ratio_of_cpu_to_reading": {
            name: round((found["cpu_seconds"] + found["postgres_cpu_seconds"]) / floor_cpu, 1)
            for name, found in nights.items()
        },
        "areas_summed_up_after_a_night": areas,
        "accounts_a_second": {
            name: round(accounts / found["seconds"]) for name, found in nights.items()
        },
    }


def _read() -> dict[str, Any]:
    """Read every day of every usage point into memory."""
    from django.conf import settings  # noqa: PLC0415, RUF100 - after Django's setup

    from lamplighter.facts.metering import members, queries, reading  # noqa: PLC0415, RUF100
    from lamplighter.kernel.spans import last_days  # noqa: PLC0415, RUF100

    now = datetime.now(UTC)
    who = {s: members.members_of_shard(shard=s, known_at=now) for s in members.shards(known_at=now)}

    def read(shards: list[int], n_days: int) -> list[reading.DailyMatrix]:
        view = queries.lake_view(lake_folder=settings.LAKE_FOLDER, known_at=now)
        days = last_days(up_to=demo.LAST_DAY, n_days=n_days)
        return [
            reading.daily_matrix(
                view=view, shards=[shard], point_ids=who[shard].point_ids, days=days
            )
            for shard in shards
        ]

    read(list(who)[:1], 1)  # what the first read imports is no part of the floor
    with stations.Cost() as cost:
        matrices = read(list(who), demo.DAYS)
    return cost.figures() | {"readings": sum(m.energy_kwh.size for m in matrices)}


def night(
    *, as_of: date, workers: int, known_at: datetime | None = None, is_typed: bool = False
) -> dict[str, Any]:
    """Run one night, with the present knowledge unless another is named.

    Where it is *typed*, its workers have yet to load what they need.
    """
    from django.conf import settings  # noqa: PLC0415, RUF100 - after Django's setup
    from django.db.models import Sum  # noqa: PLC0415, RUF100

    from lamplighter.findings.models import ShardDone  # noqa: PLC0415, RUF100
    from lamplighter.findings.services import night as nights  # noqa: PLC0415, RUF100
    from lamplighter.insight.spread import engines  # noqa: PLC0415, RUF100
    from lamplighter.worker.crew import Crew  # noqa: PLC0415, RUF100

    home = Path(os.environ["LAMPLIGHTER_HOME"])
    engine = engines.serial() if workers == 1 else engines.processes(workers)
    crew = Crew(engine)
    if not is_typed:
        engine = crew.ready()
    with stations.Cost() as cost:
        night_id = nights.run(
            as_of=as_of,
            known_at=known_at or datetime.now(UTC),
            places=nights.Places(
                lake_folder=settings.LAKE_FOLDER,
                results_folder=home / "results",
                zone=settings.TIME_ZONE,
            ),
            engine=engine,
            clock=lambda: datetime.now(UTC),
            actor="bench",
        )
    crew.dismiss()
    stored = ShardDone.objects.filter(night=night_id).aggregate(n=Sum("n_accounts"))
    return cost.figures() | {"accounts": stored["n"], "night_id": night_id}


def _night(workers: int, *, is_typed: bool = False) -> dict[str, Any]:
    from lamplighter.findings.models import Learning, Night  # noqa: PLC0415, RUF100

    if not (Path(os.environ["LAMPLIGHTER_HOME"]) / "results").exists():
        Learning.objects.all().delete()  # the first run of the benchmark learns
        # The demo's own night is of the last day: as an older one it lets these show theirs.
        Night.objects.update(as_of_day=demo.LAST_DAY - timedelta(demo.DAYS))
    # Each is of a day of its own, like nights in service: all begin from the one before.
    n_before = len(list(Path(os.environ["LAMPLIGHTER_HOME"]).glob("results/*-*-*")))
    day = demo.LAST_DAY - timedelta(len(NIGHTS) - 1 - n_before)
    return night(as_of=day, workers=workers, is_typed=is_typed)


def _areas() -> dict[str, Any]:
    """Sum the newest night up by station area, which the nightly command does at its end."""
    from django.conf import settings  # noqa: PLC0415, RUF100 - after Django's setup

    from lamplighter.findings.areas import services  # noqa: PLC0415, RUF100

    with stations.Cost() as cost:
        n = services.sum_up(
            lake_folder=settings.LAKE_FOLDER,
            zone=ZoneInfo(settings.TIME_ZONE),
            actor="bench",
            now=datetime.now(UTC),
        )
    return cost.figures() | {"areas": n}


PARTS = {
    "--read": lambda _: _read(),
    "--night": lambda a: _night(int(a[0])),
    "--typed": lambda a: _night(int(a[0]), is_typed=True),
    "--areas": lambda _: _areas(),
}


def _part(arguments: list[str]) -> None:
    import django  # noqa: PLC0415, RUF100 - only the measuring processes need it

    django.setup()
    print(json.dumps(PARTS[arguments[0]](arguments[1:])))


if __name__ == "__main__":
    if sys.argv[1].startswith("--"):
        _part(sys.argv[1:])
    else:
        print(json.dumps(run(Path(sys.argv[1]).resolve()), indent=1))
