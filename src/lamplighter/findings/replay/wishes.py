"""What a replay is asked for."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lamplighter.policy import candidates, loader
from lamplighter.policy.loader import Policy


class WishImpossible(loader.Refused):
    """A replay cannot be made as asked; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Rules on trial: as they are used, the version they stand on top of, and the file's text."""

    policy: Policy
    on_top_of: str
    text: str

    def to_dict(self) -> dict[str, str]:
        """Return plain values that JSON can keep."""
        return {
            "name": self.policy.name,
            "day": self.policy.valid_from.isoformat(),
            "sha256": self.policy.candidate_sha256,
            "on_top_of": self.on_top_of,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which nights are decided twice, by what each side knows and by which rules.

    Without *against* and *candidates* the replay asks whether a kept night comes out the same.
    """

    first_day: date
    last_day: date
    known_at: datetime | None  # of the side after; None: as the kept night
    against: datetime | None = None  # of the side before; None: as the kept night
    candidates: tuple[Candidate, ...] = ()
    area_ids: tuple[int, ...] | None = None  # whose shards are decided; None: all


def sha256_of(content: dict[str, Any]) -> str:
    """Return the key under which the same wish is the same replay."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def candidate_of(*, file: Path, today: date) -> Candidate:
    """Read a candidate from its file.

    Raises
    ------
    candidates.CandidateRefused
        It cannot stand in for the rules in force.
    loader.PolicyFileWrong
        It cannot be used; the text names the row.
    """
    policy = candidates.read(file=file, today=today)
    in_force = loader.load(name=policy.name, on=today)
    text = file.read_bytes().decode()  # as it is: its hash names it
    return Candidate(policy=policy, on_top_of=in_force.version, text=text)
