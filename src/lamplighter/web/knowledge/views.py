"""The knowledge base: what is answered today, which version was answered when, and by whom."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lamplighter.action.service.knowledge import errors, services
from lamplighter.action.service.knowledge import queries as knowledge
from lamplighter.action.service.knowledge.queries import Version, Whole
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy, Words
from lamplighter.web import desk
from lamplighter.web.frame import actors, service_words
from lamplighter.web.knowledge.forms import CERTAINTIES, ArticleForm, WithdrawForm

MOST_HITS = 20
LONGEST_QUESTION = 200
TEXTS = ("title", "answer", "body")
IN_BOTH = re.compile(r"(.*[\u4e00-\u9fff].*) \(([^()\u4e00-\u9fff]+)\)")  # 中文 (English)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An article in the list."""

    code: str
    url: str
    title: str
    answer: str
    from_date: date
    is_old: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """An article by its title alone."""

    url: str
    title: str
    from_date: date
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """What answers a question."""

    summary: str
    question: str
    lines: tuple[Line, ...]
    titled: tuple[Titled, ...]  # all there are, where nothing is asked
    may_publish: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionShown:
    """One version of an article."""

    number: int
    is_in_force: bool
    is_withdrawn: bool
    is_to_come: bool
    for_whom: str
    from_date: date
    until_date: date | None
    title: str
    answer: str
    body: str
    source: str
    certainty: str
    who: str
    recorded_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """One article with its versions."""

    code: str
    url: str
    title: str
    summary: str
    in_force: VersionShown | None
    is_old: bool
    versions: tuple[VersionShown, ...]
    form: django_forms.Form | None
    withdraw_form: django_forms.Form | None
    is_writing: bool  # a form was refused: it stands open


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """The form for a new article."""

    form: django_forms.Form


def rules() -> Policy:
    """Return the rules of the knowledge base in force today."""
    return loader.load(name="knowledge", on=desk.today())


def may_publish(viewer: Viewer) -> bool:
    """Tell whether a person may publish, so that a form is offered; the service decides."""
    return viewer.role in rules().row("publish").value


@never_cache
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """Search the answers in force (``?q=``). Three queries; htmx gets the hits alone."""
    viewer, today = desk.viewer_of(request), desk.today()
    question = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUESTION]
    hits = knowledge.search(viewer=viewer, on=today, text=question, limit=MOST_HITS, policy=rules())
    lines = tuple(
        Line(
            code=hit.version.code,
            url=reverse("knowledge:article", args=[hit.version.code]),
            title=service_words.own(hit.version.title),
            answer=service_words.own(hit.version.answer),
            from_date=hit.version.from_date,
            is_old=hit.is_old,
        )
        for hit in hits
    )
    titled = () if question else _titled(viewer, today)
    page = ListPage(
        summary=_summary(question, len(lines), titled),
        question=question,
        lines=lines,
        titled=titled,
        may_publish=may_publish(viewer),
    )
    part = "#hits" if getattr(request, "htmx", False) else ""
    return render(request, f"knowledge/list.html{part}", {"page": page})


def _titled(viewer: Viewer, today: date) -> tuple[Titled, ...]:
    return tuple(
        Titled(
            url=reverse("knowledge:article", args=[one.code]),
            title=service_words.own(one.title) or one.code,
            from_date=one.from_date,
            is_in_force=one.is_in_force,
        )
        for one in knowledge.titles(viewer=viewer, on=today)
    )


def _summary(question: str, n_found: int, titled: Sequence[Titled]) -> str:
    if question and not n_found:
        return _("Nothing in force answers this. Try other words.")
    if question:
        return ngettext("%(n)d answer.", "%(n)d answers.", n_found) % {"n": n_found}
    n = sum(one.is_in_force for one in titled)
    return ngettext("%(n)d answer is in force.", "%(n)d answers are in force.", n) % {"n": n}


@never_cache
@require_GET
def article(request: HttpRequest, code: str) -> HttpResponse:
    """Show one article with its versions. Six queries."""
    return _shown(request, code)


def _shown(
    request: HttpRequest,
    code: str,
    *,
    form: ArticleForm | None = None,
    withdraw_form: WithdrawForm | None = None,
) -> HttpResponse:
    viewer, today = desk.viewer_of(request), desk.today()
    try:
        whole = knowledge.article(viewer=viewer, on=today, code=code)
    except errors.ArticleUnknown as error:
        raise Http404 from error
    called = actors.called(actors=[one.recorded_by for one in whole.versions])
    versions = tuple(_version(one, whole, today, called) for one in whole.versions)
    in_force = next((one for one in versions if one.is_in_force), None)
    may = may_publish(viewer)
    days = rules().integer("review_days")
    newest = whole.versions[0]
    page = ArticlePage(
        code=code,
        url=reverse("knowledge:article", args=[code]),
        title=in_force.title if in_force else versions[0].title or code,
        summary=_state(in_force, versions[0]),
        in_force=in_force,
        is_old=in_force is not None and (today - in_force.recorded_day).days > days,
        versions=versions,
        form=(form or _form_of(viewer, whole, today)) if may else None,
        withdraw_form=(withdraw_form or _withdraw_form(newest, today))
        if may and not newest.is_withdrawn
        else None,
        is_writing=form is not None,
    )
    is_refused = form is not None or withdraw_form is not None
    return render(
        request, "knowledge/article.html", {"page": page}, status=422 if is_refused else 200
    )


