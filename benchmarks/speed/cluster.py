"""The same night by one process, by two, and by the workers of a dask cluster, one of them killed.

All nights decide the same shards of the demo station from the same knowledge, on a copy of its
database, into folders of their own; a killed worker is one SIGKILL in the middle, with parts under
way. Every night's files must have the same bytes. Two cores are busy with two processes already: a
third worker only shows that nothing breaks. All share this machine's files; ``hosts`` shares none.

    python -m benchmarks.speed.cluster HOME      the same on any home of a demo
"""

import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.speed import one_night, stations
from lamplighter.config import demo
from tests import clusters

SERIAL, TWO_PROCESSES = "serial", "processes(2)"
CLUSTERS = {"dask, 2 workers": (2, False), "dask, 3 workers, 1 killed": (3, True)}


def run(home: Path | None = None) -> dict[str, Any]:
    """Measure each engine's night and compare the bytes."""
    known_at = datetime.now(UTC).isoformat()
    nights: dict[str, dict[str, Any]] = {}
    with stations.copy_of(home or stations.station(), name="cluster") as environ:
        place = Path(environ["LAMPLIGHTER_HOME"])

        def night(engine: str, *, breaks: str = "") -> dict[str, Any]:
            wish = one_night.Wish(
                known_at=known_at,
                folder=str(place / f"results-{len(nights)}"),
                engine=engine,
                breaks=breaks,
            )
            return one_night.measured(wish, environ=environ)

        nights["first"] = night("serial")  # learns, keeps books, brings rows up to date
        nights[SERIAL] = night("serial")
        nights[TWO_PROCESSES] = night("processes")
        for name, (n_workers, kills) in CLUSTERS.items():
            with clusters.running(place, n_workers=n_workers, worker_environ=environ) as started:
                clusters.wait_for(started, n_workers=n_workers)
                victim = started.workers[-1]
                nights[name] = night(
                    started.address, breaks=f"kill -9 {victim.pid}" if kills else ""
                )
                codes = [worker.poll() for worker in started.workers]
                nights[name]["workers_killed"] = codes.count(-signal.SIGKILL)
    return _figures(nights, known_at)


def _figures(nights: dict[str, dict[str, Any]], known_at: str) -> dict[str, Any]:
    serial = nights[SERIAL]
    return {
        **{name: serial[name] for name in ("accounts", "shards", "files", "result_bytes")},
        "seed": demo.SEED,
        "known_at": known_at,
        "sha256": serial["sha256"],
        "nights": {
            name: {
                "seconds": round(night["seconds"], 1),
                "speed_up": round(serial["seconds"] / night["seconds"], 2),
                "same_bytes": night["sha256"] == serial["sha256"],
                "workers_killed": night.get("workers_killed", 0),
            }
            for name, night in nights.items()
        },
        "all_bytes_same": all(night["sha256"] == serial["sha256"] for night in nights.values()),
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]) if sys.argv[1:] else None), indent=1))
