"""Topics of a stream of requests that rose in its newest week: types, and turns of phrase."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.demand import emerging
from lamplighter.insight.demand.emerging import EmergingPolicy
from lamplighter.insight.demand.texts import Letters, symbols

Indices = npt.NDArray[np.int64]

TERM_LENGTHS = (2, 3, 4)
SAME_TEXTS_SHARE = 0.7  # of two terms' texts in the newest week, from which they are one topic
EVERYWHERE = ""
TYPE, TERM = "TYPE", "TERM"


class StreamTorn(ValueError):
    """Not one type, one week and one place for each text, or a week outside the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A type or a term that came more often than its own past lets expect."""

    kind: str  # TYPE or TERM
    name: str  # the type's code, or the term
    place: str  # the area or customer group; empty: everywhere
    count: int  # in the newest week
    expected: float
    chance: float  # of so many or more when nothing has changed
    examples: tuple[int, ...]  # numbers of texts of the newest week that hold it
    also: tuple[str, ...]  # further terms of the same texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """All that was tested, and what was named."""

    topics: tuple[Topic, ...]  # least chance first
    n_tested: int
    spread: float


def find(
    *,
    texts: Sequence[str],
    types: Sequence[str],
    places: Sequence[str],
    weeks: Indices,
    n_weeks: int,
    letters: Letters,
    longest: int,
    policy: EmergingPolicy,
    n_examples: int,
) -> Named:
    """Find the types and terms that rose in the newest week, everywhere and by place.

    Every type, and every run of two to four characters with enough texts over all weeks, is a
    series, in all requests and in each place's. Types are tested together, and terms are. Terms
    of mostly the same texts are one topic, named by its longest.

    Parameters
    ----------
    texts : (n_texts,) str
        Requests. A text repeated word for word counts as often as it came.
    types : (n_texts,) str
        Type of each; empty where a person must choose.
    places : (n_texts,) str
        Area or customer group of each; empty: not known.
    weeks : (n_texts,) int64
        Week of each, 0 … n_weeks − 1; the last is the newest.
    n_weeks : int
        Weeks of the stream. [weeks]
    letters : Letters
        Tables of single characters.
    longest : int
        Characters of a text that are looked at. [characters]
    policy : EmergingPolicy
        Numbers in force.
    n_examples : int
        Texts that show each topic. [texts]

    Returns
    -------
    Named
        Topics, least chance first.

    Raises
    ------
    StreamTorn
        Lengths disagree, or a week is out of range.
    WeeksTooFew
        Too little past.

    Examples
    --------
    >>> numbers = EmergingPolicy(false_share_allowed=0.05, texts_at_least=3,
    ...                          rise_at_least_ratio=2.0, weeks_at_least=2)
    >>> found = find(
    ...     texts=["电费多少"] * 8 + ["变压器冒烟"] * 6,
    ...     types=["PAY"] * 8 + ["DANGER"] * 6,
    ...     places=[""] * 14,
    ...     weeks=np.array([0, 0, 0, 1, 1, 1, 2, 2] + [2] * 6),
    ...     n_weeks=3,
    ...     letters=Letters(simple={}, sounds={}),
    ...     longest=99,
    ...     policy=numbers,
    ...     n_examples=1,
    ... )
    >>> found.topics[0].kind, found.topics[0].name, found.topics[0].count
    ('TYPE', 'DANGER', 6)
    """
    weeks = np.asarray(weeks, dtype=np.int64)
    if not len(texts) == len(types) == len(places) == len(weeks):
        raise StreamTorn(f"{len(texts)} texts, {len(types)} types, {len(weeks)} weeks")
    if len(weeks) and not 0 <= weeks.min() <= weeks.max() < n_weeks:
        raise StreamTorn(f"weeks {weeks.min()} … {weeks.max()} of {n_weeks}")
    reduced = [symbols(text=text, letters=letters, longest=longest).text for text in texts]
    said = _said(reduced, types, places, at_least=policy.texts_at_least)
    topics: list[Topic] = []
    n_tested = 0
    spreads = {}
    for kind in (TYPE, TERM):
        keys = [key for key in sorted(said) if key[0] == kind]
        counts, volumes = _counted(keys, said, places, weeks, n_weeks)
        rises = emerging.rises(counts=counts, volumes=volumes, policy=policy)
        topics += _topics(keys, rises, said, weeks == n_weeks - 1, n_examples)
        n_tested += len(keys)
        spreads[kind] = rises.spread
    topics.sort(key=lambda topic: (topic.chance, topic.kind != TYPE, topic.name, topic.place))
    newest = set(np.flatnonzero(weeks == n_weeks - 1).tolist())
    texts_of = {
        (topic.kind, topic.name, topic.place): newest.intersection(
            said[topic.kind, topic.name, topic.place]
        )
        for topic in topics
    }
    return Named(topics=_merged(topics, texts_of), n_tested=n_tested, spread=spreads[TERM])


Key = tuple[str, str, str]  # kind, name, place


def _topics(
    keys: Sequence[Key],
    rises: emerging.Rises,
    said: Mapping[Key, Sequence[int]],
    is_newest: npt.NDArray[np.bool_],
    n_examples: int,
) -> list[Topic]:
    return [
        Topic(
            kind=keys[n][0],
            name=keys[n][1],
            place=keys[n][2],
            count=int(rises.count[n]),
            expected=float(rises.expected[n]),
            chance=float(rises.chance[n]),
            examples=tuple([text for text in said[keys[n]] if is_newest[text]][:n_examples]),
            also=(),
        )
        for n in np.flatnonzero(rises.is_emerging).tolist()
    ]


def _said(
    reduced: Sequence[str], types: Sequence[str], places: Sequence[str], *, at_least: int
) -> dict[Key, list[int]]:
    """Return the texts of every series that came often enough, whenever they came."""
    terms = emerging.terms_of(texts=reduced, lengths=TERM_LENGTHS)
    n_of = Counter(term for term_set in terms for term in term_set)
    said: defaultdict[Key, list[int]] = defaultdict(list)
    for n, term_set in enumerate(terms):
        for where in {EVERYWHERE, places[n]}:
            if types[n]:
                said[TYPE, types[n], where].append(n)
            for term in term_set:
                if n_of[term] >= at_least:
                    said[TERM, term, where].append(n)
    return {key: found for key, found in said.items() if len(found) >= at_least}


def _counted(
    keys: Sequence[Key],
    said: Mapping[Key, Sequence[int]],
    places: Sequence[str],
    weeks: Indices,
    n_weeks: int,
) -> tuple[Indices, Indices]:
    """Return the counts of each series and the volume it is held against, a week."""
    where = np.array(places)
    volume = {EVERYWHERE: np.bincount(weeks, minlength=n_weeks)}
    for place in sorted({key[2] for key in keys} - {EVERYWHERE}):
        volume[place] = np.bincount(weeks[where == place], minlength=n_weeks)
    counts = np.zeros((len(keys), n_weeks), dtype=np.int64)
    volumes = np.zeros((len(keys), n_weeks), dtype=np.int64)
    for n, key in enumerate(keys):
        counts[n] = np.bincount(weeks[said[key]], minlength=n_weeks)
        volumes[n] = volume[key[2]]
    return counts, volumes


def _merged(topics: Sequence[Topic], texts_of: Mapping[Key, set[int]]) -> tuple[Topic, ...]:
    """Put terms of mostly the same texts into one topic under the longest of them."""
    kept: list[list[Topic]] = []
    for topic in topics:
        mine = texts_of[topic.kind, topic.name, topic.place]
        home = next(
            (
                group
                for group in kept
                if group[0].kind == topic.kind == TERM
                and group[0].place == topic.place
                and _is_same(mine, texts_of[TERM, group[0].name, topic.place])
            ),
            None,
        )
        if home is None:
            kept.append([topic])
        else:
            home.append(topic)
    return tuple(_one(group) for group in kept)


def _is_same(some: set[int], others: set[int]) -> bool:
    return len(some & others) >= SAME_TEXTS_SHARE * min(len(some), len(others))


def _one(group: Sequence[Topic]) -> Topic:
    lead = max(group, key=lambda topic: (len(topic.name), topic.count))
    return Topic(
        kind=lead.kind,
        name=lead.name,
        place=lead.place,
        count=lead.count,
        expected=lead.expected,
        chance=lead.chance,
        examples=lead.examples,
        also=tuple(topic.name for topic in group if topic is not lead)[:5],
    )
