"""What earlier nights said of a shard and still holds; it saves time and changes nothing."""

from dataclasses import dataclass
from pathlib import Path

from lamplighter.findings.shard import foreseen, judged, scored, settled, watching
from lamplighter.insight.judge import keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Each part is None where nothing is known."""

    settled_days: settled.Kept | None = None  # what the settled days say
    of_shifts: scored.Kept | None = None  # … and of shifts within them
    by_days: keeping.Kept | None = None  # what the judge of changes said by daily totals
    by_hours: watching.ByHours | None = None  # … and by hours
    of_accounts: foreseen.Kept | None = None  # what bills and payments said of accounts


NOTHING = Known()


def read(*, folder: Path | None, shard: int) -> Known:
    """Return what nights before left of a shard in a folder."""
    if folder is None:
        return NOTHING
    return Known(
        settled_days=settled.read(folder=folder, shard=shard),
        of_shifts=scored.read(folder=folder, shard=shard),
        by_days=judged.read(folder=folder, shard=shard),
        by_hours=watching.read(folder=folder, shard=shard),
        of_accounts=foreseen.read(folder=folder, shard=shard),
    )


def write(*, folder: Path, shard: int, known: Known, before: Known) -> None:
    """Leave what is known of a shard for the nights after, as far as it is new."""
    if known.settled_days is not None and known.settled_days is not before.settled_days:
        settled.write(folder=folder, shard=shard, kept=known.settled_days)
    if known.of_shifts is not None and known.of_shifts is not before.of_shifts:
        scored.write(folder=folder, shard=shard, kept=known.of_shifts)
    if known.by_days is not None and known.by_days is not before.by_days:
        judged.write(folder=folder, shard=shard, kept=known.by_days)
    if known.by_hours is not None and known.by_hours is not before.by_hours:
        watching.write(folder=folder, shard=shard, kept=known.by_hours)
    if known.of_accounts is not None and known.of_accounts is not before.of_accounts:
        foreseen.write(folder=folder, shard=shard, kept=known.of_accounts)
