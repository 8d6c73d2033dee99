"""The labelled examples: sentences in files, each the head of a family of texts."""

import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import opencc

from lamplighter.findings.demand import letters as tables
from lamplighter.insight.demand import varying

FOLDER = Path(__file__).parent / "examples"
MANNERS = {
    "": "plain",
    "l": "a long story",
    "c": "Sichuan and Chongqing",
    "y": "written Cantonese",
    "d": "north-east",
    "o": "other dialects",
    "t": "wording of Taiwan",
    "q": "traditional script",
    "s": "as a machine heard it",
    "z": "typing mistakes",
}
WAYS = ("PLAIN", "FRAMED", "HOMOPHONES", "SLIPS")
TRADITIONAL_ONE_IN = 3  # families that are also written in the traditional script


class ExamplesWrong(ValueError):
    """A file of examples cannot be used; the text says which, where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence somebody wrote: the head of a family."""

    family: str
    type: str
    manner: str
    text: str  # with its choices and slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled text."""

    text: str
    type: str
    family: str
    manner: str
    way: str


@cache
def sentences() -> tuple[Sentence, ...]:
    """Return all sentences, in the order of files and lines.

    Raises
    ------
    ExamplesWrong
        A file is no TOML, or a line is no sentence.
    """
    found: list[Sentence] = []
    for file in sorted(FOLDER.glob("*.toml")):
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ExamplesWrong(f"{file.name}: {error}") from error
        for kind, lines in content.items():
            found += _of_type(kind, lines, where=file.stem)
    return tuple(found)


@cache
def examples() -> tuple[Example, ...]:
    """Return every labelled text; a text that came before is left out."""
    written = sentences()
    traditional, confusable = _traditional(), _confusable(written)
    made: dict[str, Example] = {}
    for number, sentence in enumerate(written):
        ways = (*WAYS, "TRADITIONAL") if number % TRADITIONAL_ONE_IN == 0 else WAYS
        for variant in varying.vary(
            sentence=sentence.text,
            family=sentence.family,
            ways=ways,
            letters=tables.letters(),
            traditional=traditional,
            confusable=confusable,
        ):
            made.setdefault(
                variant.text,
                Example(
                    text=variant.text,
                    type=sentence.type,
                    family=sentence.family,
                    manner=sentence.manner,
                    way=variant.way,
                ),
            )
    return tuple(made.values())


def _of_type(kind: str, lines: object, *, where: str) -> list[Sentence]:
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ExamplesWrong(f"{where}: {kind} is no list of sentences")
    found = []
    for number, line in enumerate(lines, start=1):
        mark, bar, text = line.partition("|")
        manner, text = (mark, text) if bar and mark in MANNERS else ("", line)
        if not text.strip():
            raise ExamplesWrong(f"{where}: {kind} has an empty sentence at {number}")
        family = f"{where}.{kind}.{number:02d}"
        found.append(Sentence(family=family, type=kind, manner=manner, text=text))
    return found


def _traditional() -> dict[str, str]:
    every = [chr(code) for code in range(0x4E00, 0xA000)]
    written = opencc.OpenCC("s2t").convert("\n".join(every)).split("\n")
    return {a: b for a, b in zip(every, written, strict=True) if a != b}


def _confusable(written: Sequence[Sentence]) -> dict[str, str]:
    """Return, for each reading, the characters that the sentences themselves use for it."""
    sounds = tables.letters().sounds
    found: defaultdict[str, set[str]] = defaultdict(set)
    for sentence in written:
        for sign in sentence.text:
            if sign in sounds:
                found[sounds[sign]].add(sign)
    return {sound: "".join(sorted(signs)) for sound, signs in found.items()}
