"""Dated rules from files, each number with its source.

A policy is a folder ``rules/<name>/`` of versions ``<first valid day>.toml``. A version is never
edited once it has been used: a change is a further file with a later day.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from lamplighter.kernel import points

RULES = Path(__file__).parent / "rules"
CERTAINTIES = {
    "C": "the text itself was read",
    "T": "a secondary page says so",
    "U": "not confirmed",
    "O": "our own decision",
}


class PolicyUnknown(LookupError):
    """No policy of this name is in force on this day."""


class PolicyRowUnknown(LookupError):
    """The policy has no such row, or the row is of another kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text in Chinese and English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return points.chinese(self.zh) if language.lower().startswith("zh") else self.en


class Refused(ValueError):
    """Something given cannot be used: what is wrong, where, and how to mend it, for its reader."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en, zh)
        self.words = Words(zh=zh, en=en)

    def __str__(self) -> str:
        return self.words.en


class PolicyFileWrong(Refused):
    """A policy file cannot be used; the text says which file, where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One dated rule."""

    key: str
    value: Any
    unit: str
    about: Words
    source: str
    certainty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All rules of one subject as they stand from one day on."""

    name: str
    valid_from: date
    title: Words
    rows: tuple[Row, ...]
    candidate_sha256: str = ""  # of the file of a candidate; empty for the rules in force

    @property
    def version(self) -> str:
        """The name by which decisions tell what they were decided by."""
        of_file = f"#{self.candidate_sha256[:12]}" if self.candidate_sha256 else ""
        return f"{self.name}/{self.valid_from.isoformat()}{of_file}"

    def row(self, key: str) -> Row:
        for row in self.rows:
            if row.key == key:
                return row
        raise PolicyRowUnknown(f"{self.version}: {key}")

    def number(self, key: str) -> float:
        value = self.row(key).value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PolicyRowUnknown(f"{self.version}: {key} is no number")
        return float(value)

    def integer(self, key: str) -> int:
        value = self.row(key).value
        if isinstance(value, bool) or not isinstance(value, int):
            raise PolicyRowUnknown(f"{self.version}: {key} is no whole number")
        return value

    def flag(self, key: str) -> bool:
        value = self.row(key).value
        if not isinstance(value, bool):
            raise PolicyRowUnknown(f"{self.version}: {key} is neither true nor false")
        return value

    def text(self, key: str) -> Words:
        value = self.row(key).value
        if not isinstance(value, dict) or set(value) != {"zh", "en"}:
            raise PolicyRowUnknown(f"{self.version}: {key} is no text in zh and en")
        return Words(zh=value["zh"], en=value["en"])

    def rows_below(self, prefix: str) -> tuple[Row, ...]:
        """Return the rows whose key begins with ``prefix.``."""
        return tuple(row for row in self.rows if row.key.startswith(f"{prefix}."))


def load(*, name: str, on: date) -> Policy:
    """Return the version of a policy that is in force on a day.

    Raises
    ------
    PolicyUnknown
        There is no such policy, or its first version begins later.
    PolicyFileWrong
        A file of it cannot be used.
    """
    in_force = [policy for policy in versions(name=name) if policy.valid_from <= on]
    if not in_force:
        raise PolicyUnknown(f"no rules of {name} are in force on {on}")
    return in_force[-1]


@cache
def versions(*, name: str) -> tuple[Policy, ...]:
    """Return all versions of a policy, oldest first.

    Raises
    ------
    PolicyUnknown
        There is no such policy.
    """
    folder = RULES / name
    files = sorted(folder.glob("*.toml")) if name in names() else []
    if not files:
        raise PolicyUnknown(f"there is no policy {name}")
    return tuple(read_file(file) for file in files)


@cache
def names() -> tuple[str, ...]:
    """Return the names of all policies."""
    return tuple(sorted(path.name for path in RULES.iterdir() if path.is_dir()))


def read_file(file: Path) -> Policy:
    """Read and check one version.

    Raises
    ------
    PolicyFileWrong
        Not TOML, a wrong file name, or a row without unit, words, source or certainty.
    """
    where = f"{file.parent.name}/{file.name}"
    valid_from, text = opened(file=file, where=where)
    return read_text(text, name=file.parent.name, valid_from=valid_from, where=where)


