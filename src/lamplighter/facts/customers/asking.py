"""From what somebody typed to searches in the index: the exact one, then a forgiving one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lamplighter.facts.customers import phones, terms
from lamplighter.kernel import characters

LONGEST_QUESTION = 100
MOST_RUNS = 8
FEWEST_SUFFIX_DIGITS = 3
ID_NUMBER = re.compile(r"\d{17}[\dx]|[0-9a-z]{18}|\d{15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A typed text, understood: its runs of characters, and what may be a hidden number."""

    text: str
    runs: tuple[str, ...]  # of characters of a kind
    phone: str  # a whole number, normalised, or empty
    phone_tail: str  # its last digits, or empty
    id_number: str

    @property
    def exact(self) -> str:
        """The search in the index for what was typed, as a tsquery; empty for no word.

        >>> understood(text="王强").exact
        "((('n强' & 'n王') | ('a王强')))"
        """
        exact = _all(_clause(run) for run in self.runs)
        latin = [run for run in self.runs if run.isascii() and run.isalpha()]
        if len(latin) > 1 and len(latin) == len(self.runs):
            return _any([exact, _clause("".join(latin))])
        return exact

    @property
    def forgiving(self) -> str:
        """The wider search: homophones, accents, one wrong character. Dearer to write than all."""
        return _all(_forgiving(run) for run in self.runs)


def understood(*, text: str) -> Question:
    """Return what a typed text may mean.

    >>> understood(text="1234").phone_tail
    '1234'
    """
    simple = characters.simplified(texts=[text[:LONGEST_QUESTION]])[0].strip()
    runs = characters.RUNS.findall(simple)[:MOST_RUNS]
    digits = re.sub(r"[\s\-]", "", simple)
    return Question(
        text=simple,
        runs=tuple(runs),
        phone=_phone(simple),
        phone_tail=digits if digits.isdigit() and len(digits) == phones.TAIL_DIGITS else "",
        id_number=digits.upper() if ID_NUMBER.fullmatch(digits) else "",
    )


def _clause(run: str) -> str:
    """Return the search for one run of characters of a kind."""
    if run.isdigit():
        ways = [_word(f"c{run}", begins=True), _word(f"d{run}")]
        if len(run) >= FEWEST_SUFFIX_DIGITS:
            ways.append(_word(f"r{run[::-1]}", begins=True))
        return _any(ways)
    if run.isascii():
        ways = [_word(f"{kind}{run}", begins=True) for kind in "pilc"]
        return _any([*ways, _word(f"d{run}")])
    name = _all(_word(f"n{character}") for character in sorted(set(run)))
    if len(run) == 1:
        return _any([name, _word(f"a{run}", begins=True)])
    return _any([name, _all(_word(f"a{pair}") for pair in characters.pairs(run=run))])


def _forgiving(run: str) -> str:
    """Return a wider search: homophones, accents, one wrong character."""
    if run.isdigit():
        return _clause(run)
    if run.isascii():
        heard = characters.without_accent(sound=run)
        return _any([_clause(run), _word(f"f{heard}", begins=True)])
    sound = characters.without_accent(sound="".join(terms.syllables(name=run)))
    ways = [_clause(run)]
    if sound:
        ways.append(_word(f"f{sound}", begins=True))
    if len(run) >= 3:
        ways += [
            _all(_word(f"n{character}") for character in sorted(set(run[:at] + run[at + 1 :])))
            for at in range(len(run))
        ]
        ways += [_all(_word(f"a{pair}") for pair in kept) for kept in _without_one(run) if kept]
    if len(run) >= 2:
        ways.append(_all(_word(f"s{heard}") for heard in characters.pair_sounds(run=run)))
    return _any(ways)


def _without_one(run: str) -> list[list[str]]:
    """Return the pairs of an address that stay whole when any one character is wrong."""
    pairs = characters.pairs(run=run)
    return [
        [pair for place, pair in enumerate(pairs) if place not in {at - 1, at}]
        for at in range(len(run))
    ]


def _phone(text: str) -> str:
    try:
        return phones.normalised(text=text)
    except phones.PhoneUnusable:
        return ""


def _word(word: str, *, begins: bool = False) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'{':*' if begins else ''}"


def _all(parts: Iterable[str]) -> str:
    return _joined(parts, " & ")


def _any(parts: Iterable[str]) -> str:
    return _joined(parts, " | ")


def _joined(parts: Iterable[str], by: str) -> str:
    wanted = list(dict.fromkeys(part for part in parts if part))
    return f"({by.join(wanted)})" if wanted else ""
