"""Rules that somebody proposes: read and held against those in force, before anyone switches.

A candidate is a file like a version, ``<policy>/<first valid day>.toml``, that lies outside our
rules and holds the rows it would change; all others stay as in force. It is read for a comparison
and never comes into force by being read.
"""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from lamplighter.policy import loader
from lamplighter.policy.loader import Policy, PolicyFileWrong, Row


class CandidateRefused(loader.Refused):
    """A candidate cannot stand in for the rules in force; the text says which file and why."""


def find(*, wanted: str, folder: Path) -> Path:
    """Return the file of a candidate: a path, or ``name/day`` below the folder of candidates.

    Raises
    ------
    CandidateRefused
        There is no such file.
    """
    given = Path(wanted)
    if given.suffix != ".toml":
        given = folder / f"{wanted}.toml"
    if not given.is_file():
        raise CandidateRefused(f"{wanted}: there is no file {given}", f"{wanted}: 没有文件 {given}")
    return given.absolute()


def read(*, file: Path, today: date) -> Policy:
    """Read a candidate on top of the version in force today.

    Raises
    ------
    CandidateRefused
        Its folder names no policy, or its day is one that is in force already.
    PolicyFileWrong
        It cannot be read, or a row is unknown or of another kind or unit.
    """
    name, where = file.parent.name, f"{file.parent.name}/{file.name}"
    if name not in loader.names():
        known = loader.names()
        raise CandidateRefused(
            f"{file}: the folder {name!r} names no policy; known are {', '.join(known)}",
            f"{file}: 文件夹名 {name!r} 不是规则的名称; 可以是: {'、'.join(known)}",
        )
    candidate = on_top(file=file, of=loader.load(name=name, on=today))
    if candidate.valid_from <= today:
        raise CandidateRefused(
            f"{where}: its day is not after {today}; rules of that day are in force already and are"
            " never edited, so give the file a later day",
            f"{where}: 生效日期应晚于 {today}; 已生效的规则不改动, 请把文件名改为以后的日期",
        )
    if any(version.valid_from == candidate.valid_from for version in loader.versions(name=name)):
        raise CandidateRefused(
            f"{where}: this version is among the rules already", f"{where}: 规则里已有这一版"
        )
    return candidate


def on_top(*, file: Path, of: Policy) -> Policy:
    """Return a candidate whose rows take the place of a version's; the others stay as they are.

    Raises
    ------
    PolicyFileWrong
        It cannot be read, or a row is unknown or of another kind or unit.
    """
    valid_from, text = loader.opened(file=file, where=f"{file.parent.name}/{file.name}")
    return parse(name=file.parent.name, day=valid_from, text=text, of=of)


def parse(*, name: str, day: date, text: str, of: Policy) -> Policy:
    """Return the same from a candidate's text.

    Raises
    ------
    PolicyFileWrong
        It cannot be read, or a row is unknown or of another kind or unit.
    """
    where = f"{name}/{day.isoformat()}.toml"
    candidate = loader.read_text(text, name=name, valid_from=day, where=where)
    _hold_against(candidate, in_force=of, where=where)
    proposed = {row.key: row for row in candidate.rows}
    return replace(
        candidate,
        rows=tuple(proposed.get(row.key, row) for row in of.rows),
        candidate_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def changed_rows(*, candidate: Policy, in_force: Policy) -> list[tuple[Row, Row]]:
    """Return (row in force, row proposed) for each row whose value the candidate changes."""
    pairs = [(in_force.row(row.key), row) for row in candidate.rows]
    return [(old, new) for old, new in pairs if old.value != new.value]


def _hold_against(candidate: Policy, *, in_force: Policy, where: str) -> None:
    ours = {row.key: row for row in in_force.rows}
    theirs = {row.key: row for row in candidate.rows}
    for key, row in theirs.items():
        if key not in ours:
            raise PolicyFileWrong(
                f"{where}: row {key}: {in_force.version} has no such row",
                f"{where}: 现行的 {in_force.version} 没有规则 {key}",
            )
        if row.unit != ours[key].unit:
            raise PolicyFileWrong(
                f"{where}: row {key}: its unit is {row.unit!r}, in force it is {ours[key].unit!r}",
                f"{where}: 规则 {key} 的单位是 {row.unit!r}, 现行的是 {ours[key].unit!r}",
            )
        if not _is_alike(row.value, ours[key].value):
            raise PolicyFileWrong(
                f"{where}: row {key}: {row.value!r} is of another kind than {ours[key].value!r}",
                f"{where}: 规则 {key} 的值 {row.value!r} 与现行的 {ours[key].value!r} 不是同一类",
            )


def _is_alike(value: Any, known: Any) -> bool:
    """Tell whether a value may stand where the known one stands: a whole number for any number."""
    if isinstance(known, bool) or isinstance(value, bool):
        return isinstance(known, bool) and isinstance(value, bool)
    if isinstance(known, float):
        return isinstance(value, int | float)
    if isinstance(known, list):
        return isinstance(value, list) and all(_is_alike(one, known[0]) for one in value if known)
    if isinstance(known, dict):
        return isinstance(value, dict) and value.keys() == known.keys()
    return type(value) is type(known)
