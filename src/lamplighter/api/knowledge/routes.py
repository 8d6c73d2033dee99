"""Searching answers, reading one, and noting that it was given."""

from datetime import date
from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from lamplighter.action.service import rights
from lamplighter.action.service.knowledge import queries, services
from lamplighter.api import door
from lamplighter.api.door import NO_NUL, ApiRequest
from lamplighter.policy import loader

POLICY = "knowledge"
router = Router(tags=["knowledge"])
ArticleCode = Annotated[
    str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$")
]
Question = Annotated[str, Query(max_length=200, pattern=NO_NUL, description="In any words.")]
Limit = Annotated[int, Query(ge=1, le=20)]


class ArticleOut(Schema):
    """One version of an article."""

    code: str
    number: int
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


class QuoteIn(Schema):
    """Which order an answer was given about."""

    model_config = ConfigDict(extra="forbid")

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


def _version(version: queries.Version, language: str) -> ArticleOut:
    return ArticleOut(
        code=version.code,
        number=version.number,
        title=version.title.in_language(language),
        answer=version.answer.in_language(language),
        body=version.body.in_language(language),
        source=version.source,
        certainty=version.certainty,
        from_date=version.from_date,
        until_date=version.until_date,
        is_withdrawn=version.is_withdrawn,
    )
