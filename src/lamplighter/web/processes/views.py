"""The catalogue of processes: the twelve functions, and each process with all it promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_GET

from lamplighter.policy import service_hours
from lamplighter.policy.processes import bpmn, catalogue, codes, picture, wording
from lamplighter.policy.processes.shapes import Limit, Process, Promise, Source, Step
from lamplighter.web import desk
from lamplighter.web.frame import formats, lists, service_words
from lamplighter.web.frame.service_words import Text, own

CERTAINTIES: dict[str, Text] = {
    "C": later("Certain: read at its source"),
    "T": later("Likely: from a page about it"),
    "U": later("Not certain"),
    "O": later("Our own decision"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One process in the catalogue."""

    title: str
    url: str
    about: str
    promises: str
    n_steps: int
    valid_from: date
    is_green: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One of the twelve functions."""

    code: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePage:
    """All processes in force."""

    summary: str
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A number or rule with where it comes from, and how sure that is."""

    title: str
    text: str
    note: str
    source: str
    certainty: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One step: what, who, when, where, why, how."""

    code: str
    title: str
    what: str
    who: str
    when: str
    inner: str
    where: str
    why: str
    how: str
    fields: tuple[str, ...]
    told: str
    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPage:
    """One version of one process."""

    code: str
    title: str
    function: str
    about: str
    begins: str
    ends: str
    version: date
    versions: tuple[tuple[date, str, bool], ...]  # day, address, whether it is the one shown
    is_in_force: bool
    picture: SafeString
    promises: tuple[Said, ...]
    rules: tuple[Said, ...]
    failures: tuple[Said, ...]
    pauses: tuple[tuple[str, str], ...]
    green: str
    cards: tuple[Card, ...]
    sources: tuple[tuple[str, str], ...]
    file_url: str
    sha256: str


@require_GET
def catalogue_page(request: HttpRequest) -> HttpResponse:
    """Show all processes by function. No query of its own."""
    found = catalogue.every(on=desk.today())
    functions = tuple(
        Function(
            code=code,
            title=service_words.function_name(code=code),
            entries=tuple(_entry(process) for process in found if process.function == code),
        )
        for code, words in codes.FUNCTIONS.items()
    )
    page = CataloguePage(
        summary=_summary(found, functions),
        functions=tuple(one for one in functions if one.entries),
    )
    return render(request, "processes/list.html", {"page": page})


@require_GET
def process_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one process (``?version=2014-11-01``; without it, the one in force)."""
    process, versions = _asked(code, request.GET.get("version", ""))
    language = get_language() or ""
    in_force = [one for one in versions if one.valid_from <= desk.today()][-1:]
    url = reverse("processes:process", args=[code])
    page = ProcessPage(
        code=process.code,
        title=own(process.title),
        function=service_words.function_name(code=process.function),
        about=own(process.about),
        begins=own(process.begins),
        ends=own(process.ends),
        version=process.valid_from,
        versions=tuple(
            (
                one.valid_from,
                lists.address(url, version=one.valid_from.isoformat()),
                one is process,
            )
            for one in versions
        ),
        is_in_force=process in in_force,
        picture=_picture(process, language),
        promises=tuple(said for one in process.promises for said in _promise(one, language)),
        rules=tuple(
            _said(own(one.about), wording.rule(one, language=language), one.source)
            for one in process.rules
        ),
        failures=tuple(
            _said(own(one.title), service_words.level_name(code=one.level), one.source)
            for one in process.failures
        ),
        pauses=tuple(
            (service_words.wait_name(code=one.code), own(one.customer)) for one in process.pauses
        ),
        green=own(process.green.about) if process.green else "",
        cards=tuple(_card(step, language) for step in process.steps),
        sources=tuple((own(one.text), str(CERTAINTIES[one.certainty])) for one in process.sources),
        file_url=reverse("processes:file", args=[code, process.valid_from.isoformat()]),
        sha256=process.sha256,
    )
    return render(request, "processes/process.html", {"page": page})


