"""Contests: recording what a customer says against a finding, and deciding it."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lamplighter.facts.customers import lines as customers
from lamplighter.facts.customers import queries as accounts
from lamplighter.findings.contests import errors
from lamplighter.findings.contests import queries as contests
from lamplighter.findings.contests.queries import ContestFound
from lamplighter.findings.contests.services import contests as services
from lamplighter.findings.contests.services import rulings
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import calendars, loader
from lamplighter.policy.loader import Policy
from lamplighter.web import desk
from lamplighter.web.contests import pages, words
from lamplighter.web.contests.forms import ContestForm, DecisionForm, ReasonsForm
from lamplighter.web.frame import formats, lists, sheets

ROWS_A_PAGE = 50
ROWS_OF_A_FILE = 20_000


def rules() -> Policy:
    """Return the rules of contests in force today."""
    return loader.load(name="contests", on=desk.today())


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who looks; a crew repairs and judges nobody."""
    viewer = desk.viewer_of(request)
    if viewer.role is Role.CREW:
        raise PermissionDenied("contests are for managers, agents, supervisors and heads")
    return viewer


@never_cache
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """List contests by the time that is left (``?tab=waiting|facts|decided``). Nine queries."""
    viewer, today = viewer_of(request), desk.today()
    tab = request.GET.get("tab", pages.TABS[0])
    if tab not in pages.TABS:
        raise Http404
    is_file = request.GET.get("as") == "xlsx"
    number = lists.page_number(request)
    size = ROWS_OF_A_FILE if is_file else ROWS_A_PAGE
    found, n_all = _found(viewer, tab=tab, size=size, offset=0 if is_file else (number - 1) * size)
    lines = _lines(viewer, found)
    if is_file:
        return _export(lines)
    counts = contests.counts(viewer=viewer, on=today)
    path = reverse("contests:list")
    page = pages.ContestsPage(
        summary=pages.summary(counts=counts),
        tab=tab,
        tabs=pages.tabs(current=tab, counts=counts),
        lines=lines,
        pager=lists.pager(number=number, total=n_all, size=size, path=path, wanted={"tab": tab}),
        n_overdue=counts.n_overdue,
        n_proposals=contests.n_proposals(viewer=viewer, on=today, policy=rules()),
        proposals_url=reverse("contests:proposals"),
        export_url=lists.address(path, **{"tab": tab, "as": "xlsx"}),
    )
    return render(request, "contests/list.html", {"page": page})


def _found(viewer: Viewer, *, tab: str, size: int, offset: int) -> tuple[list[ContestFound], int]:
    today = desk.today()
    if tab == "facts":
        facts = contests.facts_to_correct(viewer=viewer, on=today, limit=offset + size)
        return facts[offset:], len(facts)
    read = contests.waiting if tab == "waiting" else contests.decided
    return read(viewer=viewer, on=today, limit=size, offset=offset)


