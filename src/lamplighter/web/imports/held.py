"""What of a delivery could not be used: why, how often, and the values of the reader's file."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import get_language

from lamplighter.facts import receiving
from lamplighter.facts.intake import queries as intake
from lamplighter.web.frame import formats, lists


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """One value that could not be used."""

    row_number: int
    field: str  # the column of the file; empty where it comes from none
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A reason with the columns it concerns; the link leads to its rows."""

    reason: str
    columns: str
    n: int
    url: str
    is_current: bool


def title_of(*, text: str, name: str) -> str:
    """Return what a mapping is called in the language of the page; its name where it says none."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return str(_read(text).get(language) or name)


def rows_of(found: intake.DeliveryInFull) -> tuple[HeldBack, ...]:
    """Return the values as the page lists them."""
    columns = _columns(found.mapping_text)
    return tuple(
        HeldBack(
            row_number=row.row_number,
            field=columns.get(row.field, ""),
            value=row.value,
            reason=_reason(row.reason, row.detail),
        )
        for row in found.quarantined
    )


def whys_of(found: intake.DeliveryInFull, *, path: str, asked: str) -> tuple[Why, ...]:
    """Return the reasons, the most frequent first.

    Raises
    ------
    Http404
        The reason asked for is none of them.
    """
    columns = _columns(found.mapping_text)
    of: dict[str, list[intake.ReasonCount]] = {}
    for one in found.by_reason:
        of.setdefault(one.reason, []).append(one)
    if asked and asked not in of:
        raise Http404
    ordered = sorted(of.items(), key=lambda pair: -sum(one.n for one in pair[1]))
    return tuple(
        Why(
            reason=_reason(reason, ""),
            columns=formats.listed(texts=_called(counts, columns)),
            n=sum(one.n for one in counts),
            url=lists.address(path, reason="" if reason == asked else reason),
            is_current=reason == asked,
        )
        for reason, counts in ordered
    )


def _called(counts: Sequence[intake.ReasonCount], columns: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(columns[one.field] for one in counts if one.field in columns))


def _reason(code: str, detail: str) -> str:
    words = receiving.row_reason(code=code).in_language(get_language() or "zh-hans")
    return f"{words} ({detail})" if detail else words


def _columns(text: str) -> dict[str, str]:
    """Return which column of the file each of our fields comes from."""
    found = {}
    for field, column in _read(text).get("columns", {}).items():
        if isinstance(column, dict) and isinstance(column.get("from"), str):
            found[field] = column["from"]
    return found


def _read(text: str) -> dict[str, Any]:
    """Return a mapping file's content; nothing of one that was refused for its form."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
