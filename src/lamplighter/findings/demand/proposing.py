"""One request read for a person: what it seems to ask, by which words, and what is like it."""

from dataclasses import dataclass

from lamplighter.findings.demand.learnt import Known
from lamplighter.insight.demand import similar, sorting
from lamplighter.insight.demand.sorting import Explanation, Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """An example that has much in common with the request."""

    text: str
    type: str
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A request with its proposal and the reasons for it."""

    proposal: Proposal
    explanation: Explanation | None  # of the likeliest type; None where no word is known
    alike: tuple[Alike, ...]
    was_cut: bool  # longer than what is looked at


def read(
    *, text: str, known: Known, n_choices: int, n_alike: int, is_simplified_first: bool
) -> Reading:
    """Read one request.

    *is_simplified_first*: of the examples like it, those in the simplified script come first.

    Raises
    ------
    NoneWanted
        A number is below one.
    """
    (proposal,) = sorting.sort(texts=[text], model=known.model, n_choices=n_choices)
    best = proposal.choices[0].type if proposal.choices else ""
    matches = similar.nearest(
        index=known.index,
        text=text,
        n_wanted=n_alike,
        preferred=known.is_simplified if is_simplified_first else None,
    )
    return Reading(
        proposal=proposal,
        explanation=sorting.explain(text=text, type=best, model=known.model) if best else None,
        alike=tuple(
            Alike(
                text=known.plain[match.number].text,
                type=known.plain[match.number].type,
                cosine=match.cosine,
            )
            for match in matches
        ),
        was_cut=len(text) > known.model.grams.longest,
    )
