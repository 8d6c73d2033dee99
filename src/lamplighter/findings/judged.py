"""What the judge of changes said of a shard, kept in a file for the night after.

Only ever a shortcut: without the file, or with one that cannot be read, a night says the same and
takes longer.
"""

import os
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from lamplighter.insight.change import keeping, watch


def read(*, folder: Path, shard: int) -> keeping.Kept | None:
    """Return what a night kept of a shard; None where there is nothing to be read."""
    try:
        with np.load(_file(folder, shard), allow_pickle=False) as file:
            content = {name: file[name] for name in file.files}
        said = watch.Watched(
            day=content["day"].astype(np.int64),
            point=content["point"].astype(np.int64),
            log_odds=content["log_odds"],
            since=content["since"].astype(np.int64),
        )
        return keeping.Kept(
            name=str(content["name"]),
            first=int(content["first"]),
            marks=content["marks"],
            said=said,
        )
    except (OSError, BadZipFile, KeyError, ValueError, EOFError):
        return None


def write(*, folder: Path, shard: int, kept: keeping.Kept) -> None:
    """Keep what was said of a shard, wholly or not at all."""
    file = _file(folder, shard)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    said = kept.said
    with part.open("wb") as opened:
        np.savez(
            opened,
            name=np.array(kept.name),
            first=np.array(kept.first),
            marks=kept.marks,
            day=said.day.astype(np.int32),
            point=said.point.astype(np.int32),
            since=said.since.astype(np.int32),
            log_odds=said.log_odds,
        )
    part.replace(file)


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:07d}.npz"
