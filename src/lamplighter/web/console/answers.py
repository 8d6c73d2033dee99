"""What the knowledge base answers, beside the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from lamplighter.action.service.knowledge import errors
from lamplighter.action.service.knowledge import queries as knowledge
from lamplighter.action.service.knowledge.queries import Version
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.web.frame import service_words

MOST_ANSWERS, MOST_QUOTED = 4, 8
FIRST_KEY = 6  # the keys of the types stand before


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that may be read out."""

    code: str
    url: str
    title: str
    answer: str
    said_since: date
    is_old: bool
    is_quoted: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the right side shows."""

    question: str
    found: tuple[Answer, ...]


def answers(*, viewer: Viewer, on: date, question: str, quoted: Sequence[str]) -> Answers:
    """Return the answers in force to a question, those that were quoted first.

    One query, and one more for each that was quoted and does not answer the question.
    """
    hits = knowledge.search(
        viewer=viewer,
        on=on,
        text=question,
        limit=MOST_ANSWERS,
        policy=loader.load(name="knowledge", on=on),
    )
    found = {hit.version.code: (hit.version, hit.is_old) for hit in hits}
    kept = dict.fromkeys(quoted[:MOST_QUOTED])
    before = {code: one for code in kept if (one := found.get(code) or _kept(viewer, on, code))}
    rows = list((before | found).values())[: MOST_ANSWERS + len(before)]
    return Answers(
        question=question,
        found=tuple(
            _answer(version, place, is_old=is_old, is_quoted=version.code in before)
            for place, (version, is_old) in enumerate(rows)
        ),
    )


def _kept(viewer: Viewer, on: date, code: str) -> tuple[Version, bool] | None:
    try:
        version = knowledge.article(viewer=viewer, on=on, code=code).in_force
    except errors.ArticleUnknown:
        return None
    return (version, False) if version else None


def _answer(version: Version, place: int, *, is_old: bool, is_quoted: bool) -> Answer:
    key = FIRST_KEY + place
    return Answer(
        code=version.code,
        url=reverse("knowledge:article", args=[version.code]),
        title=service_words.own(version.title),
        answer=service_words.own(version.answer),
        said_since=version.from_date,
        is_old=is_old,
        is_quoted=is_quoted,
        key=str(key) if key <= 9 else "",
    )
