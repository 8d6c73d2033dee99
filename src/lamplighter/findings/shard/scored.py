"""What the settled days of a shard say of shifts, kept for the nights of four weeks."""

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from lamplighter.findings.rules import KERNELS, Rules
from lamplighter.findings.shard import kept_arrays, settled
from lamplighter.insight.change import scoring, settling
from lamplighter.insight.habits import neighbours

HIGH = ("point", "day", "level", "habit")
PLACES = ("point", "day")
OWN = {f"own.{field.name}": field.name for field in fields(scoring.Own)}
PEERS = {f"peers.{field.name}": field.name for field in fields(scoring.Peers)}
NAMES = {"name", "n_days", *HIGH, *OWN, *PEERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that is said of the shifts of some points' settled days, and from what it follows."""

    name: str
    shifts: settling.Settled


def on(
    *, adjusted: neighbours.Adjusted, days: settled.Kept, rules: Rules, kept: Kept | None
) -> Kept | None:
    """Return what settled days say of shifts; *kept* if it is of just these days.

    None where a night goes by other days than those it calls settled.
    """
    if adjusted.n_settled != days.days.n_days:
        return None
    name = hashlib.sha256(f"{days.name} {KERNELS['change']}".encode()).hexdigest()
    if kept is not None and kept.name == name:
        return kept
    found = settling.settle(adjusted=adjusted, policy=rules.change, is_judged=True)
    return Kept(name=name, shifts=found)


def read(*, folder: Path, shard: int) -> Kept | None:
    """Return what a night kept of a shard; None where there is nothing of use."""
    arrays = kept_arrays.read(_file(folder, shard))
    if arrays is None or arrays.keys() != NAMES:
        return None
    of_days = {name: arrays[name] for name in HIGH}
    return Kept(
        name=str(arrays["name"]),
        shifts=settling.Settled(
            n_days=int(arrays["n_days"]),
            own=scoring.Own(**{field: arrays[name] for name, field in OWN.items()}),
            peers=scoring.Peers(**{field: arrays[name] for name, field in PEERS.items()}),
            **of_days | {name: of_days[name].astype(np.int64) for name in PLACES},
        ),
    )


def write(*, folder: Path, shard: int, kept: Kept) -> None:
    """Keep what is said of a shard, wholly or not at all."""
    of = kept.shifts
    arrays = {"name": np.array(kept.name), "n_days": np.array(of.n_days)}
    arrays |= {name: getattr(of, name) for name in HIGH}
    arrays |= {name: arrays[name].astype(np.int32) for name in PLACES}
    arrays |= {name: getattr(of.own, field) for name, field in OWN.items()}
    arrays |= {name: getattr(of.peers, field) for name, field in PEERS.items()}
    kept_arrays.write(_file(folder, shard), arrays)


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:07d}-shifts.arrays"
