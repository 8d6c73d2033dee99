"""What the settled days of a shard's usage points say, kept in a file for the nights of four weeks.

Only ever a shortcut: without the file, or with one that cannot be read, a night says the same and
takes longer.
"""

import hashlib
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np

from lamplighter.findings.facts import Integers, Points
from lamplighter.findings.rules import KERNELS, Rules
from lamplighter.insight.habits import neighbours, profile, settling
from lamplighter.insight.habits.settling import Settled

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


def read(*, folder: Path, shard: int) -> Kept | None:
    """Return what a night kept of a shard; None where there is nothing to be read."""
    try:
        with np.load(_file(folder, shard), allow_pickle=False) as file:
            content = {name: file[name] for name in file.files}
        return Kept(
            name=str(content["name"]),
            days=_part(Settled, content),
            usual=_part(profile.Usual, content),
        )
    except (OSError, BadZipFile, KeyError, ValueError, EOFError):
        return None


def write(*, folder: Path, shard: int, kept: Kept) -> None:
    """Keep what the settled days of a shard say, wholly or not at all."""
    file = _file(folder, shard)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    content = {f.name: getattr(of, f.name) for of in (kept.days, kept.usual) for f in fields(of)}
    with part.open("wb") as opened:
        np.savez(opened, name=np.array(kept.name), **content)
    part.replace(file)


def _name(points: Points, group: Integers, rules: Rules) -> str:
    digest = hashlib.sha256(f"{KERNELS['habits']} {rules.versions['habits']} ".encode())
    digest.update(f"{points.days[:1]} {points.settled_sha256}".encode())
    digest.update(np.ascontiguousarray(group).tobytes())
    return digest.hexdigest()


def _part(form: type[Part], content: dict[str, np.ndarray]) -> Part:
    return form(**{field.name: content[field.name] for field in fields(form)})


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:07d}-settled.npz"
