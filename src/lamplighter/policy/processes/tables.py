"""Tables of a TOML file that know on which line they stand and refuse what they do not expect."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from lamplighter.policy.loader import PolicyFileWrong, Words

Path = tuple[str | int, ...]
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
HAN = re.compile(r"[\u4e00-\u9fff]")
_HEADER = re.compile(r"\[(\[)?\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""([\w\-."']+)\s*=""")
_LINE = re.compile(r"at line (\d+)")


class ProcessFileWrong(PolicyFileWrong):
    """A process file cannot be used; says file, line and reason."""

    def __init__(self, *, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}", f"{file} 第 {line} 行: {reason}")
        self.file, self.line, self.reason = file, line, reason


def line_of_syntax_error(*, said: str, text: str) -> int:
    """Return the line that a parser's message names; the last one where it names the end."""
    found = _LINE.search(said)
    return int(found[1]) if found else text.count("\n") + 1


def lines_of(*, text: str) -> dict[Path, int]:
    """Return the line on which each table and key of a TOML text begins.

    Keys inside an inline table share the line of the table; the elements of an array are found
    where each begins on a line of its own.

    >>> lines_of(text='a = 1\\n[[steps]]\\ncode = "X"\\n')
    {('a',): 1, ('steps', 0): 2, ('steps',): 2, ('steps', 0, 'code'): 3}
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    array: Path = ()
    depth = element = 0
    quote = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if not quote and depth == 0:
            if header := _HEADER.match(bare):
                here = _table(header, counts)
                found.setdefault(here, number)
                found.setdefault(here[:-1] if header[1] else here, number)
                continue
            if key := _KEY.match(bare):
                array = (*here, *(part.strip("\"'") for part in key[1].split(".")))
                found.setdefault(array, number)
                element = 0
        elif not quote and depth == 1 and bare and bare[0] not in "],#":
            found.setdefault((*array, element), number)
        closed, depth, quote = _read_on(line, depth, quote)
        element += closed
    return found


def _table(header: re.Match[str], counts: dict[Path, int]) -> Path:
    path: Path = ()
    *parents, last = [part.strip(" \"'") for part in header[2].split(".")]
    for parent in parents:
        path = (*path, parent)
        if path in counts:
            path = (*path, counts[path] - 1)
    path = (*path, last)
    if header[1]:
        counts[path] = counts.get(path, 0) + 1
        path = (*path, counts[path] - 1)
    return path


def _read_on(line: str, depth: int, quote: str) -> tuple[int, int, str]:
    """Return (elements closed at depth one, depth of brackets, open quote) at a line's end."""
    closed = place = 0
    while place < len(line):
        letter = line[place]
        if quote:
            if letter == "\\" and quote[0] == '"':
                place += 1
            elif line.startswith(quote, place):
                place += len(quote) - 1
                quote = ""
        elif letter in "\"'":
            quote = letter * 3 if line.startswith(letter * 3, place) else letter
            place += len(quote) - 1
        elif letter == "#":
            break
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth = max(depth - 1, 0)
        elif letter == "," and depth == 1:
            closed += 1
        place += 1
    return closed, depth, quote if len(quote) == 3 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file's name, and where its tables and keys stand."""

    name: str
    lines: Mapping[Path, int]

    def refuse(self, path: Path, reason: str) -> NoReturn:
        """Refuse the file for what stands at a path, or the nearest place around it."""
        while path and path not in self.lines:
            path = path[:-1]
        raise ProcessFileWrong(file=self.name, line=self.lines.get(path, 1), reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table; *what* names it in refusals."""

    content: dict[str, Any]
    path: Path
    file: File
    what: str
    read: set[str] = field(default_factory=set)

    def refuse(self, reason: str, *, key: str = "") -> NoReturn:
        said = f"{self.what}: {reason}" if self.what else reason
        self.file.refuse((*self.path, key) if key else self.path, said)

    def has(self, key: str) -> bool:
        return key in self.content

    def take(self, key: str) -> Any:
        if key not in self.content:
            self.refuse(f"{key} is missing")
        self.read.add(key)
        return self.content[key]

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{key} is no text", key=key)
        return value.strip()

    def code(self, key: str, *, of: Sequence[str] | Mapping[str, Any] = ()) -> str:
        """Read a code in capitals, one of those named where they are."""
        value = self.text(key)
        if of and value not in of:
            self.refuse(f"unknown {key} {value!r}; known are {', '.join(of)}", key=key)
        if not of and not CODE.fullmatch(value):
            self.refuse(f"{key} {value!r} is not written like THIS_1", key=key)
        return value

    def codes(self, key: str) -> list[str]:
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.refuse(f"{key} is no list of codes", key=key)
        if len(set(value)) < len(value):
            self.refuse(f"{key} says something twice", key=key)
        return value

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        value = self.take(key) if default is None or self.has(key) else default
        if not isinstance(value, bool):
            self.refuse(f"{key} is neither true nor false", key=key)
        return value

    def number(self, key: str) -> float:
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(f"{key} is no number", key=key)
        if not math.isfinite(value) or abs(value) > 1e9:
            self.refuse(f"{key} {str(value)[:20]} is out of all bounds", key=key)
        return float(value)

    def words(self, key: str) -> Words:
        value = self.take(key)
        if not isinstance(value, dict) or set(value) != {"zh", "en"}:
            self.refuse(f"{key} needs zh and en, and nothing else", key=key)
        zh, en = value["zh"], value["en"]
        if not isinstance(zh, str) or not HAN.search(zh):
            self.refuse(f"{key}.zh is no Chinese text", key=key)
        if not isinstance(en, str) or not en.strip() or HAN.search(en):
            self.refuse(f"{key}.en is no English text", key=key)
        return Words(zh=zh.strip(), en=en.strip())

    def table(self, key: str, *, what: str = "") -> "Table":
        value = self.take(key)
        if not isinstance(value, dict):
            self.refuse(f"{key} is no table", key=key)
        name = what or (f"{self.what}: {key}" if self.what else key)
        return Table(content=value, path=(*self.path, key), file=self.file, what=name)

    def tables(self, key: str, *, what: str) -> Iterator["Table"]:
        """Yield the tables of an array, none where it is not there; each code once."""
        value = self.take(key) if self.has(key) else []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.refuse(f"{key} is no array of tables", key=key)
        seen: set[str] = set()
        for place, one in enumerate(value):
            code = str(one.get("code", place))
            around = f"{self.what}: " if self.what else ""
            table = Table(
                content=one,
                path=(*self.path, key, place),
                file=self.file,
                what=f"{around}{what} {code[:40]}",
            )
            if code in seen:
                table.refuse("this code is there twice", key="code")
            seen.add(code)
            yield table
            table.finish()

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self.content:
            if key not in self.read:
                self.refuse(f"unknown key {key!r}", key=key)
