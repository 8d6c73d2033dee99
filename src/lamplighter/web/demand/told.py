"""The hotline's own words: one request read at once, all of them by type, and what is new."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.facts.customers import requests as customers
from lamplighter.facts.customers.requests import Asked
from lamplighter.facts.network import queries as network
from lamplighter.findings.demand import queries as findings
from lamplighter.findings.demand import taxonomy
from lamplighter.findings.demand.queries import TopicFound, TypeCount
from lamplighter.findings.demand.taxonomy import Taxonomy
from lamplighter.kernel.viewer import Viewer
from lamplighter.web import desk
from lamplighter.web.demand import answer as reading
from lamplighter.web.frame import area_choice, codes, formats, lists, sheets

N_WEEKS = 26
NEW_WEEKS = 4
MOST_TOPICS = 12
LONGEST_EXAMPLE = 90
MOST_CHARACTERS = 20_000
LONG_NUMBER = re.compile(r"\d{7,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeLine:
    """One type in the list."""

    label: str
    group: str
    n_new: int  # in the newest four weeks
    n_before: int  # in the four weeks before
    n_all: int
    weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A request that shows a topic."""

    text: str
    url: str  # empty where nobody was named


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCard:
    """What rose beyond chance."""

    name: str
    is_phrase: bool
    where: str
    said: str
    also: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPage:
    """All that the page shows."""

    summary: str
    text: str
    most_characters: str
    read_url: str
    topics: tuple[TopicCard, ...]
    lines: tuple[TypeLine, ...]
    n_all: int
    n_left: int
    filters: tuple[lists.Filter, ...]
    action: str
    export_url: str
    has_requests: bool


@never_cache
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """Show types and topics, by area and kind of customer. 8 queries."""
    viewer, today = desk.viewer_of(request), desk.today()
    if request.GET.get("as") == "xlsx":
        return _file(request, viewer, today)
    page = _page(request, viewer, today)
    return render(request, "demand/words.html", {"page": page, "answer": None})


