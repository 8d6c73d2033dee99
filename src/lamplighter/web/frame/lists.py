"""Parts that long lists share: their pages, their filters, and addresses that keep both."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where a part of a list stands in the whole."""

    number: int
    pages: int
    total: int
    previous_url: str | None
    next_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a filter."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What is typed into a filter that offers nothing, as there would be too much."""

    value: str
    note: str  # what was found by it
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter above a list; the first option is "all"."""

    name: str
    label: str
    options: tuple[Option, ...]
    typed: Typed | None = None  # a field in place of the options


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A field above a list for words that its rows must hold."""

    name: str
    label: str
    value: str


def address(path: str, **wanted: str | int) -> str:
    """Return an address with a query; empty values are left out."""
    query = urlencode({name: value for name, value in wanted.items() if value != ""})
    return f"{path}?{query}" if query else path


def page_number(request: HttpRequest) -> int:
    """Return which page is asked for, from one.

    Raises
    ------
    Http404
        It is no page number.
    """
    text = request.GET.get("page", "1")
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise Http404
    return int(text)


def pager(*, number: int, total: int, size: int, path: str, wanted: Mapping[str, str]) -> Pager:
    """Say where page *number* of a list stands."""
    pages = max(math.ceil(total / size), 1)
    here = dict(wanted)
    return Pager(
        number=number,
        pages=pages,
        total=total,
        previous_url=address(path, **here, page=number - 1) if number > 1 else None,
        next_url=address(path, **here, page=number + 1) if number < pages else None,
    )


def choice(
    *, name: str, label: str, every: str, options: Sequence[tuple[str, str]], chosen: str
) -> Filter:
    """Make a filter of (value, label) pairs.

    Raises
    ------
    Http404
        What is chosen is not among them.
    """
    if chosen and chosen not in {value for value, _ in options}:
        raise Http404
    return Filter(
        name=name,
        label=label,
        options=tuple(
            Option(value=value, label=text, is_chosen=value == chosen)
            for value, text in [("", every), *options]
        ),
    )
