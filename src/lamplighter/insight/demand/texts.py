"""A request's text as symbols: one script, no personal numbers, no ornament.

Letters come from the caller as tables, because this room opens no files: *simple* turns
traditional characters into simplified ones, *sounds* gives every character one sign for its
toneless reading, near readings (zh and z, n and l, ing and in) sharing a sign.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LONG_NUMBER = "\u2116"  # seven digits and more: a phone, an account, a person; never learnt
NUMBERS = "\u2460\u2461\u2462\u2463\u2464\u2465"  # one sign for each shorter length
TELLING_NUMBERS = frozenset({"6", "10", "35", "110", "220", "380", "400", "95598", "12398"})
REPEATS_AT_MOST = 3


class NoLength(ValueError):
    """The longest text must have at least one character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Tables of single characters."""

    simple: Mapping[str, str]  # traditional → simplified; what is absent stays as it is
    sounds: Mapping[str, str]  # simplified → the sign of its reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbols:
    """A text reduced to what may be learnt, with the way back to its characters."""

    text: str
    begins: tuple[int, ...]  # of each symbol in the text as it came
    ends: tuple[int, ...]
    was_cut: bool


def symbols(*, text: str, letters: Letters, longest: int) -> Symbols:
    """Reduce a text to symbols.

    Full and half width, upper and lower case, both scripts become one; punctuation, blanks,
    emoji, control characters, NUL and lone surrogates are dropped; numbers become a sign of
    their length, except voltages and hotline numbers; a character repeated more than three times
    counts three times.

    Parameters
    ----------
    text : str
        Anything a person typed, said or pasted.
    letters : Letters
        Tables of single characters.
    longest : int
        Characters that are looked at, from the beginning; one or more. [characters]

    Returns
    -------
    Symbols
        Perhaps empty; ``was_cut`` says that the text was longer.

    Raises
    ------
    NoLength
        *longest* is below one.

    Examples
    --------
    >>> plain = Letters(simple={"電": "电"}, sounds={})
    >>> symbols(text="電表 13800001111 坏了!!３８０V", letters=plain, longest=99).text
    '电表№坏了380v'
    """
    if longest < 1:
        raise NoLength(f"longest {longest}")
    found: list[tuple[str, int, int]] = []
    digits = ""
    digits_begin = 0
    seen = text[:longest]
    for place, character in enumerate(seen):
        for sign in _signs(character, letters):
            if sign.isdecimal() and sign.isascii():
                digits_begin = digits_begin if digits else place
                digits += sign
                continue
            if digits:
                found.append((_number(digits), digits_begin, max(place, digits_begin + 1)))
                digits = ""
            if sign.isalnum():
                found.append((sign, place, place + 1))
        if digits and not character.isdecimal():
            found.append((_number(digits), digits_begin, place + 1))
            digits = ""
    if digits:
        found.append((_number(digits), digits_begin, len(seen)))
    return _without_long_repeats(found, was_cut=len(text) > longest)


def _signs(character: str, letters: Letters) -> str:
    if "\u4e00" <= character <= "\u9fff":  # by far the most: no normalising needed
        return letters.simple.get(character, character)
    if "\ud800" <= character <= "\udfff":
        return ""
    folded = unicodedata.normalize("NFKC", character).lower()
    return "".join(letters.simple.get(sign, sign) for sign in folded)


def _number(digits: str) -> str:
    if digits in TELLING_NUMBERS:
        return digits
    return NUMBERS[len(digits) - 1] if len(digits) <= len(NUMBERS) else LONG_NUMBER


def _without_long_repeats(found: list[tuple[str, int, int]], *, was_cut: bool) -> Symbols:
    kept: list[tuple[str, int, int]] = []
    for sign, begin, end in found:
        last = kept[-REPEATS_AT_MOST:]
        if len(last) == REPEATS_AT_MOST and all(sign == earlier for earlier, _b, _e in last):
            continue
        kept += [(part, begin, end) for part in sign]
    return Symbols(
        text="".join(sign for sign, _begin, _end in kept),
        begins=tuple(begin for _sign, begin, _end in kept),
        ends=tuple(end for _sign, _begin, end in kept),
        was_cut=was_cut,
    )
