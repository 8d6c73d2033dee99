"""Texts as vectors: runs of characters, runs of their sounds, and pairs with a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from lamplighter.insight.demand.texts import Letters, Symbols, symbols

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

CHARACTER_RUNS = (1, 2, 3)  # lengths
SOUND_RUNS = (1, 2, 3)
GAPS = (2, 3, 4)  # how far the two characters of a pair stand apart
SHARES = (0.5, 0.3, 0.2)  # of a vector's squared length: characters, sounds, pairs
CHARACTERS, SOUNDS, PAIRS = range(3)
GAP = "\u2026"  # never a symbol of a text
UNSEEN = -1


class NothingToKnow(ValueError):
    """No run occurs in as many texts as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grams:
    """The runs that are known, each with its column and its rarity."""

    columns: Mapping[str, int]
    rarity: Floats  # (n_columns,) ln((1 + n) / (1 + texts that have it)) + 1
    letters: Letters
    longest: int  # characters of a text that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """Compressed rows: row i is the slice starts[i]:starts[i + 1]."""

    starts: Indices  # (n_texts + 1,)
    columns: Indices  # (n_values,)
    values: Floats  # (n_values,)
    n_columns: int

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One known run at one place of a text, and what it weighs there."""

    places: tuple[int, ...]  # of its characters among the symbols
    column: int
    value: float


def learn(*, texts: Sequence[str], letters: Letters, longest: int, texts_at_least: int) -> Grams:
    """Find the runs that are worth knowing.

    Parameters
    ----------
    texts : (n_texts,) str
        Texts.
    letters : Letters
        Tables of single characters.
    longest : int
        Characters of a text that are looked at. [characters]
    texts_at_least : int
        Texts that a run must occur in. [texts]

    Returns
    -------
    Grams
        Runs in the order of their characters, whatever the order of the texts.

    Raises
    ------
    NothingToKnow
        No run occurs in that many texts.

    Examples
    --------
    >>> plain = Letters(simple={}, sounds={})
    >>> found = learn(texts=["没电了", "没电"], letters=plain, longest=99, texts_at_least=2)
    >>> sorted(found.columns)
    ['没', '没电', '电']
    """
    n_texts: dict[str, int] = {}
    for text in texts:
        for run in _places(symbols(text=text, letters=letters, longest=longest), letters):
            n_texts[run] = n_texts.get(run, 0) + 1
    kept = sorted(run for run, n in n_texts.items() if n >= texts_at_least)
    if not kept:
        raise NothingToKnow(f"{len(texts)} texts, texts_at_least {texts_at_least}")
    counted = np.array([n_texts[run] for run in kept], dtype=np.float64)
    return Grams(
        columns={run: column for column, run in enumerate(kept)},
        rarity=np.log((1.0 + len(texts)) / (1.0 + counted)) + 1.0,
        letters=letters,
        longest=longest,
    )


def sightings(*, text: str, grams: Grams) -> tuple[Symbols, list[Sighting]]:
    """Return the known runs of one text with their weights.

    A run that occurs *t* times weighs (1 + ln t) · rarity, shared by its places; characters,
    sounds and pairs are each brought to their share of the squared length, so that a text with
    known runs of all three has length one.

    Parameters
    ----------
    text : str
        Any text.
    grams : Grams
        The runs that are known.

    Returns
    -------
    Symbols, list of Sighting
        The reduced text, and every occurrence.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> plain = Letters(simple={}, sounds={})
    >>> known = learn(texts=["没电了", "没电"], letters=plain, longest=99, texts_at_least=2)
    >>> [seen.places for seen in sightings(text="没电", grams=known)[1]]
    [(0,), (1,), (0, 1)]
    """
    reduced = symbols(text=text, letters=grams.letters, longest=grams.longest)
    return reduced, [
        Sighting(places=places, column=column, value=value / len(found))
        for column, value, found in _weighed(reduced, grams)
        for places in found
    ]


def vectors(*, texts: Sequence[str], grams: Grams) -> Vectors:
    """Return the vectors of many texts.

    Parameters
    ----------
    texts : (n_texts,) str
        Any texts.
    grams : Grams
        The runs that are known.

    Returns
    -------
    Vectors
        One row a text, columns ascending; a text without known runs has an empty row.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> plain = Letters(simple={}, sounds={})
    >>> known = learn(texts=["没电了", "没电"], letters=plain, longest=99, texts_at_least=2)
    >>> vectors(texts=["没电", ""], grams=known).starts
    array([0, 3, 3])
    """
    starts = [0]
    columns: list[int] = []
    values: list[float] = []
    for text in texts:
        reduced = symbols(text=text, letters=grams.letters, longest=grams.longest)
        row = sorted((column, value) for column, value, _places in _weighed(reduced, grams))
        columns += [column for column, _value in row]
        values += [value for _column, value in row]
        starts.append(len(columns))
    return Vectors(
        starts=np.array(starts, dtype=np.int64),
        columns=np.array(columns, dtype=np.int64),
        values=np.array(values, dtype=np.float64),
        n_columns=len(grams.columns),
    )


def _weighed(reduced: Symbols, grams: Grams) -> list[tuple[int, float, list[tuple[int, ...]]]]:
    """Return the known runs of a text: column, value, places."""
    squared = [0.0] * len(SHARES)
    known: list[tuple[int, int, float, list[tuple[int, ...]]]] = []
    rarity = grams.rarity
    for run, found in _places(reduced, grams.letters).items():
        column = grams.columns.get(run, UNSEEN)
        if column != UNSEEN:
            kind = _kind(run)
            weight = float(rarity[column])
            if len(found) > 1:
                weight *= 1.0 + log(len(found))
            squared[kind] += weight * weight
            known.append((kind, column, weight, found))
    scale = [
        (share / total) ** 0.5 if total > 0.0 else 0.0
        for share, total in zip(SHARES, squared, strict=True)
    ]
    return [(column, weight * scale[kind], found) for kind, column, weight, found in known]


def _places(reduced: Symbols, letters: Letters) -> dict[str, list[tuple[int, ...]]]:
    """Return every run of a text with the places where it stands."""
    text = reduced.text
    sounds = "".join(letters.sounds.get(sign, sign) for sign in text)
    found: dict[str, list[tuple[int, ...]]] = {}
    for n in CHARACTER_RUNS:
        for begin in range(len(text) - n + 1):
            found.setdefault(text[begin : begin + n], []).append((*range(begin, begin + n),))
    for n in SOUND_RUNS:
        for begin in range(len(text) - n + 1):
            run = sounds[begin : begin + n]
            if _kind(run) == SOUNDS:
                found.setdefault(run, []).append((*range(begin, begin + n),))
    for gap in GAPS:
        for begin in range(len(text) - gap):
            pair = text[begin] + GAP + text[begin + gap]
            found.setdefault(pair, []).append((begin, begin + gap))
    return found


def _kind(run: str) -> int:
    if "\ue000" <= run[0] <= "\uf8ff":  # the private area of Unicode holds the sounds
        return SOUNDS
    return PAIRS if len(run) == 3 and run[1] == GAP else CHARACTERS
