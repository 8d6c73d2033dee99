"""What is answered on a day, and what answers a question."""

from dataclasses import dataclass
from datetime import date
from math import log

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Length, Substr
from django.utils import timezone

from lamplighter.action.service.knowledge import errors
from lamplighter.action.service.knowledge.models import ArticleVersion
from lamplighter.action.service.knowledge.words import question_words
from lamplighter.kernel.characters import HAN_RUN
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.loader import Policy, Words

LONGEST_QUESTION = 200
SOUND = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an article."""

    code: str
    number: int
    title: Words
    answer: Words
    body: Words
    source: str
    certainty: str
    org_path: str
    from_date: date
    until_date: date | None
    is_withdrawn: bool
    recorded_by: str
    recorded_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article in force that may answer a question."""

    version: Version
    share: float  # of the question's words, rare ones counting more, that it knows; 0 … 1
    is_old: bool  # nobody has looked at it for longer than the policy allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An article with all its versions, newest first, and which is in force."""

    code: str
    versions: tuple[Version, ...]
    in_force: Version | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """An article by its title, in force or (if none is) of its newest version."""

    code: str
    title: Words
    from_date: date
    is_in_force: bool


def search(*, viewer: Viewer, on: date, text: str, limit: int, policy: Policy) -> list[Hit]:
    """Return the articles in force that answer a question, likeliest first.

    Understands both scripts, both languages and the pinyin of two characters; forgives a slip in
    one character, because the pairs beside it still meet.
    """
    asked = question_words(text=text[:LONGEST_QUESTION])
    if not asked:
        return []
    every = _in_force(viewer=viewer, on=on)
    found = [row for row in every if not set(asked).isdisjoint(row.words)]
    known_by = {word: sum(word in row.words for row in found) for word in asked}
    weight = {
        word: _kind_weight(word, policy) * log(1.0 + len(every) / max(n, 0.5))
        for word, n in known_by.items()
    }
    total = sum(weight.values())
    hits = []
    for row in found:
        share = sum(weight[word] for word in asked if word in row.words) / total
        hits.append((_nearness(row, weight, policy) / total, share, row))
    hits.sort(key=lambda hit: (-hit[0], hit[2].article.code))
    return [
        Hit(
            version=_version(row),
            share=share,
            is_old=(on - timezone.localdate(row.recorded_at)).days > policy.integer("review_days"),
        )
        for _, share, row in hits[:limit]
        if share >= policy.number("least_share")
    ]


def _nearness(row: ArticleVersion, weight: dict[str, float], policy: Policy) -> float:
    """Return the weight of the words met, once for each part they stand in."""
    parts = (
        (f"{row.title_zh} {row.title_en}", policy.number("title_weight")),
        (f"{row.answer_zh} {row.answer_en}", 1.0),
        (f"{row.body_zh} {row.body_en}", policy.number("body_weight")),
    )
    return sum(
        of * sum(weight.get(word, 0.0) for word in question_words(text=text)) for text, of in parts
    )


def _kind_weight(word: str, policy: Policy) -> float:
    if word.startswith(SOUND):
        return policy.number("sound_weight")
    is_character = len(word) == 1 and HAN_RUN.fullmatch(word) is not None
    return policy.number("character_weight") if is_character else 1.0


def article(*, viewer: Viewer, on: date, code: str) -> Whole:
    """Return an article with all its versions.

    Raises
    ------
    errors.ArticleUnknown
        No such article where the viewer may look.
    """
    rows = list(
        _seen(viewer).filter(article__code=code).select_related("article").order_by("-number")
    )
    if not rows:
        raise errors.ArticleUnknown(code)
    in_force = [row for row in _in_force(viewer=viewer, on=on) if row.article.code == code]
    return Whole(
        code=code,
        versions=tuple(map(_version, rows)),
        in_force=_version(in_force[0]) if in_force else None,
    )


def titles(*, viewer: Viewer, on: date) -> list[Titled]:
    """Return every article the viewer may see, what is in force first, each by its code."""
    in_force = {row.article.code: row for row in _in_force(viewer=viewer, on=on)}
    newest = (
        _seen(viewer)
        .select_related("article")
        .order_by("article__code", "-number")
        .distinct("article__code")
    )
    found = [
        Titled(
            code=row.article.code,
            title=Words(zh=row.title_zh, en=row.title_en),
            from_date=row.from_date,
            is_in_force=row.article.code in in_force,
        )
        for row in (in_force.get(last.article.code, last) for last in newest)
    ]
    return sorted(found, key=lambda one: not one.is_in_force)


def _seen(viewer: Viewer) -> QuerySet[ArticleVersion]:
    """Return the versions that are for the viewer's unit or one above it."""
    return ArticleVersion.objects.alias(
        own_begin=Substr(Value(viewer.org_path), 1, Length("org_path"))
    ).filter(Q(org_path="") | Q(own_begin=F("org_path")))


def _in_force(*, viewer: Viewer, on: date) -> list[ArticleVersion]:
    """Return one version of each article at most: the newest that has begun, if it still holds.

    What a unit says for itself goes before what is said for all, as long as it holds.
    """
    begun = (
        _seen(viewer)
        .filter(from_date__lte=on)
        .select_related("article")
        .order_by("article_id", "-org_path", "-from_date", "-number")
        .distinct("article_id", "org_path")
    )
    found: dict[int, ArticleVersion] = {}
    for row in begun:
        if not row.is_withdrawn and (row.until_date is None or row.until_date >= on):
            found.setdefault(row.article_id, row)
    return list(found.values())


def _version(row: ArticleVersion) -> Version:
    return Version(
        code=row.article.code,
        number=row.number,
        title=Words(zh=row.title_zh, en=row.title_en),
        answer=Words(zh=row.answer_zh, en=row.answer_en),
        body=Words(zh=row.body_zh, en=row.body_en),
        source=row.source,
        certainty=row.certainty,
        org_path=row.org_path,
        from_date=row.from_date,
        until_date=row.until_date,
        is_withdrawn=row.is_withdrawn,
        recorded_by=row.recorded_by,
        recorded_day=timezone.localdate(row.recorded_at),
    )
