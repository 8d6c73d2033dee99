"""Articles that a station may begin with, from files; one of its own is written the same way.

A file holds any number of ``[[article]]`` tables with ``code``, ``source``, ``certainty`` and
``from_date``, and the tables ``title``, ``answer`` and ``body``, each with ``zh`` and ``en``.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from lamplighter.action.service.knowledge import errors
from lamplighter.action.service.knowledge.services import Draft
from lamplighter.policy.loader import Words

ARTICLES = Path(__file__).parent / "articles"
PARTS = {"code", "source", "certainty", "from_date", "until_date", "title", "answer", "body"}


def drafts(*, folder: Path = ARTICLES) -> list[Draft]:
    """Return the articles of all files of a folder, by code.

    Raises
    ------
    errors.ArticleWrong
        A file cannot be read as articles; says which file, which article and what.
    """
    found: dict[str, Draft] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8")).get("article", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise errors.ArticleWrong(f"{file.name}: {error}") from error
        for number, table in enumerate(tables, start=1):
            where = f"{file.name}, article {number}"
            draft = _draft(table, where)
            if draft.code in found:
                raise errors.ArticleWrong(f"{where}: {draft.code} comes twice")
            found[draft.code] = draft
    return [found[code] for code in sorted(found)]


def _draft(table: Mapping[str, Any], where: str) -> Draft:
    unknown = sorted(set(table) - PARTS)
    lacking = sorted(PARTS - {"until_date"} - set(table))
    if unknown or lacking:
        raise errors.ArticleWrong(f"{where}: {'unknown' if unknown else 'lacks'} "
                                  f"{(unknown or lacking)[0]}")  # fmt: skip
    if not isinstance(table["from_date"], date):
        raise errors.ArticleWrong(f"{where}: from_date is no day")
    return Draft(
        code=str(table["code"]),
        title=_words(table, "title", where),
        answer=_words(table, "answer", where),
        body=_words(table, "body", where),
        source=str(table["source"]),
        certainty=str(table["certainty"]),
        from_date=table["from_date"],
        until_date=table.get("until_date"),
    )


def _words(table: Mapping[str, Any], name: str, where: str) -> Words:
    part = table[name]
    if not isinstance(part, dict) or set(part) != {"zh", "en"}:
        raise errors.ArticleWrong(f"{where}: {name} needs zh and en, nothing else")
    return Words(zh=str(part["zh"]).strip(), en=str(part["en"]).strip())
