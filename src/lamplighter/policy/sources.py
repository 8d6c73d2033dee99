"""What the source of a rule is in Chinese; the versions themselves state it in English."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lamplighter.kernel import points

FILE = Path(__file__).with_suffix(".toml")
APART = "; "
# A requirement's code with what it was called there, or the path of a file: the same in both.
_ONE = r"[A-Z]\d[\w-]*(?: \((?:[A-Z]\d|\d+ %)\))?"
SAME = re.compile(rf"{_ONE}(?:, {_ONE})*|(?:tests|benchmarks|docs)/\S+")


def in_language(source: str, *, language: str) -> str:
    """Return a source as it is said in a language.

    A station's own policy may name a source that is not ours; it is said as it was written.

    >>> in_language("S1-04; our number", language="zh-hans")
    'S1-04；数值自定'
    """
    if not language.lower().startswith("zh"):
        return source
    said = [_chinese().get(clause, clause) for clause in source.split(APART)]
    return "；".join(points.chinese(clause) for clause in said)


@cache
def _chinese() -> Mapping[str, str]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