def opened(*, file: Path, where: str) -> tuple[date, str]:
    """Return the day that a version's file bears as its name, and its text.

    Raises
    ------
    PolicyFileWrong
        The name is no day, or the content no UTF-8.
    """
    try:
        valid_from = date.fromisoformat(file.stem)
    except ValueError as error:
        raise PolicyFileWrong(
            f"{where}: the file's name is its first day, like 2026-12-01.toml",
            f"{where}: 文件名应为生效日期, 例如 2026-12-01.toml",
        ) from error
    try:
        return valid_from, file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise PolicyFileWrong(
            f"{where}: this is no UTF-8: {error}", f"{where}: 请存为 UTF-8 编码"
        ) from error


def not_toml(error: ValueError, *, where: str) -> tuple[str, str]:
    """Return what to say of a text that is no TOML, in English and Chinese."""
    place = re.search(r"line (\d+), column (\d+)", str(error))
    at = f"第 {place[1]} 行第 {place[2]} 列" if place else "文件末尾"
    return f"{where}: not TOML: {error}", f"{where}: 不是有效的 TOML 文件, {at}有误: {error}"


def read_text(text: str, *, name: str, valid_from: date, where: str) -> Policy:
    """Read and check one version from its text; *where* names it in errors.

    Raises
    ------
    PolicyFileWrong
        Not TOML, or a row without unit, words, source or certainty.
    """
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        raise PolicyFileWrong(*not_toml(error, where=where)) from error
    title = data.get("title")
    if not isinstance(title, dict) or set(title) != {"zh", "en"}:
        raise PolicyFileWrong(
            f"{where}: [title] needs zh and en", f"{where}: [title] 里要写 zh 和 en"
        )
    rows = tuple(_rows(data.get("rows", {}), prefix="", where=where))
    if not rows:
        raise PolicyFileWrong(
            f"{where}: there is no [rows.<key>]", f"{where}: 一条规则也没有, 请写 [rows.<键>]"
        )
    return Policy(name=name, valid_from=valid_from, title=Words(**title), rows=rows)


def _rows(table: dict[str, Any], *, prefix: str, where: str) -> list[Row]:
    rows = []
    for key, content in table.items():
        name = f"{prefix}{key}"
        if not isinstance(content, dict):
            raise PolicyFileWrong(
                f"{where}: {name} is no table", f"{where}: {name} 应写成表: [rows.{name}]"
            )
        if "value" not in content:
            rows += _rows(content, prefix=f"{name}.", where=where)
            continue
        absent = {"unit", "zh", "en", "source", "certainty"} - set(content)
        if absent or set(content) - {"value", "unit", "zh", "en", "source", "certainty"}:
            raise PolicyFileWrong(
                f"{where}: row {name} needs value, unit, zh, en, source, certainty",
                f"{where}: 规则 {name} 应写且只写 value、unit、zh、en、source、certainty",
            )
        if content["certainty"] not in CERTAINTIES:
            raise PolicyFileWrong(
                f"{where}: row {name}: certainty is one of {', '.join(CERTAINTIES)}",
                f"{where}: 规则 {name} 的 certainty 只能是 {'、'.join(CERTAINTIES)}",
            )
        rows.append(
            Row(
                key=name,
                value=content["value"],
                unit=content["unit"],
                about=Words(zh=content["zh"], en=content["en"]),
                source=content["source"],
                certainty=content["certainty"],
            )
        )
    return rows


Numbers = TypeVar("Numbers")


def numbers_for(*, policy: Policy, shape: type[Numbers]) -> Numbers:
    """Fill a dataclass of numbers from the rows that bear its field names.

    Raises
    ------
    PolicyRowUnknown
        A field has no row.
    """
    fields: dict[str, Any] = {
        name: policy.row(name).value
        for name in shape.__dataclass_fields__  # type: ignore[attr-defined] # a dataclass has them
    }
    return shape(**{name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()})
