"""What the settled days of a shard's usage points say, kept for the nights of four weeks."""

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

import numpy as np

from lamplighter.findings.rules import KERNELS, Rules
from lamplighter.findings.shard import kept_arrays
from lamplighter.findings.shard.facts import Integers, Points
from lamplighter.insight.habits import neighbours, profile, settling
from lamplighter.insight.habits.settling import Settled
from lamplighter.insight.judge import keeping

Part = TypeVar("Part", Settled, profile.Usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that is said of some points' settled days, and from what it follows."""

    name: str
    days: Settled
    usual: profile.Usual


def on(*, points: Points, group: Integers, rules: Rules, kept: Kept | None) -> Kept:
    """Return what the settled days of some points say; *kept* if it is of just these days."""
    name = _name(points, group, rules)
    if kept is not None and kept.name == name:
        return kept
    n_settled = points.n_settled
    found = settling.settle(
        energy_kwh=points.energy_kwh[:, :n_settled], group=group, policy=rules.neighbours
    )
    adjusted = neighbours.take_out_common(
        energy_kwh=points.energy_kwh[:, :n_settled],
        days=points.days[:n_settled],
        group=group,
        policy=rules.neighbours,
        settled=found,
    )
    usual = profile.usual_days(adjusted=adjusted, policy=rules.profile)
    return Kept(name=name, days=found, usual=usual)


def as_read(*, kept: Kept, adjusted: neighbours.Adjusted) -> keeping.SettledDays:
    """Return a name of all that kernels read of the settled days, once slips and points that say
    nothing are left out: slips follow from these days, but a later day can make a point say
    something.
    """
    refused = hashlib.sha256(np.packbits(adjusted.is_refused()).tobytes()).hexdigest()
    return keeping.SettledDays(n_days=kept.days.n_days, name=f"{kept.name} {refused}")


def read(*, folder: Path, shard: int) -> Kept | None:
    """Return what a night kept of a shard; None where there is nothing of use."""
    arrays = kept_arrays.read(_file(folder, shard))
    names = {"name"}.union(f.name for form in (Settled, profile.Usual) for f in fields(form))
    if arrays is None or not names <= arrays.keys():
        return None
    return Kept(
        name=str(arrays["name"]), days=_part(Settled, arrays), usual=_part(profile.Usual, arrays)
    )


def write(*, folder: Path, shard: int, kept: Kept) -> None:
    """Keep what the settled days of a shard say, wholly or not at all."""
    arrays = {f.name: getattr(of, f.name) for of in (kept.days, kept.usual) for f in fields(of)}
    kept_arrays.write(_file(folder, shard), {"name": np.array(kept.name), **arrays})


def _name(points: Points, group: Integers, rules: Rules) -> str:
    digest = hashlib.sha256(f"{KERNELS['habits']} {rules.versions['habits']} ".encode())
    digest.update(f"{points.days[:1]} {points.settled_sha256}".encode())
    digest.update(np.ascontiguousarray(group).tobytes())
    return digest.hexdigest()


def _part(form: type[Part], arrays: kept_arrays.Arrays) -> Part:
    return form(**{field.name: arrays[field.name] for field in fields(form)})


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:07d}-settled.arrays"
