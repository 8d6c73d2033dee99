"""Records of numbers that stand for words: the ground of what is kept packed of a finding."""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Records = npt.NDArray[np.void]


class NotPacked(ValueError):
    """A value cannot be kept in the form of its field."""


def mark_of(words: Sequence[str]) -> int:
    """Return a mark that changes when words are added, removed or change their places.

    >>> mark_of(["a", "b"]) == mark_of(["b", "a"])
    False
    """
    return zlib.crc32("\n".join(words).encode()) & 0xFFFF


def one(packed: bytes | None, dtype: np.dtype[np.void], mark: int) -> Any:
    """Return the one record in some bytes, or None where they are of another form."""
    if not packed or len(packed) != dtype.itemsize:
        return None
    record = np.frombuffer(packed, dtype)[0]
    return record if int(record["mark"]) == mark else None


def place(words: Sequence[str], word: str) -> int:
    """Return the place of a word.

    Raises
    ------
    NotPacked
        It is none of the words.
    """
    if word not in words:
        raise NotPacked(word)
    return words.index(word)
