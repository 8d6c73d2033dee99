"""Judges of habit changes: the one that ships, and those a station learnt from its own meters."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lamplighter.insight.judge import learnt

FOLDER = Path(__file__).parent / "learnt_judges"
CHANGE = "change-2026-11"
KEY = "judges"  # under which a night names the judge that is not the one that ships
ABOUT = "about"
FORM = b"judge/1 "  # begins a file, before the hash of all that follows
HASH = slice(len(FORM), len(FORM) + 64)
SHOWN_OF_HASH = 12


class JudgeFileWrong(ValueError):
    """A file holds no judge, or is damaged; the text says why."""


class JudgeOfOtherKernel(ValueError):
    """A judge was learnt for another version of the kernel, which tells other traits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnJudge:
    """A judge learnt from a station's own meters, and the file it stands in, to the byte."""

    judge: learnt.Judge
    about: dict[str, Any]  # what he was learnt from, and what he is worth
    content: bytes

    @property
    def version(self) -> str:
        """The name by which nights tell that they were judged by him."""
        return version_of(content=self.content)


def version_of(*, content: bytes) -> str:
    """Return the name of the judge in a file."""
    return f"{KEY}/own#{hashlib.sha256(content).hexdigest()[:SHOWN_OF_HASH]}"


@cache
def of_changes(*, name: str = CHANGE) -> learnt.Judge:
    """Return the judge of habit changes that ships.

    Raises
    ------
    FileNotFoundError
        No judge of this name ships.
    """
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return _judge({key: file[key] for key in file.files})


def to_arrays(judge: learnt.Judge) -> dict[str, np.ndarray]:
    """Return all that a judge is, as it stands in files."""
    found: dict[str, np.ndarray] = {
        "every": np.array(judge.every),
        "limits": np.array([glance.limit for glance in judge.glances], dtype=np.float32),
    }
    of_glances = {f"glance_{n}": one.forest for n, one in enumerate(judge.glances, start=1)}
    for name, forest in {**of_glances, "days": judge.days, "hours": judge.hours}.items():
        found |= {
            f"{name}_traits": np.array(forest.traits),
            f"{name}_intercept": np.array(forest.intercept, dtype=np.float32),
            f"{name}_column": forest.column.astype(np.int16),
            f"{name}_limit": forest.limit,
            f"{name}_leaf": forest.leaf,
        }
    return found


def to_bytes(*, judge: learnt.Judge, about: dict[str, Any]) -> bytes:
    """Return a judge and what is known of him as a file; the same gives the same bytes."""
    told = json.dumps(
        {**about, "kernel": learnt.KERNEL_VERSION}, ensure_ascii=False, sort_keys=True
    )
    written = io.BytesIO()
    np.savez_compressed(written, **to_arrays(judge), **{ABOUT: np.array(told)})  # type: ignore[arg-type] # numpy's own names for options are none of ours
    body = written.getvalue()
    return FORM + hashlib.sha256(body).hexdigest().encode() + body


def from_bytes(*, content: bytes) -> OwnJudge:
    """Return the judge that a file holds, checked against what this kernel tells.

    Raises
    ------
    JudgeFileWrong
        It is no such file, damaged, or its parts do not fit each other.
    JudgeOfOtherKernel
        He was learnt for another version of the kernel.
    """
    body = content[HASH.stop :]
    if not content.startswith(FORM):
        raise JudgeFileWrong("this is no file of a judge")
    if hashlib.sha256(body).hexdigest().encode() != content[HASH]:
        raise JudgeFileWrong("the file is damaged: its content is not what was written")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as file:
            kept = {key: file[key] for key in file.files}
        about = json.loads(str(kept[ABOUT]))
        kernel = str(about["kernel"])
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile) as error:
        raise JudgeFileWrong(f"it holds no judge: {error}") from error
    if kernel != learnt.KERNEL_VERSION:
        raise JudgeOfOtherKernel(f"learnt for {kernel}; this is {learnt.KERNEL_VERSION}")
    try:
        judge = _judge(kept)
    except (ValueError, KeyError, TypeError) as error:
        raise JudgeFileWrong(f"a part is missing or of another kind: {error}") from error
    _check(judge)
    return OwnJudge(judge=judge, about=about, content=content)


def _judge(kept: dict[str, np.ndarray]) -> learnt.Judge:
    return learnt.Judge(
        every=int(kept["every"]),
        glances=tuple(
            learnt.Glance(forest=_forest(kept, f"glance_{n}"), limit=float(limit))
            for n, limit in enumerate(kept["limits"], start=1)
        ),
        days=_forest(kept, "days"),
        hours=_forest(kept, "hours"),
    )


def _forest(kept: dict[str, np.ndarray], name: str) -> learnt.Forest:
    return learnt.Forest(
        traits=tuple(str(one) for one in kept[f"{name}_traits"]),
        intercept=float(kept[f"{name}_intercept"]),
        column=kept[f"{name}_column"].astype(np.int64),
        limit=kept[f"{name}_limit"],
        leaf=kept[f"{name}_leaf"],
    )


def _check(judge: learnt.Judge) -> None:
    """Refuse a judge who asks otherwise than the one that ships: of one kernel all ask alike."""
    ships = of_changes()
    if judge.every != ships.every or len(judge.glances) != len(ships.glances):
        raise JudgeFileWrong(f"{len(judge.glances)} glances, every {judge.every} days")
    for one, known in zip(_forests(judge), _forests(ships), strict=True):
        n_trees, depth = one.column.shape if one.column.ndim == 2 else (0, 0)
        if one.traits != known.traits:
            raise JudgeFileWrong("he asks about other traits than this kernel tells")
        fits = one.limit.shape == (n_trees, depth) and one.leaf.shape == (n_trees, 2**depth)
        asks = one.column.size > 0 and 0 <= one.column.min() <= one.column.max() < len(one.traits)
        if not (fits and asks and np.isfinite(one.leaf).all() and np.isfinite(one.intercept)):
            raise JudgeFileWrong(f"a forest of {n_trees} trees does not fit itself")


def _forests(judge: learnt.Judge) -> tuple[learnt.Forest, ...]:
    return (*(glance.forest for glance in judge.glances), judge.days, judge.hours)
