"""A request read for the person who typed it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamplighter.findings.demand import learnt, proposing
from lamplighter.findings.demand.proposing import Reading
from lamplighter.findings.demand.taxonomy import Taxonomy
from lamplighter.insight.demand import sorting
from lamplighter.insight.demand.sorting import Explanation
from lamplighter.web.frame import formats

LOUD_PARTS = 4
LONGEST_SHOWN = 600  # characters; what was typed stands in the field above anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of the request; the loud ones spoke for the type."""

    text: str
    is_loud: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """One type that may be meant."""

    label: str
    group: str
    percent: int  # how sure, for the bar
    said: str  # the same in words; never quite 0 % or 100 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An example like the request."""

    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the request seems to ask for."""

    heading: str
    note: str
    is_sure: bool
    possible: tuple[Possible, ...]
    pieces: tuple[Piece, ...]
    alike: tuple[Example, ...]


def word_of(*, kind: str, names: Taxonomy) -> str:
    """Return a type's name in the person's language."""
    return names.types[kind].in_language(get_language() or "")


def answer(*, text: str, on: date) -> Answer:
    """Read a request under the rules of a day. No query."""
    known = learnt.known_on(day=on, folder=Path(settings.LEARNT_FOLDER))
    _numbers, _emerging, policy = learnt.numbers_on(day=on)
    reading = proposing.read(
        text=text,
        known=known,
        n_choices=policy.integer("choices_shown"),
        n_alike=policy.integer("similar_shown"),
        is_simplified_first=get_language() == "zh-hans",
    )
    names, language = known.taxonomy, get_language() or ""
    groups = {code: words.in_language(language) for code, words in names.groups.items()}
    return Answer(
        heading=_heading(reading, names, groups),
        note=_note(reading, answer_from=known.model.answer_from),
        is_sure=bool(reading.proposal.type),
        possible=tuple(
            Possible(
                label=word_of(kind=choice.type, names=names),
                group=groups[choice.group],
                percent=round(100 * choice.probability),
                said=_said(choice.probability),
            )
            for choice in reading.proposal.choices
        ),
        pieces=_pieces(text, reading.explanation),
        alike=tuple(
            Example(text=one.text, label=word_of(kind=one.type, names=names))
            for one in reading.alike
        ),
    )


def _said(probability: float) -> str:
    if probability > 0.99:
        return "> 99%"
    if probability < 0.01:
        return "< 1%"
    return f"{formats.number(value=100 * probability, digits=0)}%"


def _heading(reading: Reading, names: Taxonomy, groups: dict[str, str]) -> str:
    found = reading.proposal
    if found.type:
        return word_of(kind=found.type, names=names)
    if found.sureness == sorting.NOTHING_KNOWN:
        return _("No words of our trade: please ask")
    if found.group:
        return _("%(group)s, but which kind? Please ask") % {"group": groups[found.group]}
    return _("Not sure: please decide yourself")


def _note(reading: Reading, *, answer_from: float) -> str:
    if not reading.proposal.choices:
        return _("Nothing in this text is like any example.")
    limit = round(100 * answer_from)
    if reading.was_cut:
        return _("Only the beginning of this long text was read.")
    if reading.proposal.type:
        return _("A proposal from %(limit)s%% sureness on; the person decides.") % {"limit": limit}
    return _("Under %(limit)s%% sureness nothing is proposed.") % {"limit": limit}


def _pieces(text: str, explanation: Explanation | None) -> tuple[Piece, ...]:
    """Cut the text where the loud parts begin and end."""
    if explanation is None:
        return ()
    loud = sorted(explanation.telling(at_most=LOUD_PARTS), key=lambda part: part.begin)
    pieces: list[Piece] = []
    place = 0
    for part in loud:
        pieces.append(Piece(text=text[place : part.begin], is_loud=False))
        pieces.append(Piece(text=part.text, is_loud=True))
        place = part.end
    pieces.append(Piece(text=text[place:][:LONGEST_SHOWN], is_loud=False))
    return tuple(piece for piece in pieces if piece.text)
