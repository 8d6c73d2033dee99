"""Making tiny stations for the tests of the twin."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lamplighter.town import station
from lamplighter.town.plan import Size
from lamplighter.town.station import Manifest

LAST_DAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Town:
    """A generated station and where it is."""

    folder: Path
    truth: Path
    manifest: Manifest


def make(root: Path, *, seed: int, days: int = 160, size: Size = Size.TINY) -> Town:
    """Generate a station, a tiny one unless said."""
    manifest = station.generate(
        folder=root / "in",
        truth_folder=root / "truth",
        seed=seed,
        size=size,
        last_day=LAST_DAY,
        days=days,
        progress=lambda _stage, _done, _total: None,
    )
    return Town(folder=root / "in", truth=root / "truth", manifest=manifest)
