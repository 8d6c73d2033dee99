"""Searching answers, reading one, noting that it was given; publishing and withdrawing it."""

from datetime import date
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from lamplighter.action.service import rights
from lamplighter.action.service.knowledge import models, queries, services
from lamplighter.api import door
from lamplighter.api.door import NO_NUL, ApiRequest
from lamplighter.api.orders.shapes import Input
from lamplighter.policy import loader
from lamplighter.policy.loader import Words

POLICY = "knowledge"
router = Router(tags=["knowledge"])
ArticleCode = Annotated[
    str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$")
]
Said = StringConstraints(min_length=1, strip_whitespace=True, pattern=NO_NUL)
Title = Annotated[str, Said, Field(max_length=models.TITLE_AT_MOST)]
Answer = Annotated[str, Said, Field(max_length=models.ANSWER_AT_MOST)]
Body = Annotated[str, StringConstraints(max_length=models.BODY_AT_MOST, pattern=NO_NUL)]
Source = Annotated[str, Said, Field(max_length=models.SOURCE_AT_MOST)]
Question = Annotated[str, Query(max_length=200, pattern=NO_NUL, description="In any words.")]
Limit = Annotated[int, Query(ge=1, le=20)]


class ArticleOut(Schema):
    """One version of an article."""

    code: str
    number: int
    units: str
    title: str
    answer: str
    body: str
    source: str
    certainty: str
    from_date: date
    until_date: date | None
    is_withdrawn: bool


class Hit(Schema):
    """An article that may answer the question."""

    article: ArticleOut
    share: float
    is_old: bool


class Hits(Schema):
    """The articles that may answer a question, likeliest first."""

    items: list[Hit]


class Article(Schema):
    """An article with its versions, newest first, and which is in force today."""

    code: str
    in_force: ArticleOut | None
    versions: list[ArticleOut]


class VersionIn(Input):
    """A version of an article in both languages, in force from its own day on.

    It stands for the units of the person the program acts as. *after_number* is the version of
    those units it was written from, 0 where there is none.
    """

    after_number: Annotated[int, Field(ge=0, le=2**31 - 2, strict=True)]
    title_zh: Title
    title_en: Title
    answer_zh: Answer
    answer_en: Answer
    body_zh: Body = ""
    body_en: Body = ""
    source: Source
    certainty: Literal["C", "T", "O", "U"]
    from_date: date
    until_date: date | None = None


class WithdrawIn(Input):
    """From which day an article is no answer any more, and why."""

    after_number: Annotated[int, Field(ge=1, le=2**31 - 2, strict=True)]
    from_date: date
    because: Source


class Written(Schema):
    """A version that stands now."""

    code: str
    number: int


class QuoteIn(Input):
    """Which order an answer was given about."""

    order_number: str = Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")


@router.get("", response=Hits)
def search(request: ApiRequest, q: Question = "", limit: Limit = 10) -> Hits:
    """Return the articles in force that answer a question."""
    caller = request.auth
    found = queries.search(
        viewer=caller.viewer,
        on=caller.today,
        text=q,
        limit=limit,
        policy=loader.load(name=POLICY, on=caller.today),
    )
    return Hits(
        items=[
            Hit(article=_version(hit.version, caller.language), share=hit.share, is_old=hit.is_old)
            for hit in found
        ]
    )


@router.get("/{code}", response=Article)
def article(request: ApiRequest, code: ArticleCode) -> Article:
    """Return an article with all its versions."""
    caller = request.auth
    found = queries.article(viewer=caller.viewer, on=caller.today, code=code)
    return Article(
        code=found.code,
        in_force=_version(found.in_force, caller.language) if found.in_force else None,
        versions=[_version(version, caller.language) for version in found.versions],
    )


@router.post("/{code}/quotes", response={201: ArticleOut})
def quote(request: ApiRequest, code: ArticleCode, body: QuoteIn, key: door.Key) -> HttpResponse:
    """Note that the answer in force was given about an order, and return it."""
    caller = request.auth

    def write() -> dict[str, object]:
        order_id, _ = rights.stand(
            viewer=caller.viewer, rules=caller.rules, number=body.order_number
        )
        given = services.quote(
            viewer=caller.viewer,
            on=caller.today,
            code=code,
            subject=f"order:{order_id}",
            now=caller.now,
        )
        return _version(given, caller.language).model_dump(mode="json")

    return door.once(request, key=key, write=write, status=201)


@router.post("/{code}/versions", response={201: Written})
def publish(request: ApiRequest, code: ArticleCode, body: VersionIn, key: door.Key) -> HttpResponse:
    """Publish an article, or a further version of it."""
    caller = request.auth
    policy = loader.load(name=POLICY, on=caller.today)

    def write() -> dict[str, object]:
        number = services.publish(
            viewer=caller.viewer,
            draft=services.Draft(
                code=code,
                title=Words(zh=body.title_zh, en=body.title_en),
                answer=Words(zh=body.answer_zh, en=body.answer_en),
                body=Words(zh=body.body_zh, en=body.body_en),
                source=body.source,
                certainty=body.certainty,
                from_date=body.from_date,
                until_date=body.until_date,
                org_path=services.units_of(viewer=caller.viewer, policy=policy),
            ),
            after_number=body.after_number,
            request_key=door.request_key(request, key=key),
            now=caller.now,
            policy=policy,
        )
        return {"code": code, "number": number}

    return door.once(request, key=key, write=write, status=201)


@router.post("/{code}/withdraw", response=Written)
def withdraw(
    request: ApiRequest, code: ArticleCode, body: WithdrawIn, key: door.Key
) -> HttpResponse:
    """Say that from a day on an article is no answer any more; its versions stay readable."""
    caller = request.auth

    def write() -> dict[str, object]:
        number = services.withdraw(
            viewer=caller.viewer,
            code=code,
            from_date=body.from_date,
            because=body.because,
            after_number=body.after_number,
            request_key=door.request_key(request, key=key),
            now=caller.now,
            policy=loader.load(name=POLICY, on=caller.today),
        )
        return {"code": code, "number": number}

    return door.once(request, key=key, write=write)


def _version(version: queries.Version, language: str) -> ArticleOut:
    return ArticleOut(
        code=version.code,
        number=version.number,
        units=version.org_path,
        title=version.title.in_language(language),
        answer=version.answer.in_language(language),
        body=version.body.in_language(language),
        source=version.source,
        certainty=version.certainty,
        from_date=version.from_date,
        until_date=version.until_date,
        is_withdrawn=version.is_withdrawn,
    )
