"""Asking for replays of a made station, running them, and what they leave alone."""

from datetime import date, timedelta
from pathlib import Path

from lamplighter.findings.models import (
    AccountFinding,
    GradeChange,
    Learning,
    Night,
    Replay,
    ReplayNight,
    ShardDone,
    Signal,
)
from lamplighter.findings.replay import wishes
from lamplighter.findings.services import replay_asking, replaying
from lamplighter.insight.spread import engines
from lamplighter.policy import loader
from tests.stations import KNOWN_LATER
from tests.town.making import LAST_DAY

TODAY = date(2026, 11, 25)
NOW = KNOWN_LATER + timedelta(hours=1)
N_SHARDS = 6
KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
import django
django.setup()
from lamplighter.findings.services import replaying
from lamplighter.insight.spread import engines

def die(what, n_done, n_all):
    if what == "replay" and n_done == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    folder, now = Path(sys.argv[2]), datetime.fromisoformat(sys.argv[4])
    replaying.run(
        replay_id=int(sys.argv[1]),
        places=replaying.Places(
            lake_folder=folder / "lake", results_folder=folder / "results",
            replays_folder=folder / "replays", zone="Asia/Shanghai",
        ),
        engine=engines.serial(), clock=lambda: now, actor="test", on_progress=die,
    )
"""


def places(station) -> replaying.Places:
    return replaying.Places(
        lake_folder=station.folder / "lake",
        results_folder=station.folder / "results",
        replays_folder=station.folder / "replays",
        zone="Asia/Shanghai",
    )


def ask(station, *, first=LAST_DAY, last=LAST_DAY, known_at=None, **wish) -> int:
    return replay_asking.request(
        wish=wishes.Wish(first_day=first, last_day=last, known_at=known_at, **wish),
        results_folder=station.folder / "results",
        now=NOW,
        requested_by="test",
    )


def run(station, replay_id: int, **changed) -> int:
    usual = {"engine": engines.serial(), "clock": lambda: NOW, "actor": "test"}
    replaying.run(replay_id=replay_id, places=places(station), **usual | changed)
    return replay_id


def replay(station, **wish) -> Replay:
    return Replay.objects.get(pk=run(station, ask(station, **wish)))


def on_trial(folder: Path, *, name: str = "grading", **rows: object) -> wishes.Candidate:
    """Return a candidate that gives some rows of a policy other values."""
    in_force = loader.load(name=name, on=TODAY)
    text = '[title]\nzh = "试行"\nen = "On trial"\n'
    for key, value in rows.items():
        text += (
            f'\n[rows.{key}]\nvalue = {value}\nunit = "{in_force.row(key).unit}"\n'
            'zh = "试行"\nen = "On trial"\nsource = "test"\ncertainty = "O"\n'
        )
    file = folder / name / "2026-12-01.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return wishes.candidate_of(file=file, today=TODAY)


def of_nights(station) -> dict[str, object]:
    """Return everything that belongs to nights and pages, files too."""
    tables = (AccountFinding, Signal, GradeChange, Night, ShardDone, Learning)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in tables}
    results = station.folder / "results"
    files = {str(f): f.read_bytes() for f in sorted(results.rglob("*")) if f.is_file()}
    return {**rows, "files": files}


def decided(replay_id: int) -> dict[tuple[str, date], str]:
    rows = ReplayNight.objects.filter(replay=replay_id)
    return {(side, day): sha for side, day, sha in rows.values_list("side", "day", "result_sha256")}
