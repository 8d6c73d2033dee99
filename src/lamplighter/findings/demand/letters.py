"""Tables of single characters for the kernel: simplified forms and readings."""

from functools import cache

import opencc
import pypinyin

from lamplighter.insight.demand.texts import Letters

_FIRST, _LAST = 0x4E00, 0x9FFF
_FIRST_SIGN = 0xE000
# Readings that are heard as one, in the south or by a machine.
_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@cache
def letters() -> Letters:
    """Return the tables for all of the common Chinese characters."""
    every = [chr(code) for code in range(_FIRST, _LAST + 1)]
    simple = opencc.OpenCC("t2s").convert("\n".join(every)).split("\n")
    # Without context a character has its commonest reading; nearly always that is enough.
    readings = [_near(found[0]) for found in pypinyin.pinyin(every, style=pypinyin.Style.NORMAL)]
    signs = {reading: chr(_FIRST_SIGN + n) for n, reading in enumerate(sorted(set(readings)))}
    return Letters(
        simple={a: b for a, b in zip(every, simple, strict=True) if a != b},
        sounds={a: signs[reading] for a, reading in zip(every, readings, strict=True)},
    )


def _near(reading: str) -> str:
    for long, short in _NEAR:
        if reading.startswith(long):
            reading = short + reading[len(long) :]
    if reading.startswith("n"):
        reading = "l" + reading[1:]
    return reading[:-1] if reading.endswith(("ing", "eng", "ang")) else reading