def _version(one: Version, whole: Whole, today: date, called: dict[str, str]) -> VersionShown:
    in_force = whole.in_force
    return VersionShown(
        number=one.number,
        is_in_force=in_force is not None
        and (in_force.number, in_force.org_path) == (one.number, one.org_path),
        is_withdrawn=one.is_withdrawn,
        is_to_come=one.from_date > today,
        for_whom=one.org_path or _("every unit"),
        from_date=one.from_date,
        until_date=one.until_date,
        title=service_words.own(one.title),
        answer=service_words.own(one.answer),
        body=service_words.own(one.body),
        source=one.source if one.is_withdrawn else _source(one.source),
        certainty=str(CERTAINTIES.get(one.certainty, one.certainty)),
        who=called[one.recorded_by],
        recorded_day=one.recorded_day,
    )


def _source(text: str) -> str:
    """Return a source in the reader's language where it is written in both: 中文 (English)."""
    both = IN_BOTH.fullmatch(text)
    return service_words.own(Words(zh=both[1], en=capfirst(both[2]))) if both else text


def _state(in_force: VersionShown | None, newest: VersionShown) -> str:
    if in_force is not None:
        return _("Version %(n)d is in force.") % {"n": in_force.number}
    if newest.is_withdrawn:
        return _("Withdrawn: nothing is answered with this.")
    return _("No version is in force today.")


def _form_of(viewer: Viewer, whole: Whole, today: date) -> ArticleForm:
    base = whole.in_force or whole.versions[0]
    units = services.units_of(viewer=viewer, policy=rules())
    mine = [one.number for one in whole.versions if one.org_path == units]
    texts = {
        f"{name}_{language}": getattr(getattr(base, name), language)
        for name in TEXTS
        for language in ("zh", "en")
    }
    return ArticleForm(
        initial={
            **texts,
            "code": whole.code,
            "source": base.source,
            "certainty": base.certainty,
            "from_date": today,
            "after_number": max(mine, default=0),
            "request_key": uuid.uuid4().hex,
        }
    )


def _withdraw_form(newest: Version, today: date) -> WithdrawForm:
    return WithdrawForm(
        initial={
            "from_date": today,
            "after_number": newest.number,
            "request_key": uuid.uuid4().hex,
        },
        prefix="withdraw",
    )


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a new article."""
    viewer = _publisher(request)
    begun = {"from_date": desk.today(), "after_number": 0, "request_key": uuid.uuid4().hex}
    form = ArticleForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid() and _published(form, viewer=viewer):
        messages.success(request, _("Published."))
        return redirect("knowledge:article", form.cleaned_data["code"])
    page = NewPage(form=form)
    return render(request, "knowledge/new.html", {"page": page}, status=422 if form.errors else 200)


@never_cache
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Publish a further version of an article."""
    viewer = _publisher(request)
    form = ArticleForm({**request.POST.dict(), "code": code})
    if form.is_valid() and _published(form, viewer=viewer):
        messages.success(request, _("Published."))
        return redirect("knowledge:article", code)
    return _shown(request, code, form=form)


def _publisher(request: HttpRequest) -> Viewer:
    viewer = desk.viewer_of(request)
    if not may_publish(viewer):
        raise PermissionDenied("this role publishes no answers")
    return viewer


def _published(form: ArticleForm, *, viewer: Viewer) -> bool:
    said = form.cleaned_data
    draft = services.Draft(
        code=said["code"],
        title=Words(zh=said["title_zh"], en=said["title_en"]),
        answer=Words(zh=said["answer_zh"], en=said["answer_en"]),
        body=Words(zh=said["body_zh"], en=said["body_en"]),
        source=said["source"],
        certainty=said["certainty"],
        from_date=said["from_date"],
        until_date=said["until_date"],
        org_path=services.units_of(viewer=viewer, policy=rules()),
    )
    try:
        services.publish(
            viewer=viewer,
            draft=draft,
            after_number=said["after_number"],
            request_key=said["request_key"],
            now=desk.now(),
            policy=rules(),
        )
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except errors.SomebodyElseWrote:
        form.add_error(None, _("Somebody published another version meanwhile. Please look first."))
        return False
    except errors.ArticleWrong:
        form.add_error("until_date", _("The last day lies before the first."))
        return False
    return True


@never_cache
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Say that from a day on an article is no answer any more."""
    viewer = _publisher(request)
    form = WithdrawForm(request.POST, prefix="withdraw")
    if not form.is_valid():
        return _shown(request, code, withdraw_form=form)
    said = form.cleaned_data
    try:
        services.withdraw(
            viewer=viewer,
            code=code,
            from_date=said["from_date"],
            because=said["because"],
            after_number=said["after_number"],
            request_key=said["request_key"],
            now=desk.now(),
            policy=rules(),
        )
    except errors.NotAllowed:
        form.add_error(None, _("It stands for more units than yours; the branch withdraws it."))
        return _shown(request, code, withdraw_form=form)
    except errors.ArticleUnknown as error:
        raise Http404 from error
    except errors.SomebodyElseWrote:
        form.add_error(None, _("Somebody published another version meanwhile. Please look first."))
        return _shown(request, code, withdraw_form=form)
    messages.success(request, _("Withdrawn from that day on."))
    return redirect("knowledge:article", code)