def _lines(viewer: Viewer, found: Sequence[ContestFound]) -> tuple[pages.ContestLine, ...]:
    today = desk.today()
    ids = sorted({one.account_id for one in found})
    return pages.contest_lines(
        found=found,
        doors=customers.lines_of(viewer=viewer, on=today, account_ids=ids),
        today=today,
        soon_days=rules().integer("soon_days"),
        calendar=calendars.work_calendar(on=today),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Record what a customer contests (``?account=&about=``). At most 12 queries."""
    viewer, today = viewer_of(request), desk.today()
    if viewer.role not in rules().row("open_contest").value:
        raise PermissionDenied("this role does not record contests")
    asked = request.GET.get("about", "GRADE")
    number = request.POST.get("account", request.GET.get("account", ""))
    try:
        account_id = accounts.account_id_of(viewer=viewer, on=today, account_number=number)
    except accounts.AccountUnknown as error:
        raise Http404 from error
    if asked not in words.ABOUT:
        raise Http404
    begun = {"account": number, "about": asked, "wish": "REVIEW", "request_key": uuid.uuid4().hex}
    form = ContestForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        opened = _opened(form, viewer=viewer)
        if isinstance(opened, int):
            messages.success(request, _("The contest is recorded; a person will decide."))
            return redirect("contests:contest", opened)
        form.add_error(None, opened)
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=[account_id])
    page = pages.NewPage(
        customer=(doors[account_id].name if account_id in doors else "") or number,
        account_url=reverse("customers:account", args=[number]),
        form=form,
        days=rules().integer("days_to_decide"),
    )
    return render(request, "contests/new.html", {"page": page}, status=422 if form.errors else 200)


def _opened(form: ContestForm, *, viewer: Viewer) -> int | str:
    said = form.cleaned_data
    try:
        return services.open_contest(
            viewer=viewer,
            on=desk.today(),
            account_number=said["account"],
            about=said["about"],
            wish=said["wish"],
            channel=said["channel"],
            is_by_other=said["is_by_other"],
            words=said["said"],
            request_key=said["request_key"],
            now=timezone.now(),
            policy=rules(),
            calendar=calendars.work_calendar(on=desk.today()),
        )
    except errors.AlreadyOpen:
        return _("This finding is being contested already: see the contests that wait.")
    except errors.NothingToContest:
        return _("Nothing of this kind has been found here, so there is nothing to contest.")


@never_cache
@require_http_methods(["GET", "POST"])
def contest(request: HttpRequest, contest_id: int) -> HttpResponse:
    """Show one contest and let whoever may decide it. Seven queries."""
    viewer, today = viewer_of(request), desk.today()
    one = contests.contest(viewer=viewer, on=today, contest_id=contest_id)
    if one is None:
        raise Http404
    form, why_not = _decision_form(request, viewer=viewer, one=one)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied(why_not or "decided")
        if form.is_valid():
            at, fault = _decided(form, viewer=viewer, one=one)
            if not fault:
                messages.success(request, _("The decision is kept and stands from now on."))
                return redirect("contests:contest", contest_id)
            form.add_error(at if at in form.fields else None, fault)
            again = contests.contest(viewer=viewer, on=today, contest_id=contest_id)
            one = again or one
    page = _contest_page(viewer, one=one, form=form, why_not=why_not)
    status = 422 if form is not None and form.errors else 200
    return render(request, "contests/contest.html", {"page": page}, status=status)


def _contest_page(
    viewer: Viewer, *, one: ContestFound, form: DecisionForm | None, why_not: str
) -> pages.ContestPage:
    today = desk.today()
    (line,) = _lines(viewer, [one])
    decision = pages.decision_shown(one=one, today=today)
    account_url = reverse("customers:account", args=[one.account_number])
    may_decide = viewer.role in rules().row("decide_contest").value
    may_record = viewer.role in rules().row("open_contest").value
    return pages.ContestPage(
        line=line,
        account_url=account_url,
        reasons_url=f"{account_url}#why-{one.about.lower()}",
        account_number=one.account_number,
        channel=str(words.CHANNELS[one.channel]),
        is_by_other=one.is_by_other,
        contested=pages.contested(one=one),
        as_of_day=one.as_of_day,
        is_due_in_workdays=one.is_due_in_workdays,
        decision=decision,
        form=form,
        why_not=why_not,
        end_form=ReasonsForm() if decision and decision.stands and may_decide else None,
        may_note_fact=bool(
            decision and decision.wrong_fact and not decision.is_fact_corrected and may_record
        ),
    )


def _decision_form(
    request: HttpRequest, *, viewer: Viewer, one: ContestFound
) -> tuple[DecisionForm | None, str]:
    if one.decision is not None and request.method != "POST":
        return None, ""
    if viewer.role not in rules().row("decide_contest").value:
        return None, _("A supervisor or the head of the station decides.")
    if one.opened_by_id == viewer.staff_id:
        return None, _("You recorded this contest, so somebody else decides it.")
    return (
        DecisionForm(request.POST or None, about=one.about, wish=one.wish, latest=_latest(one)),
        "",
    )


def _latest(one: ContestFound) -> date:
    """Return the last day until which a decision may stand."""
    return desk.today() + timedelta(rules().integer(f"stands_days.{one.about}"))


def _decided(form: DecisionForm, *, viewer: Viewer, one: ContestFound) -> tuple[str | None, str]:
    """Decide; return the field that refuses and why, nothing where it is kept."""
    said = form.cleaned_data
    try:
        services.decide(
            viewer=viewer,
            on=desk.today(),
            contest_id=one.contest_id,
            outcome=said["outcome"],
            value=said["value"],
            reasons=said["reasons"],
            wrong_fact=said.get("wrong_fact", ""),
            valid_until_date=said.get("valid_until_date"),
            now=timezone.now(),
            policy=rules(),
        )
    except errors.AlreadyDecided:
        return None, _("Somebody has decided this contest in the meantime: see below.")
    except errors.WordsMissing:
        return "reasons", _("Please give the reasons in a sentence.")
    except errors.OutcomeImpossible:
        return "value", _(
            "The finding stands: nothing is put in its place. It is corrected: say by what, or "
            "which fact is wrong. A grade always needs a person's own."
        )
    except errors.MadeWorse:
        return "value", _(
            "Whoever contests is never worse off for it: choose the same or a better one."
        )
    except errors.DayImpossible:
        latest = formats.day_long(value=_latest(one))
        text = _(
            "The day has to be today or later, and not later than %(day)s, as the rules allow."
        )
        return "valid_until_date", text % {"day": latest}
    return None, ""


@require_POST
def end(request: HttpRequest, contest_id: int) -> HttpResponse:
    """End what a decision set, with reasons."""
    viewer = viewer_of(request)
    one = contests.contest(viewer=viewer, on=desk.today(), contest_id=contest_id)
    ruling_id = one.decision.ruling_id if one and one.decision else None
    if ruling_id is None:
        raise Http404
    try:
        rulings.end_ruling(
            viewer=viewer,
            on=desk.today(),
            ruling_id=ruling_id,
            because=request.POST.get("reasons", ""),
            now=timezone.now(),
            policy=rules(),
        )
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except errors.RulingUnknown as error:
        raise Http404 from error
    except errors.WordsMissing:
        messages.error(request, _("Please give the reasons in a sentence."))
    else:
        messages.success(request, _("From now on the night's finding is shown again."))
    return redirect("contests:contest", contest_id)


@require_POST
def fact(request: HttpRequest, contest_id: int) -> HttpResponse:
    """Note that the wrong fact a decision named has been put right at its source."""
    viewer = viewer_of(request)
    one = contests.contest(viewer=viewer, on=desk.today(), contest_id=contest_id)
    if one is None or one.decision is None:
        raise Http404
    try:
        rulings.note_fact_corrected(
            viewer=viewer,
            on=desk.today(),
            decision_id=one.decision.decision_id,
            now=timezone.now(),
            policy=rules(),
        )
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except errors.FactUnknown as error:
        raise Http404 from error
    messages.success(request, _("The fact is put right; tonight's foresight looks again."))
    return redirect("contests:contest", contest_id)


def _export(lines: Sequence[pages.ContestLine]) -> HttpResponse:
    columns = [
        sheets.Column(title=_("Customer"), width=18),
        sheets.Column(title=_("What is contested"), width=24),
        sheets.Column(title=_("What the customer wishes"), width=28),
        sheets.Column(title=_("In the customer's own words"), width=60),
        sheets.Column(title=_("To be decided by"), kind="day"),
        sheets.Column(title=_("Time left"), width=16),
        sheets.Column(title=_("Decision"), width=24),
        sheets.Column(title=_("Decided by"), width=14),
    ]
    rows = [
        (
            *(line.customer, line.about, line.wish, line.words, line.due_date),
            *(line.slack, line.outcome, line.decided_by),
        )
        for line in lines
    ]
    sheet = sheets.Sheet(title=_("Contests"), columns=columns, rows=rows)
    return sheets.answer(file_name="contests", sheets=[sheet])