@never_cache
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Read one request and keep nothing of it: the answer alone to htmx, else the page."""
    viewer, today = desk.viewer_of(request), desk.today()
    text = request.POST.get("text", "")[:MOST_CHARACTERS]
    found = reading.answer(text=text, on=today) if text.strip() else None
    if getattr(request, "htmx", False):
        return render(request, "demand/words.html#answer", {"answer": found})
    page = _page(request, viewer, today, text=text)
    return render(request, "demand/words.html", {"page": page, "answer": found})


def _page(
    request: HttpRequest,
    viewer: Viewer,
    today: date,
    *,
    text: str = "",
) -> DemandPage:
    names = taxonomy.taxonomy_on(day=today)
    wanted = _wanted(request)
    by_area = area_choice.area_choice(viewer=viewer, on=today, asked=wanted["area"])
    wanted["area"] = by_area.code
    filters = (by_area.filter, _by_category(wanted))
    counts = _counts(viewer, today, wanted, area_id=by_area.area_id)
    topics = _topics(viewer, today, names)
    n_all = sum(count.n_requests for count in counts)
    n_left = sum(count.n_requests for count in counts if not count.type)
    path = reverse("demand:words")
    return DemandPage(
        summary=_summary(n_all, n_left, len(topics)),
        text=text,
        most_characters=str(MOST_CHARACTERS),
        read_url=reverse("demand:read"),
        topics=topics,
        lines=_lines(counts, names),
        n_all=n_all,
        n_left=n_left,
        filters=filters,
        action=path,
        export_url=lists.address(path, **wanted, **{"as": "xlsx"}),
        has_requests=bool(n_all) or any(wanted.values()),
    )


def _file(request: HttpRequest, viewer: Viewer, today: date) -> HttpResponse:
    wanted = _wanted(request)
    by_area = area_choice.area_choice(viewer=viewer, on=today, asked=wanted["area"])
    _by_category(wanted)  # refuses what is no choice
    counts = _counts(viewer, today, wanted, area_id=by_area.area_id)
    return _export(_lines(counts, taxonomy.taxonomy_on(day=today)))


def _wanted(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("area", "category")}


def _counts(
    viewer: Viewer, today: date, wanted: dict[str, str], *, area_id: int | None
) -> list[TypeCount]:
    return findings.type_counts(
        viewer=viewer,
        on=today,
        as_of=today - timedelta(1),
        n_weeks=N_WEEKS,
        area_id=area_id,
        category=wanted["category"] or None,
    )


def _by_category(wanted: dict[str, str]) -> lists.Filter:
    return lists.choice(
        name="category",
        label=_("Kind of customer"),
        every=_("All customers"),
        options=[(code, str(word.label)) for code, word in codes.WORDS["category"].items()],
        chosen=wanted["category"],
    )


def _summary(n_all: int, n_left: int, n_topics: int) -> str:
    if not n_all:
        return _("Type a request in the customer's words and see what it seems to ask for.")
    text = ngettext(
        "In half a year customers asked %(n)s time.",
        "In half a year customers asked %(n)s times.",
        n_all,
    )
    said = text % {"n": formats.number(value=n_all, digits=0)}
    if n_left:
        left = ngettext(
            "%(n)s request waits for a person to sort it.",
            "%(n)s requests wait for a person to sort them.",
            n_left,
        )
        said = formats.sentences(said, left % {"n": formats.number(value=n_left, digits=0)})
    if not n_topics:
        return formats.sentences(said, _("Nothing new stands out this week."))
    new = ngettext(
        "%(n)s thing came more often than chance explains.",
        "%(n)s things came more often than chance explains.",
        n_topics,
    )
    return formats.sentences(said, new % {"n": n_topics})


def _lines(counts: Sequence[TypeCount], names: Taxonomy) -> tuple[TypeLine, ...]:
    language = get_language() or ""
    return tuple(
        TypeLine(
            label=reading.word_of(kind=count.type, names=names)
            if count.type
            else _("Left to people"),
            group=names.groups[names.group_of[count.type]].in_language(language)
            if count.type
            else "",
            n_new=sum(count.n_by_week[-NEW_WEEKS:]),
            n_before=sum(count.n_by_week[-2 * NEW_WEEKS : -NEW_WEEKS]),
            n_all=count.n_requests,
            weeks=count.n_by_week,
        )
        for count in counts
        if not count.type or count.type in names.types
    )


def _topics(viewer: Viewer, today: date, names: Taxonomy) -> tuple[TopicCard, ...]:
    found = findings.topics_found(viewer=viewer, on=today)[:MOST_TOPICS]
    wanted = [number for topic in found for number in topic.example_ids]
    asked = customers.asked_of(viewer=viewer, on=today, request_ids=wanted)
    by_id = network.names_of_areas(
        viewer=viewer, on=today, area_ids=(topic.area_id for topic in found)
    )
    return tuple(_card(topic, asked, by_id, names) for topic in found)


def _card(
    topic: TopicFound, asked: dict[int, Asked], areas: dict[int, str], names: Taxonomy
) -> TopicCard:
    is_phrase = topic.kind == "TERM"
    expected = topic.n_requests / topic.rise_ratio
    said = _("%(n)s in the seven days from %(day)s; about %(expected)s expected") % {
        "n": topic.n_requests,
        "day": formats.day(value=topic.first_date),
        "expected": formats.number(value=expected, digits=0 if expected >= 10 else 1),
    }
    return TopicCard(
        name=topic.name if is_phrase else reading.word_of(kind=topic.name, names=names),
        is_phrase=is_phrase,
        where=areas.get(topic.area_id, "") if topic.area_id else "",
        said=said,
        also=topic.also,
        examples=tuple(_example(asked[n]) for n in topic.example_ids if n in asked),
    )


def _example(asked: Asked) -> Example:
    text = LONG_NUMBER.sub(lambda found: "*" * len(found[0]), asked.content)
    return Example(
        text=text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…",
        url=reverse("customers:account", args=[asked.account_number])
        if asked.account_number
        else "",
    )


def _export(lines: Sequence[TypeLine]) -> HttpResponse:
    columns = [
        sheets.Column(title=_("Type of request"), width=30),
        sheets.Column(title=_("Group"), width=20),
        sheets.Column(title=_("Last four weeks"), kind="number"),
        sheets.Column(title=_("Four weeks before"), kind="number"),
        sheets.Column(title=_("Half a year"), kind="number"),
    ]
    rows = [(line.label, line.group, line.n_new, line.n_before, line.n_all) for line in lines]
    sheet = sheets.Sheet(title=_("Requests"), columns=columns, rows=rows)
    return sheets.answer(file_name="requests", sheets=[sheet])
