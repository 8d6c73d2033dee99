"""What the judge of changes said of a shard, kept in a file for the night after."""

from pathlib import Path

import numpy as np

from lamplighter.findings.shard import kept_arrays
from lamplighter.insight.judge import keeping, watch

NAMES = {"name", "first", "marks", "seen", *watch.Watched.__dataclass_fields__}


def read(*, folder: Path, shard: int) -> keeping.Kept | None:
    """Return what a night kept of a shard; None where there is nothing of use."""
    content = kept_arrays.read(_file(folder, shard))
    if content is None or content.keys() != NAMES:
        return None
    return keeping.Kept(
        name=str(content["name"]),
        first=int(content["first"]),
        marks=content["marks"],
        seen=str(content["seen"]),
        said=watch.Watched(
            day=content["day"].astype(np.int64),
            point=content["point"].astype(np.int64),
            log_odds=content["log_odds"],
            since=content["since"].astype(np.int64),
        ),
    )


def write(*, folder: Path, shard: int, kept: keeping.Kept) -> None:
    """Keep what was said of a shard, wholly or not at all."""
    said = kept.said
    arrays = {
        "name": np.array(kept.name),
        "first": np.array(kept.first),
        "marks": kept.marks,
        "seen": np.array(kept.seen),
        "day": said.day.astype(np.int32),
        "point": said.point.astype(np.int32),
        "since": said.since.astype(np.int32),
        "log_odds": said.log_odds,
    }
    kept_arrays.write(_file(folder, shard), arrays)


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:07d}-days.arrays"
