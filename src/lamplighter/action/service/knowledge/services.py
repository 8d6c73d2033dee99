"""Publishing and withdrawing answers, and saying which one was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from lamplighter.action.service.knowledge import errors, queries
from lamplighter.action.service.knowledge.models import (
    ANSWER_AT_MOST,
    BODY_AT_MOST,
    SOURCE_AT_MOST,
    TITLE_AT_MOST,
    Article,
    ArticleVersion,
)
from lamplighter.action.service.knowledge.words import index_words
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import CERTAINTIES, Policy, Words

CODE_AT_MOST = 40
SAID = (
    *("org_path", "from_date", "until_date", "is_withdrawn", "title_zh", "title_en"),
    *("answer_zh", "answer_en", "body_zh", "body_en", "source", "certainty"),
)  # what makes a version another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to be answered."""

    code: str
    title: Words
    answer: Words
    body: Words
    source: str
    certainty: str
    from_date: date
    until_date: date | None = None
    org_path: str = ""  # "": for every unit


def units_of(*, viewer: Viewer, policy: Policy) -> str:
    """Return the path below which a person publishes: their own units, or all ("")."""
    return "" if viewer.role in policy.row("publish_for_all").value else viewer.org_path


def publish(
    *,
    viewer: Viewer,
    draft: Draft,
    after_number: int,
    request_key: str,
    now: datetime,
    policy: Policy,
) -> int:
    """Publish a version of an article, in force from its own day on, and return its number.

    The same form sent twice (the same *request_key*) publishes once. *after_number* is the version
    it was written from, 0 for a new article.

    Raises
    ------
    errors.NotAllowed
        The role does not publish, or the units are not below the viewer's own.
    errors.ArticleWrong
        A part is missing, too long, or does not fit another.
    errors.SomebodyElseWrote
        Another version came in between.
    """
    _check_rights(viewer, draft.org_path, policy)
    _check(draft)
    row = _row(draft)
    return _add(row, draft.code, after_number, viewer.actor, request_key, now, "published")


def publish_all(*, drafts: Sequence[Draft], actor: str, now: datetime) -> int:
    """Publish the articles of an operator's files, all or none; return how many read otherwise.

    Raises
    ------
    errors.ArticleWrong
        One is not whole; nothing is published.
    errors.SomebodyElseWrote
        Another version came in between; nothing is published.
    """
    for draft in drafts:
        _check(draft)
    n_published = 0
    with transaction.atomic():
        for draft in drafts:
            row = _row(draft)
            newest = (
                ArticleVersion.objects.filter(article__code=draft.code, org_path=draft.org_path)
                .order_by("-number")
                .first()
            )
            if newest is not None and all(
                getattr(newest, name) == getattr(row, name) for name in SAID
            ):
                continue
            _add(row, draft.code, newest.number if newest else 0, actor, "", now, "published")
            n_published += 1
    return n_published


def _row(draft: Draft) -> ArticleVersion:
    texts = (
        *(draft.title.zh, draft.title.en, draft.answer.zh, draft.answer.en),
        *(draft.body.zh, draft.body.en),
    )
    return ArticleVersion(
        org_path=draft.org_path,
        from_date=draft.from_date,
        until_date=draft.until_date,
        is_withdrawn=False,
        title_zh=draft.title.zh,
        title_en=draft.title.en,
        answer_zh=draft.answer.zh,
        answer_en=draft.answer.en,
        body_zh=draft.body.zh,
        body_en=draft.body.en,
        source=draft.source,
        certainty=draft.certainty,
        words=index_words(texts=texts),
    )


def withdraw(
    *,
    viewer: Viewer,
    code: str,
    from_date: date,
    because: str,
    after_number: int,
    request_key: str,
    now: datetime,
    policy: Policy,
) -> int:
    """Say that from a day on an article is no answer any more, and return the version's number.

    Raises
    ------
    errors.NotAllowed
        The role does not publish, or the article is for more units than the viewer's.
    errors.ArticleUnknown
        No such article where the viewer may look.
    errors.ArticleWrong
        No reason is given.
    errors.SomebodyElseWrote
        Another version came in between.
    """
    newest = queries.article(viewer=viewer, on=from_date, code=code).versions[0]
    _check_rights(viewer, newest.org_path, policy)
    if not because.strip():
        raise errors.ArticleWrong("because: says nothing")
    row = ArticleVersion(
        org_path=newest.org_path,
        from_date=from_date,
        is_withdrawn=True,
        source=because.strip()[:SOURCE_AT_MOST],
        certainty="O",
        words=[],
    )
    return _add(row, code, after_number, viewer.actor, request_key, now, "withdrawn")


