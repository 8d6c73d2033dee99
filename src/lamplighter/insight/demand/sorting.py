"""From a text to a proposed type, how sure that is, and which of its words spoke for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from lamplighter.insight.demand import products
from lamplighter.insight.demand.grams import sightings, vectors
from lamplighter.insight.demand.learning import Model, probabilities

Floats = npt.NDArray[np.float64]

SURE, UNSURE, NOTHING_KNOWN = "SURE", "UNSURE", "NOTHING_KNOWN"
TEXTS_AT_ONCE = 4_000


class TypeUnknown(LookupError):
    """The model knows no such type."""


class NoneWanted(ValueError):
    """At least one choice must be wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A type that may be meant."""

    type: str
    group: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a text seems to ask for."""

    type: str  # empty when a person must choose
    group: str  # empty when not even the group is sure
    group_probability: float  # of the likeliest group
    likeliest_group: str
    choices: tuple[Choice, ...]  # likeliest first; none when nothing of the text is known
    sureness: str  # SURE, UNSURE or NOTHING_KNOWN

    @property
    def is_abstained(self) -> bool:
        return not self.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the text and what it added to the score of a type."""

    text: str
    begin: int  # of the text as it came
    end: int
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a type has its score: start and contributions add up to it."""

    type: str
    start: float
    score: float
    parts: tuple[Part, ...]  # in the order of the text, covering every symbol

    def telling(self, *, at_most: int) -> tuple[Part, ...]:
        """Return the parts that spoke for the type most, strongest first."""
        loud = sorted(self.parts, key=lambda part: -part.contribution)
        return tuple(part for part in loud[:at_most] if part.contribution > 0.0)


def sort(*, texts: Sequence[str], model: Model, n_choices: int) -> tuple[Proposal, ...]:
    """Propose a type for each text, or none.

    A type is proposed from the model's probability limit on, the group of types from its own; a
    text of which no run of characters is known gets no choice at all.

    Parameters
    ----------
    texts : sequence of str
        Any texts.
    model : Model
        What was learnt.
    n_choices : int
        How many types to name for each. [types]

    Returns
    -------
    tuple of Proposal
        One a text.

    Raises
    ------
    NoneWanted
        *n_choices* is below one.

    Examples
    --------
    See ``learning.fit`` for a model of four texts.

    >>> from lamplighter.insight.demand import learning
    >>> from lamplighter.insight.demand.texts import Letters
    >>> numbers = learning.DemandPolicy(ridge=0.1, texts_at_least=1, longest_characters=99,
    ...                                 precision_wanted=0.5, answers_at_least=1)
    >>> model = learning.fit(texts=["没电", "停电", "交费", "缴费"], types=["F", "F", "P", "P"],
    ...                      families=["a", "b", "c", "d"], groups={"F": "F", "P": "P"},
    ...                      letters=Letters(simple={}, sounds={}), policy=numbers)
    >>> [found.type for found in sort(texts=["有电吗", "??"], model=model, n_choices=1)]
    ['F', '']
    """
    if n_choices < 1:
        raise NoneWanted(f"n_choices {n_choices}")
    found: list[Proposal] = []
    for begin in range(0, len(texts), TEXTS_AT_ONCE):
        rows = vectors(texts=texts[begin : begin + TEXTS_AT_ONCE], grams=model.grams)
        scores = products.times(rows=rows, weights=model.weights) + model.start
        chances = probabilities(scores=scores, sharpness=model.sharpness)
        lengths = np.diff(rows.starts)
        found += [
            _proposal(chance, model, n_choices) if n else _NOTHING
            for chance, n in zip(chances, lengths, strict=True)
        ]
    return tuple(found)


_NOTHING = Proposal(
    type="",
    group="",
    group_probability=0.0,
    likeliest_group="",
    choices=(),
    sureness=NOTHING_KNOWN,
)


def _proposal(chance: Floats, model: Model, n_choices: int) -> Proposal:
    order = np.argsort(-chance, kind="stable")[:n_choices]
    of_group: dict[str, float] = {}
    for group, one in zip(model.groups, chance, strict=True):
        of_group[group] = of_group.get(group, 0.0) + float(one)
    group = max(sorted(of_group), key=lambda name: of_group[name])
    best = int(order[0])
    is_sure = bool(chance[best] >= model.answer_from)
    if is_sure:  # a sure type and the sum over groups must not contradict each other on a page
        group = model.groups[best]
    is_group_sure = is_sure or of_group[group] >= model.group_answer_from
    return Proposal(
        type=model.types[best] if is_sure else "",
        group=group if is_group_sure else "",
        group_probability=min(1.0, of_group[group]),
        likeliest_group=group,
        choices=tuple(
            Choice(type=model.types[n], group=model.groups[n], probability=float(chance[n]))
            for n in order
        ),
        sureness=SURE if is_sure else UNSURE,
    )


def explain(*, text: str, type: str, model: Model) -> Explanation:
    """Share out the score of one type among the characters of a text.

    Every run's weight goes in equal parts to its characters; neighbours that pull the same way are
    one part. ``start`` and all contributions add up to the score, up to rounding.

    Parameters
    ----------
    text : str
        Any text.
    type : str
        A type of the model.
    model : Model
        What was learnt.

    Returns
    -------
    Explanation
        Parts in the order of the text.

    Raises
    ------
    TypeUnknown
        The model has no such type.

    Examples
    --------
    >>> from lamplighter.insight.demand import learning
    >>> from lamplighter.insight.demand.texts import Letters
    >>> numbers = learning.DemandPolicy(ridge=0.1, texts_at_least=1, longest_characters=99,
    ...                                 precision_wanted=0.5, answers_at_least=1)
    >>> model = learning.fit(texts=["没电", "停电", "交费", "缴费"], types=["F", "F", "P", "P"],
    ...                      families=["a", "b", "c", "d"], groups={"F": "F", "P": "P"},
    ...                      letters=Letters(simple={}, sounds={}), policy=numbers)
    >>> why = explain(text="我家停电", type="F", model=model)
    >>> [part.text for part in why.telling(at_most=1)]
    ['停电']
    """
    if type not in model.types:
        raise TypeUnknown(type)
    weights = model.weights[:, model.types.index(type)]
    reduced, seen = sightings(text=text, grams=model.grams)
    pulls = np.zeros(len(reduced.text))
    for one in seen:
        share = one.value * float(weights[one.column]) / len(one.places)
        for place in one.places:
            pulls[place] += share
    # A character that pulls at least a third as hard as the hardest speaks for the type.
    loud = pulls >= max(pulls.max(initial=0.0) / 3.0, 1e-12)
    cuts = [0, *(np.flatnonzero(np.diff(loud.astype(int))) + 1).tolist(), len(pulls)]
    parts = tuple(
        Part(
            text=text[reduced.begins[begin] : reduced.ends[end - 1]],
            begin=reduced.begins[begin],
            end=reduced.ends[end - 1],
            contribution=float(pulls[begin:end].sum()),
        )
        for begin, end in pairwise(cuts)
        if end > begin
    )
    return Explanation(
        type=type, start=model.start, score=model.start + float(pulls.sum()), parts=parts
    )