@require_GET
def file(_request: HttpRequest, code: str, valid_from: str) -> HttpResponse:
    """Give a version as a BPMN 2.0 file."""
    process, _versions = _asked(code, valid_from)
    text = bpmn.bpmn(process=process, language=get_language() or "")
    answer = HttpResponse(text, content_type="application/xml; charset=utf-8")
    name = f"{process.code}-{process.valid_from.isoformat()}.bpmn"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _asked(code: str, version: str) -> tuple[Process, tuple[Process, ...]]:
    """Return the version that is asked for, and all there are.

    Raises
    ------
    Http404
        There is none.
    """
    try:
        versions = catalogue.versions(code=code)
        if version:
            return catalogue.by_version(version=f"{code}/{version}"), versions
        return catalogue.in_force(code=code, on=desk.today()), versions
    except catalogue.ProcessUnknown as error:
        raise Http404 from error


def _entry(process: Process) -> Entry:
    language = get_language() or ""
    outward = [one for one in process.promises if one.is_outward]
    shown = [formats.labelled(label=own(one.title), text=_limits(one, language)) for one in outward]
    return Entry(
        title=own(process.title),
        url=reverse("processes:process", args=[process.code]),
        about=own(process.about),
        promises=" · ".join(shown),
        n_steps=len(process.steps),
        valid_from=process.valid_from,
        is_green=process.green is not None,
    )


def _limits(promise: Promise, language: str) -> str:
    """Return the limits of a promise, from the shortest to the longest."""
    ordered = sorted(promise.cases.values(), key=lambda one: one.minutes)
    texts = list(dict.fromkeys(wording.limit(one, language=language) for one in ordered))
    return texts[0] if len(texts) == 1 else f"{texts[0]}–{texts[-1]}"


def _promise(promise: Promise, language: str) -> list[Said]:
    """Return each case of a promise with its source."""
    named = codes.DIMENSIONS[promise.by]
    note = "" if promise.is_outward else _("our own measure")
    found = []
    for case, limit in promise.cases.items():
        title = own(promise.title)
        if promise.by != "ALL":
            title = f"{title} · {own(named[case])}"
        found.append(_said(title, _limit(limit, language), limit.source, note=note))
    return found


def _limit(limit: Limit, language: str) -> str:
    hours = service_hours.in_force(on=desk.today())
    about = own(hours[limit.calendar].about) if limit.calendar in hours else ""
    return " · ".join(part for part in (wording.limit(limit, language=language), about) if part)


def _said(title: str, text: str, source: Source, *, note: str = "") -> Said:
    return Said(
        title=title,
        text=text,
        note=note,
        source=own(source.text),
        certainty=str(CERTAINTIES[source.certainty]),
        is_confirmed=source.certainty != "U",
    )


def _card(step: Step, language: str) -> Card:
    return Card(
        code=step.code,
        title=own(step.title),
        what=own(step.what),
        who=service_words.post_name(code=step.who),
        when=wording.when(step=step, language=language),
        inner=wording.limit(step.ola, language=language) if step.ola else "",
        where=own(codes.STAGES[step.where]),
        why=own(step.why),
        how=own(step.how),
        fields=tuple(own(field.title) for field in step.fields),
        told=own(step.customer) if step.customer else "",
        question=own(step.choice.question) if step.choice else "",
        answers=tuple(own(one.title) for one in step.choice.answers) if step.choice else (),
    )


def _summary(found: Sequence[Process], functions: Sequence[Function]) -> str:
    n_used = sum(bool(one.entries) for one in functions)
    said = ngettext("%(n)d process in force", "%(n)d processes in force", len(found))
    return _("%(processes)s, for %(used)d of the twelve functions.") % {
        "processes": said % {"n": len(found)},
        "used": n_used,
    }


def _picture(process: Process, language: str) -> SafeString:
    drawn = picture.picture(process=process, language=language, states={})
    return mark_safe(drawn)  # noqa: S308 - our own files alone, escaped by the picture