def quote(*, viewer: Viewer, on: date, code: str, subject: str, now: datetime) -> queries.Version:
    """Note that the answer in force was given, about a subject of the ledger, and return it.

    Raises
    ------
    errors.ArticleUnknown
        No such article is in force where the viewer may look.
    """
    version = queries.article(viewer=viewer, on=on, code=code).in_force
    if version is None:
        raise errors.ArticleUnknown(f"{code} on {on}")
    with transaction.atomic():
        ledger.record(
            "service.knowledge.quoted",
            subject=subject,
            actor=viewer.actor,
            at=now,
            article=code,
            version=version.number,
        )
    return version


def _add(
    row: ArticleVersion,
    code: str,
    after_number: int,
    actor: str,
    request_key: str,
    now: datetime,
    what: str,
) -> int:
    row.recorded_at, row.recorded_by, row.request_key = now, actor, request_key
    try:
        with transaction.atomic():
            article, _is_new = Article.objects.get_or_create(code=code)
            row.article, row.number = article, after_number + 1
            if _newest_number(article, row.org_path) != after_number:
                raise _before(code, request_key)
            row.save(force_insert=True)
            ledger.record(
                f"service.knowledge.{what}",
                subject=f"article:{code}",
                actor=actor,
                at=now,
                version=row.number,
                from_date=row.from_date.isoformat(),
                org_path=row.org_path,
            )
    except IntegrityError as error:
        races = ("article_version_number_once", "article_version_one_per_request")
        if any(ledger.violates(error, name) for name in races):
            return _number_of(code, request_key)
        raise
    except _SentBefore as sent:
        return sent.number
    return row.number


class _SentBefore(Exception):
    """The same form came before."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _before(code: str, request_key: str) -> Exception:
    try:
        return _SentBefore(_number_of(code, request_key))
    except errors.SomebodyElseWrote as error:
        return error


def _number_of(code: str, request_key: str) -> int:
    """Return the number of the version that a form made already."""
    same = ArticleVersion.objects.filter(article__code=code, request_key=request_key)
    numbers = list(same.values_list("number", flat=True)) if request_key else []
    if not numbers:
        raise errors.SomebodyElseWrote(code)
    return numbers[0]


def _newest_number(article: Article, org_path: str) -> int:
    newest = article.versions.filter(org_path=org_path).aggregate(number=Max("number"))["number"]
    return newest or 0


def _check_rights(viewer: Viewer, org_path: str, policy: Policy) -> None:
    if viewer.role not in policy.row("publish").value:
        raise errors.NotAllowed(f"{viewer.role} publish ({policy.version})")
    if viewer.role not in policy.row("publish_for_all").value and not org_path.startswith(
        viewer.org_path
    ):
        raise errors.NotAllowed(f"{viewer.org_path}: units below {org_path or '/'}")


def _check(draft: Draft) -> None:
    parts = {
        "title.zh": (draft.title.zh, TITLE_AT_MOST),
        "title.en": (draft.title.en, TITLE_AT_MOST),
        "answer.zh": (draft.answer.zh, ANSWER_AT_MOST),
        "answer.en": (draft.answer.en, ANSWER_AT_MOST),
        "source": (draft.source, SOURCE_AT_MOST),
        "code": (draft.code, CODE_AT_MOST),
    }
    for name, (text, most) in parts.items():
        if not text.strip():
            raise errors.ArticleWrong(f"{name}: says nothing")
        if len(text) > most:
            raise errors.ArticleWrong(f"{name}: {len(text)} characters, at most {most}")
    for name, text in (("body.zh", draft.body.zh), ("body.en", draft.body.en)):
        if len(text) > BODY_AT_MOST:
            raise errors.ArticleWrong(f"{name}: {len(text)} characters, at most {BODY_AT_MOST}")
    if any("\x00" in text for text, _ in parts.values()) or "\x00" in draft.body.zh + draft.body.en:
        raise errors.ArticleWrong("a character of no meaning (NUL)")
    if draft.certainty not in CERTAINTIES:
        raise errors.ArticleWrong(f"certainty: {draft.certainty}")
    if draft.until_date is not None and draft.until_date < draft.from_date:
        raise errors.ArticleWrong(f"until_date: {draft.until_date} is before {draft.from_date}")
