"""Past texts that are most like a new one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.demand import products
from lamplighter.insight.demand.grams import Grams, Vectors, vectors
from lamplighter.insight.demand.learning import shared_weight

TEXTS_AT_ONCE = 4_000
LEAST_SHARED = 1e-12  # below, a cosine is an error of rounding
Booleans = npt.NDArray[np.bool_]


class NoneWanted(ValueError):
    """At least one text must be wanted."""


class PreferenceWrong(ValueError):
    """It does not say of each past text whether it is preferred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Texts turned: for every run of characters, the texts that have it."""

    grams: Grams
    texts_of: Vectors  # (n_columns, n_texts)
    n_texts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One past text and how much it has in common, 0 … 1."""

    number: int
    cosine: float


def build(*, texts: Sequence[str], grams: Grams) -> Index:
    """Make texts findable by likeness.

    Parameters
    ----------
    texts : (n_texts,) str
        Past texts, none or any number; about 0.9 kB of memory a text of 30 characters.
    grams : Grams
        The runs that are known.

    Returns
    -------
    Index
        Numbers of texts are their places here.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> from lamplighter.insight.demand import grams as runs
    >>> from lamplighter.insight.demand.texts import Letters
    >>> past = ["家里没电", "电费多少"]
    >>> known = runs.learn(texts=past, letters=Letters(simple={}, sounds={}), longest=99,
    ...                    texts_at_least=1)
    >>> build(texts=past, grams=known).n_texts
    2
    """
    parts = [
        vectors(texts=texts[begin : begin + TEXTS_AT_ONCE], grams=grams)
        for begin in range(0, len(texts), TEXTS_AT_ONCE)
    ]
    lengths = [np.diff(part.starts) for part in parts]
    rows = Vectors(
        starts=np.concatenate([[0], np.cumsum(np.concatenate([np.zeros(0, int), *lengths]))]),
        columns=np.concatenate([np.zeros(0, np.int64), *(part.columns for part in parts)]),
        values=np.concatenate([np.zeros(0), *(part.values for part in parts)]),
        n_columns=len(grams.columns),
    )
    return Index(grams=grams, texts_of=products.turned(rows=rows), n_texts=len(texts))


def nearest(
    *, index: Index, text: str, n_wanted: int, preferred: Booleans | None = None
) -> tuple[Match, ...]:
    """Return the past texts with the largest cosine, largest first; ties by number.

    Parameters
    ----------
    index : Index
        Past texts.
    text : str
        A new text.
    n_wanted : int
        How many to return. [texts]
    preferred : (n_texts,) bool, optional
        Texts that come before all others, by cosine among themselves. [1]

    Returns
    -------
    tuple of Match
        Fewer where fewer have a run in common.

    Raises
    ------
    NoneWanted
        *n_wanted* is below one.
    PreferenceWrong
        *preferred* has another length than the texts.

    Examples
    --------
    >>> from lamplighter.insight.demand import grams as runs
    >>> from lamplighter.insight.demand.texts import Letters
    >>> past = ["家里没电", "电费多少"]
    >>> known = runs.learn(texts=past, letters=Letters(simple={}, sounds={}), longest=99,
    ...                    texts_at_least=1)
    >>> nearest(index=build(texts=past, grams=known), text="没电了", n_wanted=1)[0].number
    0
    """
    if n_wanted < 1:
        raise NoneWanted(f"n_wanted {n_wanted}")
    if preferred is not None and preferred.shape != (index.n_texts,):
        raise PreferenceWrong(f"preferred {preferred.shape}, texts {index.n_texts}")
    if not index.n_texts:
        return ()
    probe = vectors(texts=[text], grams=index.grams)
    alike = shared_weight(rows=index.texts_of, probe=probe, number=0)
    # No cosine is above one, so that two more put a text before all that are not preferred.
    first = alike if preferred is None else np.where(preferred, alike + 2.0, alike)
    first = np.where(alike >= LEAST_SHARED, first, 0.0)
    n = min(n_wanted, len(first))
    edge = np.partition(first, len(first) - n)[len(first) - n]
    near = np.flatnonzero(first >= max(edge, LEAST_SHARED))
    order = near[np.lexsort((near, -first[near]))][:n]
    return tuple(Match(number=int(k), cosine=min(1.0, float(alike[k]))) for k in order)
