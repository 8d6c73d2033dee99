"""Chinese text as a search needs it: one script, runs, pairs of characters, and their sounds."""

import re
from collections.abc import Sequence
from functools import lru_cache

import opencc
import pypinyin

HAN = "㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003134f"
RUNS = re.compile(rf"[{HAN}]+|[a-z]+|\d+")
HAN_RUN = re.compile(rf"[{HAN}]+")
CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
_TO_SIMPLE = opencc.OpenCC("t2s")
_NARROW = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}


def simplified(*, texts: Sequence[str]) -> list[str]:
    """Return texts in lower case, full-width forms folded, traditional characters simplified.

    >>> simplified(texts=["張曉明", "ABC電力12"])
    ['张晓明', 'abc电力12']
    """
    lines = [" ".join(text.split()).translate(_NARROW).lower() for text in texts]
    converted: list[str] = _TO_SIMPLE.convert("\n".join(lines)).split("\n")
    return converted


def without_accent(*, sound: str) -> str:
    """Return pinyin without the differences that many accents do not make.

    >>> without_accent(sound="zhengshi"), without_accent(sound="zensi")
    ('zensi', 'zensi')
    """
    for heard, kept in CONFUSED:
        sound = sound.replace(heard, kept)
    return sound


def pairs(*, run: str) -> list[str]:
    """Return all two neighbouring characters; a single character stands alone."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


@lru_cache(maxsize=8192)
def pair_sounds(*, run: str) -> tuple[str, ...]:
    """Return the sounds of all two neighbouring characters, without accents.

    >>> pair_sounds(run="张家村")
    ('zanjia', 'jiacun')
    """
    sounds = [without_accent(sound=sound) for sound in pypinyin.lazy_pinyin(run, errors="ignore")]
    if len(sounds) != len(run):
        return ()
    return tuple("".join(sounds[at : at + 2]) for at in range(len(run) - 1))
